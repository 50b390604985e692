"""Who wrote when: instances that fall silent, and what their silence is worth. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import polars as pl

from logverdict.domain.verification import Plan
from logverdict.verify.coverage import step_of

UNLIKELY = 7.0
"""Entries that an instance would have written in a stretch, at the rate of the rest: of a Poisson process that writes
as many on average, e^-7, less than one in a thousand, stays silent."""
LONG = 6
"""Minutes from which on one silent minute at the end says nothing yet."""


def by_minute(rows: pl.DataFrame, plan: Plan, minutes: int) -> dict[str, list[int]]:
    """For each instance its entries in each of the window's first minutes. `rows`: schema SURVEY."""
    found: dict[str, list[int]] = {}
    summed = rows.group_by("instance", step_of(pl.col("bin"), plan).alias("step")).agg(pl.col("count").sum())
    for instance, step, count in summed.filter(pl.col("step").is_between(0, minutes - 1)).iter_rows():
        found.setdefault(instance, [0] * minutes)[int(step)] += count
    return found


def fell_silent(counts: Sequence[int]) -> bool:
    """Whether an instance has been silent at the end for longer than ever before: its entries may be on their way."""
    spoke = [minute for minute, count in enumerate(counts) if count]
    if not spoke:
        return True
    silent = len(counts) - 1 - spoke[-1]
    gaps = [later - earlier - 1 for earlier, later in pairwise(spoke)]
    if len(spoke) < 3:
        gaps.append(spoke[0])
    return silent > max(gaps, default=0) and silent >= (2 if len(counts) >= LONG else 1)


@dataclass(frozen=True, slots=True)
class Silence:
    """Minutes [start, end) in which an instance should have written and did not; `usual` entries a minute else."""

    instance: str
    start: int
    end: int
    usual: float


def silences(counts: Sequence[int], wanted: "Asked", instance: str) -> Iterator[Silence]:
    """Stretches too long to be chance. Before its first entry an instance may not have been there, unless the request
    names it; one that never wrote was silent all the time if it is named, or wrote enough before."""
    named, before = instance in wanted.named, wanted.before.get(instance, 0.0)
    if not any(counts):
        if named or before * len(counts) >= UNLIKELY:
            yield Silence(instance, 0, len(counts), before)
        return
    first = 0 if named else next(minute for minute, count in enumerate(counts) if count)
    at = first
    for spoke, run in groupby(counts[first:], key=bool):
        start, at = at, at + len(list(run))
        rest = len(counts) - first - (at - start)
        if not spoke and rest and (usual := sum(counts) / rest) * (at - start) >= UNLIKELY:
            yield Silence(instance, start, at, usual)


@dataclass(frozen=True, slots=True)
class Asked:
    """The changed instances: they should show that they run. `named` are those of them that the request names;
    `before` is what hosts that are changed in place wrote a minute in the baseline."""

    instances: frozenset[str]
    named: frozenset[str]
    before: Mapping[str, float]


def asked(here: Collection[str], before: Mapping[str, float], named: Collection[str]) -> Asked:
    """Those that the request names; else those that came with the deployment. Where none came, all: hosts that are
    changed in place keep their names, while pods that are replaced just end."""
    if named:
        return Asked(frozenset(named), frozenset(named), {})
    new = frozenset(here) - frozenset(before)
    return Asked(new, frozenset(), {}) if new else Asked(frozenset(before), frozenset(), before)


def all_silences(counts: Mapping[str, Sequence[int]], wanted: Asked, minutes: int) -> list[Silence]:
    """The silences of the changed instances, by name and time."""
    return [
        silence
        for instance in sorted(wanted.instances)
        for silence in silences(counts.get(instance, [0] * minutes), wanted, instance)
    ]
