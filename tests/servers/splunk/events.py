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

    @cached_property
    def extracted(self) -> dict[str, Value]:
        """As KV_MODE=auto does: JSON by dotted names, else pairs name=value."""
        if self.raw.startswith("{"):
            try:
                return dict(_flat(json.loads(self.raw)))
            except json.JSONDecodeError:
                pass
        return {name: quoted or bare for name, quoted, bare in PAIR.findall(self.raw)}

    @cached_property
    def row(self) -> dict[str, Value]:
        """A default row of a raw search (facts recorded from a real server); `_time` is formatted when it is sent."""
        return self.extracted | {
            "_bkt": f"{self.index}~115~{GUID}",
            "_cd": f"115:{self.number}",
            "_indextime": str(self.time // 1_000_000 + 1),
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

    def add(self, at: datetime, raw: str, **more: str) -> None:
        self.events.append(Event(round(at.timestamp() * 1_000_000), raw, len(self.events), **more))
        self.names.add(more.get("index", "app"))

    def between(self, earliest: float, latest: float) -> list[Event]:
        """Newest first; `earliest` is in, `latest` is not (documented)."""
        low, high = round(earliest * 1_000_000), round(latest * 1_000_000)
        found = [event for event in self.events if low <= event.time < high]
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


def _flat(value: object, prefix: str = "") -> Iterable[tuple[str, Value]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(inner, f"{prefix}.{name}" if prefix else name)
    elif isinstance(value, list):
        yield f"{prefix}{{}}", [str(part) for part in value]
    elif value is not None:
        yield prefix, str(value)
