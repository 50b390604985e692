"""What the store could not take at once is asked again for a while."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import stamina

from logverdict.domain.errors import StoreBusy, StoreUnavailable

Answer = TypeVar("Answer")


async def patiently(ask: Callable[[], Awaitable[Answer]], retry_for: timedelta) -> Answer:
    """Raises the store's last error once that time is over."""
    async for attempt in stamina.retry_context(on=(StoreBusy, StoreUnavailable), attempts=None, timeout=retry_for):
        with attempt:
            return await ask()
    raise AssertionError("stamina gives an attempt or raises")
