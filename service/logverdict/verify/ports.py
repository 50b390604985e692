"""What the use cases need from outside, in our words."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import polars as pl

from logverdict.domain.profile import Profile, SourceSpec
from logverdict.domain.result import Event, Judgement
from logverdict.domain.verification import Coverage, Plan, Request, Revision, Slice, Verification
from logverdict.domain.wanted import InlineProfile
from logverdict.domain.window import Window


class LogSource(Protocol):
    """One connection. A new kind of source is one file, one line in the table of kinds, one contract test class."""

    def read(self, spec: SourceSpec, span: Window) -> AsyncIterator[pl.DataFrame | Coverage]:
        """Yield the span's entries in batches (schema `analysis.entries.SCHEMA`, at most 65,536 rows), the
        coverage last. The span is half-open. Order does not matter.

        Raises SourceUnavailable (try again) or QueryRejected (do not).
        """
        ...

    def check(self, spec: SourceSpec) -> None:
        """Raises InvalidRequest for a query, format or option that this kind of source does not know; no I/O."""
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

    async def create(self, verification: Verification) -> tuple[Verification, bool]:
        """Store it with revision 1, or return the one that the same caller and request_id made before, and False.

        Raises AlreadyExists when that one has another fingerprint. An empty request_id is never the same.
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

    async def put_templates(self, verification_id: str, rows: "Sequence[TemplateRow]") -> None:
        """Replace the template rows of a verification."""
        ...

    async def expire(self, slices_before: datetime, verifications_before: datetime) -> int:
        """Delete slices and whole verifications that ended before those times, at most 1,000 a call; the number."""
        ...

    async def close(self) -> None: ...


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


@dataclass(frozen=True, slots=True)
class WindowCounts:
    """Bytes of TemplateCounts of a window's slices, and the seconds that they cover."""

    slices: tuple[bytes, ...]
    seconds: float
    bins: int


@dataclass(frozen=True, slots=True)
class JudgeTask:
    """All that a judgement depends on. `baselines` are in the plan's order: windows, then verifications."""

    request: Request
    candidate: WindowCounts
    baselines: tuple[WindowCounts, ...]
    look: int
    looks: int


@dataclass(frozen=True, slots=True)
class Judged:
    judgement: Judgement
    templates: tuple[TemplateRow, ...]


class Analyst(Protocol):
    """Runs the engine out of the event loop's way. Raises VerifyError when the worker dies."""

    async def reduce(self, entries: Sequence[pl.DataFrame], piece: Slice, plan: Plan) -> bytes:
        """The counts of a slice's entries."""
        ...

    async def judge(self, task: JudgeTask) -> Judged: ...


Sources = Mapping[str, LogSource]
"""By connection name."""
