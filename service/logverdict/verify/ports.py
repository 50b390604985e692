"""What the use cases need from outside, in our words."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

import polars as pl

from logverdict.domain.probe import Probe
from logverdict.domain.profile import Profile, SourceSpec
from logverdict.domain.result import Event, WayBack
from logverdict.domain.verification import Coverage, Revision, SourceCall, Verification
from logverdict.domain.wanted import InlineProfile
from logverdict.domain.window import Grid, Window


@dataclass(frozen=True)
class Survey:
    """What a source counts without giving entries. `rows`: schema `analysis.reduced.SURVEY`. `faults` say in words
    why the counts may be too small; () when they are exact."""

    rows: pl.DataFrame
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reduced:
    """What a source counted by itself. `rows`: schema `analysis.reduced.REDUCED`. `last`: entries (schema
    `analysis.entries.SCHEMA`), the last `counts.EDGE` of all at least, such as those of each of the as many
    instances that wrote last."""

    rows: pl.DataFrame
    last: pl.DataFrame
    coverage: Coverage


class LogSource(Protocol):
    """One connection. A new kind of source is one file, one line in the table of kinds, one contract test class."""

    async def survey(self, spec: SourceSpec, span: Window, grid: Grid, *, evidence: bool = False) -> Survey | None:
        """How many entries there are in each bin of each instance, counted by the source, and when they arrived;
        None where it can't count without reading. `evidence`: of the evidence query instead of the query.

        Errors as `read`.
        """
        ...

    async def reduce(self, spec: SourceSpec, span: Window, grid: Grid) -> Reduced:
        """The span's entries as counts per raw key (`analysis.key`), level, instance, version and bin.

        Bins that hold an entry which only the whole message or its neighbours explain (a line of a split stack trace,
        a message that is no text) have a row with the key `analysis.key.UNREDUCED`: the caller reads them.
        Raises CannotReduce where the entries have to be read instead, and what `read` raises.
        """
        ...

    def way_back(self, spec: SourceSpec, template: str, span: Window) -> WayBack | None:
        """How to find the raw entries of a template; None where there is no way. No I/O."""
        ...

    def read(self, spec: SourceSpec, span: Window) -> AsyncIterator[pl.DataFrame | Coverage]:
        """Yield the span's entries in batches (schema `analysis.entries.SCHEMA`, at most 65,536 rows), the
        coverage last. The span is half-open. Order does not matter. A batch may have the columns of
        `analysis.entries.ORDER` beside: what tells the lines of a split stack trace apart and orders them.

        Raises SourceUnavailable (try again) or QueryRejected (do not).
        """
        ...

    def check(self, spec: SourceSpec) -> None:
        """Raises InvalidRequest for a query, format or option that this kind of source does not know; no I/O."""
        ...

    async def probe(self, spec: SourceSpec, span: Window) -> Probe:
        """What answers, as whom we are known, and a sample of raw entries of the span, or of any time where it has
        none. Asks once; raises SourceUnavailable where nothing answers, QueryRejected where we are not let in."""
        ...


class Raw(Protocol):
    """Entries as their source writes them, few enough for memory: a value that other processes can be given."""

    @property
    def last(self) -> bool:
        """Whether nothing follows it but the coverage."""
        ...

    def make_out(self) -> tuple[Sequence[pl.DataFrame], Any]:
        """The entries in batches, as `LogSource.read` gives them, and what the source has to know to go on. Raises
        SourceUnavailable where it can't be had any more."""
        ...


@runtime_checkable
class RawSource(LogSource, Protocol):
    """A source whose entries take longer to be made out than to be read: that is done where they are counted."""

    def read_raw(self, spec: SourceSpec, span: Window) -> AsyncGenerator[Raw | Coverage, Any]:
        """As `read`; what the source has to know of each is sent to it before the next is asked for. The last `Raw` is
        marked, and there is one always."""
        ...


class Profiles(Protocol):
    def named(self, name: str, service: str, environment: str) -> Profile:
        """The resolved profile; variables may use the service and environment. Raises NotFound naming the known."""
        ...

    def inline(self, profile: InlineProfile, service: str, environment: str) -> Profile:
        """A request's own profile over the operator's defaults. Raises InvalidRequest for an unknown connection."""
        ...


