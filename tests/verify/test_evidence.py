"""What a verification reads and compares: outages, late entries, baselines of its own."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fakes.analyst import InlineAnalyst, ScriptedAnalyst
from fakes.clock import NOON, FakeClock
from fakes.memory_source import MemorySource
from fakes.world import WANTED, World, rows, to_the_end
from logverdict.domain.errors import (
    InvalidRequest,
    QueryRejected,
)
from logverdict.domain.policy import Policy
from logverdict.domain.verification import Baseline, Revision
from logverdict.domain.window import Window
from logverdict.domain.words import Decision, Reason, State, Verdict
from logverdict.verify.ports import Expiry


def down(times: int) -> MemorySource:
    """A source that does not answer so many reads."""
    source = MemorySource(rows(range(-600, 400)))
    source.fail(times)
    return source


async def test_a_source_that_is_down_is_no_failure_of_the_deployment(world: World):
    """INCONCLUSIVE with SOURCE_UNAVAILABLE; the policy decides."""
    world.source = down(10_000)
    use = await world.open()
    last = (await to_the_end(use, await use.create(WANTED)))[-1].verification
    assert last.state is State.SUCCEEDED
    assert last.judgement and last.judgement.reason is Reason.SOURCE_UNAVAILABLE
    assert last.decision is Decision.ASK


async def test_a_source_that_comes_back_is_read_in_full(world: World):
    """Slices that were missing are read again at the next look."""
    world.source = down(12)
    use = await world.open()
    last = (await to_the_end(use, await use.create(WANTED)))[-1].verification
    assert {part.share for part in last.coverage} == {1.0}


async def test_entries_that_come_late_count_from_the_next_look_on(world: World):
    """Those of the first minute that arrive after its look; the coverage says how many they were."""
    source = world.source = MemorySource(rows(range(-600, 400)))
    world.clock = FakeClock(NOON, held=True)
    use = await world.open()
    made = await use.create(WANTED)
    world.clock.move(timedelta(minutes=2, seconds=30))
    last = None
    async for step in use.watch(made.name, 1):
        if isinstance(step, Revision):
            last = step.verification
            if last.look == 1:
                source.gain(rows(range(70, 75), text="came late"))
                world.clock.move(timedelta(minutes=10))
    assert last
    (candidate,) = (part.coverage for part in last.coverage if part.side == "candidate")
    assert (candidate.read, candidate.late) == (245, 5)


async def test_a_second_read_that_finds_less_or_fails_takes_nothing_away(world: World):
    """A source that forgets or breaks down after the first look leaves what was read."""
    source = world.source = MemorySource(rows(range(-600, 400)))
    world.clock = FakeClock(NOON, held=True)
    use = await world.open()
    made = await use.create(WANTED)
    world.clock.move(timedelta(minutes=2, seconds=30))
    last = None
    async for step in use.watch(made.name, 1):
        if isinstance(step, Revision):
            last = step.verification
            if last.look == 1:
                source.lack("a shard is away")
                world.clock.move(timedelta(minutes=10))
    assert last
    (candidate,) = (part for part in last.coverage if part.side == "candidate")
    assert (candidate.share, candidate.coverage.read) == (0.25, 240)


async def test_a_rejected_query_ends_it_with_the_sources_words(world: World):
    """Asking again would not help."""

    class Rejecting(MemorySource):
        async def read(self, spec, span):  # type: ignore[no-untyped-def]
            raise QueryRejected("no such index: app-*")
            yield

    world.source = Rejecting([])
    use = await world.open()
    last = (await to_the_end(use, await use.create(WANTED)))[-1].verification
    assert last.judgement and last.judgement.reason is Reason.QUERY_REJECTED
    assert last.judgement.sentence == "no such index: app-*"


async def test_a_good_verification_serves_as_baseline(world: World):
    """Its candidate is what is normal; only PASS will do."""
    world.clock = FakeClock(NOON + timedelta(days=1))
    use = await world.open()
    window = Window(NOON, NOON + timedelta(seconds=240))
    good = await use.create(replace(WANTED, candidate=window))
    await to_the_end(use, good)
    later = replace(WANTED, rollout_start=NOON + timedelta(seconds=240), baseline=Baseline(verifications=(good.name,)))
    await to_the_end(use, await use.create(later))
    assert [part.seconds for part in world.analyst.tasks[-1].baselines] == [240]
    world.analyst = ScriptedAnalyst(Verdict.FAIL)
    bad_use = await world.open()
    bad = await bad_use.create(WANTED)
    await to_the_end(bad_use, bad)
    with pytest.raises(InvalidRequest, match="only PASS"):
        await bad_use.create(replace(WANTED, baseline=Baseline(verifications=(bad.name,))))


async def test_a_baseline_window_without_entries_is_left_out_and_said(world: World):
    """It shows no rate, and does not hide the other windows."""
    world.analyst = InlineAnalyst()
    windows = tuple(
        Window(NOON - timedelta(seconds=start), NOON - timedelta(seconds=start - 300)) for start in (600, 9000)
    )
    use = await world.open()
    last = (await to_the_end(use, await use.create(replace(WANTED, baseline=Baseline(windows)))))[-1].verification
    assert last.judgement
    assert last.judgement.verdict is Verdict.PASS
    assert "1 of 2 baseline windows hold no entries and were left out" in last.judgement.notes


@pytest.mark.parametrize("rows_there", [range(-600, 60), range(60, 400), range(0)])
async def test_a_policy_that_needs_no_entries_gets_a_verdict_over_an_empty_side(world: World, rows_there: range):
    """Not an error of ours."""
    world.analyst = InlineAnalyst()
    world.source = MemorySource(rows(rows_there))
    world.profile = replace(world.profile, policy=Policy(min_entries=0))
    use = await world.open()
    last = (await to_the_end(use, await use.create(WANTED)))[-1].verification
    assert (last.state, last.error) == (State.SUCCEEDED, "")


async def test_a_pinned_verification_counts_for_the_time_that_it_had(world: World):
    """One that a newer deployment closed half-way covers half of its window."""
    world.clock = FakeClock(NOON + timedelta(seconds=30), held=True)
    use = await world.open()
    good = await use.create(WANTED)
    newer = await use.create(replace(WANTED, version="1.2", rollout_start=NOON + timedelta(seconds=180)))
    world.clock.move(timedelta(days=1))
    assert (await to_the_end(use, good))[-1].verification.superseded_by == newer.name
    later = replace(WANTED, version="1.3", baseline=Baseline(verifications=(good.name,)))
    await to_the_end(use, await use.create(later))
    (task, *_) = [task for task in world.analyst.tasks if task.request.deployment.version == "1.3"]
    assert [part.seconds for part in task.baselines] == [120]


async def test_a_pinned_verification_whose_counts_are_gone_is_refused(world: World):
    """Counts are deleted sooner than verifications: that is no baseline without entries."""
    world.clock = FakeClock(NOON + timedelta(days=1))
    use = await world.open()
    good = await use.create(WANTED)
    await to_the_end(use, good)
    await world.store.expire(Expiry(NOON + timedelta(days=2), NOON))
    with pytest.raises(InvalidRequest, match="deleted for their age") as caught:
        await use.create(replace(WANTED, baseline=Baseline(verifications=(good.name,))))
    assert caught.value.field == "baseline.verifications[0]"


@pytest.mark.parametrize("least", [{}, {"min_entries": 0, "min_coverage": 0.0}])
async def test_a_source_that_cannot_say_how_much_is_missing_is_no_fault_of_ours(world: World, least):
    """What was read is compared; by the policy's coverage there is no verdict. No division by nothing."""
    world.analyst = InlineAnalyst()
    world.source.lack("a.jsonl.gz: damaged")
    world.profile = replace(world.profile, policy=Policy(**least))
    use = await world.open()
    last = (await to_the_end(use, await use.create(WANTED)))[-1].verification
    assert (last.state, last.error) == (State.SUCCEEDED, "")
    assert last.judgement
    assert last.judgement.reason is (Reason.NO_ANOMALY if least else Reason.SOURCE_UNAVAILABLE)


async def test_without_anything_read_there_is_no_verdict_whatever_the_policy(world: World):
    """An outage is not silence, also where the policy asks for no entries and no coverage."""
    world.analyst = InlineAnalyst()
    world.source.fail(1000)
    world.profile = replace(world.profile, policy=Policy(min_entries=0, min_coverage=0.0))
    use = await world.open()
    last = (await to_the_end(use, await use.create(WANTED)))[-1].verification
    assert last.state is State.SUCCEEDED
    assert last.judgement
    assert (last.judgement.verdict, last.judgement.reason) == (Verdict.INCONCLUSIVE, Reason.SOURCE_UNAVAILABLE)
