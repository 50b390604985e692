"""What every log source has to do, whatever it reads from; a new one subclasses this and gives `make`."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from logverdict.analysis.entries import MAX_ROWS, ORDER, SCHEMA
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Coverage
from logverdict.domain.window import Window
from logverdict.verify.ports import LogSource

Row = tuple[datetime, str, str, str, str]
"""Time, message, level, instance, version."""
Make = Callable[[Sequence[Row]], tuple[LogSource, SourceSpec]]

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def row(
    seconds: float, message: str = "ready", level: str = "INFO", instance: str = "web-1", version: str = "1.0"
) -> Row:
    return at(seconds), message, level, instance, version


def window(start: float, end: float) -> Window:
    return Window(at(start), at(end))


async def results(made: tuple[LogSource, SourceSpec], span: Window) -> list[pl.DataFrame | Coverage]:
    source, spec = made
    return [result async for result in source.read(spec, span)]


async def read(made: tuple[LogSource, SourceSpec], span: Window) -> list[Row]:
    """The entries of a span, sorted, as sources give them in any order."""
    frames = [result for result in await results(made, span) if isinstance(result, pl.DataFrame)]
    return sorted(found for frame in frames for found in frame.select(SCHEMA.names()).iter_rows())


class LogSourceContract:
    """Subclasses have a fixture `make`: from rows a source that holds them, and a spec that reads all of them."""

    many = MAX_ROWS + 4_000
    """More rows than a batch may have."""

    async def test_entries_come_as_they_are(self, make: Make) -> None:
        """Time to the microsecond, message, level, instance and version of an entry are what was written."""
        rows = [row(1.123456, "started", "INFO"), row(2, "disk is full", "ERROR", "web-2", "1.1")]
        assert await read(make(rows), window(0, 10)) == rows

    async def test_start_is_in_and_end_is_not(self, make: Make) -> None:
        """An entry at the span's start is read; one at its end is not."""
        rows = [row(-0.000001), row(0), row(9.999999), row(10)]
        assert await read(make(rows), window(0, 10)) == rows[1:3]

    async def test_adjoining_spans_are_the_whole(self, make: Make) -> None:
        """What two adjoining spans give is what the whole gives, nothing twice."""
        made = make([row(second / 2) for second in range(20)])
        assert await read(made, window(0, 3.5)) + await read(made, window(3.5, 10)) == await read(made, window(0, 10))

    async def test_an_empty_span_has_coverage_only(self, make: Make) -> None:
        """Where nothing was written there is no batch, and a complete coverage of zero entries."""
        (coverage,) = await results(make([row(1)]), window(5, 6))
        assert isinstance(coverage, Coverage)
        assert (coverage.read, coverage.broken, coverage.complete) == (0, 0, True)

    async def test_coverage_comes_once_and_last(self, make: Make) -> None:
        """After all batches comes the coverage, and it counts what was read."""
        *frames, coverage = await results(make([row(second) for second in range(9)]), window(2, 7))
        assert isinstance(coverage, Coverage)
        assert coverage.read == 5
        assert all(isinstance(frame, pl.DataFrame) for frame in frames)

    async def test_batches_have_the_schema_and_are_not_too_long(self, make: Make) -> None:
        """However many entries there are, each batch has the entries' schema, with or without the columns that order
        entries, and at most 65,536 rows."""
        made = make([row(number / 1_000, f"request {number}") for number in range(self.many)])
        frames = [result for result in await results(made, window(0, 1_000)) if isinstance(result, pl.DataFrame)]
        assert {frame.schema in (SCHEMA, pl.Schema({**SCHEMA, **ORDER})) for frame in frames} == {True}
        assert max(frame.height for frame in frames) <= MAX_ROWS
        assert pl.concat(frames)["message"].n_unique() == self.many

    async def test_reading_again_gives_the_same(self, make: Make) -> None:
        """A source keeps no position: a second read of a span is equal to the first."""
        made = make([row(second, f"message {second % 3}") for second in range(9)])
        assert await read(made, window(0, 10)) == await read(made, window(0, 10))

    async def test_equal_entries_are_entries_of_their_own(self, make: Make) -> None:
        """Three entries alike in all fields are three entries."""
        assert len(await read(make([row(1), row(1), row(1)]), window(0, 2))) == 3

    async def test_all_instances_are_read(self, make: Make) -> None:
        """Entries of every instance that the query means are there."""
        made = make([row(second, instance=f"web-{second % 4}") for second in range(8)])
        assert {found[3] for found in await read(made, window(0, 10))} == {"web-0", "web-1", "web-2", "web-3"}

    async def test_any_language_is_kept(self, make: Make) -> None:
        """Messages keep accents, other scripts, signs beyond 16 bits, quotes and backslashes."""
        rows = [row(1, 'größe="5 €" 文件 😀 C:\\tmp'), row(2, "Ошибка 'x'")]
        assert await read(make(rows), window(0, 10)) == rows

    async def test_a_stack_trace_is_one_entry(self, make: Make) -> None:
        """A message of several lines is one entry with line breaks."""
        rows = [row(1, "failed\njava.io.IOException: gone\n\tat a.B.c(B.java:7)"), row(2)]
        assert await read(make(rows), window(0, 10)) == rows

    async def test_order_does_not_matter(self, make: Make) -> None:
        """Entries that were written out of order are all read."""
        rows = [row(second) for second in (5, 1, 9, 3)]
        assert await read(make(rows), window(0, 10)) == sorted(rows)

    async def test_a_reader_may_leave_midway(self, make: Make) -> None:
        """A read that is given up after its first batch ends without a fault, and the source can be read again."""
        source, spec = make([row(number / 1_000) for number in range(self.many)])
        reading = source.read(spec, window(0, 1_000))
        assert isinstance(await anext(reading), pl.DataFrame)
        await reading.aclose()  # type: ignore[attr-defined]
        assert len(await read((source, spec), window(0, 1))) == 1_000

    async def test_a_read_can_be_cancelled(self, make: Make) -> None:
        """Cancelling the task that reads ends it at once, as cancelled."""
        task = asyncio.create_task(results(make([row(number / 1_000) for number in range(self.many)]), window(0, 1e3)))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    def test_a_good_spec_passes_the_check(self, make: Make) -> None:
        """What can be read is not refused."""
        source, spec = make([])
        source.check(spec)

    def test_an_unknown_option_is_refused(self, make: Make) -> None:
        """An option that the kind of source does not know is an InvalidRequest that names it."""
        source, spec = make([])
        with pytest.raises(InvalidRequest, match="colour"):
            source.check(replace(spec, options={**spec.options, "colour": "red"}))

    def test_an_empty_query_is_refused(self, make: Make) -> None:
        """A query of nothing is an InvalidRequest."""
        source, spec = make([])
        with pytest.raises(InvalidRequest, match="query"):
            source.check(replace(spec, query=" "))
