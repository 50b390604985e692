"""What the store could not take at once is asked again for a while."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import stamina

from logverdict.domain.errors import StoreBusy, StoreUnavailable
from logverdict.verify.ports import Clock

Answer = TypeVar("Answer")


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
    """Raises the store's last error once that time is over. What had to be asked again is told to `away`."""
    start = clock.now()
    async for attempt in stamina.retry_context(on=(StoreBusy, StoreUnavailable), attempts=None, timeout=retry_for):
        with attempt:
            answer = await ask()
            if attempt.num > 1:
                away.was(start, clock.now())
            return answer
    raise AssertionError("stamina gives an attempt or raises")
