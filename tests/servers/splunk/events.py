"""What the emulated indexes hold, and the fields that a search sees of it."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

PAIR = re.compile(r'(?<![\w."])([A-Za-z_][\w.]*)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
SERVER = "idx1"
GUID = "6F2C3B1A-0D5E-4C58-9E0B-1D8C4A7E2F90"
Value = str | list[str]
LONGEST = 5_000
WORDS: dict[object, str] = {True: "true", False: "false", None: "null"}
"""How truths and null are shown."""


@dataclass(frozen=True)
class Event:
    """`time` in microseconds since 1970; `number` is its address in its bucket."""

    time: int
    raw: str
    number: int
    host: str = "web-1"
    index: str = "app"
    sourcetype: str = "json"
    source: str = "/var/log/app.log"
    arrived: int = 0
    """Seconds since 1970; 0 is a second after it was written."""

    @property
    def indexed(self) -> int:
        return self.arrived or self.time // 1_000_000 + 1

    @cached_property
    def extracted(self) -> dict[str, Value]:
        """As KV_MODE=auto does: JSON by dotted names, else pairs name=value; nothing for a sourcetype `bare`."""
        if self.sourcetype == "bare":
            return {}
        if self.raw.startswith("{") and (found := json_fields(self.raw)):
            return {name: value for name, value in found.items() if name not in ("host", "source", "index")}
        return {name: quoted or bare for name, quoted, bare in PAIR.findall(self.raw)}

    @cached_property
    def row(self) -> dict[str, Value]:
        """A default row of a raw search (facts recorded from a real server); `_time` is formatted when it is sent."""
        return self.extracted | {
            "_bkt": f"{self.index}~115~{GUID}",
            "_cd": f"115:{self.number}",
            "_indextime": str(self.indexed),
            "_raw": self.raw,
            "_si": [SERVER, self.index],
            "_sourcetype": self.sourcetype,
            "_subsecond": f".{self.time % 1_000_000:06}",
            "_time": epoch(self.time),
            "host": self.host,
            "index": self.index,
            "linecount": str(self.raw.count("\n") + 1),
            "source": self.source,
            "sourcetype": self.sourcetype,
            "splunk_server": SERVER,
        }


@dataclass
class Indexes:
    """Events by index. An index may be there and empty."""

    events: list[Event] = field(default_factory=list)
    names: set[str] = field(default_factory=lambda: {"app", "main"})
    now: float | None = None
    """What arrives later than this is not there yet; None: everything is there."""

    def add(self, at: datetime, raw: str, **more: str | int) -> None:
        event = Event(round(at.timestamp() * 1_000_000), raw, len(self.events), **more)  # type: ignore[arg-type]
        self.events.append(event)
        self.names.add(event.index)

    def between(self, earliest: float, latest: float) -> list[Event]:
        """Newest first; `earliest` is in, `latest` is not (documented)."""
        low, high = round(earliest * 1_000_000), round(latest * 1_000_000)
        now = float("inf") if self.now is None else self.now
        found = [event for event in self.events if low <= event.time < high and event.indexed <= now]
        return sorted(found, key=lambda event: -event.time)


def epoch(time: int) -> str:
    return f"{time // 1_000_000}.{time % 1_000_000:06}"


def shown(value: str, form: str) -> str:
    """The field `_time` as results show it: ISO with the user's offset, or by output_time_format (unverified)."""
    seconds, _, fraction = value.partition(".")
    if form == "%s.%6N":
        return value
    at = datetime.fromtimestamp(int(seconds), UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{(fraction or '0')[:3].ljust(3, '0')}+00:00"


def json_fields(raw: str) -> dict[str, Value]:
    """The fields of a JSON text by dotted names, lists under a name with {}, numbers as they are written; what is past
    the first 5,000 bytes is not looked at (documented; here such a text gives nothing)."""
    if len(raw.encode()) > LONGEST:
        return {}
    try:
        value = json.loads(raw, parse_int=str, parse_float=str)
    except json.JSONDecodeError:
        return {}
    found: dict[str, Value] = {}
    for name, text in _flat(value):
        before = found.get(name)
        found[name] = text if before is None else [*([before] if isinstance(before, str) else before), text]
    return found


def _flat(value: object, prefix: str = "") -> Iterable[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(inner, f"{prefix}.{name}" if prefix else name)
    elif isinstance(value, list):
        for part in value:
            yield from _flat(part, f"{prefix}{{}}")
    else:
        yield prefix, WORDS.get(value, str(value)) if value is None or isinstance(value, bool) else str(value)
