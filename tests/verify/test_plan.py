"""Windows, looks and slices."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from fakes.verifications import NOON, a_deployment, a_judgement, a_plan, a_profile, a_request, a_verification, at
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.profile import Timing
from logverdict.domain.verification import Baseline, Request, Verification
from logverdict.domain.window import Window
from logverdict.domain.words import DeploymentKind, State, Verdict
from logverdict.verify.plan import MAX_BINS, baseline_slices, bin_seconds, candidate_slices, make_plan

TIMING = Timing(
    settle=timedelta(minutes=1),
    interval=timedelta(minutes=1),
    duration=timedelta(minutes=10),
    baseline=timedelta(minutes=30),
)


def asked(**changes: object) -> Request:
    return replace(a_request(profile=a_profile(timing=TIMING)), **changes)  # type: ignore[arg-type]


def earlier(minutes: float, verdict: Verdict, kind: DeploymentKind = DeploymentKind.DEPLOY) -> Verification:
    """A verification of the same service whose rollout started so many minutes before NOON."""
    request = asked(deployment=a_deployment(rollout_start=at(-60 * minutes), kind=kind))
    return a_verification(request=request, state=State.SUCCEEDED, judgement=a_judgement(verdict=verdict))


def test_a_deployment_of_now_gets_a_window_after_settling_and_a_look_each_interval():
    """Settle 1 min, 10 min long, a look a minute, the last at the window's end."""
    plan = make_plan(asked(), NOON, [])
    assert plan.candidate == Window(at(60), at(660))
    assert plan.looks == tuple(at(60 + 60 * minute) for minute in range(1, 11))


def test_a_window_of_the_past_is_judged_once_at_its_end():
    """Nothing is gained by looking at half of what is all there."""
    assert make_plan(asked(), at(3600), []).looks == (at(660),)


def test_settling_starts_at_the_rollouts_end():
    """Entries between the rollout's start and end belong to neither side."""
    plan = make_plan(asked(deployment=a_deployment(rollout_end=at(300))), NOON, [])
    assert plan.candidate.start == at(360)
    assert plan.baselines == (Window(at(-1800), NOON),)


def test_the_shortest_window_has_at_least_forty_bins():
    """A burst has to be told from a steady change."""
    plan = make_plan(asked(), NOON, [])
    assert plan.candidate.seconds / plan.bin_seconds >= 40


def test_the_baseline_is_cut_where_an_earlier_rollout_ended():
    """A baseline over a rollout would take the rollout's noise for normal."""
    plan = make_plan(asked(), NOON, [earlier(20, Verdict.PASS)])
    assert plan.baselines == (Window(at(-19 * 60), NOON),)
    assert plan.notes


def test_the_baseline_never_holds_a_stretch_judged_fail():
    """The version that failed ran until now: the time before it shows what is normal."""
    plan = make_plan(asked(), NOON, [earlier(40, Verdict.FAIL)])
    assert plan.baselines == (Window(at(-70 * 60), at(-40 * 60)),)


@pytest.mark.parametrize("second", list(Verdict))
@pytest.mark.parametrize("failed_first", [True, False])
def test_a_failed_stretch_is_none_the_less_for_a_second_verification(second: Verdict, failed_first: bool):
    """One rollout may be verified twice, whatever the other one found and whichever comes first."""
    both = [earlier(20, Verdict.FAIL), earlier(20, second)]
    plan = make_plan(asked(), NOON, both if failed_first else both[::-1])
    assert plan.baselines == (Window(at(-50 * 60), at(-20 * 60)),)


def test_a_failed_stretch_ends_where_the_next_rollout_starts():
    """What was verified twice failed for ten minutes; the version after it is what is normal now."""
    twice = [earlier(60, Verdict.FAIL), earlier(60, Verdict.PASS)]
    plan = make_plan(asked(), NOON, [*twice, earlier(50, Verdict.PASS)])
    assert plan.baselines == (Window(at(-30 * 60), NOON),)


def test_a_rollback_is_not_compared_with_what_it_rolls_back():
    """Whatever the verdict on the version before, the rollback undoes it."""
    request = asked(deployment=a_deployment(kind=DeploymentKind.ROLLBACK))
    plan = make_plan(request, NOON, [earlier(25, Verdict.PASS)])
    assert plan.baselines == (Window(at(-55 * 60), at(-25 * 60)),)


def test_without_a_clean_time_within_a_day_the_plan_says_so():
    """It is better to compare with a warning than not at all."""
    plan = make_plan(asked(), NOON, [earlier(25 * 60, Verdict.FAIL)])
    assert plan.baselines == (Window(at(-1800), NOON),)
    assert "no clean time" in plan.notes[0]


