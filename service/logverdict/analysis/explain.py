"""Every cluster becomes an event with all that explains it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial

import numpy as np
import polars as pl

from logverdict.analysis.compare import Compared
from logverdict.analysis.counts import SAMPLES
from logverdict.analysis.hashing import short_hash
from logverdict.analysis.judge import Findings, Strength
from logverdict.analysis.sentences import Ground, ground, sentence
from logverdict.analysis.similar import nearest
from logverdict.analysis.template import CANDIDATE, totals
from logverdict.domain.result import Event, InstanceCount, Nearest
from logverdict.domain.words import Direction, EventKind, Impact, Severity

MAX_EXPLAINED = 500
"""Strongest events that get their nearest baseline cluster; the others are said to be left out in a note."""
MAX_SERIES = 60
"""Points of a series: bins, or sums of neighbouring bins where there are more."""
MAX_INSTANCES = 50
"""Instances listed with an event, those with most entries."""
MAX_MEMBERS = 100
"""Templates listed with an event."""


@dataclass(frozen=True)
class _Facts:
    """What the entries tell, by number of cluster. Lists, as there may be a hundred thousand clusters, and to take one
    number out of an array costs ten times as much as out of a list."""

    names: list[str]
    members: list[list[str]]
    severities: list[Severity]
    candidate: list[int]
    baseline: list[int]
    expected: list[float]
    ratios: list[float]
    p_values: list[float]
    strengths: list[int]
    spans: dict[int, tuple[datetime, datetime]]
    sources: dict[int, tuple[str, ...]]
    instances: dict[int, tuple[InstanceCount, ...]]
    samples: dict[int, tuple[str, ...]]
    series: tuple[list[list[int]], list[list[int]]]
    recurrence: list[int]
    ground: Ground


def events(compared: Compared, found: Findings, impacts: tuple[Impact, ...]) -> tuple[Event, ...]:
    """All clusters that either side has as events, strongest first, then by id. What only history or background has
    is none."""
    facts = _facts(compared, found)
    there = (compared.candidate + compared.own > 0) | (found.strengths > 0)
    made = [_event(at, found, impacts[at], facts) for at in np.flatnonzero(there).tolist()]
    made.sort(key=lambda event: (-event.weight, event.id))
    return _with_nearest(made, facts.ground)


def _event(at: int, found: Findings, impact: Impact, facts: _Facts) -> Event:
    candidate, expected = facts.candidate[at], facts.expected[at]
    kind, ratio = found.kinds[at], facts.ratios[at]
    first, last = facts.spans.get(at, (None, None))
    make = partial(
        Event,
        id=short_hash(facts.names[at]),
        kind=kind,
        impact=impact,
        direction=_direction(kind, ratio, candidate),
        severity=facts.severities[at],
        template=facts.names[at],
        templates=tuple(facts.members[at][:MAX_MEMBERS]),
        candidate_count=candidate,
        baseline_count=facts.baseline[at],
        expected=round(expected, 6),
        seen=float(candidate),
        ratio=round(ratio, 6),
        p_value=facts.p_values[at],
        weight=_weight(facts.strengths[at], candidate, expected),
        nearest=None,
        first_seen=first,
        last_seen=last,
        instances=facts.instances.get(at, ()),
        sources=facts.sources.get(at, ()),
        samples=facts.samples.get(at, ()),
        candidate_series=tuple(facts.series[0][at]),
        baseline_series=tuple(facts.series[1][at]),
    )
    # Made twice, as its sentence is told of the whole: `replace` takes ten times as long as to make one.
    return make(sentence=sentence(make(sentence=""), facts.ground, facts.recurrence[at]))


def _series(compared: Compared, stretch: int) -> list[list[int]]:
    """Entries per cluster and point in the candidate or the first baseline."""
    its = [compared.sides.candidate, *compared.sides.baselines][stretch : stretch + 1]
    bins = its[0].bins if its else 0
    step = max(1, -(-bins // MAX_SERIES))
    size, points = len(compared.table), -(-bins // step)
    if not points:
        return [[] for _ in range(size)]
    cells = compared.cells.filter(pl.col("stretch") == stretch)
    at = np.clip(cells["bin"].to_numpy() // step, 0, points - 1)
    places = cells["cluster"].to_numpy() * points + at
    summed: list[list[int]] = totals(places, cells["count"].to_numpy(), size * points).reshape(size, points).tolist()
    return summed


def _direction(kind: EventKind, ratio: float, candidate: int) -> Direction:
    if kind is EventKind.KNOWN:
        return Direction.NONE
    if kind is EventKind.GONE or not candidate:
        return Direction.DOWN
    return Direction.UP if kind is not EventKind.UNEXPECTED_FREQUENCY or ratio >= 1 else Direction.DOWN


def _weight(strength: int, candidate: int, expected: float) -> float:
    """Strength, and below its next step how far seen and expected are apart."""
    if strength == Strength.NONE:
        return 0.0
    return round(strength + min(0.99, float(np.log10(1 + abs(candidate - expected))) / 8), 6)


def _with_nearest(made: list[Event], on: Ground) -> tuple[Event, ...]:
    known = sorted((event for event in made if event.baseline_count), key=lambda event: event.id)
    asked = [event for event in made[:MAX_EXPLAINED] if event.kind is EventKind.UNKNOWN]
    found = nearest([event.template for event in asked], [event.template for event in known])
    by_id: dict[str, Event] = {}
    for event, match in zip(asked, found, strict=True):
        if match is not None:
            its = known[match.place]
            alike = Nearest(its.id, its.template, round(match.cosine, 6), round(match.jaccard, 6))
            beside = replace(event, nearest=alike)
            by_id[event.id] = replace(beside, sentence=sentence(beside, on))
    return tuple(by_id.get(event.id, event) for event in made)


def _facts(compared: Compared, found: Findings) -> _Facts:
    """Of the candidate's entries where a cluster has any, else of the baseline's."""
    cells = compared.cells.with_columns(mine=pl.col("stretch") == CANDIDATE)
    cells = cells.filter(pl.col("mine") | ~pl.col("mine").any().over("cluster"))
    spans = cells.group_by("cluster").agg(pl.col("first").min(), pl.col("last").max(), pl.col("source").unique().sort())
    numbers = spans["cluster"].to_list()
    by_instance, samples = _by_instance(cells), _samples(compared, cells)
    return _Facts(
        names=compared.table["template"].to_list(),
        members=compared.table["members"].to_list(),
        severities=[_SEVERITY[number] for number in compared.severity.tolist()],
        candidate=compared.candidate.tolist(),
        baseline=compared.own.tolist(),
        expected=found.frequency.expected.tolist(),
        ratios=found.frequency.ratio.tolist(),
        p_values=[1.0 if p == 1.0 else float(f"{p:.6g}") for p in found.frequency.p.tolist()],
        strengths=found.strengths.tolist(),
        spans=dict(zip(numbers, zip(_times(spans["first"]), _times(spans["last"]), strict=True), strict=True)),
        sources=dict(zip(numbers, map(tuple, spans["source"].to_list()), strict=True)),
        instances=dict(zip(by_instance["cluster"].to_list(), _instances(by_instance), strict=True)),
        samples=dict(zip(samples["cluster"].to_list(), map(tuple, samples["sample"].to_list()), strict=True)),
        series=(_series(compared, CANDIDATE), _series(compared, 1)),
        recurrence=compared.recurrence.tolist(),
        ground=ground(compared.sides),
    )


_SEVERITY = {int(severity): severity for severity in Severity}


def _times(times: pl.Series) -> list[datetime]:
    """In Python's own UTC, which costs less than a zone by name."""
    return [time.replace(tzinfo=UTC) for time in times.dt.replace_time_zone(None).to_list()]


