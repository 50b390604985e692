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
        self.all = [Revision(1, replace(verification, revision=1))]

    def add(self, state: State = State.RUNNING) -> None:
        number = len(self.all) + 1
        self.all.append(Revision(number, replace(self.all[0].verification, revision=number, state=state)))

    async def get(self, verification_id: str) -> Verification:
        return self.all[-1].verification

    async def revisions(self, verification_id: str, after: int) -> list[Revision]:
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


def test_watchers_and_worker_share_one_cell_as_long_as_somebody_holds_it():
    """A board does not grow with the verifications that were."""
    board = Board()
    cell = board.cell("v1")
    assert board.cell("v1") is cell
    del cell
    assert board.cell("v1").progress is None
