"""Profiles and the YAML they are written in: read with line numbers, checked, merged, resolved."""
