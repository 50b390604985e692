"""What the store could not take at once is asked again for a while."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import stamina

from logverdict.domain.errors import StoreBusy, StoreUnavailable, VerifyError
from logverdict.verify.ports import Clock

Answer = TypeVar("Answer")
AWAY = (StoreBusy, StoreUnavailable)
STALLED = timedelta(seconds=5)
"""A store that has one call wait so long is away, also where it answers in the end: it was frozen, or cut off, or its
disk was. A custom: slower stores than that serve nobody."""


@dataclass(slots=True)
class Away:
    """How long the store kept the work on one verification waiting; what waits at the same time counts once."""

    total: timedelta = timedelta(0)
    _until: datetime | None = None

    def was(self, start: datetime, end: datetime) -> None:
        fresh = start if self._until is None else max(start, self._until)
        if end > fresh:
            self.total += end - fresh
            self._until = end


async def patiently(ask: Callable[[], Awaitable[Answer]], retry_for: timedelta, clock: Clock, away: Away) -> Answer:
    """Raises the store's last error once that time is over. What had to be asked again, or was STALLED, is told to
    `away`."""
    start = clock.now()
    async for attempt in stamina.retry_context(on=AWAY, attempts=None, timeout=retry_for):
        with attempt:
            answer = await ask()
            end = clock.now()
            if attempt.num > 1 or end - start >= STALLED:
                away.was(start, end)
            return answer
    raise AssertionError("stamina gives an attempt or raises")


def weighed(log: Any, fault: VerifyError) -> Callable[..., object]:
    """How loudly to log what a fault brings about: a store that is away says so itself, once for all that waits."""
    say: Callable[..., object] = log.debug if isinstance(fault, AWAY) else log.warning
    return say
