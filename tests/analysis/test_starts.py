"""What a service writes while it starts, where the baseline has no start to compare it with."""

import pytest

from fakes.logs import Line, before_after, busy, every, side_by_side
from logverdict.analysis.engine import judge
from logverdict.analysis.sides import Sides
from logverdict.domain.policy import Policy
from logverdict.domain.result import Event, Judgement
from logverdict.domain.words import Impact, Reason, Verdict

START: list[Line] = [
    (300 + at / 100, text, "INFO")
    for at, text in enumerate(("shutting down", "bye", "reading configuration", "opening sockets", "pool of 8 ready"))
]
ODD: list[Line] = [(300.02, "cannot register with the directory of peers, skipped", "ERROR")]
ARRANGED = pytest.mark.parametrize("arrange", [before_after, side_by_side])


def calm() -> list[Line]:
    return [line for line in busy() if line[2] == "INFO"]


def verdict(sides: Sides) -> Judgement:
    return judge(sides, Policy(), look=1, looks=1)


def event(found: Judgement) -> Event:
    return next(one for one in found.events if "directory of peers" in one.template)


def test_an_error_of_a_start_that_the_baseline_lacks_only_warns() -> None:
    """A restart brings an error that is never seen again: it warns, and its sentence says why."""
    found = verdict(before_after(calm(), [*calm(), *START, *ODD]))
    assert found.verdict is Verdict.WARN
    assert event(found).impact is Impact.WARN
    assert event(found).sentence.endswith("Only while something started or ended, which the baseline does not show.")


@ARRANGED
def test_an_error_that_comes_after_the_start_too_fails(arrange: object) -> None:
    """Once it speaks away from the start, it is the new version's."""
    later = every(60, ODD[0][1], "ERROR")
    found = verdict(arrange(calm(), [*calm(), *START, *ODD, *later]))  # type: ignore[operator]
    assert (found.verdict, found.reason) == (Verdict.FAIL, Reason.NEW_ERRORS)


def test_other_errors_after_the_start_fail_and_those_of_the_start_with_them() -> None:
    """A start's errors are no excuse where other new ones go on."""
    later = every(60, "shop.KeyException: no key for customer {n}", "ERROR")
    found = verdict(before_after(calm(), [*calm(), *START, *ODD, *later]))
    assert (found.verdict, event(found).impact) == (Verdict.FAIL, Impact.FAIL)


def test_where_the_baseline_has_a_start_its_new_error_fails() -> None:
    """The baseline started as well, without that error."""
    found = verdict(before_after([*calm(), *START], [*calm(), *START, *ODD]))
    assert (found.verdict, found.reason) == (Verdict.FAIL, Reason.NEW_ERRORS)


def test_a_fatal_message_of_a_start_fails() -> None:
    """What is fatal is never a start's habit."""
    found = verdict(before_after(calm(), [*calm(), *START, (300.02, "cannot bind the port, exiting", "FATAL")]))
    assert found.verdict is Verdict.FAIL