def _instances(by_instance: pl.DataFrame) -> list[tuple[InstanceCount, ...]]:
    names, counts = by_instance["instance"].to_list(), by_instance["count"].to_list()
    count = cache(InstanceCount)  # few instances and small counts, over and over
    return [tuple(map(count, *one)) for one in zip(names, counts, strict=True)]


def _by_instance(cells: pl.DataFrame) -> pl.DataFrame:
    """The instances with most entries, per cluster."""
    return (
        cells.filter(pl.col("instance") != "")
        .group_by("cluster", "instance")
        .agg(pl.col("count").sum())
        .sort("cluster", "count", "instance", descending=[False, True, False])
        .group_by("cluster", maintain_order=True)
        .agg(pl.col("instance").head(MAX_INSTANCES), pl.col("count").head(MAX_INSTANCES))
    )


def _samples(compared: Compared, cells: pl.DataFrame) -> pl.DataFrame:
    """Samples of smallest hash, of the candidate's own where it has any."""
    sides = compared.sides
    stretches = [sides.candidate, *sides.baselines, *sides.background]
    stacked = pl.concat([one.counts.samples.with_columns(mine=pl.lit(at == 0)) for at, one in enumerate(stretches)])
    keys = cells.select("cluster", "source", "key", "mine").unique()
    return (
        keys.join(stacked, on=["source", "key", "mine"])
        .select("cluster", "hash", "sample")
        .unique(["cluster", "sample"], keep="first", maintain_order=False)
        .sort("cluster", "hash", "sample")
        .group_by("cluster", maintain_order=True)
        .head(SAMPLES)
        .group_by("cluster", maintain_order=True)
        .agg("sample")
    )
