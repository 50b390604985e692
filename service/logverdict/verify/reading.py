"""Reads slices, each completely or said to be incomplete, keeps their counts, and counts again what came late."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from logverdict.domain.errors import LimitReached, SourceUnavailable
from logverdict.domain.verification import Coverage, Request, Slice, SourceCoverage, Verification
from logverdict.domain.window import Window
from logverdict.verify.asking import Asking, insistently
from logverdict.verify.budget import Budget
from logverdict.verify.coverage import entire, richer, together
from logverdict.verify.engine_ports import WindowCounts
from logverdict.verify.evidence import Watched, totals, watched, with_evidence
from logverdict.verify.late import Count, count, gained, lag
from logverdict.verify.means import Means
from logverdict.verify.piece import REDUCED, PieceReading
from logverdict.verify.ports import StoredSlice
from logverdict.verify.window_counts import window_counts

CALLS = 100
"""Calls to sources that are stored at once, while slices are read."""
Place = tuple[str, str]
"""A source's name and a window's."""


class Reader:
    """Slices of one verification: read once, stored, read again when they were incomplete or entries came late."""

    def __init__(self, verification: Verification, means: Means, say: Callable[[str], None]) -> None:
        self._id = verification.id
        self._request: Request = verification.request
        self._plan = verification.plan
        self._means = means
        self._asking = Asking(verification.id, means, say)
        self._budget = Budget(means.max_entries)
        self._slices: dict[str, StoredSlice] = {}
        self._pieces: dict[str, Slice] = {}
        self._final: set[str] = set()
        self._counts: dict[Place, Count] = {}
        self._lost: dict[Place, str] = {}
        self._undated: dict[str, int] = {}
        self.entries = 0

    async def load(self) -> None:
        """Take over the slices that an earlier process stored."""
        self._slices = {piece.key: piece for piece in await self._means.store.slices(self._id)}
        for piece in self._slices.values():
            if REDUCED not in piece.coverage.notes:
                with suppress(LimitReached):  # the setting was greater before
                    self._budget.hold(piece.key, piece.coverage.read)

    async def read(
        self, pieces: Sequence[Slice], tell: Callable[[int, int], None], again: Sequence[Slice] = ()
    ) -> None:
        """Read the slices that are not there entirely yet, and those of `again` anew for entries that came late. `tell`
        gets how many are done, of how many.

        Raises QueryRejected, or any error that a retry does not mend; a source that stays unavailable leaves its
        slices incomplete.
        """
        self._pieces |= {piece.key: piece for piece in pieces}
        due = [piece for piece in pieces if piece in again or not entire(self._slices.get(piece.key))]
        done = 0

        async def one(piece: Slice) -> None:
            nonlocal done
            await self._read(piece)
            done += 1
            tell(done, len(due))

        try:
            await _all(one(piece) for piece in due)
        finally:
            await self._keep_calls()

    async def count_again(self, pieces: Sequence[Slice], everything: bool) -> list[Slice]:
        """Have the sources count anew what they have of the windows of these slices; those that gained entries. Windows
        that can't gain any more are left out, unless `everything` is asked for.

        Raises QueryRejected. Where a source stays unavailable, slices that may have gained entries are not covered.
        """
        gaining: list[Slice] = []

        async def one(place: Place, mine: Sequence[Slice]) -> None:
            span = Window(mine[0].span.start, mine[-1].span.end)
            try:
                found = await insistently(
                    mine[0].source,
                    lambda: count(self._asking, mine[0].source, place[1], span, self._plan),
                    self._means.retry_for,
                )
            except SourceUnavailable as fault:
                self._lost[place] = f"could not be counted again: {fault.message}"
                return
            self._lost.pop(place, None)
            self._counts[place] = found
            more = gained(found, mine, self._slices, self._plan)
            gaining.extend(piece for piece in more if self._slices[piece.key].counts is not None)
            self._note_final([piece for piece in mine if piece not in more])

        places = _by_place(pieces)
        try:
            await _all(one(place, mine) for place, mine in places.items() if everything or self._may_gain(place, mine))
        finally:
            await self._keep_calls()
        return gaining

    def countless(self, pieces: Iterable[Slice], since: datetime) -> list[Slice]:
        """The slices that end after that time whose source can't count: only reading tells what came late."""
        return [
            piece
            for piece in pieces
            if piece.span.end > since
            and (stored := self._slices.get(piece.key)) is not None
            and any(minute.expected is None for minute in stored.coverage.minutes)
        ]

    def counts(self, pieces: Sequence[Slice], window: Window) -> WindowCounts:
        """What was read of those slices, and of how many seconds; 0 where nothing could be read."""
        return window_counts(pieces, self._slices, window, self._plan, self._evidence(pieces))

    def coverage(self, pieces: Sequence[Slice], side: str) -> tuple[SourceCoverage, ...]:
        """Per source, ordered by name; slices that were not read yet are left out."""
        by_source: dict[str, list[Slice]] = {}
        for piece in pieces:
            if piece.key in self._slices:
                by_source.setdefault(piece.source.name, []).append(piece)
        return tuple(self._of_source(name, side, mine) for name, mine in sorted(by_source.items()))

    def lag(self) -> timedelta:
        """How late entries came lately; 0 where no source can say."""
        known = ((self._pieces[key], stored) for key, stored in self._slices.items() if key in self._pieces)
        return lag(known, self._counts.values(), self._plan)

    def awaited(self) -> list[str]:
        """Changed instances whose last entries, or evidence, of the candidate may still be on their way."""
        seen = [self._watched(source) for source, window in self._counts if window == "candidate"]
        return sorted({name for one in seen if one is not None for name in one.silent()})

    async def _read(self, piece: Slice) -> None:
        work = PieceReading(self._asking, self._means, self._plan, piece, self._budget)
        try:
            found = await work.go()
        except (LimitReached, SourceUnavailable) as fault:
            found = work.unread(fault.message)
        self.entries += work.entries
        told = self._once(piece, found.coverage)
        stored = self._slices[piece.key] = richer(self._slices.get(piece.key), found)
        self._means.observer.read(piece.source.connection, told, REDUCED in found.coverage.notes)
        self._note_final([piece])
        await self._means.patiently(lambda: self._means.store.put_slice(self._id, stored))
        await self._keep_calls(least=CALLS)

    def _once(self, piece: Slice, now: Coverage) -> Coverage:
        """Without what an earlier read of the source told of what lies at no time."""
        before = self._undated.get(piece.source.name, 0)
        self._undated[piece.source.name] = max(before, now.undated)
        return replace(now, broken=now.broken - min(before, now.undated), undated=max(0, now.undated - before))

    def _note_final(self, pieces: Iterable[Slice]) -> None:
        """Of what was just read or counted: what is older than the longest lag gains nothing any more."""
        before = self._means.clock.now() - self._request.timing.max_lag
        self._final |= {piece.key for piece in pieces if piece.span.end <= before and entire(self._slices[piece.key])}

    def _may_gain(self, place: Place, pieces: Sequence[Slice]) -> bool:
        return place not in self._counts or not all(piece.key in self._final for piece in pieces)

    def _of_source(self, name: str, side: str, pieces: Sequence[Slice]) -> SourceCoverage:
        part = together(name, side, [self._doubted(piece) for piece in pieces])
        counts = [self._counts[place] for place in _by_place(pieces) if place in self._counts]
        seen = self._watched(name) if side == "candidate" else None
        return with_evidence(part, counts, seen, self._plan)

    def _doubted(self, piece: Slice) -> StoredSlice:
        """As nothing where it may have gained entries that nobody can count, or lacks the evidence that it needs."""
        stored, fault = self._slices[piece.key], self._lost.get((piece.source.name, piece.window))
        if fault is None or (piece.key in self._final and not piece.source.evidence):
            return stored
        faults = (*stored.coverage.faults, fault)
        return StoredSlice(piece.key, None, replace(stored.coverage, complete=False, faults=faults))

    def _watched(self, source: str) -> Watched | None:
        candidate = self._counts.get((source, "candidate"))
        if candidate is None:
            return None
        baselines = [one for (name, window), one in self._counts.items() if name == source and window != "candidate"]
        return watched(candidate, baselines, self._request, self._plan, self._means.clock.now())

    def _evidence(self, pieces: Sequence[Slice]) -> tuple[tuple[str, int], ...] | None:
        known = [self._counts[place] for place in _by_place(pieces) if place in self._counts]
        known = [one for one in known if one.evidence is not None]
        if not known:
            return None
        summed: dict[str, int] = {}
        for one in known:
            for name, entries in totals(one.evidence):
                summed[name] = summed.get(name, 0) + entries
        return tuple(sorted(summed.items()))

    async def _keep_calls(self, least: int = 1) -> None:
        """Store the audit so far, if it holds so many calls."""
        calls = self._asking.take_calls(least)
        if calls:
            await self._means.patiently(lambda: self._means.store.put_calls(self._id, calls))


def _by_place(pieces: Iterable[Slice]) -> dict[Place, list[Slice]]:
    """Slices of one source and window, in order of time."""
    found: dict[Place, list[Slice]] = {}
    for piece in pieces:
        found.setdefault((piece.source.name, piece.window), []).append(piece)
    return {place: sorted(mine, key=lambda piece: piece.span.start) for place, mine in found.items()}


async def _all(work: Iterable[Coroutine[None, None, None]]) -> None:
    """Run together; the first error stops the rest and is raised as itself, not in a group."""
    try:
        async with asyncio.TaskGroup() as group:
            for piece in work:
                group.create_task(piece)
    except ExceptionGroup as faults:
        raise faults.exceptions[0] from None
