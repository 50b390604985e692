"""Times and spans as people write them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from logverdict.cli.faults import Fault

LONGEST = timedelta(days=18_250)
"""Fifty years: what is longer is a slip, and leaves what dates can say."""
_SPAN = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?")


def span(text: str, option: str) -> timedelta:
    """A span such as 90s, 10m, 1h30m, 7d."""
    hit = _SPAN.fullmatch(text.strip().lower())
    if not hit or not any(hit.groups()):
        raise Fault(f"{option}: {text!r} is no span of time", "Write a number with its unit: 90s, 10m, 1h30m, 7d.")
    days, hours, minutes, seconds = (float(part or 0) for part in hit.groups())
    whole = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    if whole > LONGEST.total_seconds():
        raise Fault(f"{option}: {text!r} is too long", f"Write at most {LONGEST.days}d (50 years).")
    return timedelta(seconds=whole)


def time(text: str, option: str, now: datetime) -> datetime:
    """A time such as 2026-11-03T14:00:00Z, now, -15m."""
    word = text.strip()
    if word.lower() == "now":
        return now
    if word.startswith("-"):
        return now - span(word[1:], option)
    try:
        moment = datetime.fromisoformat(word)
    except ValueError:
        raise Fault(f"{option}: {text!r} is no time", _write(now)) from None
    if moment.tzinfo is None:
        raise Fault(f"{option}: {text!r} has no time zone", f"Write {word}Z for UTC, or an offset: {word}+02:00.")
    return moment.astimezone(UTC)


def window(text: str, option: str, now: datetime) -> tuple[datetime, datetime]:
    """START/END, each as in `time`; the start is in the window, the end is not."""
    start, slash, end = text.partition("/")
    if not slash or not start or not end:
        raise Fault(f"{option}: {text!r} is no window", f"Write START/END, such as -45m/-15m. {_write(now)}")
    first, last = time(start, option, now), time(end, option, now)
    if last <= first:
        raise Fault(f"{option}: the window {text!r} ends at {last.isoformat()}, not after its start")
    return first, last


def short(length: timedelta) -> str:
    """A span in at most two units: 45s, 6m40s, 1h5m, 2d3h."""
    seconds = max(0, round(length.total_seconds()))
    parts = [(seconds // 86400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s")]
    first = next((at for at, (number, _) in enumerate(parts) if number), 3)
    return "".join(f"{number}{unit}" for number, unit in parts[first : first + 2] if number) or "0s"


def _write(now: datetime) -> str:
    return f"Write a time with its zone ({now:%Y-%m-%dT%H:%M:%SZ}), a span back from now (-15m), or now."


def minute(stamp: Any) -> str:
    """Of a Timestamp, in UTC."""
    return f"{stamp.ToDatetime():%Y-%m-%d %H:%M}"
