"""Floods: what is told apart less finely, by rule; small budgets stand for the real ones."""

from datetime import timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from fakes.logs import START, before_after, every, usual
from logverdict.analysis import coarsen
from logverdict.analysis.coarsen import (
    ANY_INSTANCE,
    ANY_KEY,
    CUTS,
    GROUPS,
    TOP,
    Budget,
    Levels,
    coarse_instances,
    coarse_keys,
)
from logverdict.analysis.counts import FRAMES, TemplateCounts, add
from logverdict.analysis.engine import judge, reduce
from logverdict.analysis.entries import entries
from logverdict.analysis.sides import Sides, Stretch
from logverdict.domain.policy import Policy
from logverdict.domain.words import Comparison, EventKind, Severity, Verdict

Entry = tuple[int, str, str, str]
"""Second, message, level, instance."""
WORDS = st.sampled_from(["order", "paid", "lost", "in", "a", "x" * 50, "é", "\n", "#", "<more>", " "])
TEXTS = st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=60)
ENTRIES = st.lists(
    st.tuples(st.integers(0, 1_000), TEXTS, st.sampled_from(["INFO", "ERROR"]), st.sampled_from("abcdefgh")),
    max_size=60,
)
ONCE = settings(
    deadline=None,
    max_examples=50,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coarsen, "BUDGETS", {"harmless": Budget(10, 400), "bad": Budget(5, 300)})
    monkeypatch.setattr(coarsen, "MOST_INSTANCES", 4)


def counted(rows: list[Entry]) -> TemplateCounts:
    made = [(START + timedelta(seconds=at), text, level, instance, "1.0") for at, text, level, instance in rows]
    return reduce([entries(made)], source="app", start=START, bin_seconds=60, severities={})


def flood(words: int, level: str = "INFO", *, start: int = 0) -> list[Entry]:
    """So many different messages, of letters only, within half an hour."""
    return [(at % 1800, f"{_letters(start + at)} of the flood came", level, "pod") for at in range(words)]


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:06}")


@ONCE
@given(TEXTS, st.integers(0, TOP), st.integers(0, TOP))
def test_levels_of_keys_nest(text: str, one: int, other: int) -> None:
    """What a level leaves, a higher one makes what it makes of the whole; the same level changes nothing more."""
    keys, low, high = pl.Series([text]), min(one, other), max(one, other)
    assert coarse_keys(coarse_keys(keys, low), high).to_list() == coarse_keys(keys, high).to_list()


@ONCE
@given(st.text(max_size=20), st.integers(0, TOP), st.integers(0, TOP))
def test_levels_of_instances_nest(name: str, one: int, other: int) -> None:
    """Groups of instances are parts of larger groups."""
    names, low, high = pl.Series([name]), min(one, other), max(one, other)
    assert coarse_instances(coarse_instances(names, low), high).to_list() == coarse_instances(names, high).to_list()


@ONCE
@given(ENTRIES, st.randoms(use_true_random=False), st.integers(1, 5))
def test_order_and_pages_change_nothing(small: None, rows: list[Entry], chance: object, pages: int) -> None:
    """Counts of pages in any order and grouping, each within its budget, add up to the counts of the whole."""
    mixed = list(rows)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    parts = [counted(mixed[page::pages]) for page in range(pages)]
    paged = add([add(parts[:2]), *parts[2:]])
    whole = counted(rows)
    assert paged.levels == whole.levels
    for name in FRAMES:
        assert_frame_equal(getattr(paged, name), getattr(whole, name))


@ONCE
@given(ENTRIES)
def test_nothing_is_left_out(small: None, rows: list[Entry]) -> None:
    """However coarse, every entry is counted, at its severity."""
    found = counted(rows)
    exact = reduce_exactly(rows)
    assert found.total() == len(rows)
    assert by_severity(found) == by_severity(exact)


def reduce_exactly(rows: list[Entry]) -> TemplateCounts:
    """Entry by entry: one alone is within every budget."""
    parts = [counted([row]) for row in rows]
    return TemplateCounts(*(pl.concat([getattr(one, name) for one in [counted([]), *parts]]) for name in FRAMES))  # type: ignore[arg-type]


def by_severity(found: TemplateCounts) -> list[tuple[object, ...]]:
    return found.counts.group_by("severity").agg(pl.col("count").sum()).sort("severity").rows()


