"""Earlier good verifications feed the noise floor: what comes back with every deployment is nobody's fault."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from fakes.clock import NOON, FakeClock
from fakes.earlier import DAY, GOOD, Judging, of, past, verified
from fakes.memory_source import MemorySource, Row
from fakes.world import PROFILE, World, rows
from logverdict.analysis.counts import TemplateCounts
from logverdict.analysis.rules import RULES_VERSION, key_of
from logverdict.analysis.sides import Stretch
from logverdict.domain.policy import Policy
from logverdict.domain.verification import Baseline
from logverdict.domain.window import Window
from logverdict.domain.words import Direction, EventKind, Verdict
from logverdict.verify.ports import Expiry

NOISE = "cannot reach cache {}, trying again"
BROKEN = "cannot decode the order of partner 7"
TEXTS = ("order stored", "mail for a customer sent")


def errors(day: int, text: str, every: int = 8) -> list[Row]:
    """In the candidate window of that day's deployment, which is a minute after NOON and four minutes long."""
    start = day * DAY + 60
    return [(at, text, "error", *more) for at, _, _, *more in rows(range(start, start + 240, every))]  # type: ignore[misc]


def days(count: int, *more: list[Row]) -> MemorySource:
    """A deployment at NOON of each of so many days, each of which brings the noise after it."""
    usual = [row for day in range(count) for row in rows(range(day * DAY - 600, day * DAY + 400))]
    noise = [row for day in range(count) for row in errors(day, NOISE.format(day))]
    return MemorySource([*usual, *noise, *(row for part in more for row in part)])


async def test_an_error_that_every_good_deployment_brought_does_not_fail(world: World):
    """Three earlier ones had it and were good; the fourth is compared with them too, and says so."""
    world.source = days(4)
    await past(world, *GOOD)
    made, judgement = await verified(world, of(3))
    assert judgement.verdict is Verdict.PASS
    assert made.plan.history == ("verifications/v3", "verifications/v2", "verifications/v1")
    assert "3 earlier good verifications of 2026-11-20 to 2026-11-22 feed the noise floor" in made.plan.notes


async def test_without_history_the_same_error_fails(world: World):
    """The window before the rollout alone can't know it; a policy that wants no history gets none."""
    world.source = days(4)
    await past(world, *GOOD)
    made, judgement = await verified(world, of(3, policy={"history": 0}))
    assert (made.plan.history, judgement.verdict) == ((), Verdict.FAIL)


async def test_an_error_that_no_good_deployment_brought_still_fails(world: World):
    """History excuses what it has seen, and nothing else."""
    world.source = days(4, errors(3, BROKEN))
    await past(world, *GOOD)
    made, judgement = await verified(world, of(3))
    assert judgement.verdict is Verdict.FAIL
    events, _ = await world.store.events(made.id, "", "", 100)
    new = [event for event in events if event.kind is EventKind.UNKNOWN]
    assert [event.template for event in new] == ["cannot decode the order of partner <num>"]


@pytest.mark.parametrize("kept", [True, False])
async def test_start_up_trouble_that_does_not_end_fails(world: World, kept: bool):
    """Earlier deployments had the error, a few times each; now it goes on and on. With or without their counts."""
    few = [row for day in range(3) for row in errors(day, BROKEN, 90)]
    world.source = days(4, few, errors(3, BROKEN, 4))
    await past(world, *GOOD)
    if not kept:
        await world.store.expire(Expiry(world.clock.now(), NOON))
    made, judgement = await verified(world, of(3))
    assert judgement.verdict is Verdict.FAIL
    events, _ = await world.store.events(made.id, "", "", 1)
    assert (events[0].kind, events[0].direction) == (EventKind.UNEXPECTED_FREQUENCY, Direction.UP)


@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.WARN, Verdict.INCONCLUSIVE])
async def test_only_good_ones_are_history(world: World, verdict: Verdict):
    """What stopped a deployment, or made people think, must not make the next one's trouble ordinary."""
    world.source = days(4)
    await past(world, verdict, verdict, verdict)
    made, judgement = await verified(world, of(3))
    assert (made.plan.history, judgement.verdict) == ((), Verdict.FAIL)


async def test_one_earlier_deployment_is_better_than_none(world: World):
    """What it brought is not new, and so many new errors more are what a good one brings."""
    world.source = days(2)
    await past(world, Verdict.PASS)
    made, judgement = await verified(world, of(1))
    assert len(made.plan.history) == 1
    assert judgement.verdict is Verdict.PASS


async def test_what_a_deleted_verification_counted_is_still_known(world: World):
    """Template rows outlive the counts: what they hold is not new."""
    world.source = days(4)
    await past(world, *GOOD)
    assert await world.store.expire(Expiry(world.clock.now(), NOON)) > 0
    made, judgement = await verified(world, of(3))
    assert len(made.plan.history) == 3
    assert judgement.verdict is Verdict.PASS
    assert [(part.seconds, part.bins) for part in world.analyst.tasks[-1].history] == [(240.0, 1)] * 3


async def test_the_side_called_baseline_is_what_was_read_for_it(world: World):
    """History tells what is usual; the baseline of the answer is the window before the rollout."""
    world.source = days(4)
    await past(world, *GOOD)
    _, judgement = await verified(world, of(3))
    assert (judgement.baseline.entries, judgement.baseline.instances) == (600, 1)


async def test_history_is_one_sum_that_tells_who_wrote_what(world: World):
    """So that no look adds its slices up anew, and what is told by instance stays so; samples are of what was read."""
    world.source = days(4, *(rows(range(day * DAY + 60, day * DAY + 400), "b") for day in range(4)))
    await past(world, *GOOD)
    await verified(world, of(3))
    for part in world.analyst.tasks[-1].history:
        assert len(part.slices) == 1
        whole = TemplateCounts.from_bytes(part.slices[0])
        assert set(whole.counts["instance"]) == {"a", "b"}
        assert Stretch(whole, part.seconds, part.bins).exposure == 480
        assert whole.samples.is_empty()


