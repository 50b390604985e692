"""Reads one slice: counted by the source first, then reduced there or pulled in parts, and each made counts."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import polars as pl

from logverdict.analysis.counts import TemplateCounts, add, empty
from logverdict.analysis.join import WITHIN
from logverdict.domain.errors import CannotReduce
from logverdict.domain.verification import Coverage, Plan, Slice, whole
from logverdict.domain.window import Grid, Window
from logverdict.domain.words import PushDown
from logverdict.verify.asking import Asking, insistently
from logverdict.verify.budget import Budget
from logverdict.verify.coverage import TALLY, slice_coverage, tally
from logverdict.verify.means import Means
from logverdict.verify.parts import CHUNK, PART, bins_of, hold_back, parts, to_read
from logverdict.verify.ports import Raw, RawSource, StoredSlice, Survey

Answer = TypeVar("Answer")
MANY = 50_000
"""Entries of a slice from which on AUTO has the source reduce them: fewer are pulled in about a second (52,000–123,000
a second were measured), which a source spends on the reduction too."""
REDUCED = "reduced at the source"
"""The note of a slice that its source counted, perhaps but for a few bins."""


@dataclass(frozen=True, slots=True)
class Done:
    """Counts, what was read for them, and what the source says of the read."""

    counts: bytes
    read: pl.DataFrame
    said: Coverage

    @property
    def entries(self) -> int:
        return int(self.read["count"].sum())


@dataclass
class PieceReading:
    """One slice's way from source to counts. Each question is asked again for a while before it is given up.
    `entries` were read so far, `pulled` of them not counted by the source."""

    asking: Asking
    means: Means
    plan: Plan
    piece: Slice
    budget: Budget
    entries: int = 0
    pulled: int = 0
    _survey: Survey | None = None
    _notes: list[str] = field(default_factory=list)

    async def go(self) -> StoredSlice:
        """Raises what the source and the analyst raise, and LimitReached where the budget does not suffice."""
        spec, span, grid = self.piece.source, self.piece.span, self.plan.grid(self.piece.window)
        self._survey = await self._insist(lambda: self.asking.survey(spec, span, grid))
        done, due = await self._reduce() if self._wants_counts() else ([], (span,))
        rows = self._survey.rows if self._survey is not None else None
        self.budget.hold(self.piece.key, _counted(rows, due, grid))
        for part in [part for window in due for part in parts(window, _inside(rows, window, grid), grid)]:
            done.append(await self._insist(partial(self._pull, part)))
            self.pulled += done[-1].entries
            self.entries += done[-1].entries
        return await asyncio.to_thread(self._result, done)

    async def _insist(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        return await insistently(self.piece.source, ask, self.means.retry_for)

    def unread(self, fault: str) -> StoredSlice:
        """The slice when it could not be read: what the source counted, if that, and why."""
        said = Coverage(complete=False, faults=(fault,))
        return StoredSlice(self.piece.key, None, slice_coverage(self.piece, self.plan, self._survey, None, said))

    def _wants_counts(self) -> bool:
        wish = self.piece.source.push_down
        if wish is PushDown.AUTO:
            return self._survey is not None and int(self._survey.rows["count"].sum()) > MANY
        return wish is PushDown.ALWAYS

    async def _reduce(self) -> tuple[list[Done], tuple[Window, ...]]:
        """Have the source count: what it counted, and the spans that are to be read none the less."""
        spec, span, grid = self.piece.source, self.piece.span, self.plan.grid(self.piece.window)
        following = Window(span.end, span.end + WITHIN)
        try:
            reduced = await self._insist(lambda: self.asking.reduce(spec, span, grid))
            after = await self._insist(lambda: self.asking.reduce(spec, following, grid))
        except CannotReduce as fault:
            self._notes.append(f"read, not reduced at the source: {fault.message}")
            return [], (span,)
        rows = reduced.rows
        unread = to_read(rows, after.rows, span, grid)
        inside = pl.col("bin").is_in(bins_of(unread, grid))
        if int(rows.filter(inside)["count"].sum()) * 2 > int(rows["count"].sum()):
            self._notes.append("read, not reduced at the source: most of it is near lines of split stack traces")
            return [], (span,)
        self._notes.append(REDUCED)
        if unread:
            self._notes.append("bins near lines of split stack traces, or with messages that are no text, were read")
        kept = rows.filter(~inside)
        counts = await self.means.analyst.count(kept, _outside(reduced.last, unread), self.piece, self.plan)
        read = kept.group_by("bin", "instance").agg(pl.col("count").sum()).select(TALLY.names())
        self.entries += int(read["count"].sum())
        return [Done(counts, read, reduced.coverage)], unread

    async def _pull(self, span: Window) -> Done:
        """Read a part, and what a stack trace that begins in it may go on with."""
        source = self.means.sources[self.piece.source.connection]
        around = Window(span.start, span.end + WITHIN)
        if isinstance(source, RawSource):
            return await self._pull_raw(source, span, around)
        return await self._pull_entries(span, around)

    async def _pull_raw(self, source: RawSource, span: Window, around: Window) -> Done:
        """Entries are made out by who counts them."""
        counts: list[bytes] = []
        tallies: list[pl.DataFrame] = []
        held: tuple[pl.DataFrame, ...] = ()

        async def take(raw: Raw) -> Any:
            nonlocal held
            done = await self.means.analyst.count_raw(raw, held, self.piece, self.plan, span)
            held = done.held
            tallies.append(done.read)
            self._hold(tallies)
            if done.counts is not None:
                counts.append(done.counts)
            return done.found

        said = await self.asking.read_raw(source, self.piece.source, around, take)
        summed = await asyncio.to_thread(_sum, counts or [empty().to_bytes()])
        return Done(summed, pl.concat(tallies), said)

    async def _pull_entries(self, span: Window, around: Window) -> Done:
        batches: list[pl.DataFrame] = []
        counts: list[bytes] = []
        tallies: list[pl.DataFrame] = []
        most = CHUNK if self._survey is None else 2 * PART

        async def reduce(entries: Sequence[pl.DataFrame]) -> None:
            counts.append(await self.means.analyst.reduce(entries, self.piece, self.plan, span))

        async def take(batch: pl.DataFrame) -> None:
            nonlocal batches
            batches.append(batch)
            tallies.append(await asyncio.to_thread(tally, [batch], self.plan, self.piece, span))
            self._hold(tallies)
            if sum(held.height for held in batches) >= most:
                now, batches = await asyncio.to_thread(hold_back, batches)
                await reduce(now)

        async def finish() -> None:
            if batches or not counts:
                await reduce(batches)

        said = await self.asking.read(self.piece.source, around, take, finish)
        silent = Coverage(complete=False, faults=(f"{self.piece.source.name}: the source did not say what it covered",))
        read = pl.concat(tallies or [pl.DataFrame(schema=TALLY)])
        return Done(await asyncio.to_thread(_sum, counts), read, said or silent)

    def _hold(self, tallies: Sequence[pl.DataFrame]) -> None:
        """Where nobody knew how many would come."""
        if self._survey is None:
            mine = sum(int(one["count"].sum()) for one in tallies)
            self.budget.hold(self.piece.key, self.pulled + mine, pulled=True)

    def _result(self, done: Sequence[Done]) -> StoredSlice:
        said = whole([*(one.said for one in done), Coverage(0, notes=tuple(self._notes))])
        read = pl.concat([one.read for one in done])
        coverage = slice_coverage(self.piece, self.plan, self._survey, read, said)
        return StoredSlice(self.piece.key, _sum([one.counts for one in done]), coverage)


def _counted(rows: pl.DataFrame | None, due: Iterable[Window], grid: Grid) -> int:
    """How many entries there are to be pulled; 0 where nothing is known."""
    return 0 if rows is None else int(rows.filter(pl.col("bin").is_in(bins_of(due, grid)))["count"].sum())


def _inside(rows: pl.DataFrame | None, span: Window, grid: Grid) -> pl.DataFrame | None:
    """The counts of bins that begin in the span."""
    if rows is None:
        return None
    first, last = grid.number(span.start), grid.number(span.end)
    return rows.filter(pl.col("bin").is_between(first, last))


def _outside(entries: pl.DataFrame, windows: Iterable[Window]) -> pl.DataFrame:
    for window in windows:
        entries = entries.filter((pl.col("time") < window.start) | (pl.col("time") >= window.end))
    return entries


def _sum(parts: Sequence[bytes]) -> bytes:
    return parts[0] if len(parts) == 1 else add(TemplateCounts.from_bytes(part) for part in parts).to_bytes()