@ONCE
@given(ENTRIES)
def test_levels_survive_storing(small: None, rows: list[Entry]) -> None:
    """Stored counts still say how coarse they are."""
    found = counted(rows)
    assert TemplateCounts.from_bytes(found.to_bytes()).levels == found.levels


def test_errors_survive_a_flood_of_harmless_messages(small: None) -> None:
    """A flood of harmless messages takes nothing from the budget of errors."""
    errors = [(at, f"cannot {word} the order", "ERROR", "pod") for at, word in enumerate(["pay", "send", "find"])]
    found = counted([*flood(500), *errors])
    assert (found.levels.harmless, found.levels.bad) == (TOP, 0)
    bad = found.counts.filter(pl.col("severity") >= int(Severity.ERROR))
    assert bad["key"].to_list() == ["cannot find the order", "cannot pay the order", "cannot send the order"]


def test_a_new_error_is_found_among_a_flood() -> None:
    """Every line another template, on one side only: the new error is found all the same, and a note says how the rest
    is told apart."""
    before = before_after(usual(), usual()).candidate
    lines = [*usual(), *every(40, "cannot decode voucher {n}", "ERROR")]
    rows = [(int(at), text, level, "pod-1") for at, text, level in lines]
    candidate = Stretch(counted([*rows, *flood(51_000)]), seconds=1800, bins=30)
    found = judge(Sides(candidate, (before,), (), Comparison.BEFORE_AFTER, "a flood"), Policy(), look=1, looks=1)
    assert found.verdict is Verdict.FAIL
    assert any("voucher" in event.template for event in found.events if event.kind is EventKind.UNKNOWN)
    assert [note for note in found.notes if "More than 50,000 kinds of harmless messages" in note]
    assert len(found.events) < 100


def test_both_sides_are_as_coarse(small: None) -> None:
    """What is ordinary is not new only because the other side is a flood."""
    plain = Stretch(counted(flood(8)), seconds=1800, bins=30)
    many = Stretch(counted([*flood(8), *flood(500, start=1_000)]), seconds=1800, bins=30)
    sides = Sides(many, (plain,), (), Comparison.BEFORE_AFTER, "a flood").alike()
    assert sides.candidate.counts.levels == sides.baselines[0].counts.levels == Levels(harmless=TOP)
    assert sides.baselines[0].counts.counts["key"].unique().to_list() == [ANY_KEY]
    assert sides.baselines[0].counts.total() == 8


def test_instances_become_groups(small: None) -> None:
    """Too many instances become groups by the hash of their names; entries that name none stay apart."""
    rows = [(at, "order paid", "INFO", f"pod-{at}" if at else "") for at in range(3_000)]
    found = counted(rows)
    assert found.levels.instances == TOP
    assert sorted(found.counts["instance"].unique()) == ["", ANY_INSTANCE]
    assert coarse_instances(pl.Series([f"pod-{at}" for at in range(9_000)]), 1).n_unique() == GROUPS[0]


def test_each_level_cuts_as_it_says() -> None:
    """A key is cut to so many words and characters, and shows that it was."""
    key = pl.Series(["one two three four five six seven eight", "y" * 300])
    assert coarse_keys(key, 1).to_list() == ["one two three four five six <more>", "y" * CUTS[0][1] + "<more>"]
    assert coarse_keys(key, 2).to_list() == ["one two <more>", "y" * CUTS[1][1] + "<more>"]
    assert coarse_keys(key, TOP).to_list() == [ANY_KEY, ANY_KEY]


def test_last_entries_are_as_coarse_as_what_is_counted(small: None) -> None:
    """Else nobody could tell what they are."""
    found = counted([*flood(500), (600, "gave up on the ledger", "ERROR", "pod-1")])
    keys = found.counts.select("key", "severity").unique()
    assert found.levels.harmless == TOP
    assert found.edges.join(keys, on=["key", "severity"], how="anti").is_empty()


def test_unchanged_instances_are_as_coarse(small: None) -> None:
    """What they write too is told by the same keys."""
    plain, many = (Stretch(counted(flood(size)), seconds=1800, bins=30) for size in (8, 500))
    sides = Sides(many, (plain,), (), Comparison.BEFORE_AFTER, "a flood", beside=plain).alike()
    assert sides.beside is not None and sides.beside.counts.levels == sides.candidate.counts.levels
