"""New warnings that go on through the whole window."""

import pytest

from fakes.logs import Line, before_after, every, side_by_side, usual
from logverdict.analysis.engine import judge
from logverdict.analysis.sides import Sides
from logverdict.domain.policy import Policy
from logverdict.domain.result import Event, Judgement
from logverdict.domain.words import Comparison, FalseAlarmLevel, Impact, Reason, Sensitivity, Verdict

LATE = "answer of partner {n} is late, timeout"
GOES_ON = "It goes on through the whole window."


def late(seconds: float = 60, *, minutes: float = 30, level: str = "WARN", first: float = 1) -> list[Line]:
    return every(seconds, LATE, level, minutes=minutes, first=first)


def verdict(sides: Sides, policy: Policy | None = None, *, look: int = 1, looks: int = 1) -> Judgement:
    return judge(sides, policy or Policy(), look=look, looks=looks)


def event(found: Judgement) -> Event:
    return next(one for one in found.events if "partner" in one.template)


def after(warnings: list[Line]) -> Sides:
    return before_after(usual(), [*usual(), *warnings])


def test_a_new_warning_that_goes_on_from_start_to_end_fails_and_says_so() -> None:
    """Trouble of another cause has no reason to begin with the deployment and to last as long as it is watched."""
    found = verdict(after(late()))
    assert (found.verdict, found.reason, event(found).impact) == (Verdict.FAIL, Reason.NEW_MESSAGES, Impact.FAIL)
    assert event(found).sentence.endswith(GOES_ON)


@pytest.mark.parametrize(
    "warnings",
    [
        late(20, minutes=20),  # ends
        late(20, first=601),  # begins a third later
        [*late(20, minutes=6), *late(20, first=1440)],  # comes again
    ],
)
def test_one_that_comes_and_goes_warns(warnings: list[Line]) -> None:
    """However many entries it has: so does the weather."""
    found = verdict(after(warnings))
    assert (found.verdict, event(found).sentence.endswith(GOES_ON)) == (Verdict.WARN, False)


def test_a_few_entries_are_no_evidence_wherever_they_are() -> None:
    """Each part of the window has one, and so few may fall behind the deployment by chance."""
    assert verdict(after(late(400))).verdict is Verdict.WARN


@pytest.mark.parametrize("sensitivity", Sensitivity)
def test_it_is_told_at_the_end_of_the_window(sensitivity: Sensitivity) -> None:
    """Before, nobody knows whether it goes on; at sensitivity LOW it warns at the end too."""
    policy = Policy(sensitivity=sensitivity)
    assert [verdict(after(late()), policy, look=look, looks=10).verdict for look in (9, 10)] == {
        Sensitivity.LOW: [Verdict.WARN, Verdict.WARN],
        Sensitivity.MEDIUM: [Verdict.WARN, Verdict.FAIL],
        Sensitivity.HIGH: [Verdict.FAIL, Verdict.FAIL],
    }[sensitivity]


def test_the_level_says_how_sure_it_has_to_be() -> None:
    """Eight bins of sixty are enough for one in a hundred, not for one in a thousand."""
    sides = after(late(220))
    levels = (FalseAlarmLevel.LOW, FalseAlarmLevel.MEDIUM)
    found = [verdict(sides, Policy(false_alarm_level=level)).verdict for level in levels]
    assert found == [Verdict.WARN, Verdict.FAIL]


def test_unchanged_instances_are_the_better_measure() -> None:
    """Beside them the same warning is told by them, and no sentence says that it goes on."""
    found = verdict(side_by_side(usual(), [*usual(), *late()]))
    assert found.comparison is Comparison.CONCURRENT
    assert GOES_ON not in event(found).sentence


def test_a_notice_for_a_later_version_never_fails() -> None:
    """It goes on by its nature, and tells nothing of this version."""
    notice = every(20, "option {n} of the partner is deprecated", "WARN")
    assert verdict(before_after(usual(), [*usual(), *notice])).verdict is Verdict.WARN
