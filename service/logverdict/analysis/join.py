"""Joins the lines of a split stack trace, each of which a shipper made an entry of its own, to one entry again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise

import numpy as np
import polars as pl

from logverdict.analysis.entries import SCHEMA
from logverdict.analysis.trace import START, begins, goes_on
from logverdict.analysis.trace_lines import NEAR, SUSPECT, Line, lines_of, ordered
from logverdict.domain.window import Grid, Window
from logverdict.domain.words import Severity

WITHIN = timedelta(seconds=1)
"""Longest time between a line of a trace and the next."""
REACH = NEAR * WITHIN
"""No line of a trace is farther from one that begins as SUSPECT_STARTS say."""
LOST = -1
_EPOCH = datetime.fromtimestamp(0, UTC)
_MICROS = WITHIN // timedelta(microseconds=1)


def join(entries: pl.DataFrame, span: Window, severities: Mapping[str, Severity] | None = None) -> pl.DataFrame:
    """The entries of the span (schema SCHEMA), the lines of split stack traces appended to their head.

    `entries`: schema SCHEMA, maybe with ORDER's columns, in any order, all of the span and of at most WITHIN after it.
    A trace is of one instance and stream; its lines follow one another in order (of time, then offset), each within
    WITHIN of the line before. The joined entry has its head's time, level and version. Lines of one time and without
    offset are ordered by what they are, then by their text; where two of them may be the head, they stay apart.

    Entries after the span's end only go on with a trace that begins in it. What goes on with a trace in the first
    WITHIN of the span, before any head, goes on with one of the span before, and is dropped: read one after the other,
    spans give each line once. Other lines without a head stay entries of their own.
    """
    if not len(entries) or not entries.select(SUSPECT.any()).item():
        return entries.filter(pl.col("time") < span.end).select(SCHEMA.names())
    frame = ordered(entries.filter(pl.col("time") < span.end + WITHIN))
    heads = np.arange(len(frame))
    start = (span.start - _EPOCH) // timedelta(microseconds=1)
    for _, group in groupby(lines_of(frame, span, severities or {}), lambda line: line.group):
        for place, head in _heads(list(group), start):
            heads[place] = head
    frame = frame.with_columns(head=pl.Series(heads, dtype=pl.Int64)).filter(
        (pl.col("head") != LOST) & ((pl.col("time") < span.end) | (pl.col("head") != pl.col("place")))
    )
    return _joined(frame)


def spans_to_read(bins: Iterable[int], grid: Grid, span: Window) -> tuple[Window, ...]:
    """What has to be read of a span where these bins hold lines of traces: whole bins, REACH around each of them too,
    in order; neighbours are one span. Joined span by span, they give what the span as a whole gives."""
    wanted = {
        number
        for bin in bins
        for number in range(grid.number(grid.bin(bin).start - REACH), grid.number(grid.bin(bin).end + REACH) + 1)
    }
    parts = [grid.bin(number) for number in sorted(wanted)]
    cut = [(max(part.start, span.start), min(part.end, span.end)) for part in parts if part.overlaps(span)]
    ends = [place for place, (one, other) in enumerate(pairwise(cut), start=1) if one[1] < other[0]]
    return tuple(Window(cut[first][0], cut[after - 1][1]) for first, after in pairwise([0, *ends, len(cut)]) if cut)


def _heads(lines: Sequence[Line], start: int) -> Iterator[tuple[int, int]]:
    """Of the lines of one instance and stream, the place of each that goes on with another, and of its head: LOST
    where that is in the span before. `start` is the span's, in microseconds."""
    walk = _Walk(start)
    for number, line in enumerate(lines):
        yield from walk.step(line, _behind(lines, number))


def _behind(lines: Sequence[Line], number: int) -> int:
    """What the next line fits that is not blank; 0 where none is near enough."""
    line = lines[number]
    for other in lines[number + 1 : number + NEAR]:
        if _apart(line, other):
            return 0
        if not other.blank:
            return other.fits
        line = other
    return 0


def _apart(line: Line, other: Line) -> bool:
    return other.place != line.place + 1 or other.time - line.time > _MICROS or line.alone or other.alone


class _Walk:
    """What is open at a line: its `role` in a trace, the `head` of that, blank lines `held` until the trace goes on.

    `lost`: nothing but lines without a head came so far. `later` is the role as the span behind sees it: a late line
    goes on only where that span gives it up as lost.
    """

    def __init__(self, start: int) -> None:
        self._start = start
        self._last: Line | None = None
        self._role = self._later = START
        self._head: int | None = None
        self._held: list[int] = []
        self._lost = False

    def step(self, line: Line, behind: int) -> list[tuple[int, int]]:
        self._approach(line)
        if line.blank:
            self._lost = False
            if line.late:
                self._begin(START, None)
            elif self._role != START:
                self._held.append(line.place)
            return []
        role = goes_on(line.fits, self._role, behind)
        if line.late:
            self._later = goes_on(line.fits, self._later, behind)
            role = role if self._later else 0
        if not role:
            self._begin(begins(line.fits, line.bad), None if line.late else line.place)
            return []
        self._role, held, self._held = role, self._held, []
        if self._head is not None:
            return [(place, self._head) for place in (*held, line.place)]
        return [(line.place, LOST)] if self._lost and line.time < self._start + _MICROS else []

    def _approach(self, line: Line) -> None:
        if self._last is None:
            self._lost = line.first and not line.alone
        elif _apart(self._last, line):
            self._begin(START, None)
        self._last = line

    def _begin(self, role: int, head: int | None) -> None:
        self._role, self._head, self._held, self._lost = role, head, [], False


def _joined(frame: pl.DataFrame) -> pl.DataFrame:
    """One entry for each head."""
    heads = frame.filter(pl.col("head") != pl.col("place"))["head"].unique()
    whole, parts = (
        frame.filter(~pl.col("head").is_in(heads.implode())),
        frame.filter(pl.col("head").is_in(heads.implode())),
    )
    first = [pl.col(name).first() for name in SCHEMA.names() if name != "message"]
    joined = parts.group_by("head", maintain_order=True).agg(*first, pl.col("message").str.join("\n"))
    return pl.concat([whole.select(SCHEMA.names()), joined.select(SCHEMA.names())])


__all__ = ["NEAR", "REACH", "WITHIN", "join", "spans_to_read"]
