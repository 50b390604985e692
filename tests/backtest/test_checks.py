"""Checks are made of the recorded cases, without labels, and always the same ones."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from fakes.logs import START, batch, every, usual
from logverdict.domain.policy import Policy
from logverdict.domain.words import Comparison, Verdict
from logverdict.verify.backtest import recorded_sides, spanned
from logverdict.verify.changes import NewError
from logverdict.verify.checked import Recording, case_of, check_tallies, judge_checks
from logverdict.verify.checks import BASELINES, Check, Recorded, Where, checks
from logverdict.verify.marks import Mark


def sides(first: int, number: int = 2) -> tuple[Mark, ...]:
    return tuple(Mark(1, frozenset({place})) for place in range(first, first + number))


def case(name: str, first: int, verdict: str = "good", source: str = "shop", number: int = 2) -> Recorded:
    good, bad = verdict == "good", verdict == "bad"
    return Recorded(name, source, good=good, bad=bad, sound=not bad, concurrent=False, marks=sides(first, number))


def named(made: Sequence[Check], name: str) -> list[Check]:
    return [check for check in made if check.name == name]


TEN = [case(f"c{place}", 10 * place) for place in range(10)]


def test_bad_pairs_are_reversed() -> None:
    """The bad run is the baseline then, its baseline the candidate, and no alarm is right."""
    made = checks([case("a", 0, "bad", number=3), case("b", 10)], 99)
    assert named(made, "bad replaced by good") == [
        Check("bad replaced by good", "shop", Where("a", 1), (Where("a", 0),), alarm=False)
    ]


def test_good_runs_are_paired_within_a_source() -> None:
    """Each with each, both ways: candidates of good cases, and the baselines of all, even of bad ones."""
    cases = [case("a", 0), case("b", 10, "bad"), case("c", 20, "unknown"), case("d", 30, source="other")]
    pairs = {(check.candidate, check.baselines[0]) for check in named(checks(cases, 99), "good against good")}
    shop = [Where("a", 0), Where("a", 1), Where("b", 1), Where("c", 1)]
    other = [Where("d", 0), Where("d", 1)]
    assert pairs == {(one, two) for group in (shop, other) for one in group for two in group if one != two}


def test_the_same_entries_are_never_compared() -> None:
    """A recording that occurs in several cases counts once, and parts of each other make no pair."""
    same = replace(case("b", 0), marks=(Mark(1, frozenset({7})), Mark(1, frozenset({1}))))
    part = replace(case("c", 0, "bad"), marks=(Mark(1, frozenset({7})), Mark(2, frozenset({7, 8}))))
    made = checks([case("a", 0), same, part], 99)
    pairs = [(check.candidate, *check.baselines) for check in named(made, "good against good")]
    assert sum(Where("b", 1) in pair for pair in pairs) == 0
    assert not {(Where("b", 0), Where("c", 1)), (Where("c", 1), Where("b", 0))} & set(pairs)
    assert named(made, "bad replaced by good") == []


def test_more_baselines_are_not_the_candidates_own() -> None:
    """Every number judges the same candidates, more hold the fewer, and none is a side of the candidate's case."""
    made = checks([*TEN, case("bad", 500, "bad")], 5)
    for word, alarm in (("good", False), ("bad", True)):
        by_number = [
            {check.candidate: check for check in named(made, f"{word} against {number} good run{'s' * (number > 1)}")}
            for number in BASELINES
        ]
        assert len({frozenset(found) for found in by_number}) == 1 and len(by_number[0]) == (1 if alarm else 5)
        for candidate in by_number[0]:
            taken = [found[candidate].baselines for found in by_number]
            assert [len(each) for each in taken] == list(BASELINES)
            assert all(more[: len(few)] == few for few, more in pairwise(taken))
            assert candidate.folder not in {where.folder for where in taken[-1]}
            assert all(found[candidate].alarm is alarm for found in by_number)


def test_few_good_runs_make_no_row_of_more_baselines() -> None:
    """Rows of unlike candidates could not be compared."""
    assert not [check for check in checks(TEN[:4], 99) if " against 1 " in check.name]


