"""Spans of time as people write them: 90s, 10m, 1h30m, 2d."""

import re
from datetime import timedelta

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
PATTERN = r"^([0-9]{1,9}(ms|s|m|h|d|w))+$"
ALLOWED = "number and unit (ms, s, m, h, d, w), such as 90s, 10m, 1h30m, 2d"
_PART = re.compile(r"([0-9]+)(ms|s|m|h|d|w)")


def parse_duration(text: str) -> timedelta:
    """Raises ValueError saying what was wrong and what is allowed."""
    if not re.fullmatch(PATTERN, text):
        raise ValueError(f"{text!r} is no duration; allowed: {ALLOWED}")
    units = [unit for _, unit in _PART.findall(text)]
    twice = next((unit for unit in units if units.count(unit) > 1), None)
    if twice:
        raise ValueError(f"{text!r} gives {twice!r} twice; allowed: each unit once, such as 1h30m")
    try:
        return timedelta(seconds=sum(int(number) * UNITS[unit] for number, unit in _PART.findall(text)))
    except OverflowError:
        raise ValueError(f"{text!r} is too long; allowed: up to 999999999d") from None


def format_duration(span: timedelta) -> str:
    """The shortest writing that parses to the same span (to the millisecond)."""
    left = round(span / timedelta(milliseconds=1))
    parts = []
    for unit in ("d", "h", "m", "s", "ms"):
        size = round(UNITS[unit] * 1000)
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
