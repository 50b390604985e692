"""What is found out about a source for the person who writes a profile."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from logverdict.domain.verification import SourceCall
from logverdict.domain.window import Window
from logverdict.domain.words import Readable

Record = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Privilege:
    """Something that reading needs, in the source's words."""

    name: str
    granted: bool


@dataclass(frozen=True, slots=True)
class Probe:
    """What a source says of itself. `types`: every field that it knows, with its types in its own words. `records`:
    some raw entries, newest first, as flat fields by dotted name; they are not redacted.

    `always`: what is read from a field of the source's own, whatever names the profile has; `otherwise`: what is read
    from there when none of the profile's names holds it. `faults`: why entries can't be read.
    """

    server: str = ""
    user: str = ""
    roles: tuple[str, ...] = ()
    privileges: tuple[Privilege, ...] = ()
    places: tuple[str, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)
    records: tuple[Record, ...] = ()
    always: Mapping[str, str] = field(default_factory=dict)
    otherwise: Mapping[str, str] = field(default_factory=dict)
    newest: datetime | None = None
    """The newest entry that matches, in the span or not; None where it is not known."""
    everything: bool = False
    """Whether the query lets every entry of the places through."""
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A field name that was tried; `share` of the sampled entries have it, None without a sample."""

    name: str
    type: str
    share: float | None


@dataclass(frozen=True, slots=True)
class FieldFound:
    """What holds one thing that an entry has; `name` is "" where nothing does."""

    what: str
    name: str
    type: str
    share: float | None
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class SampleEntry:
    """An entry as it would be judged, redacted."""

    time: datetime
    message: str
    level: str
    instance: str
    version: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Entries by (start of the minute, instance). `total` is None where nobody knows; lags are in seconds."""

    total: int | None = None
    counted: bool = False
    rows: tuple[tuple[datetime, str, int], ...] = ()
    step: float = 60.0
    lag_p95: float | None = None
    lag_max: float | None = None
    evidence: int | None = None


@dataclass(frozen=True, slots=True)
class SourceReport:
    source: str
    connection: str
    query: str
    window: Window
    state: Readable
    faults: tuple[str, ...] = ()
    probe: Probe = Probe()
    fields: tuple[FieldFound, ...] = ()
    entries: tuple[SampleEntry, ...] = ()
    counts: Counts = Counts()
    calls: tuple[SourceCall, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """`text` is a profile file."""

    text: str
    sampled: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownProfile:
    name: str
    services: str
    sources: tuple[str, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class ProfileFault:
    """A mistake in the text of a profile; line and column count from 1, 0 where none is to blame."""

    line: int
    column: int
    field: str
    message: str
    allowed: str
    hint: str


@dataclass(frozen=True, slots=True)
class CheckedProfile:
    """`profiles`: name and text of each as it holds; () with faults."""

    faults: tuple[ProfileFault, ...]
    profiles: tuple[tuple[str, str], ...] = ()
