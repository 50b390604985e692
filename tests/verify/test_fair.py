"""Places at connections: how many at once, who is next, and what those who wait are told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from logverdict.verify.fair import DEFAULT, Gates


class Crowd:
    """Searches at one connection, in the order in which they got their places; each stays until it is let go."""

    def __init__(self, gates: Gates) -> None:
        self.gates = gates
        self.served: list[str] = []
        self.told: dict[str, list[int]] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._ends: dict[str, asyncio.Event] = {}

    async def come(self, *names: str, connection: str = "logs") -> None:
        """A name is the verification, and a number: "a1"."""
        for name in names:
            self.told[name], self._ends[name] = [], asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._search(name, connection))
            await settled()

    async def leave(self, *names: str) -> None:
        for name in names:
            self._ends[name].set()
            await settled()

    async def drain(self) -> list[str]:
        """Let go whoever holds a place until nobody is left; the order in which all were served."""
        gone = 0
        while gone < len(self.served):
            await self.leave(self.served[gone])
            gone += 1
        return self.served

    async def _search(self, name: str, connection: str) -> None:
        async with self.gates.place(connection, name[0], self.told[name].append):
            self.served.append(name)
            await self._ends[name].wait()


async def settled() -> None:
    """All that can run has run: a few turns of the loop are enough for what happens here."""
    for _ in range(5):
        await asyncio.sleep(0)


@asynccontextmanager
async def crowd(most: int = 1) -> AsyncIterator[Crowd]:
    made = Crowd(Gates({"logs": most}))
    yield made
    for task in made.tasks.values():
        task.cancel()
    await asyncio.gather(*made.tasks.values(), return_exceptions=True)


async def test_no_more_than_allowed_at_once() -> None:
    """So many searches run as the connection allows; the others wait."""
    async with crowd(3) as all_of_them:
        await all_of_them.come("a1", "a2", "a3", "a4", "b1")
        assert all_of_them.served == ["a1", "a2", "a3"]
        await all_of_them.leave("a2")
        assert all_of_them.served == ["a1", "a2", "a3", "a4"]


async def test_verifications_take_turns() -> None:
    """One with many searches does not keep the others waiting until all of its own are done."""
    async with crowd() as all_of_them:
        await all_of_them.come("a1", "a2", "a3", "a4", "b1", "b2", "c1")
        assert await all_of_them.drain() == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]


async def test_first_come_first_served_within_one() -> None:
    """The searches of one verification keep their order."""
    async with crowd(2) as all_of_them:
        await all_of_them.come("a1", "a2", "a3", "a4", "a5")
        assert await all_of_them.drain() == ["a1", "a2", "a3", "a4", "a5"]


async def test_those_who_wait_know_how_many_are_before_them() -> None:
    """The number is told when the waiting begins and each time it changes; who does not wait is told nothing."""
    async with crowd() as all_of_them:
        await all_of_them.come("a1", "a2", "a3", "b1")
        assert all_of_them.told == {"a1": [], "a2": [0], "a3": [1, 2], "b1": [1]}
        await all_of_them.drain()
        assert all_of_them.told == {"a1": [], "a2": [0], "a3": [1, 2, 1, 0], "b1": [1, 0]}


async def test_who_gives_up_leaves_no_hole() -> None:
    """A cancelled waiter is counted no more and its turn is not waited for."""
    async with crowd() as all_of_them:
        await all_of_them.come("a1", "b1", "c1", "c2")
        all_of_them.tasks["b1"].cancel()
        await settled()
        assert all_of_them.told["c1"] == [1, 0]
        assert await all_of_them.drain() == ["a1", "c1", "c2"]


async def test_who_is_cancelled_with_a_place_in_hand_passes_it_on() -> None:
    """A place given to a task that is cancelled before it can run goes to the next one."""
    async with crowd() as all_of_them:
        async with all_of_them.gates.place("logs", "z", lambda _: None):
            await all_of_them.come("b1", "c1")
        all_of_them.tasks["b1"].cancel()
        await settled()
        assert all_of_them.served == ["c1"]


async def test_a_search_that_fails_gives_its_place_back() -> None:
    """Errors and cancellation inside the block free the place."""
    gates = Gates({"logs": 1})
    for error in (ValueError, asyncio.CancelledError):
        with pytest.raises(error):
            async with gates.place("logs", "a", lambda _: None):
                raise error
    async with asyncio.timeout(10), gates.place("logs", "a", lambda _: None):
        pass


async def test_a_fault_in_the_telling_is_its_own() -> None:
    """Whoever can't be told leaves with its own error, and the others are served."""
    gates = Gates({"logs": 1})

    def broken(_: int) -> None:
        raise ValueError

    async with gates.place("logs", "a", lambda _: None):
        with pytest.raises(ValueError):
            async with gates.place("logs", "b", broken):
                pass
    async with asyncio.timeout(10), gates.place("logs", "c", lambda _: None):
        pass


