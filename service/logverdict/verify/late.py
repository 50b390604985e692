"""Counting again: what came after a slice was read, and how late things come."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from logverdict.domain.coverage import add_minutes
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Plan, Slice
from logverdict.domain.window import Window
from logverdict.verify.asking import Asking
from logverdict.verify.coverage import lag_by_instance, step_of
from logverdict.verify.ports import StoredSlice

RECENT = timedelta(minutes=10)
"""How late things come now is told by this last stretch of time: an outage of an hour ago says nothing about it."""


@dataclass(frozen=True)
class Count:
    """What a source has of a window so far. `rows` and `evidence`: schema SURVEY; None where it can't count, or has no
    such query."""

    source: SourceSpec
    window: str
    span: Window
    rows: pl.DataFrame | None
    evidence: pl.DataFrame | None
    faults: tuple[str, ...]

    @property
    def presence(self) -> pl.DataFrame | None:
        """What shows best that instances run."""
        return self.rows if self.evidence is None else self.evidence


async def count(asking: Asking, spec: SourceSpec, window: str, span: Window, plan: Plan) -> Count:
    """Errors as `LogSource.survey`."""
    grid = plan.grid(window)
    survey = await asking.survey(spec, span, grid)
    evidence = await asking.survey(spec, span, grid, evidence=True) if spec.evidence else None
    faults = [fault for one in (survey, evidence) if one is not None for fault in one.faults]
    if spec.evidence and evidence is None:
        faults.append("this kind of source can't count evidence")
    return Count(
        spec,
        window,
        span,
        None if survey is None else survey.rows,
        None if evidence is None else evidence.rows,
        tuple(faults),
    )


def gained(found: Count, pieces: Sequence[Slice], stored: Mapping[str, StoredSlice], plan: Plan) -> list[Slice]:
    """The slices with a minute of which the source has more by now."""
    if found.rows is None:
        return []
    first = plan.first_step(found.window)
    summed = found.rows.group_by(step_of(pl.col("bin"), plan).alias("step")).agg(pl.col("count").sum())
    now = {first + int(step): entries for step, entries in summed.iter_rows()}
    known = [minute for piece in pieces for minute in stored[piece.key].coverage.minutes]
    before = {
        minute.number: minute.read if minute.expected is None else minute.expected for minute in add_minutes(known)
    }
    more = {number for number, entries in now.items() if entries > before.get(number, 0)}
    return [piece for piece in pieces if any(minute.number in more for minute in stored[piece.key].coverage.minutes)]


def lag(stored: Iterable[tuple[Slice, StoredSlice]], counts: Iterable[Count], plan: Plan) -> timedelta:
    """How late the entries of the latest stretch came, by the instance whose came last; 0 where nobody knows.

    A bin's width, at most a minute, is added to what was measured.
    """
    known = [(piece.span.end, _longest(piece_of)) for piece, piece_of in stored]
    known += [(end, late) for one in counts for end, late in _of_count(one, plan)]
    newest = max((end for end, _ in known), default=None)
    longest = max((late for end, late in known if newest is not None and newest - end < RECENT), default=0.0)
    return timedelta(seconds=longest) + slack(plan) if longest > 0 else timedelta(0)


def slack(plan: Plan) -> timedelta:
    """What a lag may be longer than was measured: it is only known to lie within a bin."""
    return timedelta(seconds=min(plan.bin_seconds, 60.0))


def _longest(piece: StoredSlice) -> float:
    return max((row.lag for row in piece.coverage.instances if row.lag is not None), default=0.0)


def _of_count(found: Count, plan: Plan) -> Iterator[tuple[datetime, float]]:
    grid = plan.grid(found.window)
    since = grid.number(found.span.end - RECENT)
    for rows in (found.rows, found.evidence):
        if rows is not None:
            lags = lag_by_instance(rows.filter(pl.col("bin") >= since), plan, found.window)
            yield found.span.end, max(lags.values(), default=0.0)
