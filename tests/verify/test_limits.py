"""How much one caller and one verification may have, and what those who wait are told."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from fakes.clock import NOON, FakeClock
from fakes.memory_source import CountingSource, MemorySource, Row
from fakes.world import PROFILE, WANTED, World, rows, to_the_end
from logverdict.domain.errors import LimitReached
from logverdict.domain.verification import Progress, Verification
from logverdict.domain.words import Decision, PushDown, Reason, State, Verdict
from logverdict.verify.budget import Budget
from logverdict.verify.manage import Limits, Verifications

FULL = "not read: a verification pulls at most 700 entries (max_entries)"


async def step(watching: AsyncIterator[object]) -> str:
    """The next one that speaks of a place."""
    while True:
        seen = await anext(watching)
        if isinstance(seen, Progress) and "a place" in seen.step:
            return seen.step


async def test_who_waits_is_told_how_many_are_before(world: World):
    """On the stream, and it counts down to the place."""
    world.limits = Limits(running=1)
    world.clock = FakeClock(NOON, held=True)
    use = await world.open()
    made = [await use.create(replace(WANTED, environment=name)) for name in ("a", "b", "c", "d")]
    watching = use.watch(made[-1].name, 0)
    assert await step(watching) == "waiting for a place: 2 before us, 1 at work"
    await use.cancel(made[1].name, None)
    assert await step(watching) == "waiting for a place: 1 before us, 1 at work"
    await use.cancel(made[0].name, None)
    assert await step(watching) == "waiting for a place: 0 before us, 1 at work"
    await use.cancel(made[2].name, None)
    assert (await running(use, made[3])).state is State.RUNNING


async def running(use: Verifications, made: Verification) -> Verification:
    async for seen in use.watch(made.name, 0):
        if not isinstance(seen, Progress | None) and seen.verification.state is State.RUNNING:
            return seen.verification
    raise AssertionError


async def test_callers_take_turns(world: World):
    """Whoever asks for many does not keep another one waiting for all of them."""
    world.limits = Limits(running=1)
    world.clock = FakeClock(NOON, held=True)
    use = await world.open()
    for name in ("a", "b", "c", "d"):
        await use.create(replace(WANTED, environment=name))
    made = await use.create(replace(WANTED, environment="e", caller="other"))
    assert await step(use.watch(made.name, 0)) == "waiting for a place: 1 before us, 1 at work"


async def test_a_caller_has_so_many_at_once(world: World):
    """More are refused with what to do; those that have ended do not count, nor do those of others."""
    world.limits = Limits(per_caller=2)
    world.clock = FakeClock(NOON, held=True)
    use = await world.open()
    first, _ = [await use.create(replace(WANTED, environment=name)) for name in ("a", "b")]
    with pytest.raises(LimitReached, match="2 verifications of caller 'ci' run or wait.*cancel") as refused:
        await use.create(WANTED)
    assert refused.value.details == {"limit": "2", "caller": "ci"}
    await use.create(replace(WANTED, caller="other"))
    await use.cancel(first.name, Decision.PROCEED)
    await use.create(WANTED)


async def test_requests_at_once_pass_no_limit(world: World):
    """Of many that come together as many are let in as there is room for."""
    world.limits = Limits(running=2, queued=3)
    world.clock = FakeClock(NOON, held=True)
    use = await world.open()
    asked = (use.create(replace(WANTED, environment=f"e{number}")) for number in range(20))
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(one, LimitReached) for one in found) == 15
    assert (use.load.running, use.load.queued) == (2, 3)


def past(entries: list[Row], world: World, most: int, push_down: PushDown = PushDown.NEVER) -> CountingSource:
    """A source that counts, and a world in which little may be pulled of it."""
    world.max_entries = most
    world.profile = replace(PROFILE, sources=(replace(PROFILE.sources[0], push_down=push_down),))
    world.source = source = CountingSource(entries, world.clock)
    return source


async def ended(world: World) -> Verification:
    use = await world.open()
    return (await to_the_end(use, await use.create(WANTED)))[-1].verification


async def test_what_is_beyond_a_verifications_entries_is_said(world: World):
    """Decided by the source's own count before anything is read; the verdict is INCONCLUSIVE and names the limit."""
    source = past(rows(range(-600, 400)), world, most=700)
    last = await ended(world)
    assert last.judgement
    assert (last.judgement.verdict, last.judgement.reason) == (Verdict.INCONCLUSIVE, Reason.COVERAGE_TOO_LOW)
    assert FULL in last.judgement.sentence
    parts = {part.side: part.coverage for part in last.coverage}
    assert (parts["baseline"].read, parts["candidate"].read, parts["candidate"].missing) == (600, 60, 180)
    assert len(source.reads) == len(set(source.reads))


async def test_what_fits_is_judged(world: World):
    """To the last entry."""
    past(rows(range(-600, 400)), world, most=840)
    last = await ended(world)
    assert last.judgement and last.judgement.verdict is Verdict.PASS


async def test_what_a_source_counts_by_itself_is_not_pulled(world: World):
    """However much it is."""
    past(rows(range(-600, 400)), world, most=100, push_down=PushDown.ALWAYS)
    last = await ended(world)
    assert last.judgement and last.judgement.verdict is Verdict.PASS


async def test_where_nobody_knows_how_many_come_reading_stops(world: World):
    """Such a slice is not used, and is not read again at later looks."""
    world.max_entries = 700
    world.source = source = MemorySource(rows(range(-600, 400)))
    last = await ended(world)
    assert last.judgement and last.judgement.verdict is Verdict.INCONCLUSIVE
    assert FULL in last.judgement.sentence
    starts = [span.start for span in source.reads]
    assert max(starts.count(start) for start in starts) <= 4


async def test_what_an_earlier_process_pulled_counts(world: World):
    """A restart gives no second helping."""
    past(rows(range(-600, 400)), world, most=700)
    world.clock = FakeClock(NOON, held=True)
    world.source = source = CountingSource(rows(range(-600, 400)), world.clock)
    first = await world.open()
    made = await first.create(WANTED)
    world.clock.move(timedelta(minutes=2, seconds=30))
    async for seen in first.watch(made.name, 0):
        if not isinstance(seen, Progress | None) and seen.verification.look == 1:
            break
    await first.stop()
    before = len(source.reads)
    world.clock.move(timedelta(minutes=9))
    last = (await to_the_end(await world.open(), made))[-1].verification
    assert last.judgement and FULL in last.judgement.sentence
    assert len(source.reads) == before


def test_what_is_read_anew_counts_once():
    """A slice's newest reading stands for it."""
    budget = Budget(10)
    for _ in range(5):
        budget.hold("a", 6)
    with pytest.raises(LimitReached):
        budget.hold("b", 5)
    budget.hold("c", 4)


@pytest.mark.parametrize("order", list(itertools.permutations("abc")))
def test_whoever_comes_last_does_not_fit(order: tuple[str, ...]):
    """And stays refused: later looks do not try it again."""
    budget = Budget(10)
    for name in order[:2]:
        budget.hold(name, 5)
    for entries in (5, 0):
        with pytest.raises(LimitReached, match="at most 10 entries"):
            budget.hold(order[2], entries)
