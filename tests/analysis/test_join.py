"""Split stack traces are joined again, so that whole and split ones count alike."""

import random
from collections.abc import Sequence
from datetime import timedelta

import polars as pl
import pytest

from fakes.logs import START, batch, counts, every
from fakes.traces import TRACES, Row, ordered, split
from logverdict.analysis.counts import TemplateCounts
from logverdict.analysis.entries import SCHEMA
from logverdict.analysis.join import WITHIN, join, spans_to_read
from logverdict.analysis.key import SUSPECT_STARTS
from logverdict.analysis.template import CONTINUED
from logverdict.domain.window import Grid, Window

SPAN = Window(START, START + timedelta(minutes=30))
LANGUAGES = sorted(TRACES)


def at(seconds: float):
    return START + timedelta(seconds=seconds)


def ordinary(seconds: float, message: str, instance: str = "pod-1", stream: str = "", offset: int | None = None) -> Row:
    return at(seconds), message, "INFO", instance, "1.0", stream, offset


def whole(row: Row, trace: str) -> Row:
    return row[0], trace, "ERROR", *row[3:]


def counted(rows: Sequence[Row], span: Window = SPAN) -> TemplateCounts:
    return counts([join(ordered(list(rows)), span)])


def messages(rows: Sequence[Row], span: Window = SPAN) -> list[str]:
    return sorted(join(ordered(list(rows)), span)["message"])


def same(one: TemplateCounts, other: TemplateCounts) -> bool:
    return one.to_bytes() == other.to_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("step", [0.0, 0.001], ids=["at one time", "a millisecond apart"])
def test_a_split_trace_with_offsets_counts_as_a_whole_one(language: str, step: float) -> None:
    """Its lines may come at one time and in any order: the offset says where they belong."""
    trace = TRACES[language]
    around = [ordinary(4.9, "order 5 accepted", offset=10), ordinary(5.2, "order 6 accepted", offset=999)]
    rows = split(trace, at(5), step=step, offset=100)
    expected = counted([*around, whole(rows[0], trace)])
    for seed in range(3):
        assert same(counted(random.Random(seed).sample([*around, *rows], len(rows) + 2)), expected)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_split_trace_without_offsets_counts_as_a_whole_one(language: str) -> None:
    """Distinct times are enough, and no columns beside the entries' own."""
    trace = TRACES[language]
    rows = [ordinary(4.9, "order 5 accepted"), *split(trace, at(5), offset=None), ordinary(5.2, "order 6 accepted")]
    expected = counted([rows[0], whole(rows[1], trace), rows[-1]])
    assert same(counts([join(ordered(rows).select(SCHEMA.names()), SPAN)]), expected)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("apart", [("pod-1", "pod-2", "", ""), ("pod-1", "pod-1", "stdout", "stderr")])
def test_interleaved_traces_come_apart(language: str, apart: tuple[str, str, str, str]) -> None:
    """Those of two instances, and of two streams of one, whose lines come by turns."""
    trace, (one, two, out, err) = TRACES[language], apart
    first = split(trace, at(5), instance=one, stream=out, offset=7)
    second = split(trace, at(5.0005), instance=two, stream=err, offset=7)
    assert same(counted([*first, *second]), counted([whole(first[0], trace), whole(second[0], trace)]))


def test_lines_of_one_time_without_offsets_are_ordered_by_what_they_are() -> None:
    """The head first, whatever the order of arrival; two that may be the head leave all apart."""
    rows = split(TRACES["Java"], at(5), step=0, offset=None)
    joined = {tuple(messages(random.Random(seed).sample(rows, len(rows)))) for seed in range(5)}
    assert len(joined) == 1
    assert [text.split("\n")[0] for text in joined.pop()] == ["cannot read the stock"]
    both = [*rows, *split(TRACES["Java"].replace("stock", "order"), at(5), step=0, offset=None)]
    apart = {tuple(messages(random.Random(seed).sample(both, len(both)))) for seed in range(5)}
    assert apart == {tuple(sorted(row[1] for row in both))}


def test_the_joined_entry_is_its_heads() -> None:
    """Time, level and version of the head, though the lines have others."""
    rows = split(TRACES["Java"], at(5), offset=1)
    (found,) = join(ordered([rows[0], *((*row[:2], "INFO", row[3], "?", *row[5:]) for row in rows[1:])]), SPAN).rows()
    assert found == (at(5), TRACES["Java"], "ERROR", "pod-1", "1.0")


