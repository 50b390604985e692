"""Fair places: at most so many at once, at a connection or at work, and whoever waits is served round robin."""

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


class Gate:
    """So many places. Queues are in the order of their turns; nobody waits while a place is free."""

    def __init__(self, places: int) -> None:
        self._places = self._free = places
        self._queues: dict[str, deque[_Waiter]] = {}

    @asynccontextmanager
    async def place(self, who: str, waiting: Callable[[int], None]) -> AsyncIterator[None]:
        """A place, as long as the block runs; `waiting` is told how many of those who wait are before this one."""
        await self._enter(who, waiting)
        try:
            yield
        finally:
            self._leave()

    def resize(self, places: int) -> None:
        """Of those that are taken and now too many each is kept until it is left."""
        self._free += places - self._places
        self._places = places
        while self._free > 0 and self._queues:
            self._free -= 1
            self._serve()
        self._count()

    async def _enter(self, who: str, waiting: Callable[[int], None]) -> None:
        """Each waiter is told in its own task: a fault in its telling is its own."""
        if self._free > 0:
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

    def _leave(self) -> None:
        """Pass the place to the one whose turn it is, if it still is a place."""
        if self._free < 0 or not self._queues:
            self._free += 1
            return
        self._serve()
        self._count()

    def _serve(self) -> None:
        """Whose turn it is goes to the end then."""
        who, queue = next(iter(self._queues.items()))
        del self._queues[who]
        waiter = queue.popleft()
        if queue:
            self._queues[who] = queue
        waiter.served = True
        waiter.woken.set()

    def _give_up(self, who: str, waiter: _Waiter) -> None:
        if waiter.served:  # it got the place and was cancelled before it could take it
            self._leave()
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
    """One per process, for one event loop. `most`: searches at once over all replicas, by connection; others have
    DEFAULT. Each replica takes its share."""

    def __init__(self, most: Mapping[str, int] | None = None) -> None:
        self._most = dict(most or {})
        self._replicas = 1
        self._gates: dict[str, Gate] = {}

    def share(self, replicas: int) -> None:
        """So many replicas live, this one included. Shares are rounded down, and at least 1: their sum stays within
        `most` as long as there are no more replicas than that."""
        self._replicas = replicas
        for connection, gate in self._gates.items():
            gate.resize(self.places(connection))

    @asynccontextmanager
    async def place(self, connection: str, who: str, waiting: Callable[[int], None]) -> AsyncIterator[None]:
        """A place at the connection, as long as the block runs. Verifications (`who`) take turns, and within one the
        first to come is the first served. `waiting` is told how many are before it, when it has to wait and whenever
        that changes. Cancelled, it passes its place on. Who holds a place must not ask for a second one: all could
        end up waiting for each other.
        """
        gate = self._gates.get(connection)
        if gate is None:
            gate = self._gates[connection] = Gate(self.places(connection))
        async with gate.place(who, waiting):
            yield

    def places(self, connection: str) -> int:
        """This replica's share of the searches there."""
        return max(1, self._most.get(connection, DEFAULT) // self._replicas)