async def test_starts_that_a_good_deployment_brought_as_often_are_no_loop(world: World):
    """One instance started six times then and does so now: that is usual, and holds up nobody."""
    starts = [rows(range(day * DAY + 70, day * DAY + 300, 45), text="Application started in 5 s") for day in range(2)]
    world.source = MemorySource([*rows(range(-600, 400)), *rows(range(DAY - 600, DAY + 400)), *starts[0], *starts[1]])
    await past(world, Verdict.PASS)
    _, judgement = await verified(world, of(1))
    assert judgement.verdict is Verdict.PASS


async def test_what_two_instances_wrote_at_a_time_was_not_done_twice(world: World):
    """Earlier deployments had two, which wrote it once each; each of three now writes it twice, and none did before."""

    def wrote(day: int, begin: int, end: int, names: Sequence[str], times: int = 1) -> list[Row]:
        mails = [day * DAY + at for at in range(begin, end, 30) for _ in range(times)]
        spans = (range(day * DAY + begin, day * DAY + end, 2), mails)
        return [row for one in names for span, text in zip(spans, TEXTS, strict=True) for row in rows(span, one, text)]

    old, new = [wrote(day, -600, 0, ("a", "b")) for day in range(4)], [wrote(d, 0, 400, ("c", "d")) for d in range(3)]
    world.source = MemorySource([row for part in (*old, *new, wrote(3, 0, 400, "cde", 2)) for row in part])
    await past(world, *GOOD)
    made, judgement = await verified(world, of(3))
    events, _ = await world.store.events(made.id, "", "", 1)
    assert (judgement.verdict, len(made.plan.history)) == (Verdict.FAIL, 3)
    assert "on 24 of 24 occasions; in the baseline on none of 88" in events[0].sentence


async def test_windows_that_share_time_count_once(world: World):
    """Two verifications of one deployment are one good run, and none of its own windows is history."""
    world.source = days(2)
    await past(world, Verdict.PASS)
    world.analyst = Judging(Verdict.PASS)  # type: ignore[assignment]
    again, _ = await verified(world, of(0, rollout_start=NOON + timedelta(seconds=30)))
    made, _ = await verified(world, of(1))
    assert made.plan.history == (again.name,)
    candidate = Window(NOON + timedelta(seconds=400), NOON + timedelta(seconds=640))
    near, _ = await verified(world, of(0, rollout_start=NOON + timedelta(seconds=400), candidate=candidate))
    assert near.plan.history == ()


async def test_a_baseline_of_the_callers_own_is_all_that_is_compared_with(world: World):
    """Who names windows means those."""
    world.source = days(4)
    await past(world, *GOOD)
    window = Window(NOON + timedelta(days=3, seconds=-600), NOON + timedelta(days=3))
    made, _ = await verified(world, of(3, baseline=Baseline(windows=(window,))))
    assert made.plan.history == ()


async def test_history_of_another_profile_is_none(world: World):
    """Counts of another source say nothing of this one."""
    world.source = days(4)
    await past(world, *GOOD)
    sources = (replace(PROFILE.sources[0], name="audit"),)
    world.profile = replace(PROFILE, sources=sources)
    made, _ = await verified(world, of(3))
    assert made.plan.history == ()


async def test_the_policy_says_how_many(world: World):
    """The newest ones are taken."""
    world.source = days(4)
    await past(world, *GOOD)
    world.profile = replace(PROFILE, policy=Policy(history=2))
    made, _ = await verified(world, of(3))
    assert made.plan.history == ("verifications/v3", "verifications/v2")


async def test_history_that_a_running_verification_needs_is_kept(world: World):
    """Retention takes it only once nobody needs it any more."""
    world.source = days(4)
    await past(world, *GOOD)
    world.clock = FakeClock(NOON + timedelta(days=3, seconds=30), held=True)
    use = await world.open()
    made = await use.create(of(3))
    assert await world.store.expire(Expiry(world.clock.now(), world.clock.now())) == 0
    assert len(made.plan.history) == 3


async def test_beside_instances_that_did_not_change_history_tells_what_is_not_new(world: World):
    """Its rates say nothing there: another time is no control."""
    both = [row for day in range(4) for row in rows(range(day * DAY - 600, day * DAY + 400), "b")]
    old = [row for day in range(4) for row in rows(range(day * DAY - 600, day * DAY + 400))]
    noise = [(at, text, level, f"c{day}", "") for day in range(4) for at, text, level, *_ in errors(day, NOISE)]
    work = [row for day in range(4) for row in rows(range(day * DAY + 60, day * DAY + 400), f"c{day}")]
    world.source = MemorySource([*both, *old, *noise, *work])
    await past(world, *GOOD)
    _, judgement = await verified(world, of(3))
    assert (judgement.comparison.value, judgement.verdict) == ("CONCURRENT", Verdict.PASS)
    _, without = await verified(world, of(3, policy={"history": 0}))
    assert without.verdict is Verdict.FAIL


async def test_history_of_another_key_is_left_out_and_named(world: World):
    """Its counts can't be compared with; those of another mask table can, as they are masked anew."""
    world.source = days(4)
    await past(world, *GOOD, rules=("0.1", f"{key_of(RULES_VERSION)}.0", RULES_VERSION))
    made, judgement = await verified(world, of(3))
    assert made.plan.history == ("verifications/v3", "verifications/v2")
    assert made.plan.notes[-1].startswith("1 of 3 earlier good verifications was keyed by other rules")
    assert judgement.verdict is Verdict.PASS
