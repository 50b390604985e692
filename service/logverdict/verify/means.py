"""What the work on verifications needs from outside."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from logverdict.verify.engine_ports import Analyst
from logverdict.verify.fair import Gates
from logverdict.verify.feedback_ports import NoFeedback, Standing
from logverdict.verify.history_ports import Pins
from logverdict.verify.leases import LeasingStore
from logverdict.verify.observe import Observer, Unobserved
from logverdict.verify.patience import Answer, Away, patiently
from logverdict.verify.pins import NoPins
from logverdict.verify.ports import Clock, Sources


@dataclass(frozen=True, slots=True)
class Means:
    """`retry_for` is how long a source that does not answer is asked again, `gates` are shared by all verifications of
    the process. A look takes at most `look_timeout`, the waiting for its entries apart. A verification pulls at most
    `max_entries` from its sources. `away` is of one verification's work."""

    store: LeasingStore
    sources: Sources
    analyst: Analyst
    clock: Clock
    retry_for: timedelta = timedelta(minutes=2)
    look_timeout: timedelta = timedelta(minutes=15)
    gates: Gates = field(default_factory=Gates)
    observer: Observer = field(default_factory=Unobserved)
    feedback: Standing = NoFeedback()
    pins: Pins = NoPins()
    max_entries: int = 50_000_000
    away: Away = field(default_factory=Away)

    async def patiently(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """What the store answers; while it is busy or away it is asked again, and `away` knows for how long. Raises its
        last error."""
        return await patiently(ask, self.retry_for, self.clock, self.away)
