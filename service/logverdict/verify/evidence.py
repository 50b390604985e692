"""What the counting of whole windows says of instances: who shows that it runs, who fell silent. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from logverdict.analysis.split import matching
from logverdict.domain.coverage import InstanceCoverage, add_instances
from logverdict.domain.verification import Plan, Request, SourceCoverage
from logverdict.verify.coverage import lag_by_instance
from logverdict.verify.late import Count
from logverdict.verify.overdue import Overdue, overdue, told
from logverdict.verify.overdue import share as overdue_share
from logverdict.verify.presence import UNLIKELY, Asked, Silence, all_silences, asked, by_minute, fell_silent

NAMED = 10
"""Silences that are told one by one."""


@dataclass(frozen=True)
class Watched:
    """One source over the candidate window: entries (or evidence) of each instance in each whole minute, and the
    changed instances that should have some."""

    counts: Mapping[str, Sequence[int]]
    wanted: Asked
    minutes: int
    overdue: Sequence[Overdue]
    overdue_share: float

    def silences(self) -> list[Silence]:
        return all_silences(self.counts, self.wanted, self.minutes)

    def silent(self) -> list[str]:
        """The instances whose last entries may still be on their way."""
        return [name for name in sorted(self.wanted.instances) if self._awaited(name)]

    def _awaited(self, name: str) -> bool:
        counts = self.counts.get(name, ())
        if any(counts):
            return fell_silent(counts)
        return name in self.wanted.named or self.wanted.before.get(name, 0.0) * self.minutes >= UNLIKELY


def watched(
    candidate: Count, baselines: Sequence[Count], request: Request, plan: Plan, now: datetime
) -> Watched | None:
    """None where the source can't count."""
    rows, changed = candidate.presence, request.changed
    if rows is None:
        return None
    minutes = max(1, candidate.span.length // plan.step)
    here = frozenset(rows["instance"])
    before = _rates([one for one in baselines if one.presence is not None], plan)
    if changed.pattern:
        wanted = Asked(matching(changed.pattern, here), frozenset(), {})
    else:
        wanted = asked(here, before, changed.names)
    late = overdue(candidate, baselines, wanted.instances, plan, now, request.timing.max_lag)
    missing = overdue_share(late, candidate, wanted.instances)
    return Watched(by_minute(rows, plan, minutes), wanted, minutes, late, missing)


def _rates(baselines: Sequence[Count], plan: Plan) -> dict[str, float]:
    """Entries a minute of each instance."""
    minutes = sum(one.span.length / plan.step for one in baselines)
    found: dict[str, float] = {}
    for one in baselines:
        for name, entries in totals(one.presence):
            found[name] = found.get(name, 0.0) + entries / minutes
    return found


def totals(rows: pl.DataFrame | None) -> tuple[tuple[str, int], ...]:
    """Entries by instance, ordered by name; rows: schema SURVEY."""
    if rows is None:
        return ()
    return tuple(rows.group_by("instance").agg(pl.col("count").sum()).sort("instance").iter_rows())


def with_evidence(part: SourceCoverage, counts: Sequence[Count], seen: Watched | None, plan: Plan) -> SourceCoverage:
    """Adds what was counted over whole windows: evidence, lag, and what silence of changed instances takes away."""
    coverage = part.coverage
    known = [one for one in counts if one.evidence is not None]
    faults = [*coverage.faults, *(fault for one in counts for fault in one.faults)]
    share = part.share
    if seen is not None:
        silences = seen.silences()
        share *= 1 - max(seen.overdue_share, _lost(silences, seen) if known else 0.0)
        faults += told(seen.overdue, NAMED)
        if known:
            faults += _told(silences, plan)
        else:
            faults += _ended([one for one in silences if one.end == seen.minutes], plan)
    instances = add_instances([*coverage.instances, *(row for one in known for row in _rows(one, plan))])
    evidence = sum(entries for one in known for _, entries in totals(one.evidence)) if known else None
    coverage = replace(coverage, evidence=evidence, instances=instances, faults=tuple(dict.fromkeys(faults)))
    return replace(part, share=share, coverage=coverage)


def _rows(found: Count, plan: Plan) -> Iterator[InstanceCoverage]:
    rows = found.evidence if found.evidence is not None else pl.DataFrame()
    lags = lag_by_instance(rows, plan, found.window)
    for name, entries in totals(found.evidence):
        yield InstanceCoverage(name, None if found.rows is None else 0, 0, entries, lags.get(name))


def _lost(silences: Sequence[Silence], seen: Watched) -> float:
    """The share of instances × minutes."""
    return sum(one.end - one.start for one in silences) / (max(1, len(seen.wanted.instances)) * seen.minutes)


def _told(silences: Sequence[Silence], plan: Plan) -> Iterator[str]:
    for one in silences[:NAMED]:
        usual = f", about {one.usual:,.0f} entries a minute else" if one.usual else ""
        yield f"no evidence of {_name(one)} from {_time(plan, one.start)} to {_time(plan, one.end)} UTC{usual}"
    if (more := len(silences) - NAMED) > 0:
        yield f"and {more:,} more such stretches"


def _ended(silences: Sequence[Silence], plan: Plan) -> Iterator[str]:
    """Without an evidence query silence at the end is told, and takes nothing away: instances may end."""
    for one in silences[:NAMED]:
        usual = f", and about {one.usual:,.0f} entries a minute before" if one.usual else ""
        why = "it was ended, or died, or its entries no longer arrive"
        yield f"{_name(one)} wrote nothing after {_time(plan, one.start)} UTC{usual}: {why}"
    if (more := len(silences) - NAMED) > 0:
        yield f"and {more:,} more instances"


def _name(one: Silence) -> str:
    return f"instance {one.instance}" if one.instance else "entries that name no instance"


def _time(plan: Plan, minute: int) -> str:
    return f"{plan.candidate.start + minute * plan.step:%H:%M:%S}"
