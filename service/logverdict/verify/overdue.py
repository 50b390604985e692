"""Entries that are on their way, as far as the lag of their instance tells, and that are not waited for. Pure."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from logverdict.analysis.bins import bin_end
from logverdict.analysis.counts import TIME
from logverdict.domain.verification import Plan
from logverdict.verify.late import RECENT, Count, slack


@dataclass(frozen=True, slots=True)
class Overdue:
    """Entries of the instance since that time may still come; they take as long as `lag`."""

    instance: str
    since: datetime
    lag: timedelta


def overdue(
    candidate: Count, baselines: Sequence[Count], wanted: Collection[str], plan: Plan, now: datetime, max_lag: timedelta
) -> list[Overdue]:
    """By name, of instances that wrote in the candidate, or that should have.

    Each instance's entries are taken to come in order: what was seen at the window's end has nothing behind it. One of
    which nothing arrived for `max_lag` is not taken to be late.
    """
    start, upto = candidate.span.start, candidate.span.end
    here = _arrivals(candidate, plan)
    spoke = dict(here.group_by("instance").agg(pl.col("end").max()).iter_rows())
    known = pl.concat([here, *(_arrivals(one, plan) for one in baselines)])
    recent = known.filter(pl.col("arrived").is_not_null(), pl.col("end") > upto - RECENT)
    lags = recent.group_by("instance").agg(
        (pl.col("arrived") - pl.col("end")).max().alias("lag"), pl.col("arrived").max().alias("last")
    )
    found = []
    for instance, lag, last in lags.sort("instance").iter_rows():
        since = max(spoke.get(instance, start), now - lag - slack(plan))
        late = lag > timedelta(0) and now - last <= max_lag and since < upto
        if late and (instance in spoke or instance in wanted):
            found.append(Overdue(instance, since, lag))
    return found


def share(found: Sequence[Overdue], candidate: Count, wanted: Collection[str]) -> float:
    """What is overdue of all instances × time."""
    rows = candidate.presence
    instances = {*wanted, *(rows["instance"] if rows is not None else ())}
    missing = sum((candidate.span.end - one.since) / candidate.span.length for one in found)
    return missing / max(1, len(instances))


def told(found: Sequence[Overdue], most: int) -> Iterator[str]:
    for one in found[:most]:
        name = f"instance {one.instance}" if one.instance else "no instance"
        seconds = one.lag.total_seconds()
        yield f"entries of {name} come up to {seconds:,.0f} s late: those since {one.since:%H:%M:%S} UTC may be missing"
    if (more := len(found) - most) > 0:
        yield f"and those of {more:,} more instances"


def _arrivals(found: Count, plan: Plan) -> pl.DataFrame:
    """Per instance and bin: the bin's end, and when the last entry of it arrived."""
    rows = found.presence
    if rows is None:
        return pl.DataFrame(schema={"instance": pl.String(), "end": TIME, "arrived": TIME})
    return rows.select("instance", bin_end(plan.grid(found.window)).alias("end"), pl.col("arrived").cast(TIME))
