"""Entries that come late: the lag is measured, all is counted again, and nothing is counted twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fakes.analyst import InlineAnalyst
from fakes.clock import NOON, FakeClock
from fakes.memory_source import CountingSource, MemorySource
from fakes.world import TIMING, WANTED, World, rows, to_the_end
from logverdict.analysis.counts import TemplateCounts
from logverdict.domain.deployment import ChangedInstances
from logverdict.domain.verification import Progress, Revision, SourceCoverage, Verification
from logverdict.domain.words import Reason, State, Verdict
from logverdict.verify.engine_ports import WindowCounts
from logverdict.verify.fair import Gates

LATE = timedelta(minutes=4)
END = NOON + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _clock(world: World) -> None:
    world.clock = FakeClock(longest=timedelta(minutes=30))


async def ended(world: World, **changes: object) -> Verification:
    use = await world.open()
    return (await to_the_end(use, await use.create(replace(WANTED, **changes))))[-1].verification  # type: ignore[arg-type]


def candidate(verification: Verification) -> SourceCoverage:
    (part,) = (part for part in verification.coverage if part.side == "candidate")
    return part


def entries(window: WindowCounts) -> int:
    return sum(TemplateCounts.from_bytes(piece).total() for piece in window.slices)


@pytest.mark.parametrize("before", ["a", "c"])
async def test_entries_of_all_instances_that_come_late_are_all_judged(world: World, before: str):
    """Whether or not the baseline showed the lag: the last look waits, and the verdict holds every entry once."""
    late = rows(range(60, 400)) + rows(range(60, 400), "b")
    lags = {"a": LATE, "b": LATE}
    world.source = CountingSource(rows(range(-600, 60), before) + late, world.clock, lags=lags)
    part = candidate(last := await ended(world))
    assert (part.share, part.coverage.expected, part.coverage.read) == (1.0, 480, 480)
    assert entries(world.analyst.tasks[-1].candidate) == 480
    assert last.ended and last.ended < END + TIMING.max_lag + timedelta(minutes=1)


async def test_entries_of_one_instance_that_come_late_are_waited_for(world: World):
    """The others are there in time; its lag is measured from the first of its entries that arrive."""
    both = rows(range(-600, 400)) + rows(range(60, 400), "b")
    world.source = CountingSource(both, world.clock, lags={"b": LATE})
    part = candidate(last := await ended(world))
    assert (part.share, part.coverage.read) == (1.0, 480)
    lags = {row.instance: row.lag for row in part.coverage.instances}
    assert lags["a"] == 0 and 220 <= (lags["b"] or 0) <= 240
    assert last.ended and last.ended >= END + LATE


async def test_late_entries_are_counted_by_the_minute(world: World):
    """What came after its minute was first read."""
    both = rows(range(-600, 400)) + rows(range(60, 400), "b")
    world.source = CountingSource(both, world.clock, lags={"b": timedelta(seconds=100)})
    coverage = candidate(await ended(world)).coverage
    assert coverage.late == sum(minute.late for minute in coverage.minutes) > 0
    assert [(minute.number, minute.expected, minute.read) for minute in coverage.minutes] == [
        (number, 120, 120) for number in range(4)
    ]


async def test_no_longer_is_waited_than_the_longest_lag(world: World):
    """What comes later than that is not judged, and that there was too little says the verdict."""
    world.analyst = InlineAnalyst()
    late = {"": timedelta(minutes=20)}
    world.source = CountingSource(rows(range(-600, 400)), world.clock, lags=late)
    last = await ended(world)
    assert last.judgement and last.judgement.verdict is Verdict.INCONCLUSIVE
    assert last.ended and last.ended <= END + TIMING.max_lag + timedelta(seconds=1)


async def test_what_comes_later_than_may_be_waited_for_is_not_covered(world: World):
    """The lag of b is known, and is longer than the longest that is waited: its last minutes are missing."""
    both = rows(range(-600, 400)) + rows(range(-600, 400), "b")
    world.source = CountingSource(both, world.clock, lags={"b": timedelta(minutes=3)})
    world.profile = replace(world.profile, timing=replace(TIMING, max_lag=timedelta(minutes=1)))
    last = await ended(world)
    assert last.judgement and last.judgement.reason is Reason.COVERAGE_TOO_LOW
    assert "entries of instance b come up to 179 s late: those since 12:0" in last.judgement.sentence
    assert candidate(last).share == pytest.approx(1 - 120 / 480, abs=0.03)


async def test_entries_that_were_imported_at_once_are_not_late(world: World):
    """All came long after they were written, the last ones too."""
    now = NOON + timedelta(minutes=30)
    world.clock = FakeClock(now, held=True)
    world.source = CountingSource(rows(range(-600, 400)), world.clock, lags={"": timedelta(minutes=23)})
    assert candidate(await ended(world)).share == 1.0


async def test_a_named_instance_that_is_silent_is_waited_for(world: World):
    """Its entries may be on their way; without any sign of them not longer than the longest lag."""
    world.source = CountingSource(rows(range(-600, 400)), world.clock)
    last = await ended(world, changed=ChangedInstances(names=("b",)))
    assert last.ended and END + TIMING.max_lag <= last.ended


async def test_an_instance_that_falls_silent_is_waited_for_and_named(world: World):
    """A pod that wrote each second and then nothing: what is known is said, and no more."""
    both = rows(range(-600, 400)) + rows(range(60, 170), "b")
    world.source = CountingSource(both, world.clock)
    last = await ended(world)
    part = candidate(last)
    assert last.ended and END + TIMING.max_lag <= last.ended
    assert part.share == 1.0
    (fault,) = part.coverage.faults
    assert fault.startswith("instance b wrote nothing after 12:03:00 UTC")


async def test_pods_that_the_deployment_replaces_are_not_waited_for(world: World):
    """They end while new ones begin: nobody expects more of them."""
    both = rows(range(-600, 90)) + rows(range(60, 400), "b")
    world.source = CountingSource(both, world.clock)
    last = await ended(world)
    assert last.ended and last.ended < END + timedelta(minutes=1)
    assert candidate(last).coverage.faults == ()


async def test_a_window_of_the_past_needs_no_waiting(world: World):
    """All that will come has come."""
    now = NOON + timedelta(days=1)
    world.clock = FakeClock(now, held=True)
    both = rows(range(-600, 400)) + rows(range(60, 100), "b")
    world.source = CountingSource(both, world.clock, lags={"": LATE})
    last = await ended(world)
    assert last.state is State.SUCCEEDED
    assert last.ended == now


async def test_a_baseline_that_gains_entries_is_read_again(world: World):
    """Its last minutes came late; the verdict is over all of it."""
    world.source = CountingSource(rows(range(-600, 400)), world.clock, lags={"": timedelta(seconds=90)})
    last = await ended(world)
    (baseline,) = (part for part in last.coverage if part.side == "baseline")
    assert (baseline.coverage.read, entries(world.analyst.tasks[-1].baselines[0])) == (600, 600)


async def test_a_restart_ends_as_an_undisturbed_run(world: World):
    """Late entries included: what the first process stored is counted again by the second."""
    world.clock = FakeClock(NOON, held=True)
    both = rows(range(-600, 400)) + rows(range(60, 400), "b")
    world.source = CountingSource(both, world.clock, lags={"b": timedelta(seconds=80)})
    first = await world.open()
    made = await first.create(WANTED)
    world.clock.move(timedelta(minutes=2, seconds=30))
    async for step in first.watch(made.name, 1):
        if isinstance(step, Revision) and step.verification.look == 1:
            break
    await first.stop()
    world.clock.move(timedelta(minutes=10))
    second = await world.open()
    last = (await to_the_end(second, made))[-1].verification
    part = candidate(last)
    assert (part.share, part.coverage.read) == (1.0, 480)
    assert entries(world.analyst.tasks[-1].candidate) == 480


async def test_a_source_that_cannot_count_again_is_not_covered(world: World):
    """Young slices may have gained entries that nobody sees."""

    class Forgetful(CountingSource):
        async def survey(self, spec, span, grid, *, evidence=False):  # type: ignore[no-untyped-def]
            if span.length > timedelta(seconds=60):
                self.lose_count(1)
            return await super().survey(spec, span, grid, evidence=evidence)

    world.source = Forgetful(rows(range(-600, 400)), world.clock)
    last = await ended(world)
    assert last.judgement and last.judgement.reason is Reason.SOURCE_UNAVAILABLE
    assert "could not be counted again: the source does not count" in last.judgement.sentence


async def test_a_slow_read_skips_looks_and_says_so(world: World):
    """What became due while look 1 was read is judged once, at the newest of it; the last look is never skipped."""

    class Slow(CountingSource):
        def read(self, spec, span):  # type: ignore[no-untyped-def]
            if span.start == NOON + timedelta(minutes=1) and not any(span == other for other in self.reads):
                world.clock.move(timedelta(seconds=130))
            return super().read(spec, span)

    world.source = Slow(rows(range(-600, 400)), world.clock)
    use = await world.open()
    seen = await to_the_end(use, await use.create(WANTED), after=1)
    assert [step.verification.look for step in seen] == [0, 1, 3, 4]
    last = seen[-1].verification
    assert last.judgement and "looks were skipped: 2, because look 1 took 130 s" in last.judgement.notes
    assert candidate(last).coverage.read == 240


async def test_waiting_for_a_place_is_shown(world: World):
    """With one search at a time, the second verification says how many are before it."""
    world.gates = Gates({"files": 1})
    source = world.source = MemorySource(rows(range(-600, 400)))
    source.block()
    use = await world.open()
    await use.create(WANTED)
    other = await use.create(replace(WANTED, environment="staging"))
    async for step in use.watch(other.name, 1):
        if isinstance(step, Progress) and step.step.startswith("waiting for a place at connection files, "):
            assert step.step.endswith(" before us")
            break
    source.release()
    assert (await to_the_end(use, other))[-1].verification.state is State.SUCCEEDED


async def test_looks_that_were_due_before_a_restart_are_caught_up_in_order(world: World):
    """Only a slow read skips: the early end does not depend on when a process was away."""
    world.clock = FakeClock(NOON + timedelta(minutes=1), held=True)
    world.source = CountingSource(rows(range(-600, 400)), world.clock)
    use = await world.open()
    made = await use.create(WANTED)
    await use.stop()
    world.clock.move(timedelta(minutes=30))
    again = await world.open()
    await to_the_end(again, made)
    assert [task.look for task in world.analyst.tasks] == [1, 2, 3, 4]
