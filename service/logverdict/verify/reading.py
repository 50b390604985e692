"""Reads slices, each completely or said to be incomplete, and keeps their counts."""

import asyncio
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

import polars as pl
import stamina

from logverdict.analysis.counts import TemplateCounts, add
from logverdict.domain.errors import SourceUnavailable
from logverdict.domain.verification import Coverage, Plan, Slice, SourceCoverage
from logverdict.domain.window import Window
from logverdict.verify.patience import patiently
from logverdict.verify.ports import Analyst, Sources, Store, StoredSlice, WindowCounts

CHUNK = 4 * 65_536
"""Entries held in memory before they are reduced to counts."""
READS_PER_CONNECTION = 4


class Reader:
    """Slices of one verification: read once, stored, read again only when they were incomplete."""

    def __init__(
        self, verification_id: str, plan: Plan, sources: Sources, store: Store, analyst: Analyst, retry_for: timedelta
    ) -> None:
        self._id = verification_id
        self._plan = plan
        self._sources = sources
        self._store = store
        self._analyst = analyst
        self._retry_for = retry_for
        self._gates = {name: asyncio.Semaphore(READS_PER_CONNECTION) for name in sources}
        self._slices: dict[str, StoredSlice] = {}
        self.entries = 0

    async def load(self) -> None:
        """Take over the slices that an earlier process stored."""
        self._slices = {piece.key: piece for piece in await self._store.slices(self._id)}

    async def read(
        self, pieces: Sequence[Slice], tell: Callable[[int, int], None], again: Sequence[Slice] = ()
    ) -> None:
        """Read the slices that are not there yet, and those of `again` anew for entries that came late. `tell` gets
        how many are done, of how many.

        Raises QueryRejected, or any error that a retry does not mend; a source that stays unavailable leaves its
        slices incomplete.
        """
        due = [piece for piece in pieces if piece in again or not self._complete(piece)]
        done = 0

        async def one(piece: Slice) -> None:
            nonlocal done
            async with self._gates[piece.source.connection]:
                stored = _richer(self._slices.get(piece.key), await self._read_slice(piece))
            self._slices[piece.key] = stored
            await patiently(lambda: self._store.put_slice(self._id, stored), self._retry_for)
            done += 1
            tell(done, len(due))

        await _all(one(piece) for piece in due)

    def counts(self, pieces: Sequence[Slice], window: Window) -> WindowCounts:
        """What was read of those slices, and of how many seconds; 0 where nothing could be read."""
        stored = [self._slices[piece.key] for piece in pieces]
        bins = math.ceil(window.seconds / self._plan.bin_seconds)
        slices = tuple(piece.counts for piece in stored if piece.counts is not None)
        return WindowCounts(slices, window.seconds * _exposed(stored), max(1, bins))

    def coverage(self, pieces: Sequence[Slice], side: str) -> tuple[SourceCoverage, ...]:
        """Per source, ordered by name; slices that were not read yet are left out."""
        by_source: dict[str, list[StoredSlice]] = {}
        for piece in pieces:
            if piece.key in self._slices:
                by_source.setdefault(piece.source.name, []).append(self._slices[piece.key])
        return tuple(
            SourceCoverage(
                name, side, _share(stored), sum((piece.coverage for piece in stored[1:]), stored[0].coverage)
            )
            for name, stored in sorted(by_source.items())
        )

    def _complete(self, piece: Slice) -> bool:
        stored = self._slices.get(piece.key)
        return stored is not None and stored.coverage.complete

    async def _read_slice(self, piece: Slice) -> StoredSlice:
        try:
            async for attempt in stamina.retry_context(
                on=SourceUnavailable, attempts=None, timeout=self._retry_for, wait_initial=0.5, wait_max=15.0
            ):
                with attempt:
                    return await self._attempt(piece)
        except SourceUnavailable as fault:
            return StoredSlice(piece.key, None, Coverage(complete=False, faults=(fault.message,)))
        raise AssertionError("stamina gives an attempt or raises")

    async def _attempt(self, piece: Slice) -> StoredSlice:
        parts: list[bytes] = []
        batches: list[pl.DataFrame] = []
        coverage = Coverage(complete=False, faults=(f"{piece.source.name}: the source did not say what it covered",))
        async for item in self._sources[piece.source.connection].read(piece.source, piece.span):
            if isinstance(item, Coverage):
                coverage = item
                continue
            batches.append(item)
            self.entries += item.height
            if sum(batch.height for batch in batches) >= CHUNK:
                parts.append(await self._analyst.reduce(batches, piece, self._plan))
                batches = []
        if batches or not parts:
            parts.append(await self._analyst.reduce(batches, piece, self._plan))
        counts = parts[0] if len(parts) == 1 else await asyncio.to_thread(_sum, parts)
        return StoredSlice(piece.key, counts, coverage)


def _richer(before: StoredSlice | None, now: StoredSlice) -> StoredSlice:
    """A second read replaces a complete first one where it found no less; what it found more came late."""
    if before is None or not before.coverage.complete:
        return now
    more = now.coverage.read - before.coverage.read
    if more <= 0 or not now.coverage.complete:
        return before
    return replace(now, coverage=replace(now.coverage, late=before.coverage.late + more))


def _sum(parts: Iterable[bytes]) -> bytes:
    return add(TemplateCounts.from_bytes(part) for part in parts).to_bytes()


def _share(stored: Sequence[StoredSlice]) -> float:
    """The share of slices that were read completely; a partial one counts by its entries where they are known."""
    return sum(_part(piece) for piece in stored) / len(stored) if stored else 0.0


def _exposed(stored: Sequence[StoredSlice]) -> float:
    """The share of time that the counts stand for: a part of unknown size is taken to come from all of its slice."""
    parts = [_part(piece) or float(piece.counts is not None) for piece in stored]
    return sum(parts) / len(parts) if parts else 0.0


def _part(piece: StoredSlice) -> float:
    coverage = piece.coverage
    if coverage.complete:
        return 1.0
    return min(1.0, coverage.read / coverage.expected) if piece.counts and coverage.expected else 0.0


async def _all(work: Iterable[object]) -> None:
    """Run together; the first error stops the rest and is raised as itself, not in a group."""
    try:
        async with asyncio.TaskGroup() as group:
            for piece in work:
                group.create_task(piece)  # type: ignore[arg-type]
    except ExceptionGroup as faults:
        raise faults.exceptions[0] from None
