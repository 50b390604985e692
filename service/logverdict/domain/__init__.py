"""The words of logverdict as values: standard library only, no I/O, no clock."""
