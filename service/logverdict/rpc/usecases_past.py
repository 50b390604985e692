"""What the edge calls to look back, and after a verdict."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from logverdict.domain.afterwards import Pin, RecordedOutcome
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.feedback import Author
from logverdict.domain.verification import Verification
from logverdict.domain.words import Decision
from logverdict.verify.export import Format
from logverdict.verify.history_ports import Grouping, Statistics, TemplateSeen
from logverdict.verify.outcomes import BatchItem, OutcomeWish
from logverdict.verify.said import SightingTold, TemplateTold
from logverdict.verify.whatif import Again, Policies


class Overrides(Protocol):
    """`logverdict.verify.override.Overrides` has this method. Errors are of the VerifyError family, here and below."""

    async def override(self, name: str, decision: Decision, reason: str, author: Author) -> Verification: ...


class WhatIf(Protocol):
    """`logverdict.verify.whatif.WhatIf` has these methods."""

    async def judge(self, name: str, policy: Policies) -> Again: ...

    def judge_many(self, filter: str, policy: Policies, limit: int) -> AsyncIterator[Again]: ...


class Pins(Protocol):
    """`logverdict.verify.pins.Pins` has these methods."""

    async def pin(self, name: str, reason: str, force: bool, author: Author) -> Pin: ...

    async def unpin(self, name: str) -> None: ...

    async def pins(self, service: str, environment: str) -> Sequence[Pin]: ...


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What VerificationService calls once there is a verdict."""

    overrides: Overrides
    what_if: WhatIf
    pins: Pins


class Outcomes(Protocol):
    """`logverdict.verify.outcomes.Outcomes` has these methods."""

    async def record(self, wish: OutcomeWish, author: Author) -> RecordedOutcome: ...

    async def record_many(
        self, wishes: Sequence[OutcomeWish | InvalidRequest], author: Author
    ) -> Sequence[BatchItem]: ...

    async def of(self, name: str) -> Sequence[RecordedOutcome]: ...


class Lookback(Protocol):
    """`logverdict.verify.lookback.Lookback` has these methods."""

    async def statistics(
        self, start: datetime | None, end: datetime | None, filter: str, grouping: Grouping | None
    ) -> Statistics: ...

    async def templates(
        self, filter: str, text: str, page_size: int, page_token: str
    ) -> tuple[Sequence[TemplateSeen], str]: ...

    async def template(self, name: str, service: str, environment: str, filter: str) -> TemplateTold: ...

    async def sightings(
        self, parent: str, filter: str, page_size: int, page_token: str
    ) -> tuple[Sequence[SightingTold], str]: ...

    def export(self, filter: str, format: Format) -> AsyncIterator[tuple[str, int]]: ...


@dataclass(frozen=True, slots=True)
class Past:
    """All that looks back."""

    after: Afterwards
    outcomes: Outcomes
    lookback: Lookback
