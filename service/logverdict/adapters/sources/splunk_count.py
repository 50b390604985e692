"""What Splunk counts by itself: all entries of a span, those of each bin and instance, those of each key."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import polars as pl

from logverdict.adapters.sources import splunk_sums as sums
from logverdict.adapters.sources.splunk_errors import Ended, Said
from logverdict.adapters.sources.splunk_job import Ask, Jobs, Row
from logverdict.adapters.sources.splunk_rows import Rows
from logverdict.adapters.sources.splunk_search import Namespace, Search
from logverdict.adapters.sources.splunk_threads import Threads
from logverdict.analysis.entries import SCHEMA
from logverdict.analysis.reduced import REDUCED, SURVEY
from logverdict.domain.errors import CannotReduce, QueryRejected
from logverdict.domain.profile import FieldNames
from logverdict.domain.verification import Coverage
from logverdict.domain.window import Grid, Window
from logverdict.verify.ports import Reduced, Survey

LEAST_KEPT = 10_000
MOST_GROUPS = 200_000
"""Rows of a search that counts; Splunk keeps up to 500,000 as it comes."""
MOST_DOUBTFUL = 10_000
"""Entries that are looked at one by one to learn their instance."""
KNOWN_FOR = 600.0
"""Seconds for which an index that was there counts as there."""
Batch = tuple[Sequence[Row], Said]


@dataclass(frozen=True, slots=True)
class Counted:
    """How many entries Splunk counts; not `sure` when it may have seen a part of them only."""

    entries: int
    sure: bool
    said: Said


class Counting:
    """Of one connection."""

    def __init__(self, jobs: Jobs, threads: Threads) -> None:
        self._jobs, self._threads = jobs, threads
        self._there: dict[tuple[Namespace, tuple[str, ...]], float] = {}

    async def count(self, search: Search, span: Window) -> Counted:
        rows, said = await self._table(search.count, search, span)
        number = str(rows[0].get("count", "")) if len(rows) == 1 else ""
        if not number.isdigit():
            # Pulled all the same: what comes is evidence, but nobody knows how much is missing.
            return Counted(1, False, said + Said(flaws=("Splunk did not count the entries",)))
        return Counted(int(number), not said.flaws, said)

    async def absent(self, search: Search, span: Window) -> Said:
        """A sentence for each index that Splunk does not list: a search in it finds nothing and says nothing."""
        key = search.namespace, search.indexes
        if time.monotonic() < self._there.get(key, 0.0):
            return Said()
        try:
            found, _ = await self._table(search.existing, search, span)
        except QueryRejected:
            return Said(notes=("Splunk did not say whether the indexes exist",))
        names = {str(row.get("index", "")) for row in found}
        absent = [index for index in search.indexes if not any(fnmatchcase(name, index) for name in names)]
        if not absent:
            self._there[key] = time.monotonic() + KNOWN_FOR
        text = "Splunk lists no index {}: it does not exist, or the connection's user may not search it"
        return Said(flaws=tuple(map(text.format, absent)))

    async def survey(self, search: Search, fields: FieldNames, span: Window, grid: Grid) -> Survey | None:
        """None for a Splunk that has not all functions that the search needs."""
        try:
            frame, said = await self._surveyed(search, fields, span, grid)
        except QueryRejected:
            await self.count(search, span)  # refused too when the query is to blame
            return None
        except sums.Unclear as fault:
            said = Said(flaws=(f"Splunk counted entries, and gave {fault}",))
            frame = pl.DataFrame(schema=SURVEY)
        absent = await self.absent(search, span)
        return Survey(frame, tuple(dict.fromkeys((said + absent).flaws)))

    async def _surveyed(
        self, search: Search, fields: FieldNames, span: Window, grid: Grid
    ) -> tuple[pl.DataFrame, Said]:
        quick = sums.index_search(search, fields, grid)
        if quick is not None:
            text, seconds = quick
            rows, said = await self._table(text, search, span, MOST_GROUPS)
            try:
                return sums.index_rows(rows, grid, seconds), said + _left_out(rows)
            except sums.Unclear:
                pass  # steps that are not ours: the entries are counted instead
        for extract in (False, True):
            text = sums.survey_search(search, fields, grid, extract=extract)
            rows, said = await self._table(text, search, span, MOST_GROUPS)
            frame = sums.survey_rows(rows)
            doubtful = frame.filter(pl.col("instance").is_null())
            if doubtful["count"].sum() <= MOST_DOUBTFUL:
                break
        said += _left_out(rows)
        if doubtful.is_empty():
            return frame.sort("bin", "instance"), said
        cleared, more = await self._cleared(search, fields, span, grid, doubtful)
        return sums.summed(pl.concat([frame.drop_nulls("instance"), cleared])), said + more

    async def _cleared(
        self, search: Search, fields: FieldNames, span: Window, grid: Grid, doubtful: pl.DataFrame
    ) -> tuple[pl.DataFrame, Said]:
        """The entries in doubt, counted here."""
        count = int(doubtful["count"].sum())
        if count > MOST_DOUBTFUL:
            text = f"{count:,} entries are JSON whose fields Splunk can't extract: who wrote them is not counted"
            return doubtful.with_columns(instance=pl.lit("")), Said(flaws=(text,))
        text = sums.doubtful_search(search, fields)
        found, said = await self._table(text, search, span, 2 * MOST_DOUBTFUL)
        rows = Rows(fields, span)
        frames = [frame.select("time", "instance") for frame in rows.take(found)]
        entries = pl.concat([pl.DataFrame(schema={name: SCHEMA[name] for name in ("time", "instance")}), *frames])
        bins = [grid.number(at) for at in entries["time"]]
        counted = (
            entries.with_columns(bin=pl.Series(bins, dtype=pl.Int32))
            .group_by("bin", "instance")
            .agg(count=pl.len().cast(pl.Int64))
            .join(doubtful.select("bin", "arrived"), on="bin", how="left")
            .select(SURVEY.names())
        )
        flaws = [f"Splunk counts {count:,} entries and gave {rows.read:,} of them"] if rows.read < count else []
        return counted, said + Said(flaws=tuple(flaws))

    async def reduce(self, search: Search, fields: FieldNames, span: Window, grid: Grid) -> Reduced:
        """Raises CannotReduce where entries have to be read."""
        counted = await self.count(search, span)
        absent = await self.absent(search, span)
        said = counted.said + absent
        frame, last = pl.DataFrame(schema=REDUCED), pl.DataFrame(schema=SCHEMA)
        if counted.entries:
            frame = await self._reduced(search, fields, span, grid, counted)
            last = await self._last(search, fields, span, counted.said)
        total = int(frame["count"].sum())
        return Reduced(
            frame,
            last,
            Coverage(
                expected=max(counted.entries, total) if counted.sure and not absent.flaws else None,
                read=total,
                complete=not said.flaws,
                faults=tuple(dict.fromkeys((*said.flaws, *said.notes))),
            ),
        )

    async def _reduced(
        self, search: Search, fields: FieldNames, span: Window, grid: Grid, counted: Counted
    ) -> pl.DataFrame:
        rows = await self._willing(sums.reduce_search(search, fields, grid), search, span, counted.said)
        if len(rows) >= MOST_GROUPS:
            raise CannotReduce(f"Splunk counts {MOST_GROUPS:,} or more groups of entries")
        try:
            frame = await self._threads.call(sums.reduced_rows, rows, span)
        except sums.Unclear as fault:
            raise CannotReduce(f"Splunk counted groups of entries, and gave {fault}") from fault
        if (total := int(frame["count"].sum())) < counted.entries:
            raise CannotReduce(f"Splunk counts {counted.entries:,} entries, and in groups {total:,} of them")
        return frame

    async def _last(self, search: Search, fields: FieldNames, span: Window, before: Said) -> pl.DataFrame:
        for most in sums.LAST:
            rows = await self._willing(sums.last_search(search, most), search, span, before)
            frames = [frame.select(SCHEMA.names()) for frame in Rows(fields, span).take(rows)]
            found = pl.concat([pl.DataFrame(schema=SCHEMA), *frames])
            last = sums.last_entries(found)
            if len(rows) < most or last.height < found.height:
                return last
        raise CannotReduce(f"Splunk holds {most:,} or more entries of one time")

    async def _willing(self, text: str, search: Search, span: Window, before: Said) -> Sequence[Row]:
        """The rows of a search that Splunk may have reasons not to do, beside those that it gave `before`."""
        try:
            rows, said = await self._table(text, search, span, MOST_GROUPS)
        except (QueryRejected, Ended) as fault:
            raise CannotReduce(f"Splunk does not group the entries itself: {fault.message}") from fault
        if new := [flaw for flaw in said.flaws if flaw not in before.flaws]:
            raise CannotReduce(f"Splunk does not group the entries itself: {new[0]}")
        return rows

    async def _table(self, text: str, search: Search, span: Window, most: int = LEAST_KEPT) -> Batch:
        """The rows of a search that sums up."""
        ask = Ask(text, span, search.namespace, most)
        rows: list[Row] = []
        async with self._jobs.done(ask) as job:
            said = job.said
            async for page, more in self._jobs.pages(job, ask):
                rows += page
                said += more
        return rows, said


def _left_out(rows: Sequence[Row]) -> Said:
    given, there = sums.amiss(rows)
    text = f"Splunk counts {there:,} entries, and per instance {given:,} of them"
    return Said(flaws=() if given == there else (text,))
