"""How deployments turned out, said of a verification or of what was deployed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from logverdict.domain.afterwards import Outcome, RecordedOutcome
from logverdict.domain.errors import InvalidRequest, NotFound
from logverdict.domain.feedback import Author
from logverdict.verify.history_ports import PastStore
from logverdict.verify.names import verification_id
from logverdict.verify.ports import Clock

MOST = 1000
"""Of one batch."""


@dataclass(frozen=True, slots=True)
class OutcomeWish:
    """Of `verification` (a name), or of the newest verification of service, environment and version whose rollout began
    at `time` or before."""

    outcome: Outcome
    verification: str = ""
    service: str = ""
    environment: str = ""
    version: str = ""
    time: datetime | None = None
    link: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        place = {name: getattr(self, name) for name in ("service", "environment", "version")}
        if self.verification:
            verification_id(self.verification, "verification")
            if given := [name for name, value in {**place, "time": self.time}.items() if value]:
                raise InvalidRequest(given[0], "is given beside a verification; allowed: one of them")
        else:
            for name, value in place.items():
                if not value.strip():
                    raise InvalidRequest(name, "is required; allowed: a verification, or service, environment, version")


@dataclass(frozen=True, slots=True)
class BatchItem:
    """`fault` says why nothing was recorded; "" where it was."""

    recorded: RecordedOutcome | None
    fault: str = ""


class Outcomes:
    def __init__(self, past: PastStore, clock: Clock) -> None:
        self._past = past
        self._clock = clock

    async def record(self, wish: OutcomeWish, author: Author) -> RecordedOutcome:
        """Raises NotFound, InvalidRequest."""
        if wish.verification:
            its = verification_id(wish.verification, "verification")
        else:
            its = await self._past.newest(wish.service, wish.environment, wish.version, wish.time)
        made = RecordedOutcome(its, wish.outcome, author, self._clock.now(), wish.link, wish.note.strip())
        return await self._past.record(made)

    async def record_many(self, wishes: Sequence[OutcomeWish | InvalidRequest], author: Author) -> Sequence[BatchItem]:
        """In their order, each for itself; a wish may be the fault that was found in it."""
        if not 0 < len(wishes) <= MOST:
            raise InvalidRequest("requests", f"has {len(wishes)} entries; allowed: 1 to {MOST:,}")
        return [await self._one(wish, author) for wish in wishes]

    async def of(self, name: str) -> Sequence[RecordedOutcome]:
        """Newest first."""
        return await self._past.outcomes(verification_id(name, "parent"))

    async def _one(self, wish: OutcomeWish | InvalidRequest, author: Author) -> BatchItem:
        if isinstance(wish, InvalidRequest):
            return BatchItem(None, wish.message)
        try:
            return BatchItem(await self.record(wish, author))
        except (NotFound, InvalidRequest) as fault:
            return BatchItem(None, fault.message)
