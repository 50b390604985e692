"""The false-alarm level on each way to FAIL: what it asks for before it believes, and when."""

import numpy as np
import pytest
import scipy

from fakes.logs import Line, before_after, busy, every, side_by_side, usual
from logverdict.analysis.engine import judge
from logverdict.analysis.level import Level
from logverdict.analysis.ranks import by_rank
from logverdict.analysis.sides import Sides
from logverdict.domain.policy import Policy
from logverdict.domain.words import FalseAlarmLevel, Sensitivity, Verdict

LOW, MEDIUM, HIGH = FalseAlarmLevel
NEW = "cannot load the map of {n}"
PASSING: list[Line] = [(60.0 + 420 * at, f"cannot load {word} map", "ERROR") for at, word in enumerate("abcd")]
"""Errors that come once each, so that errors come and go in the baseline that has them."""

WORDS = [
    *("cart", "price", "mail", "stock", "login", "search", "image", "coupon", "refund", "basket", "invoice", "tax"),
    *("parcel", "label", "wallet", "review"),
]


def times(text: str, bins: int, level: str = "ERROR") -> list[Line]:
    """The message in so many bins."""
    return every(1790 / bins, text, level)[:bins]


def said(sides: Sides, level: FalseAlarmLevel, *, look: int = 1, looks: int = 1, **policy: object) -> Verdict:
    return judge(sides, Policy(false_alarm_level=level, **policy), look=look, looks=looks).verdict  # type: ignore[arg-type]


def test_a_level_is_shared_by_looks_and_by_ways_to_fail() -> None:
    """Most new errors are judged at the last look; two ways hold over all looks."""
    early, last, single = Level(0.01, 10, False), Level(0.01, 10, True), Level(0.01, 1, True)
    assert (early.each, early.spent) == (0.001, 0.001)
    assert (last.each, last.spent) == (0.001, 0.01)
    assert (single.each, single.spent, single.trusts) == (0.01, 0.01, True)
    strict = Level(0.01, 10, True), Level(0.001, 1, True)
    assert (single.lasting, single.frequencies, single.at_once) == (0.01, 0.01, 0.01)
    for one in (early, last, *strict):
        assert one.lasting + one.frequencies + one.looks * one.at_once == pytest.approx(one.whole)
    assert [Level(one.alpha, 1, True).trusts for one in FalseAlarmLevel] == [False, True, True]


@pytest.mark.parametrize(("bins", "wanted"), [(12, Verdict.WARN), (14, Verdict.FAIL)])
def test_at_level_low_a_new_error_beside_unchanged_instances_has_to_be_no_chance(bins: int, wanted: Verdict) -> None:
    """Customs tell nothing: that all of so many bins fall on the changed half is a chance of two to their power."""
    sides = side_by_side(usual(), [*usual(), *times(NEW, bins)])
    assert said(sides, LOW) is wanted
    assert said(sides, MEDIUM) is Verdict.FAIL


def test_beside_unchanged_instances_a_new_error_that_goes_on_fails_before_the_last_look() -> None:
    """Its evidence holds at every look: the level is not divided by their number."""
    sides = side_by_side([*usual(), *PASSING], [*usual(), *PASSING, *times(NEW, 10)])
    assert said(sides, MEDIUM, look=1, looks=1000) is Verdict.FAIL
    assert said(sides, LOW, look=1, looks=1000) is Verdict.WARN


@pytest.mark.parametrize(
    ("level", "bins", "wanted"),
    [(MEDIUM, 1, Verdict.FAIL), (LOW, 1, Verdict.WARN), (LOW, 4, Verdict.WARN), (LOW, 5, Verdict.FAIL)],
)
def test_the_first_fatal_message_fails_at_level_low_once_it_comes_again(
    level: FalseAlarmLevel, bins: int, wanted: Verdict
) -> None:
    """That good deployments bring none is a custom; windows of one length halve its chance with each bin more."""
    fatal = times("out of memory, giving up on {n}", bins, "FATAL")
    sides = before_after([*usual(), *PASSING], [*usual(), *fatal])
    assert said(sides, level, look=1, looks=10, sensitivity=Sensitivity.LOW) is wanted


@pytest.mark.parametrize(("bins", "wanted"), [(1, Verdict.WARN), (3, Verdict.FAIL)])
def test_a_first_fatal_message_among_errors_that_come_and_go_has_to_come_again(bins: int, wanted: Verdict) -> None:
    """There are no more new errors than the service brings by itself; none of those before was fatal."""
    before = [(at * 97.0, f"{word} gave no answer", "ERROR") for at, word in enumerate(WORDS[:9])]
    after = [(at * 97.0, f"{word} gave no answer", "ERROR") for at, word in enumerate(WORDS[9:16])]
    fatal = times("out of memory, giving up on {n}", bins, "FATAL")
    assert said(before_after([*usual(), *before], [*usual(), *after]), MEDIUM) is Verdict.WARN
    assert said(before_after([*usual(), *before], [*usual(), *after, *fatal]), MEDIUM) is wanted


