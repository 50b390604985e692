"""Room for work in this process: how many verifications run at once, how many wait, and who is next."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from logverdict.domain.errors import LimitReached
from logverdict.domain.verification import Progress
from logverdict.verify.fair import Gate
from logverdict.verify.observe import Load
from logverdict.verify.watch import Cell


class Room:
    """`running` work at once, `queued` more wait. Callers take turns; of one caller the first to come is the first."""

    def __init__(self, running: int, queued: int) -> None:
        self.running = running
        self._most = running + queued
        self._gate = Gate(running)

    def check(self, here: int) -> None:
        """Raises LimitReached where so many leave no room for one more."""
        if here >= self._most:
            raise LimitReached(
                f"{here} verifications run or wait, as many as are allowed; try again in a minute",
                limit=str(self._most),
            )

    def load(self, here: int) -> Load:
        return Load(min(here, self.running), max(0, here - self.running))

    @asynccontextmanager
    async def place(self, caller: str, cell: Cell) -> AsyncIterator[None]:
        """A place as long as the block runs; until then those who watch see how many are before."""

        def waiting(before: int) -> None:
            step = f"waiting for a place: {before} before us, {self.running} at work"
            cell.tell(Progress(step, 0.0, 0.0))

        async with self._gate.place(caller, waiting):
            yield
