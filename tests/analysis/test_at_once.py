"""What came singly and now comes several times at once is done again, however much or little traffic there is."""

from dataclasses import replace

import pytest

from fakes.logs import MINUTES, Line, batch, before_after, counts, every, side_by_side, stretch, usual
from logverdict.analysis.engine import judge
from logverdict.analysis.sides import Sides, Stretch
from logverdict.domain.policy import Policy
from logverdict.domain.result import Event, Judgement
from logverdict.domain.words import EventKind, Verdict

MAILS = 100
"""Seconds between two of them, a little more than a bin."""


def mails(times: int = 1, *, apart: float = MAILS) -> list[Line]:
    """A harmless message that is too rare for its rate to mean anything; each comes so many times."""
    sent = every(apart, "mail {n} sent to customer {n}")
    return sorted((second + again / 1000, text, level) for second, text, level in sent for again in range(times))


def judged(sides: Sides) -> Judgement:
    return judge(sides, Policy(), look=1, looks=1)


def failing(judgement: Judgement) -> list[Event]:
    return [event for event in judgement.events if event.impact.value == "FAIL"]


@pytest.mark.parametrize("beside", [True, False], ids=["beside unchanged instances", "before and after"])
@pytest.mark.parametrize(("times", "said"), [(2, "twice"), (4, "4 times"), (6, "6 times")])
def test_what_comes_several_times_at_once_fails_and_says_so(beside: bool, times: int, said: str) -> None:
    """Each mail is sent again: its rate alone would not tell, after so few of them."""
    compared = side_by_side if beside else before_after
    found = judged(compared([*usual(), *mails()], [*usual(), *mails(times)]))
    assert found.verdict is Verdict.FAIL
    (event,) = failing(found)
    assert event.kind is EventKind.UNEXPECTED_FREQUENCY
    assert event.sentence.endswith(
        f"It comes {said} at once, or a multiple of it, on 18 of 18 occasions; in the baseline on none of 18."
    )
    assert event.p_value < 0.001
    assert found.sentence.startswith(f"1 message that comes {said} at once: “mail <num> sent to customer <num>”, ")


def test_what_always_came_in_pairs_is_no_news() -> None:
    """And may become a little more frequent."""
    assert not failing(judged(before_after([*usual(), *mails(2)], [*usual(), *mails(2, apart=80)])))


def test_more_of_it_one_by_one_is_a_matter_of_its_rate() -> None:
    """A rare message comes and goes."""
    assert not failing(judged(before_after([*usual(), *mails()], [*usual(), *mails(apart=65)])))


def test_a_clock_that_ticks_faster_is_not_twice_at_once() -> None:
    """Though each bin has two of them, and had one."""
    beats = [every(60 / times, "heartbeat {n} of the scheduler", first=3) for times in (1, 2)]
    assert not failing(judged(before_after([*usual(), *beats[0]], [*usual(), *beats[1]])))


def test_all_traffic_doubled_is_no_anomaly() -> None:
    """Though each entry comes twice."""
    before = [*usual(), *mails()]
    assert not failing(judged(before_after(before, sorted([*before, *before]))))


def of_instances(*lines: list[Line]) -> Stretch:
    made = counts([batch(its, instance=f"pod-{at}") for at, its in enumerate(lines)])
    return Stretch(made, seconds=MINUTES * 60, bins=MINUTES)


def test_a_second_instance_that_writes_at_the_same_time_makes_nothing_twice() -> None:
    """There are more of them, that is all."""
    before, more = of_instances([*usual(), *mails()]), of_instances([*usual(), *mails()], [*usual(), *mails()])
    assert not failing(judged(replace(before_after(usual(), usual()), candidate=more, baselines=(before,))))


def test_two_instances_that_do_the_work_of_one_are_found() -> None:
    """As where a lock that kept the second from it is gone: there are no more of them than before."""
    before, after = of_instances([*usual(), *mails()], usual()), of_instances(*[[*usual(), *mails()]] * 2)
    (event,) = failing(judged(replace(before_after(usual(), usual()), candidate=after, baselines=(before,))))
    assert "It comes twice at once" in event.sentence


def test_few_occasions_tell_nothing() -> None:
    """Twice in pairs is chance."""
    rare = 600.0
    sides = before_after([*usual(), *mails(apart=rare)], [*usual(), *mails(2, apart=rare)])
    assert stretch(mails(apart=rare)).counts.total() == 3
    assert not failing(judged(sides))
