"""A store that is busy, away, or whose answers get lost: the work goes on, and nothing is stored twice."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import stamina

from fakes.clock import NOON, FakeClock
from fakes.world import WANTED, World, to_the_end
from logverdict.domain.errors import StoreBusy, StoreUnavailable, VerifyError
from logverdict.domain.verification import Revision, Verification
from logverdict.domain.words import State
from logverdict.verify.leases import Lease
from logverdict.verify.manage import Limits
from logverdict.verify.ports import StoredSlice

Method = Callable[..., Awaitable[Any]]


@pytest.fixture
def at_work(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[Method], Method]], None]:
    """Changes a method of the store as the work under a lease has it."""

    def change(word: str, wrap: Callable[[Method], Method]) -> None:
        under = world.store.under

        def changed(lease: Lease) -> object:
            store = under(lease)
            monkeypatch.setattr(store, word, wrap(getattr(store, word)))
            return store

        monkeypatch.setattr(world.store, "under", changed)

    return change


@pytest.mark.parametrize("word", ["save", "put_slice", "put_templates"])
async def test_a_store_that_is_busy_for_a_moment_costs_nothing(world: World, at_work, word: str):
    """Storing is tried again; no revision is lost or stored twice."""
    faults: list[VerifyError] = [StoreBusy("locked"), StoreUnavailable("full")]

    def wrap(store: Method) -> Method:
        async def sometimes(*what: object) -> object:
            if faults:
                raise faults.pop()
            return await store(*what)

        return sometimes

    at_work(word, wrap)
    stamina.set_testing(True, attempts=3, cap=True)
    use = await world.open()
    seen = await to_the_end(use, await use.create(WANTED), after=1)
    assert [step.number for step in seen] == list(range(2, 2 + len(seen)))
    assert (seen[-1].verification.state, faults) == (State.SUCCEEDED, [])


async def test_a_store_that_is_away_for_long_makes_the_work_pause(world: World, at_work):
    """It goes on when the store is back; nothing is lost, and nobody takes the outage for a failure."""
    faults = [StoreUnavailable("away")] * 20

    def wrap(save: Method) -> Method:
        async def sometimes(verification: Verification) -> Revision:
            if faults and verification.look == 2:
                raise faults.pop()
            saved: Revision = await save(verification)
            return saved

        return sometimes

    at_work("save", wrap)
    world.limits = Limits(lease=timedelta(seconds=0.03))
    use = await world.open()
    seen = await to_the_end(use, await use.create(WANTED), after=1)
    assert [step.verification.look for step in seen] == [0, 1, 2, 3, 4]
    assert faults == []


async def test_an_answer_of_the_store_that_is_lost_costs_nothing(world: World, at_work):
    """What was stored all the same is not stored again, and the end is the end."""
    lost = [0, 1, 4]

    def wrap(save: Method) -> Method:
        async def sometimes(verification: Verification) -> Revision:
            saved: Revision = await save(verification)
            if verification.look in lost:
                lost.remove(verification.look)
                raise StoreUnavailable("the connection was lost")
            return saved

        return sometimes

    at_work("save", wrap)
    use = await world.open()
    seen = await to_the_end(use, await use.create(WANTED), after=1)
    assert [step.verification.look for step in seen] == [0, 1, 2, 3, 4]
    assert (lost, seen[-1].verification.state) == ([], State.SUCCEEDED)


@pytest.mark.parametrize("frozen", [False, True])
async def test_no_look_is_left_out_because_the_store_was_away(world: World, at_work, frozen: bool):
    """Looks that became due meanwhile are judged in order, as an undisturbed run would have; none is called slow. Also
    where the store raised nothing and only answered late."""
    world.clock = FakeClock(longest=timedelta(minutes=30))
    faults = [StoreUnavailable("away")]

    def wrap(store: Method) -> Method:
        async def away(key: str, piece: StoredSlice) -> object:
            if faults and world.clock.now() >= NOON + timedelta(minutes=3):
                world.clock.move(timedelta(minutes=2))
                fault = faults.pop()
                if not frozen:
                    raise fault
            return await store(key, piece)

        return away

    at_work("put_slice", wrap)
    stamina.set_testing(True, attempts=3, cap=True)
    use = await world.open()
    seen = await to_the_end(use, await use.create(WANTED), after=1)
    assert [step.verification.look for step in seen] == [0, 1, 2, 3, 4]
    judgement = seen[-1].verification.judgement
    assert faults == [] and judgement is not None and judgement.notes == ()
