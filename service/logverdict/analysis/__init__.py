"""Pure functions from entries to a verdict, in order of flow."""
