"""A clock that tests move."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class FakeClock:
    """Time stands still unless somebody sleeps: then it jumps to the end of that sleep, or, when `held`, waits for
    `move`. Sleeps longer than `longest` (of whoever tidies up each hour) never end."""

    def __init__(self, now: datetime = NOON, held: bool = False, longest: timedelta = timedelta.max) -> None:
        self._now = now
        self._held = held
        self._longest = longest
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        return self._now

    def sleep(self, span: timedelta) -> Coroutine[Any, Any, None]:
        """From the call on, not from when it is awaited: somebody may move the clock between."""
        return self._never() if span > self._longest else self._until(self._now + span)

    async def _never(self) -> None:
        await asyncio.Event().wait()

    async def _until(self, wake: datetime) -> None:
        while self._held and self._now < wake:
            moved = self._moved
            await moved.wait()
        await asyncio.sleep(0)
        self._now = max(self._now, wake)

    def move(self, span: timedelta) -> None:
        self._now += span
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
