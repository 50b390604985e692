"""The standard streams, made to take every character."""

import sys


def tolerant() -> None:
    """A terminal that lacks a character shows `?` for it, rather than an error instead of the result."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
