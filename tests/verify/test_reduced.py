"""How a slice is read: reduced at the source, pulled, or both, and always with the same counts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from fakes.clock import NOON, FakeClock
from fakes.memory_source import CountingSource, MemorySource, Row
from fakes.world import PROFILE, WANTED, World, rows, to_the_end
from logverdict.analysis.counts import FRAMES, TemplateCounts, add
from logverdict.analysis.entries import entries
from logverdict.analysis.join import WITHIN
from logverdict.analysis.reduced import REDUCED, SURVEY
from logverdict.domain.policy import Policy
from logverdict.domain.profile import Profile
from logverdict.domain.verification import Baseline, Coverage, Verification
from logverdict.domain.window import Grid, Window
from logverdict.domain.words import PushDown
from logverdict.verify.parts import PART, hold_back, parts, to_read

DAY = timedelta(days=1)
GRID = Grid(NOON, timedelta(seconds=10))


def span(start: float, end: float) -> Window:
    return Window(NOON + timedelta(seconds=start), NOON + timedelta(seconds=end))


def pushed(word: PushDown) -> Profile:
    return replace(PROFILE, sources=(replace(PROFILE.sources[0], push_down=word),), policy=Policy(min_entries=0))


def trace(second: float, instance: str = "a") -> list[Row]:
    """An error and the lines of its stack, as entries of their own."""
    texts = (
        "order failed: java.io.IOException: gone",
        "\tat shop.Store.read(Store.java:7)",
        "\tat shop.Main.main(Main.java:3)",
    )
    begin = NOON + timedelta(seconds=second)
    return [
        (begin + timedelta(milliseconds=place), text, "error" if place == 0 else "", instance, "")
        for place, text in enumerate(texts)
    ]


async def judged(world: World, source: MemorySource, word: PushDown) -> tuple[Verification, TemplateCounts]:
    """A verification of the past and the counts of its candidate."""
    world.clock = FakeClock(NOON + DAY, held=True)
    world.source, world.profile = source, pushed(word)
    use = await world.open()
    fine = replace(WANTED, baseline=Baseline((span(-60, 0),)))  # so that a bin is 3 s long
    last = (await to_the_end(use, await use.create(fine)))[-1].verification
    return last, add(TemplateCounts.from_bytes(piece) for piece in world.analyst.tasks[-1].candidate.slices)


def counting(found: Sequence[Row]) -> CountingSource:
    return CountingSource(found, FakeClock(NOON + DAY))


def candidate(verification: Verification) -> Coverage:
    (part,) = (part for part in verification.coverage if part.side == "candidate")
    return part.coverage


@pytest.mark.parametrize("second", [90.5, 119.9995, 120, 131.9995, 239.9])
async def test_pulled_and_reduced_give_the_same_counts(world: World, second: float):
    """Also where a split stack trace lies in a bin, over two bins, or over two slices."""
    found = rows(range(-600, 400)) + rows(range(60, 400), "b", "slow query 17") + trace(second) + trace(second, "b")
    pulled_source, reduced_source = counting(found), counting(found)
    pulled, one = await judged(world, pulled_source, PushDown.NEVER)
    reduced, other = await judged(world, reduced_source, PushDown.ALWAYS)
    assert pulled_source.reductions == [] and reduced_source.reductions
    for name in FRAMES:
        assert_frame_equal(getattr(one, name), getattr(other, name))
    assert one.total() == 480 + 2
    assert candidate(pulled).read == candidate(reduced).read == 480 + 6
    assert candidate(reduced).missing == 0
    longest = max(window.seconds for window in reduced_source.reads)
    assert longest <= 24 + WITHIN.total_seconds()
    assert "reduced at the source" in candidate(reduced).notes


async def test_a_slice_full_of_stack_traces_is_read_whole(world: World):
    """Most of its bins would have to be read anyway."""
    found = rows(range(-600, 400)) + [row for second in range(60, 300, 10) for row in trace(second)]
    last, _ = await judged(world, counting(found), PushDown.ALWAYS)
    assert candidate(last).notes == ("read, not reduced at the source: most of it is near lines of split stack traces",)


async def test_a_source_that_refuses_to_reduce_is_read(world: World):
    """The result says so, and loses nothing."""
    source = counting(rows(range(-600, 400)))
    source.refuse("scripts are switched off")
    last, counts = await judged(world, source, PushDown.ALWAYS)
    assert candidate(last).notes == ("read, not reduced at the source: scripts are switched off",)
    assert (counts.total(), candidate(last).read) == (240, 240)


async def test_a_source_that_cannot_count_is_read(world: World):
    """AUTO has nothing to choose by; what is expected is what the source says it read."""
    last, counts = await judged(world, MemorySource(rows(range(-600, 400))), PushDown.AUTO)
    assert (counts.total(), candidate(last).expected, candidate(last).notes) == (240, None, ())


@pytest.mark.parametrize(("each", "reduced"), [(800, False), (900, True)])
async def test_auto_reduces_where_there_are_many_entries(world: World, each: int, reduced: bool):
    """More than 50,000 in a slice of a minute."""
    found = [row for row in rows(range(60, 300)) for _ in range(each)]
    source = counting(found)
    last, counts = await judged(world, source, PushDown.AUTO)
    assert bool(source.reductions) is reduced
    assert counts.total() == candidate(last).read == 240 * each


async def test_what_was_asked_of_a_source_is_kept(world: World):
    """The audit of a verification holds each survey of the memory source."""
    source = counting(rows(range(-600, 400)))
    last, _ = await judged(world, source, PushDown.NEVER)
    calls, _ = await world.store.calls(last.id, "", 1000)
    assert sum(call.times for call in calls) == len(source.surveys)


def test_parts_hold_about_so_many_entries_and_are_the_span():
    """Cut between bins, and inside of a bin that is fuller."""
    counted = [(0, PART // 2), (1, PART // 2), (2, PART // 2), (3, 3 * PART)]
    survey = pl.DataFrame([(bin, "a", count, None) for bin, count in counted], schema=SURVEY, orient="row")
    found = list(parts(span(0, 45), survey, GRID))
    edges = [0.0, 20.0, 30.0, 30 + 10 / 3, 30 + 20 / 3, 45.0]
    assert [(one.start - NOON).total_seconds() for one in found] == pytest.approx(edges[:-1], abs=1e-5)
    assert found[-1].end == span(0, 45).end
    assert list(parts(span(0, 45), None, GRID)) == [span(0, 45)]


def reduced(*places: tuple[str, int]) -> pl.DataFrame:
    table = [(key, "", "a", "", bin, 1, NOON, NOON) for key, bin in places]
    return pl.DataFrame(table, schema=REDUCED, orient="row")


def test_what_follows_a_span_may_go_on_with_a_trace_that_begins_in_it():
    """Then its last seconds are read too; else nothing is."""
    here = reduced(("hello", 0), ("hello", 5))
    assert to_read(here, reduced(("hello", 6)), span(0, 60), GRID) == ()
    assert to_read(here, reduced(("\x00", 6)), span(0, 60), GRID) == (span(50, 60),)


def test_what_a_trace_may_go_on_with_is_held_back():
    """The last entries of each instance, and the lines of a trace at the end."""
    frame = entries([(NOON, f"m{place}", "", "a", "") for place in range(50)] + trace(1))
    now, later = hold_back([frame])
    assert pl.concat([*now, *later])["message"].to_list() == frame["message"].to_list()
    assert later[0]["message"].to_list()[-4:] == ["m49", *(row[1] for row in trace(1))]
    ended = entries([*frame.rows(), *((NOON, f"n{place}", "", "a", "") for place in range(4))])
    assert hold_back([ended])[1][0]["message"].to_list()[-8:-4] == ["m49", *(row[1] for row in trace(1))]
    lines = entries([(NOON, "\tat a.B.c(B.java:1)", "", "a", "")] * 50)
    assert hold_back([lines]) == ([lines], [])
