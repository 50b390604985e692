"""Changes that are put into recordings are what they are called."""

from datetime import timedelta

import polars as pl
import pytest

from fakes.logs import START, batch, every, usual
from logverdict.verify.changes import NEW, Changed, Frequency, NewError, change, cut

BEFORE = batch(usual())
AFTER = batch(usual(), start=START + timedelta(hours=1))


def changed(wanted: Frequency | NewError, candidate: pl.DataFrame = AFTER) -> Changed:
    found = change(candidate, [BEFORE], wanted)
    assert found is not None
    return found


def number(frame: pl.DataFrame, word: str) -> int:
    return int(frame["message"].str.contains(word, literal=True).sum())


@pytest.mark.parametrize("factor", [2, 5, 10, 0])
def test_one_message_comes_so_many_times_as_often(factor: int) -> None:
    """The one nearest to the share, all others stay; entries are in order of time, within the recording's span."""
    found = changed(Frequency(factor, 0.5))
    assert found.message.startswith("order <num> accepted")
    assert number(found.candidate, "accepted") == factor * number(AFTER, "accepted")
    assert len(found.candidate) - number(found.candidate, "accepted") == len(AFTER) - number(AFTER, "accepted")
    times = found.candidate["time"]
    assert times.is_sorted() and times.is_between(AFTER["time"].min(), AFTER["time"].max()).all()


def test_copies_come_between() -> None:
    """Twice as often is half the distance, not two at a time."""
    times = changed(Frequency(2, 0.5)).candidate.filter(pl.col("message").str.contains("accepted"))["time"]
    assert set(times.diff()[2:].dt.total_milliseconds()) == {1500}


@pytest.mark.parametrize("why", ["rare", "new", "no such share"])
def test_some_messages_cannot_be_changed(why: str) -> None:
    """Too rare to be missed, not known to the baseline, or of quite another share."""
    lines = {"rare": usual(minutes=0.5), "new": every(1, "cache {n} warmed"), "no such share": usual()}[why]
    assert change(batch(lines), [BEFORE], Frequency(5, 0.0001 if why == "no such share" else 0.5)) is None


@pytest.mark.parametrize("entries", [3, 30, 300])
def test_a_new_error_is_spread_over_the_recording(entries: int) -> None:
    """So many entries with an error's level, none of them among the first or last."""
    found = changed(NewError(entries, everywhere=False))
    new = found.candidate.with_row_index().filter(pl.col("message").str.starts_with("BookingError"))
    assert len(new) == entries == len(found.candidate) - len(AFTER)
    assert set(new["level"]) == {"ERROR"} and found.message == NEW.format("<num>")
    halves = (new["index"] < len(found.candidate) / 2).sum()
    assert abs(halves - entries / 2) <= 1


def test_a_recording_without_levels_gets_none() -> None:
    """The error is told by its words then, as all else is."""
    found = changed(NewError(3, everywhere=False), AFTER.with_columns(level=pl.lit("")))
    assert set(found.candidate["level"]) == {""}


def test_a_new_error_is_on_one_instance_or_on_all() -> None:
    """Where there is but one instance, there is no second kind."""
    assert change(AFTER, [BEFORE], NewError(30, everywhere=True)) is None
    two = pl.concat([AFTER, AFTER.with_columns(instance=pl.lit("pod-2"))])
    for everywhere, instances in ((True, 2), (False, 1)):
        found = changed(NewError(30, everywhere), two).candidate
        new = found.filter(pl.col("message").str.starts_with("BookingError"))
        assert new["instance"].n_unique() == instances


def test_two_halves_are_the_whole() -> None:
    """Each entry is in one of them, stacks stay with their heads, and the same name cuts the same way."""
    stack = [(100.0, "shop.KeyException: no key", "ERROR"), (100.0, "\tat shop.Vault.open(Vault.java:7)", "")]
    whole = pl.concat([batch(usual()), *(batch([line]) for line in stack)]).sort("time", maintain_order=True)
    one, other = cut(whole, "a")
    assert sorted([*one.rows(), *other.rows()]) == sorted(whole.rows())
    assert 0.4 < len(one) / len(whole) < 0.6
    assert [number(half, "KeyException") for half in (one, other)] == [
        number(half, "Vault.java") for half in (one, other)
    ]
    assert cut(whole, "a")[0].equals(one) and not cut(whole, "b")[0].equals(one)
