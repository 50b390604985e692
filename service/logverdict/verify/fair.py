"""Fair places at connections: at most so many searches at once over all verifications, served round robin."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import zip_longest

DEFAULT = 4
"""Searches at once at a connection without a limit of its own."""


@dataclass(slots=True, eq=False)
class _Waiter:
    before: int = -1
    served: bool = False
    woken: asyncio.Event = field(default_factory=asyncio.Event)


class _Gate:
    """One connection. Queues are in the order of their turns; nobody waits while a place is free."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._queues: dict[str, deque[_Waiter]] = {}

    async def enter(self, who: str, waiting: Callable[[int], None]) -> None:
        """Each waiter is told in its own task: a fault in its telling is its own."""
        if self._free:
            self._free -= 1
            return
        waiter = _Waiter()
        self._queues.setdefault(who, deque()).append(waiter)
        self._count()
        try:
            while not waiter.served:
                waiter.woken.clear()
                waiting(waiter.before)
                await waiter.woken.wait()
        except BaseException:
            self._give_up(who, waiter)
            raise

    def leave(self) -> None:
        """Pass the place to the verification whose turn it is, which then goes to the end."""
        if not self._queues:
            self._free += 1
            return
        who, queue = next(iter(self._queues.items()))
        del self._queues[who]
        waiter = queue.popleft()
        if queue:
            self._queues[who] = queue
        waiter.served = True
        waiter.woken.set()
        self._count()

    def _give_up(self, who: str, waiter: _Waiter) -> None:
        if waiter.served:  # it got the place and was cancelled before it could take it
            self.leave()
            return
        self._queues[who].remove(waiter)
        if not self._queues[who]:
            del self._queues[who]
        self._count()

    def _count(self) -> None:
        for before, waiter in enumerate(self._order()):
            if waiter.before != before:
                waiter.before = before
                waiter.woken.set()

    def _order(self) -> Iterator[_Waiter]:
        """Who will be served after whom."""
        for turn in zip_longest(*self._queues.values()):
            yield from filter(None, turn)


class Gates:
    """One per process, for one event loop. `most`: searches at once, by connection; others have DEFAULT."""

    def __init__(self, most: Mapping[str, int] | None = None) -> None:
        self._most = dict(most or {})
        self._gates: dict[str, _Gate] = {}

    @asynccontextmanager
    async def place(self, connection: str, who: str, waiting: Callable[[int], None]) -> AsyncIterator[None]:
        """A place at the connection, as long as the block runs. Verifications (`who`) take turns, and within one the
        first to come is the first served. `waiting` is told how many are before it, when it has to wait and whenever
        that changes. Cancelled, it passes its place on. Who holds a place must not ask for a second one: all could
        end up waiting for each other.
        """
        gate = self._gates.get(connection)
        if gate is None:
            gate = self._gates[connection] = _Gate(self._most.get(connection, DEFAULT))
        await gate.enter(who, waiting)
        try:
            yield
        finally:
            gate.leave()
