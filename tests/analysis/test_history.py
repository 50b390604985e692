"""What earlier good deployments excuse, and what not."""

from dataclasses import replace

import pytest

from fakes.logs import Line, before_after, busy, every, stretch, usual
from logverdict.analysis.engine import judge
from logverdict.domain.policy import Policy
from logverdict.domain.result import Event, Judgement
from logverdict.domain.words import EventKind, Impact, Verdict

STARTING = "cannot reach cache {n}, trying again"


def judged(before: list[Line], after: list[Line], *earlier: list[Line]) -> Judgement:
    sides = before_after(before, after, *earlier)
    return judge(replace(sides, history=len(earlier)), Policy(), look=1, looks=1)


def error(judgement: Judgement, text: str) -> Event:
    return next(event for event in judgement.events if text in event.template)


def starting(count: int) -> list[Line]:
    """An ordinary half hour that begins with the error, a few times."""
    return [*usual(), *every(5, STARTING, "ERROR")[:count]]


@pytest.mark.parametrize("runs", [1, 2, 4, 8])
def test_start_up_trouble_of_each_deployment_is_known(runs: int) -> None:
    """The time before the rollout has no start."""
    found = judged(usual(), starting(6), *(starting(4 + run % 3) for run in range(runs)))
    assert found.verdict is Verdict.PASS
    assert error(found, "cache").kind is EventKind.KNOWN
    assert judged(busy(), [*busy(), *starting(6)[-6:]]).verdict is Verdict.FAIL


@pytest.mark.parametrize("runs", [1, 2, 4, 8])
def test_start_up_trouble_that_does_not_end_fails(runs: int) -> None:
    """It goes on in far more bins than in any of them."""
    after = [*usual(), *every(40, STARTING, "ERROR")]
    found = judged(usual(), after, *(starting(4 + run % 3) for run in range(runs)))
    assert found.verdict is Verdict.FAIL
    assert error(found, "cache").kind is EventKind.UNEXPECTED_FREQUENCY


@pytest.mark.parametrize("runs", [1, 2, 4, 8])
def test_more_of_a_known_error_is_as_easy_to_see_with_history(runs: int) -> None:
    """Earlier deployments had it as often as the time before the rollout."""
    after = [*usual(), *every(6, "payment {n} failed: card declined", "ERROR", first=9)]
    found = judged(usual(), after, *(usual() for _ in range(runs)))
    assert found.verdict is Verdict.FAIL
    assert error(found, "card").kind is EventKind.UNEXPECTED_FREQUENCY


def test_a_rate_that_a_good_deployment_had_is_excused() -> None:
    """Sales days come and go: one of the earlier ones was such a day."""
    busy = [*usual(), *every(6, "payment {n} failed: card declined", "ERROR", first=9)]
    assert judged(usual(), busy, usual(), usual()).verdict is Verdict.FAIL
    assert judged(usual(), busy, usual(), [*busy, *busy[-20:]]).verdict is Verdict.PASS


def test_history_makes_no_baseline_large_enough() -> None:
    """Too few entries before the rollout are too few, whatever was long ago."""
    found = judged(usual()[:3], usual(), usual(), usual())
    assert (found.verdict, found.baseline.entries) == (Verdict.INCONCLUSIVE, 3)


@pytest.mark.parametrize("entries", [0, 6])
@pytest.mark.parametrize("runs", [1, 2, 4])
def test_a_quiet_baseline_beside_a_history_that_is_not(entries: int, runs: int) -> None:
    """Behind a query for errors evidence shows that the service ran; what earlier deployments had is known."""
    quiet = replace(stretch([]), evidence={"a": 900})
    few = [replace(quiet, counts=stretch(every(5, STARTING, "ERROR")[:number]).counts) for number in (entries, 6)]
    sides = replace(before_after([], []), candidate=few[0], baselines=(quiet, *few[1:] * runs), history=runs)
    assert judge(sides, Policy(), look=1, looks=1).verdict is Verdict.PASS


def test_what_only_history_has_is_no_event() -> None:
    """It is neither on the one side nor on the other."""
    found = judged(usual(), usual(), [*usual(), *every(60, "the old job {n} ran")])
    assert len(found.events) == 5
    assert stretch(usual()).counts.counts["key"].n_unique() == 5


@pytest.mark.parametrize("runs", [1, 4, 8])
def test_what_was_gone_before_the_rollout_is_not_missed(runs: int) -> None:
    """Earlier deployments had a message that the service has stopped writing since."""
    found = judged(usual(), usual(), *([*usual(), *every(4, "the old job {n} ran")] for _ in range(runs)))
    assert (found.verdict, len(found.events)) == (Verdict.PASS, 5)


def test_evidence_alone_is_judged_on_every_day() -> None:
    """A healthy service behind a query for errors, after deployments of which each had none."""
    quiet = replace(stretch([]), evidence={"a": 900})
    sides = replace(before_after([], []), candidate=quiet, baselines=(quiet, quiet, quiet), history=2)
    assert judge(sides, Policy(), look=1, looks=1).verdict is Verdict.PASS


@pytest.mark.parametrize("tiny", [usual()[:20], []], ids=["a few entries", "none"])
def test_a_run_that_is_too_small_to_show_a_message_excuses_no_loss(tiny: list[Line]) -> None:
    """That a deployment of which hardly anything was read lacked it is no usual rate."""
    work = every(4, "heartbeat {n} of the scheduler", first=2)
    found = judged([*usual(), *work], usual(), [*usual(), *work], tiny)
    assert found.verdict is Verdict.FAIL
    assert error(found, "heartbeat").impact is Impact.FAIL
