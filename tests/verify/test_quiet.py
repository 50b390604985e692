"""Quiet or silent: what an evidence query and the source's own counts say of a side without entries."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from fakes.clock import NOON, FakeClock
from fakes.memory_source import CountingSource, Row
from fakes.world import PROFILE, WANTED, World, rows, to_the_end
from logverdict.domain.deployment import ChangedInstances
from logverdict.domain.errors import SourceUnavailable
from logverdict.domain.verification import Baseline, SourceCoverage, Verification
from logverdict.domain.window import Window
from logverdict.domain.words import Reason, Verdict
from logverdict.verify.engine_ports import WindowCounts

ERRORS_ONLY = replace(PROFILE, sources=(replace(PROFILE.sources[0], evidence="everything"),))


@pytest.fixture(autouse=True)
def _world(world: World) -> None:
    world.clock = FakeClock(longest=timedelta(minutes=30))
    world.profile = ERRORS_ONLY


async def ended(world: World, entries: Iterable[Row], evidence: Iterable[Row], **changes: object) -> Verification:
    world.source = CountingSource(entries, world.clock, evidence=evidence)
    use = await world.open()
    return (await to_the_end(use, await use.create(replace(WANTED, **changes))))[-1].verification  # type: ignore[arg-type]


def candidate(verification: Verification) -> SourceCoverage:
    (part,) = (part for part in verification.coverage if part.side == "candidate")
    return part


def window(world: World) -> WindowCounts:
    return world.analyst.tasks[-1].candidate


async def test_a_healthy_service_behind_an_errors_only_query_is_complete(world: World):
    """No line is health where evidence shows that the service logs; the judge gets the evidence by instance."""
    last = await ended(world, [], rows(range(-600, 400)))
    assert last.judgement and last.judgement.verdict is Verdict.PASS
    part = candidate(last)
    assert (part.share, part.coverage.expected, part.coverage.read, part.coverage.evidence) == (1.0, 0, 0, 240)
    assert window(world).evidence == (("a", 240),)
    assert world.analyst.tasks[-1].baselines[0].evidence == (("a", 600),)


async def test_a_forbidden_index_gives_no_verdict(world: World):
    """The source answers with no entry everywhere: nothing shows that anything may be read."""
    last = await ended(world, [], [])
    assert last.judgement
    assert (last.judgement.verdict, last.judgement.reason) == (Verdict.INCONCLUSIVE, Reason.SOURCE_UNAVAILABLE)
    assert "evidence query of source 'app' counts no entry in the baseline" in last.judgement.sentence


async def test_a_candidate_without_evidence_gives_no_verdict(world: World):
    """The baseline logged, the candidate does not: silence is not health."""
    last = await ended(world, [], rows(range(-600, 0)))
    assert last.judgement and last.judgement.verdict is Verdict.INCONCLUSIVE
    assert "no entry in the candidate" in last.judgement.sentence


async def test_one_dead_shipper_lowers_the_coverage_and_is_named(world: World):
    """Two pods came with the deployment; the entries of one end half-way."""
    evidence = rows(range(-600, 60), "old") + rows(range(60, 400)) + rows(range(60, 180), "b")
    last = await ended(world, [], evidence)
    assert last.judgement
    assert (last.judgement.verdict, last.judgement.reason) == (Verdict.INCONCLUSIVE, Reason.COVERAGE_TOO_LOW)
    part = candidate(last)
    assert part.share == 0.75
    assert part.coverage.faults == (
        "no evidence of instance b from 12:03:00 to 12:05:00 UTC, about 60 entries a minute else",
    )


async def test_a_host_whose_shipper_died_with_the_deployment_is_missed(world: World):
    """Hosts are changed in place, and one of two never shows in the candidate."""
    evidence = rows(range(-600, 400)) + rows(range(-600, 0), "b")
    part = candidate(await ended(world, [], evidence))
    assert part.share == 0.5
    assert "no evidence of instance b from 12:01:00 to 12:05:00 UTC" in part.coverage.faults[0]


async def test_a_named_instance_without_evidence_is_missed(world: World):
    """The request says that it was changed."""
    named = ChangedInstances(names=("a", "z"))
    part = candidate(await ended(world, [], rows(range(-600, 400)), changed=named))
    assert part.share == 0.5
    assert part.coverage.faults == ("no evidence of instance z from 12:01:00 to 12:05:00 UTC",)


async def test_late_evidence_is_waited_for(world: World):
    """A shipper that is slow is not dead."""
    evidence = rows(range(-600, 60), "old") + rows(range(60, 400)) + rows(range(60, 400), "b")
    world.source = source = CountingSource([], world.clock, lags={"b": timedelta(minutes=4)}, evidence=evidence)
    use = await world.open()
    last = (await to_the_end(use, await use.create(WANTED)))[-1].verification
    part = candidate(last)
    assert (part.share, part.coverage.evidence) == (1.0, 480)
    assert source.reads and last.judgement and last.judgement.verdict is Verdict.PASS


async def test_instances_that_seldom_log_are_not_called_silent(world: World):
    """Two entries in the window and then none is chance."""
    evidence = rows(range(-600, 60), "old") + rows(range(60, 400)) + rows(range(70, 72), "b")
    part = candidate(await ended(world, [], evidence))
    assert (part.share, part.coverage.faults) == (1.0, ())


async def test_a_source_that_counts_more_than_it_gives_gets_no_pass(world: World):
    """Whatever the reads say of themselves, and whatever way they took."""
    world.profile = PROFILE
    source = world.source = CountingSource(rows(range(-600, 400)), world.clock)
    source.hide(1)
    use = await world.open()
    last = (await to_the_end(use, await use.create(WANTED)))[-1].verification
    assert last.judgement
    assert (last.judgement.verdict, last.judgement.reason) == (Verdict.INCONCLUSIVE, Reason.COVERAGE_TOO_LOW)
    part = candidate(last)
    assert part.coverage.faults[0] == "the source counts 280 entries, of which 240 were read"
    assert part.share == pytest.approx(240 / 280)
    assert [(minute.expected, minute.read) for minute in part.coverage.minutes] == [(70, 60)] * 4


async def test_minutes_of_baseline_windows_follow_one_another(world: World):
    """Each has its own start."""
    world.profile = PROFILE
    windows = tuple(
        Window(NOON - timedelta(seconds=start), NOON - timedelta(seconds=start - 120)) for start in (600, 300)
    )
    last = await ended(world, rows(range(-600, 400)), [], baseline=Baseline(windows))
    (part,) = (part for part in last.coverage if part.side == "baseline")
    assert [minute.number for minute in part.coverage.minutes] == [0, 1, 2, 3]
    assert [last.plan.minute("baseline", number) for number in (0, 1, 2)] == [
        windows[0].start,
        windows[0].start + timedelta(minutes=1),
        windows[1].start,
    ]


async def test_a_pinned_baseline_brings_its_evidence(world: World):
    """As it was stored with the verification."""
    world.source = CountingSource([], world.clock, evidence=rows(range(-600, 800)))
    use = await world.open()
    good = await use.create(WANTED)
    await to_the_end(use, good)
    later = replace(WANTED, rollout_start=NOON + timedelta(minutes=6), baseline=Baseline(verifications=(good.name,)))
    await to_the_end(use, await use.create(later))
    assert world.analyst.tasks[-1].baselines[0].evidence == (("a", 240),)


async def test_evidence_that_cannot_be_counted_gives_no_verdict(world: World):
    """The entries are all there, and old; whether silence among them is health nobody knows."""

    class Deaf(CountingSource):
        async def survey(self, spec, span, grid, *, evidence=False):  # type: ignore[no-untyped-def]
            if evidence:
                raise SourceUnavailable("no answer")
            return await super().survey(spec, span, grid)

    world.clock = FakeClock(NOON + timedelta(days=1), held=True)
    world.source = Deaf(rows(range(-600, 400)), world.clock)
    use = await world.open()
    last = (await to_the_end(use, await use.create(WANTED)))[-1].verification
    assert last.judgement and last.judgement.reason is Reason.SOURCE_UNAVAILABLE
    assert "could not be counted again: no answer" in last.judgement.sentence


async def test_old_pods_that_match_the_requests_pattern_are_not_missed(world: World):
    """A pattern tells changed instances among those that are there; it promises none."""
    evidence = rows(range(-600, 60), "web-1") + rows(range(60, 400), "web-2")
    last = await ended(world, [], evidence, changed=ChangedInstances(pattern="web-.*"))
    assert candidate(last).share == 1.0
