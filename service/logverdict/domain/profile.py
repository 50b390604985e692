"""What an operator writes once for a service, resolved: defaults and variables are already in place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import chain

from logverdict.domain.errors import InvalidRequest
from logverdict.domain.policy import Policy
from logverdict.domain.redaction import Redaction
from logverdict.domain.words import Comparison, PushDown, Severity

MAX_SOURCES = 16


class UsualBaseline(StrEnum):
    """What is compared with where the request names nothing: the time before the rollout, or what is pinned."""

    BEFORE = "BEFORE"
    PINNED = "PINNED"


_HOMES = ("", "fields.", "context.", "attributes.")
"""Where loggers put what is beside the message: at the top, or as tracing (Rust), Monolog and OpenTelemetry do."""
_THROWN = ("error.", "err.", *(f"{home}exception." for home in _HOMES))
DETAILS: Mapping[str, tuple[str, ...]] = {
    "type": tuple(f"{home}{part}" for home in _THROWN for part in ("type", "class", "name")),
    "error": (
        *(f"{home}message" for home in _THROWN),
        *(f"{home}{part}" for home in _HOMES for part in ("error", "err")),
    ),
    **{part: tuple(f"{home}{part}" for home in _HOMES) for part in ("reason", "cause")},
    "outcome": ("event.outcome", "mdc.outcome", *(f"{home}outcome" for home in _HOMES)),
    "result": tuple(f"{home}result" for home in _HOMES),
    "code": ("error.code", "err.code", *(f"{home}code" for home in _HOMES)),
    "status": (
        *(f"{home}http.response.{part}" for home in ("", "attributes.") for part in ("status_code", "status")),
        *("http.status_code", "res.statusCode", "response.status_code"),
        *(f"{home}{part}" for home in _HOMES for part in ("status", "status_code", "statusCode")),
        *("http_status_code", "httpStatusCode", "http_status", "httpStatus"),
        *("response_status_code", "responseStatusCode"),
    ),
}
"""What loggers put beside a message to say what happened or why, and in which fields: what is one thing has one name,
so that a message stays the same when its logger changes."""
USUAL = "usual"


@dataclass(frozen=True, slots=True)
class FieldNames:
    """For each thing that an entry has, the field names to try, first hit wins; a dot goes into a nested object."""

    time: tuple[str, ...] = ("@timestamp", "timestamp", "time", "ts")
    message: tuple[str, ...] = ("message", "msg", "log", "body", "fields.message", "@message")
    level: tuple[str, ...] = (
        *("log.level", "level_name", "levelname", "level"),
        *("severity", "severity_text", "lvl", "@level"),
    )
    instance: tuple[str, ...] = ("kubernetes.pod.name", "service.node.name", "host.name", "instance", "pod", "host")
    version: tuple[str, ...] = ("service.version", "version")
    stream: tuple[str, ...] = ("log.file.path", "stream", "container.id")
    offset: tuple[str, ...] = ("log.offset", "offset")
    details: tuple[str, ...] = (USUAL,)
    """What stands beside the message and is judged with it: not the first hit, but all; USUAL means DETAILS."""

    @property
    def named_details(self) -> tuple[str, ...]:
        """The field names of `details`; of those of one name in DETAILS the first hit counts."""
        return _named(self.details)


@lru_cache(maxsize=1_000)
def _named(details: tuple[str, ...]) -> tuple[str, ...]:
    usual = tuple(name for names in DETAILS.values() for name in names)
    return tuple(dict.fromkeys(chain.from_iterable(usual if name == USUAL else (name,) for name in details)))


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """One query against one connection; `query` is in the connection's own language (`file`: a glob under its root).

    `evidence` is a wider query that is only counted; "" where `query` itself shows that the service logs. `redactions`
    are the operator's, for whatever is kept of its entries.
    """

    name: str
    connection: str
    query: str
    fields: FieldNames = FieldNames()
    severities: Mapping[str, Severity] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    evidence: str = ""
    push_down: PushDown = PushDown.AUTO
    redactions: tuple[Redaction, ...] = ()


@dataclass(frozen=True, slots=True)
class Timing:
    """Spans of a verification that runs along. `settle` is skipped after the rollout's end; a look at event time t
    is judged at t + `ingest_lag`; the baseline is `baseline` long and ends where the rollout starts. Late entries are
    waited for as long as the lag that was measured, at most `max_lag`."""

    settle: timedelta = timedelta(minutes=1)
    ingest_lag: timedelta = timedelta(seconds=30)
    interval: timedelta = timedelta(minutes=1)
    duration: timedelta = timedelta(minutes=10)
    baseline: timedelta = timedelta(minutes=30)
    max_lag: timedelta = timedelta(minutes=5)

    def __post_init__(self) -> None:
        zero = timedelta(0)
        for name, least in (("settle", zero), ("ingest_lag", zero), ("max_lag", zero)):
            if getattr(self, name) < least:
                raise InvalidRequest(f"timing.{name}", f"{getattr(self, name)} is negative; allowed: 0s and more")
        for name in ("interval", "duration", "baseline"):
            if getattr(self, name) < timedelta(seconds=1):
                raise InvalidRequest(f"timing.{name}", f"{getattr(self, name)} is too short; allowed: 1s and more")
        if self.duration > timedelta(days=7):
            raise InvalidRequest("timing.duration", f"{self.duration} is too long; allowed: up to 7 days")


@dataclass(frozen=True, slots=True)
class Profile:
    name: str
    sources: tuple[SourceSpec, ...]
    policy: Policy = Policy()
    timing: Timing = Timing()
    comparison: Comparison = Comparison.AUTO
    baseline: UsualBaseline = UsualBaseline.BEFORE

    def __post_init__(self) -> None:
        if not 1 <= len(self.sources) <= MAX_SOURCES:
            raise InvalidRequest("sources", f"a profile has {len(self.sources)} sources; allowed: 1 to {MAX_SOURCES}")
        names = [source.name for source in self.sources]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InvalidRequest("sources", f"two sources are named {twice[0]!r}; names are unique in a profile")
