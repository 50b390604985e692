"""A watch gives the present, then each change once, then ends."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from fakes.verifications import a_verification
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.verification import Progress, Revision, Verification
from logverdict.domain.words import State
from logverdict.verify.watch import Board, Cell, Step, watch


class Revisions:
    """The part of a store that a watch reads."""

    def __init__(self, verification: Verification) -> None:
        self.reads = 0
        self.all = [Revision(1, replace(verification, revision=1))]

    def add(self, state: State = State.RUNNING) -> None:
        number = len(self.all) + 1
        self.all.append(Revision(number, replace(self.all[0].verification, revision=number, state=state)))

    async def get(self, verification_id: str) -> Verification:
        return self.all[-1].verification

    async def revisions(self, verification_id: str, after: int) -> list[Revision]:
        self.reads += 1
        return [revision for revision in self.all if revision.number > after][:2]


@pytest.fixture
def store() -> Revisions:
    return Revisions(a_verification(state=State.RUNNING))


def start(store: Revisions, cell: Cell, after: int = 0, heartbeat: float = 60.0) -> AsyncIterator[Step]:
    return watch(store, cell, "v1", after, heartbeat)  # type: ignore[arg-type]


async def numbers(steps: AsyncIterator[Step]) -> list[int]:
    return [step.number async for step in steps if isinstance(step, Revision)]


async def test_it_starts_with_the_present(store):
    """A newcomer gets the newest revision, not the whole past."""
    store.add()
    store.add()
    step = await anext(start(store, Cell()))
    assert isinstance(step, Revision) and step.number == 3


async def test_it_goes_on_after_the_revision_that_the_caller_has(store):
    """Nothing missed, nothing twice, also over several pages."""
    for _ in range(5):
        store.add()
    store.add(State.SUCCEEDED)
    assert await numbers(start(store, Cell(), after=2)) == [3, 4, 5, 6, 7]


async def test_a_change_wakes_the_watcher(store):
    """No poll: the cell says when there is something to read."""
    cell = Cell()
    steps = start(store, cell)
    await anext(steps)
    waiting = asyncio.ensure_future(anext(steps))
    await asyncio.sleep(0)
    store.add()
    cell.tell()
    step = await waiting
    assert isinstance(step, Revision) and step.number == 2


async def test_a_change_between_reading_and_waiting_is_not_lost(store):
    """The event is taken before the store is read."""
    cell = Cell()
    steps = start(store, cell)
    await anext(steps)
    store.add(State.SUCCEEDED)
    cell.tell()
    assert await numbers(steps) == [2]


async def test_slow_readers_skip_progress(store):
    """Only the newest progress is kept."""
    cell = Cell()
    steps = start(store, cell)
    await anext(steps)
    for share in (0.1, 0.2, 0.3):
        cell.tell(Progress("reading", share, 1.0))
    step = await anext(steps)
    assert isinstance(step, Progress) and step.share == 0.3


async def test_silence_gives_a_heartbeat(store):
    """So that a client can tell a quiet server from a dead one."""
    steps = start(store, Cell(), heartbeat=0.01)
    await anext(steps)
    assert await anext(steps) is None


async def test_an_ended_one_gives_its_last_revision_and_ends(store):
    """Watching too late is no error."""
    store.add(State.SUCCEEDED)
    assert await numbers(start(store, Cell())) == [2]
    assert await numbers(start(store, Cell(), after=2)) == []


async def test_a_revision_that_does_not_exist_is_refused(store):
    """A client with a number from elsewhere would wait for ever."""
    with pytest.raises(InvalidRequest, match="after_revision: 9 does not exist; allowed: 0 to 1"):
        await anext(start(store, Cell(), after=9))


async def test_what_many_watch_is_read_once(store):
    """Of all who are woken one reads, and what is added for watchers is added once; all get the same."""
    shown = []

    def show(revision: Revision) -> Revision:
        shown.append(revision.number)
        return revision

    cell = Cell(show)
    watches = [start(store, cell, after=1) for _ in range(100)]
    waiting = [asyncio.ensure_future(anext(steps)) for steps in watches]
    await turns()
    store.reads = 0
    store.add()
    cell.told(2)
    got = await asyncio.gather(*waiting)
    assert (store.reads, shown) == (1, [2])
    assert all(step is got[0] for step in got)


async def test_what_this_process_stored_is_not_read(store):
    """Its watchers get it as it is."""
    cell = Cell()
    waiting = asyncio.ensure_future(anext(start(store, cell, after=1)))
    await turns()
    store.reads = 0
    store.add()
    cell.stored(store.all[-1])
    assert await waiting is store.all[-1]
    assert store.reads == 0


async def test_who_is_far_behind_reads_for_itself(store):
    """What is shared are the newest revisions only; a slow one misses none."""
    cell = Cell()
    slow = start(store, cell, after=1)
    waiting = asyncio.ensure_future(anext(slow))
    await turns()
    for _ in range(10):
        store.add()
        cell.stored(store.all[-1])
    store.add(State.SUCCEEDED)
    cell.stored(store.all[-1])
    first = await waiting
    assert isinstance(first, Revision)
    assert [first.number, *await numbers(slow)] == list(range(2, 13))


async def test_a_number_that_is_told_twice_or_late_wakes_nobody(store):
    """Each replica tells all, and one hears its own words too."""
    store.add()
    cell = Cell()
    steps = start(store, cell, after=1)
    await anext(steps)
    waiting = asyncio.ensure_future(anext(steps))
    await turns()
    store.reads = 0
    cell.told(2)
    cell.told(1)
    await turns()
    assert (store.reads, waiting.done()) == (0, False)
    waiting.cancel()


async def turns() -> None:
    """Until all that can go on now has."""
    for _ in range(200):
        await asyncio.sleep(0)


def test_watchers_and_worker_share_one_cell_as_long_as_somebody_holds_it():
    """A board does not grow with the verifications that were."""
    board = Board()
    cell = board.cell("v1")
    assert board.cell("v1") is cell
    del cell
    assert board.cell("v1").progress is None