def test_changes_need_a_deployment_that_passes_without_them() -> None:
    """In sequence they go into good cases that did not alarm, and are alarms that have to come."""
    cases = [case("a", 0), replace(case("b", 10), sound=False), case("c", 20, "bad"), case("d", 30, "unknown")]
    made = checks(cases, 99)
    sequence = [check for check in made if check.name.endswith("in sequence")]
    together = [check for check in made if check.name.endswith("at the same time")]
    assert {check.candidate for check in sequence} == {Where("a", 0)}
    assert {check.candidate for check in together} == {Where("a", 0), Where("b", 0)}
    assert all(check.alarm and check.change for check in [*sequence, *together])
    assert {check.baselines for check in sequence} == {(Where("a", 1),)}
    assert {check.baselines for check in together} == {()}


def test_what_was_recorded_together_is_not_cut() -> None:
    """A case that was compared at the same time has no change in sequence, and its own baseline stays beside it."""
    made = checks([replace(case("a", 0), concurrent=True), replace(case("b", 10), concurrent=True, sound=False)], 99)
    assert not [check for check in made if check.name.endswith("in sequence")]
    together = {(check.candidate, check.baselines) for check in made if check.name.endswith("at the same time")}
    assert together == {(Where("a", 0), (Where("a", 1),))}


def test_the_choice_is_always_the_same() -> None:
    """At most so many of a kind and source, whatever the order of the cases; with fewer wanted, some of the same."""
    more, few = (checks(TEN, most) for most in (4, 2))
    again = checks([*TEN[::-1]], 4)
    for name in {check.name for check in more}:
        assert len(named(more, name)) <= 4
        if "cut" in name or "time" in name or "sequence" in name:
            assert named(again, name) == named(more, name)
        assert named(few, name) == named(more, name)[:2]


def test_factors_change_the_same_candidates() -> None:
    """So that × 2 can be compared with × 10."""
    made = checks(TEN, 3)
    chosen = [
        [(check.candidate, getattr(check.change, "share", 0)) for check in named(made, f"{word}, in sequence")]
        for word in ("× 2", "× 5", "× 10", "gone")
    ]
    assert len(chosen[0]) == 3 and all(each == chosen[0] for each in chosen)


RECORDINGS = {
    Where("good", 1): batch(usual()),
    Where("good", 0): batch(usual(), start=START.replace(hour=11)),
    Where("bad", 0): batch([*usual(), *every(60, "shop.KeyException: no key", "ERROR")], start=START.replace(hour=12)),
    Where("empty", 0): batch([]),
}


def side(where: Where) -> Recording:
    return Recording(RECORDINGS[where], spanned(RECORDINGS[where]))


def test_halves_are_compared_at_the_same_time() -> None:
    """And a change is in one of them only."""
    check = Check("x", "shop", Where("good", 0), (), True, NewError(30, False))
    made = case_of(check, side)
    assert made is not None
    found = recorded_sides(made[0])
    assert found.comparison is Comparison.CONCURRENT
    assert [
        int(frame["message"].str.contains("Booking").sum()) for frame in (made[0].candidate, *made[0].baselines)
    ] == [30, 0]


def test_checks_are_judged_and_counted() -> None:
    """INCONCLUSIVE is no judgement; rows come in the order of the checks."""
    good, bad, empty = Where("good", 0), Where("bad", 0), Where("empty", 0)
    wanted = [
        Check("pair", "shop", good, (Where("good", 1),)),
        Check("pair", "shop", bad, (good,)),
        Check("pair", "till", empty, (good,)),
        Check("new", "shop", good, (Where("good", 1),), True, NewError(30, False)),
        Check("none", "shop", good, (Where("good", 1),), True, NewError(30, True)),
    ]
    done = judge_checks(wanted, side, Policy())
    assert [one.judgement.verdict for one in done] == [Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.FAIL]
    rows = [(row.name, row.alarm, row.made, row.judged, row.failed) for row in check_tallies(done, by_source=False)]
    assert rows == [("pair", False, 3, 2, 1), ("new", True, 1, 1, 1)]
    sources = [(row.name, row.source, row.judged) for row in check_tallies(done, by_source=True)]
    assert sources == [("pair", "shop", 2), ("pair", "till", 0), ("new", "shop", 1)]


@pytest.mark.parametrize(("where", "number"), [(Where("good", 0), 2), (Where("empty", 0), 1)])
def test_a_change_in_halves_counts_where_they_pass_without_it(where: Where, number: int) -> None:
    """Halves that cannot be judged, or alarm as they are, say nothing of the change."""
    wanted = [Check("cut", "s", where, ()), Check("new", "s", where, (), True, NewError(300, False))]
    assert len(judge_checks(wanted, side, Policy())) == number
