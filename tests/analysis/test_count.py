"""Entries become counts that add."""

import random
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from fakes.logs import START, batch, counts, every, usual
from logverdict.analysis.counts import EDGE, FRAMES, TemplateCounts, add
from logverdict.analysis.engine import reduce
from logverdict.analysis.hashing import hashes
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.words import Severity


def same(one: TemplateCounts, other: TemplateCounts) -> bool:
    return one.to_bytes() == other.to_bytes()


def test_order_and_pages_do_not_matter() -> None:
    """Shuffled entries in pages of any size give the same bytes."""
    whole = batch([*usual(), *every(9, "login of ann.lee@example.org with token=abc{n}")])
    expected = counts([whole])
    for size in (7, 100, 5000):
        shuffled = whole.sample(fraction=1, shuffle=True, seed=size)
        assert same(counts([shuffled[at : at + size] for at in range(0, len(shuffled), size)]), expected)


def test_counts_add_in_any_grouping() -> None:
    """(a + b) + c is a + (b + c) is the counts of all."""
    whole = batch(usual())
    cuts = sorted(random.Random(3).sample(range(len(whole)), 2))
    a, b, c = (counts([whole[start:end]]) for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True))
    assert same(add([add([a, b]), c]), counts([whole]))
    assert same(add([a, add([c, b])]), counts([whole]))


def test_frames_have_the_schemas() -> None:
    """What reduce gives has exactly the columns and types of template counts."""
    made = counts([batch(usual())])
    assert {name: getattr(made, name).schema for name in FRAMES} == FRAMES
    assert made.total() == len(usual())


def test_bins_are_counted_from_the_start() -> None:
    """An entry at the window's start is in bin 0, one a bin later in bin 1, one before in bin -1."""
    made = counts([batch([(0, "a", ""), (59.9, "a", ""), (60, "a", ""), (-1, "a", "")])])
    assert dict(made.counts.select("bin", "count").iter_rows()) == {-1: 1, 0: 2, 1: 1}


def test_samples_hold_no_secrets() -> None:
    """Samples are redacted before they are counted, and so is everything else that is kept."""
    made = counts([batch(every(5, "user ann{n}@example.org paid with 4111111111111111, password=hunter{n}"))])
    assert made.samples["sample"].to_list() == ["user <email> paid with <num>, password=<secret>"]
    assert not [key for key in made.counts["key"] if "hunter" in key or "@" in key]


def test_edges_are_the_last_entries() -> None:
    """Of each source so many, whatever their instance; no more are needed when counts are added."""
    frames = [batch(every(1, "step {n}")), batch(every(300, "step {n}", first=297), instance="pod-2")]
    made = counts(frames)
    assert dict(made.edges.group_by("instance").len().iter_rows()) == {"pod-1": EDGE - 1, "pod-2": 1}
    assert made.edges["time"].min() == made.edges["time"].max() - timedelta(seconds=EDGE - 2)


def test_severity_goes_with_the_entry() -> None:
    """One key with two levels is counted for each; the profile's own words are used."""
    rows = batch([(1, "hello", "INFO"), (2, "hello", "boo"), (3, "hello", "boo")])
    made = reduce([rows], source="app", start=START, bin_seconds=60, severities={"boo": Severity.ERROR})
    assert dict(made.counts.select("severity", "count").iter_rows()) == {2: 1, 4: 2}


@pytest.mark.parametrize(("start", "bin_seconds"), [(START, 0.0), (START.replace(tzinfo=None), 60.0)])
def test_wrong_arguments_are_named(start: object, bin_seconds: float) -> None:
    """A bin of no length and a start without time zone are refused."""
    with pytest.raises(InvalidRequest):
        reduce([batch(usual())], source="app", start=start, bin_seconds=bin_seconds, severities={})  # type: ignore[arg-type]


def test_garbage_is_counted() -> None:
    """NULs, a megabyte line and empty messages are entries like others."""
    made = counts([batch([(1, "\x00\x01\x02", ""), (2, "z" * 1_000_000, ""), (3, "", "")])])
    assert made.total() == 3


def test_nothing_gives_nothing() -> None:
    """No entries give empty counts."""
    assert counts([]).total() == 0 == counts([batch([])]).total()


def test_the_hash_never_changes() -> None:
    """Hashes are stored: these are fixed for ever."""
    assert hashes(pl.Series(["", "order 17", "naïve 😀"])).to_list() == PINNED
    assert hashes(pl.Series([], dtype=pl.String)).len() == 0
    spread = hashes(pl.Series([f"order {n}" for n in range(10_000)])).to_numpy()
    assert len(np.unique(spread)) == 10_000


PINNED = [0, 10753307987750277306, 2575354389496255849]


def test_microseconds_are_exact() -> None:
    """First and last times keep their microseconds."""
    moment = START + timedelta(microseconds=123_457)
    made = counts([batch([(0.123457, "a", "")])])
    assert made.counts["first"].to_list() == [moment]