def test_a_request_may_name_its_baseline_windows():
    """Other days, earlier good runs."""
    windows = (Window(at(-90000), at(-86400)), Window(at(-180000), at(-172800)))
    assert make_plan(asked(baseline=Baseline(windows)), NOON, []).baselines == windows


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"baseline": Baseline((Window(at(30), at(90)),))}, "baseline.windows[0]"),
        ({"baseline": Baseline((Window(at(660), at(900)),))}, "baseline.windows[0].end_time"),
        ({"baseline": Baseline((Window(at(-90), at(-30)), Window(at(-60), at(0))))}, "baseline.windows[1]"),
        ({"candidate": Window(at(-60), at(60))}, "candidate_window.start_time"),
        ({"candidate": Window(NOON, at(8 * 86400))}, "candidate_window"),
        ({"deployment": a_deployment(rollout_start=at(90000))}, "deployment.rollout_start_time"),
    ],
)
def test_windows_that_contradict_each_other_are_refused_by_field(changes, field):
    """The caller learns which field is wrong."""
    with pytest.raises(InvalidRequest) as caught:
        make_plan(asked(**changes), NOON, [])
    assert caught.value.field == field


def test_more_looks_than_can_be_judged_are_refused():
    """Seven days with a look a second would be 604,800; the error says which interval would do."""
    timing = Timing(duration=timedelta(days=7), interval=timedelta(seconds=1))
    with pytest.raises(InvalidRequest, match=r"604,800 looks .* allowed: 0:10:05 and more") as caught:
        make_plan(asked(profile=a_profile(timing=timing)), NOON, [])
    assert caught.value.field == "timing.interval"
    assert len(make_plan(asked(profile=a_profile(timing=timing)), at(8 * 86400), []).looks) == 1


def test_slices_of_a_window_are_the_window():
    """Nothing is read twice, nothing is left out."""
    request, plan = asked(), a_plan()
    spans = [piece.span for piece in baseline_slices(request, plan)]
    assert spans[0].start == plan.baselines[0].start and spans[-1].end == plan.baselines[0].end
    assert all(one.end == two.start for one, two in pairwise(spans))


def test_slices_up_to_a_look_end_there():
    """A look reads what is before it, in the pieces that the looks before it read."""
    request, plan = asked(), a_plan()
    spans = [piece.span for piece in candidate_slices(request, plan, plan.looks[1])]
    assert spans == [Window(plan.candidate.start, plan.looks[0]), Window(plan.looks[0], plan.looks[1])]


def test_a_window_that_was_closed_at_its_start_has_no_slices():
    """A newer deployment came before there was anything to read."""
    assert list(candidate_slices(asked(), a_plan(), NOON)) == []


@pytest.mark.parametrize(
    ("shortest", "longest", "width"),
    [
        (600, 1800, 15),
        (240, 600, 6),
        (10, 10, 0.25),
        (0.3, 300, 0.15),
        (5, 30, 0.125),
        (3600, 86400, 60),
        (1, 604_800, 360),
    ],
)
def test_bins_divide_a_minute_or_are_whole_minutes(shortest: float, longest: float, width: float):
    """At least 40 of them in the shortest window, but at most 2,000 in the longest, which goes first."""
    found = bin_seconds([Window(NOON, at(shortest)), Window(NOON, at(longest))])
    assert found == width
    assert longest / found <= MAX_BINS
    assert 60 % found == pytest.approx(0) or found % 60 == 0 or (60 / found) % 1 == pytest.approx(0)


@pytest.mark.parametrize("hours", [0.5, 7, 100])
def test_slices_are_cut_between_whole_minutes_of_coverage(hours: float):
    """So that no minute is in two of them."""
    window = Window(at(-3600 * hours), NOON)
    plan = make_plan(asked(baseline=Baseline((window,))), NOON, [])
    cuts = [piece.span.end for piece in baseline_slices(asked(), plan)][:-1]
    assert cuts and all((cut - window.start) % plan.step == timedelta(0) for cut in cuts)


def test_minutes_of_baseline_windows_are_numbered_one_after_another():
    """A side has one row of minutes."""
    plan = a_plan(baselines=(Window(at(-900), at(-750)), Window(at(-300), NOON)))
    assert (plan.first_step("baseline-0"), plan.first_step("baseline-1"), plan.first_step("candidate")) == (0, 3, 0)
    assert [plan.minute("baseline", number) for number in (2, 3)] == [at(-780), at(-300)]