class Clock(Protocol):
    def now(self) -> datetime: ...

    async def sleep(self, span: timedelta) -> None: ...


@dataclass(frozen=True, slots=True)
class StoredSlice:
    """`counts` are the bytes of TemplateCounts; None for a slice that could not be read."""

    key: str
    counts: bytes | None
    coverage: Coverage


class Store(Protocol):
    """Where verifications are kept. Every method is one transaction."""

    async def create(self, verification: Verification, per_caller: int | None = None) -> tuple[Verification, bool]:
        """Store it with revision 1, or return the one that the same caller and request_id made before, and False.

        Raises AlreadyExists when that one has another fingerprint. An empty request_id is never the same. Raises
        LimitReached where its caller has `per_caller` unfinished ones already, over all replicas.
        """
        ...

    async def by_request(self, caller: str, request_id: str, fingerprint: str) -> Verification | None:
        """The verification that this caller and request_id made, if any. Raises AlreadyExists as `create` does."""
        ...

    async def get(self, verification_id: str) -> Verification:
        """The newest state; `judgement.events` are left out (see `events`). Raises NotFound."""
        ...

    async def save(self, verification: Verification) -> Revision:
        """Store the verification as its next revision (its number is set here), with the events of its judgement
        and what changed in them since the revision before.

        Raises FailedPrecondition when the stored one has ended or has moved past `verification.revision`.
        """
        ...

    async def revisions(self, verification_id: str, after: int) -> Sequence[Revision]:
        """Revisions with a greater number, in order, at most 100 of them."""
        ...

    async def events(self, verification_id: str, filter: str, after: str, limit: int) -> tuple[Sequence[Event], str]:
        """A page of the newest events, strongest first, and the token of the next ("" on the last page).

        Raises InvalidRequest for a filter or token that is not understood.
        """
        ...

    async def list(self, filter: str, after: str, limit: int) -> tuple[Sequence[Verification], str]:
        """A page, newest first, stable while new ones arrive; token and errors as in `events`."""
        ...

    async def unfinished(self) -> Sequence[Verification]:
        """All PENDING and RUNNING ones, oldest first."""
        ...

    async def neighbours(self, service: str, environment: str, since: datetime) -> Sequence[Verification]:
        """Those of one service and environment whose rollout starts at `since` or later, oldest rollout first."""
        ...

    async def put_slice(self, verification_id: str, piece: StoredSlice) -> None:
        """Store a slice, replacing the one with the same key."""
        ...

    async def slices(self, verification_id: str) -> Sequence[StoredSlice]:
        """All slices of a verification, by key."""
        ...

    async def put_calls(self, verification_id: str, calls: "Sequence[SourceCall]") -> None:
        """Add to the audit of what was asked of sources for a verification."""
        ...

    async def calls(self, verification_id: str, after: str, limit: int) -> "tuple[Sequence[SourceCall], str]":
        """A page of the audit, in the order in which they were put; token and errors as in `events`."""
        ...

    async def put_templates(self, verification_id: str, rows: "Sequence[TemplateRow]") -> None:
        """Replace the template rows of a verification."""
        ...

    async def templates(self, verification_id: str) -> "Sequence[TemplateRow]":
        """The template rows of a verification, in the order in which they were put."""
        ...

    async def good(self, service: str, environment: str, before: datetime, limit: int) -> Sequence[Verification]:
        """Those of one service and environment that ended with PASS and whose rollout started before that time, less
        those of which a bad outcome was recorded, at most `limit`, newest rollout first."""
        ...

    async def expire(self, due: "Expiry") -> int:
        """One step of deleting what is due, about 1,000 rows; 0 once nothing is left to delete."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Expiry:
    """Of verifications that ended before these times counts, samples, audited calls and all the rest are deleted. None:
    as long as there is the rest."""

    slices: datetime
    verifications: datetime
    samples: datetime | None = None
    calls: datetime | None = None


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """One template in one verification: what history and noise floors read, and what outlives the slices."""

    template_id: str
    template: str
    side: str
    severity: int
    count: int
    rate: float
    """Entries per second and instance."""
    first: datetime
    last: datetime


Sources = Mapping[str, LogSource]
"""By connection name."""
