"""Every cluster becomes an event with all that explains it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import polars as pl

from logverdict.analysis.compare import Compared, Counts
from logverdict.analysis.counts import SAMPLES
from logverdict.analysis.hashing import short_hash
from logverdict.analysis.judge import Findings, Strength
from logverdict.analysis.sentences import Ground, ground, sentence
from logverdict.analysis.similar import nearest
from logverdict.analysis.template import CANDIDATE
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
    """What the entries tell, by number of cluster."""

    names: list[str]
    members: list[list[str]]
    spans: dict[int, tuple[datetime, datetime]]
    sources: dict[int, tuple[str, ...]]
    instances: dict[int, tuple[InstanceCount, ...]]
    samples: dict[int, tuple[str, ...]]
    series: tuple[Counts, Counts]
    ground: Ground


def events(compared: Compared, found: Findings, impacts: tuple[Impact, ...]) -> tuple[Event, ...]:
    """All clusters that either side has as events, strongest first, then by id. What only history or background has
    is none."""
    facts = _facts(compared)
    there = (compared.candidate + compared.own > 0) | (found.strengths > 0)
    made = [_event(int(at), compared, found, impacts[at], facts) for at in np.flatnonzero(there)]
    made.sort(key=lambda event: (-event.weight, event.id))
    return _with_nearest(made, facts.ground)


def _event(at: int, compared: Compared, found: Findings, impact: Impact, facts: _Facts) -> Event:
    candidate, expected = int(compared.candidate[at]), float(found.frequency.expected[at])
    kind, ratio = found.kinds[at], float(found.frequency.ratio[at])
    first, last = facts.spans.get(at, (None, None))
    event = Event(
        id=short_hash(facts.names[at]),
        kind=kind,
        impact=impact,
        direction=_direction(kind, ratio, candidate),
        severity=Severity(int(compared.severity[at])),
        template=facts.names[at],
        templates=tuple(facts.members[at][:MAX_MEMBERS]),
        sentence="",
        candidate_count=candidate,
        baseline_count=int(compared.own[at]),
        expected=round(expected, 6),
        seen=float(candidate),
        ratio=round(ratio, 6),
        p_value=float(f"{found.frequency.p[at]:.6g}"),
        weight=_weight(int(found.strengths[at]), candidate, expected),
        nearest=None,
        first_seen=first,
        last_seen=last,
        instances=facts.instances.get(at, ()),
        sources=facts.sources.get(at, ()),
        samples=facts.samples.get(at, ()),
        candidate_series=tuple(facts.series[0][at].tolist()),
        baseline_series=tuple(facts.series[1][at].tolist()),
    )
    return replace(event, sentence=sentence(event, facts.ground, int(compared.recurrence[at])))


def _series(compared: Compared, stretch: int) -> Counts:
    """Entries per cluster and point in the candidate or the first baseline."""
    its = [compared.sides.candidate, *compared.sides.baselines][stretch : stretch + 1]
    bins = its[0].bins if its else 0
    step = max(1, -(-bins // MAX_SERIES))
    out = np.zeros((len(compared.table), -(-bins // step)), np.int64)
    cells = compared.cells.filter(pl.col("stretch") == stretch)
    at = np.clip(cells["bin"].to_numpy() // step, 0, max(0, out.shape[1] - 1))
    if out.shape[1]:
        np.add.at(out, (cells["cluster"].to_numpy(), at), cells["count"].to_numpy())
    return out


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


def _facts(compared: Compared) -> _Facts:
    """Of the candidate's entries where a cluster has any, else of the baseline's."""
    cells = compared.cells.with_columns(mine=pl.col("stretch") == CANDIDATE)
    cells = cells.filter(pl.col("mine") | ~pl.col("mine").any().over("cluster"))
    spans = cells.group_by("cluster").agg(pl.col("first").min(), pl.col("last").max(), pl.col("source").unique().sort())
    rows = list(spans.iter_rows())
    return _Facts(
        names=compared.table["template"].to_list(),
        members=compared.table["members"].to_list(),
        spans={cluster: (first.astimezone(UTC), last.astimezone(UTC)) for cluster, first, last, _ in rows},
        sources={cluster: tuple(sources) for cluster, _, _, sources in rows},
        instances={cluster: _instances(names, counts) for cluster, names, counts in _by_instance(cells).iter_rows()},
        samples={cluster: tuple(samples) for cluster, samples in _samples(compared, cells).iter_rows()},
        series=(_series(compared, CANDIDATE), _series(compared, 1)),
        ground=ground(compared.sides),
    )


def _instances(names: list[str], counts: list[int]) -> tuple[InstanceCount, ...]:
    return tuple(InstanceCount(name, count) for name, count in zip(names, counts, strict=True))


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
