"""Text of strangers, fit for a terminal: log messages may hold control sequences."""

import re

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BLANK = re.compile(r"\s+")


def plain(text: str) -> str:
    """`text` on one line, control and direction characters made visible."""
    return _CONTROL.sub(lambda hit: f"\\x{ord(hit[0]):02x}", _BLANK.sub(" ", text))