async def test_connections_do_not_wait_for_each_other() -> None:
    """Each connection has its own places; one that nobody gave a limit has the default."""
    async with crowd() as all_of_them:
        await all_of_them.come("a1", "b1")
        await all_of_them.come(*(f"c{number}" for number in range(DEFAULT + 1)), connection="other")
        assert all_of_them.served == ["a1", *(f"c{number}" for number in range(DEFAULT))]


async def test_a_thousand_waiters_all_come_through() -> None:
    """With cancellations among them, each of the others is served once, never more than allowed at a time."""
    gates, most, now, peak, done = Gates({"logs": 7}), 7, 0, 0, 0

    async def search(number: int) -> None:
        nonlocal now, peak, done
        async with gates.place("logs", f"v{number % 30}", lambda _: None):
            now += 1
            peak = max(peak, now)
            try:
                await asyncio.sleep(0)
                done += 1
            finally:
                now -= 1

    tasks = [asyncio.create_task(search(number)) for number in range(1_000)]
    await settled()
    for task in tasks[::3]:
        task.cancel()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert (peak, now, done) == (most, 0, ends.count(None))
    assert done >= 600


async def test_replicas_share_what_a_connection_allows() -> None:
    """Each takes its part of it; with more replicas than searches each still has one."""
    async with crowd(5) as all_of_them:
        all_of_them.gates.share(2)
        await all_of_them.come("a1", "a2", "a3", "b1")
        assert all_of_them.served == ["a1", "a2"]
        all_of_them.gates.share(9)
        await all_of_them.leave("a1")
        assert all_of_them.served == ["a1", "a2"]
        await all_of_them.leave("a2")
        assert all_of_them.served == ["a1", "a2", "a3"]


async def test_the_share_of_a_dead_replica_is_taken_at_once() -> None:
    """Who waits gets a place, in turn, without anybody having to leave first; and is told when others do."""
    async with crowd(4) as all_of_them:
        all_of_them.gates.share(4)
        await all_of_them.come("a1", "a2", "a3", "b1", "b2", "c1")
        all_of_them.gates.share(1)
        await settled()
        assert all_of_them.served == ["a1", "a2", "b1", "c1"]
        assert all_of_them.told["b2"] == [3, 4, 1]
        assert await all_of_them.drain() == ["a1", "a2", "b1", "c1", "a3", "b2"]


async def test_places_that_come_and_go_leave_none_over() -> None:
    """However often the share changes while searches run, in the end there are as many places as at first."""
    async with crowd(4) as all_of_them:
        await all_of_them.come("a1", "a2", "a3", "a4", "a5", "a6")
        for replicas in (4, 1, 2, 3, 1, 4):
            all_of_them.gates.share(replicas)
            await settled()
        await all_of_them.drain()
        all_of_them.gates.share(1)
        await all_of_them.come(*(f"b{number}" for number in range(6)))
        assert all_of_them.served[6:] == ["b0", "b1", "b2", "b3"]