def test_a_loop_at_level_low_needs_more_starts() -> None:
    """Three starts are a custom, each further one makes it rarer."""

    def started(number: int) -> Sides:
        return before_after(usual(), [*usual(), *times("Starting server on port {n}", number, "INFO")])

    assert [said(started(number), MEDIUM) for number in (2, 3)] == [Verdict.PASS, Verdict.FAIL]
    assert [said(started(number), LOW) is Verdict.FAIL for number in (3, 7)] == [False, True]


def test_several_new_warnings_at_level_low_have_to_be_no_chance() -> None:
    """Three kinds with twenty entries that begin together and go on fail at MEDIUM."""
    kinds = ("cart", "price", "mail")
    new = [(600.0 + 30 * at, f"{word} is late, timeout", "WARN") for at in range(8) for word in kinds]
    sides = before_after(usual(), [*usual(), *new])
    assert (said(sides, MEDIUM), said(sides, LOW)) == (Verdict.FAIL, Verdict.WARN)


def test_before_the_last_look_a_new_error_only_warns_at_sensitivity_high_too() -> None:
    """Each look would be another chance."""
    sides = before_after(busy(), [*busy(), (900.0, "cannot load cart map", "ERROR")])
    verdicts = [said(sides, MEDIUM, look=look, looks=10, sensitivity=Sensitivity.HIGH) for look in (9, 10)]
    assert verdicts == [Verdict.WARN, Verdict.FAIL]


@pytest.mark.parametrize(
    ("warnings", "wanted"),
    [
        (times("answer {n} is late, timeout", 1, "WARN"), Verdict.WARN),
        (times("answer {n} is late", 20, "WARN")[:14], Verdict.FAIL),
    ],
)
def test_at_sensitivity_high_a_new_warning_fails_when_it_lasts(warnings: list[Line], wanted: Verdict) -> None:
    """A good deployment may well bring one; that it goes on is no chance."""
    sides = before_after(usual(), [*usual(), *warnings])
    assert said(sides, MEDIUM, sensitivity=Sensitivity.HIGH) is wanted
    assert said(sides, MEDIUM) is Verdict.WARN


def test_what_the_level_calls_chance_fails_at_no_sensitivity() -> None:
    """More new errors than the baseline brings, but two spells where it had four."""
    new: list[Line] = [(100.0, "cannot draw the coast", "ERROR"), (1500.0, "cannot paint a river", "ERROR")]
    words = ("sea", "lake", "hill", "road", "bridge", "border")
    new += [(100.0 + at, f"cannot measure this {word}", "ERROR") for at, word in enumerate(words)]
    sides = before_after([*usual(), *PASSING], [*usual(), *new])
    for sensitivity in Sensitivity:
        assert said(sides, MEDIUM, sensitivity=sensitivity) is Verdict.WARN


def test_new_errors_of_a_script_whose_errors_vary_are_judged_by_spells() -> None:
    """Many kinds at once are one trouble; where a script's errors do not vary, its first new one fails."""
    steps: list[Line] = [
        (30.0 + 80 * at, f"step {word} of the nightly work is done", "INFO")
        for at, word in enumerate(
            ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu")
        )
    ]
    once: list[Line] = [(700.0, "cannot load the map of rome", "ERROR")]
    burst: list[Line] = [
        (900.0 + at, f"cannot {word} the batch", "ERROR")
        for at, word in enumerate(("read", "write", "sort", "merge", "split", "send"))
    ]
    assert said(before_after([*busy(), *steps], [*busy(), *steps, *burst]), MEDIUM) is Verdict.FAIL
    assert said(before_after([*busy(), *steps, *once], [*busy(), *steps, *burst]), MEDIUM) is Verdict.WARN


def test_a_few_loud_bins_are_no_rise() -> None:
    """A message that came in bursts before comes in louder ones after: so few tell nothing, however many entries."""
    before = [
        line for at in range(9) for line in every(0.5, "deleting block {n}", minutes=3 * at + 0.5, first=180 * at)
    ]
    after = [
        line for at in range(3) for line in every(0.05, "deleting block {n}", minutes=9 * at + 0.5, first=540 * at)
    ]
    found = judge(before_after([*usual(), *before], [*usual(), *after]), Policy(), look=1, looks=10)
    assert found.verdict is not Verdict.FAIL


def test_ranks_are_those_of_mann_and_whitney() -> None:
    """Of all bins or of those that speak, twice the smaller p-value."""
    chance = np.random.default_rng(1)
    mine, theirs = chance.poisson(1.0, (20, 30)), chance.poisson(1.6, (20, 50))
    pairs = list(zip(mine, theirs, strict=True))
    every_bin, loud = (
        [
            scipy.stats.mannwhitneyu(one[one > least], other[other > least], method="asymptotic").pvalue
            for one, other in pairs
        ]
        for least in (-1, 0)
    )
    assert by_rank(mine, theirs) == pytest.approx(np.minimum(1.0, 2 * np.minimum(every_bin, loud)))
    assert by_rank(mine[:0], theirs[:0]).shape == (0,)