def test_a_logger_that_pads_its_messages_loses_none() -> None:
    """What only looks indented is no line of a trace, not even behind one."""
    padded = [
        (second, f"  {message}", level) for second, message, level in every(0.01, "order {n} stored", minutes=0.1)
    ]
    assert join(batch(padded), SPAN).height == len(padded)
    rows = [*split(TRACES["Java"], at(5), offset=1), ordinary(5.1, "  order stored", offset=50)]
    assert messages(rows) == sorted([TRACES["Java"], "  order stored"])


def test_an_exception_is_not_of_the_ordinary_entry_before_it() -> None:
    """Printed to the log with no entry of its own, it is a head."""
    bare = TRACES["Java"].partition("\n")[2]
    rows = [ordinary(4.999, "order 5 accepted", offset=1), *split(bare, at(5), offset=2)]
    assert messages(rows) == sorted(["order 5 accepted", bare])


def test_lines_too_far_apart_stay_apart() -> None:
    """A line more than WITHIN behind the line before goes on with nothing."""
    rows = split("failed\n\tat a.B.c(B.java:7)\n\tat a.B.d(B.java:9)", at(5), step=1.0, offset=1)
    assert len(messages(rows)) == 1
    rows[2] = (at(7) + timedelta(microseconds=1), *rows[2][1:])
    assert messages(rows) == sorted(["failed\n\tat a.B.c(B.java:7)", "\tat a.B.d(B.java:9)"])


def test_frames_without_a_head_stay_what_the_engine_knows() -> None:
    """Lines of a trace whose head is missing stay entries that the engine takes for continued."""
    rows = [ordinary(1, "order 5 accepted"), *split("\tat a.B.c(B.java:7)\n\tat a.B.d(B.java:9)", at(9), offset=None)]
    found = pl.Series(messages(rows))
    assert found.str.contains(CONTINUED).sum() == 2 == len(found) - 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_adjoining_spans_give_each_line_once(language: str) -> None:
    """Cut at any line: what a trace goes on with behind its span is read there, and dropped by the span behind."""
    rows = split(TRACES[language], at(59.99), offset=1)
    for cut in (row[0] for row in rows[1:]):
        first = [row for row in rows if row[0] < cut + WITHIN]
        parts = [
            *messages(first, Window(START, cut)),
            *messages([row for row in rows if row[0] >= cut], Window(cut, SPAN.end)),
        ]
        assert sorted("\n".join(parts).split("\n")) == sorted(row[1] for row in rows)


def test_entries_behind_the_span_do_not_count() -> None:
    """They are read for traces that begin before; all others belong to the next span."""
    end = SPAN.end
    late = [*split(TRACES["Java"], end, offset=5), (end, "ready", "INFO", "pod-1", "1.0", "", 1)]
    assert messages(late) == []
    assert messages([ordinary(1, "ready"), *late]) == ["ready"]


def noisy(seed: int) -> list[Row]:
    """Ordinary entries and traces of several instances, most of them near the ends of bins of ten seconds."""
    chance = random.Random(seed)
    rows: list[Row] = [ordinary(chance.uniform(0, 300), "order 5 accepted", f"pod-{n % 3}") for n in range(200)]
    for number in range(6):
        start = at(10 * chance.randrange(1, 29) + chance.choice([-0.5, -0.002, 0.0, 0.3, 4.0]))
        trace = TRACES[chance.choice(LANGUAGES)]
        rows += split(trace, start, step=chance.choice([0.001, 0.2, 0.9]), instance=f"pod-{number % 3}", offset=None)
    return [row for row in rows if START <= row[0] < at(300)]


@pytest.mark.parametrize("seed", range(12))
def test_reading_around_suspects_gives_what_the_whole_gives(seed: int) -> None:
    """Bins without a line of a trace near them may be counted as they are: the rest, read and joined, is the same."""
    rows, span, grid = noisy(seed), Window(START, at(300)), Grid(START, timedelta(seconds=10))
    bins = {grid.number(row[0]) for row in rows if row[1].startswith(SUSPECT_STARTS)}
    parts = spans_to_read(bins, grid, span)
    found = [row[1] for row in rows if not any(row[0] in part for part in parts)]
    for part in parts:
        found += messages([row for row in rows if part.start <= row[0] < part.end + WITHIN], part)
    assert sorted(found) == messages(rows, span)
    assert sum(text.count("\n") + 1 for text in found) == len(rows)


def test_nothing_to_join_is_left_as_it_is() -> None:
    """Entries without a suspect among them, and none at all."""
    rows = batch(every(9, "order {n} accepted"))
    assert join(rows, SPAN).equals(rows)
    assert join(rows.clear(), SPAN).is_empty()
    assert spans_to_read([], Grid(START, timedelta(seconds=10)), SPAN) == ()
