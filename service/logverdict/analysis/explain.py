"""Every cluster becomes an event with all that explains it."""

from collections.abc import Iterable
from dataclasses import MISSING, fields, replace
from datetime import UTC, datetime
from functools import cache, partial
from itertools import compress
from operator import attrgetter
from typing import Any

import numpy as np
import polars as pl

from logverdict.analysis.compare import Compared
from logverdict.analysis.counts import SAMPLES
from logverdict.analysis.frequency import Floats
from logverdict.analysis.hashing import short_hash
from logverdict.analysis.judge import Findings
from logverdict.analysis.sentences import Ground, ground, sentence, unchanged
from logverdict.analysis.similar import nearest
from logverdict.analysis.strength import Strength
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

_FIELDS = tuple(field.name for field in fields(Event) if field.default is MISSING)
_SENTENCE = _FIELDS.index("sentence")
_SEVERITY = {int(severity): severity for severity in Severity}
Column = Iterable[Any]


def events(compared: Compared, found: Findings, impacts: tuple[Impact, ...]) -> tuple[Event, ...]:
    """All clusters that either side has as events, strongest first, then by id. What only history or background has
    is none."""
    there = (compared.candidate + compared.own > 0) | (found.strengths > 0)
    columns = {"impact": impacts, "nearest": [None] * len(there)} | _judged(compared, found) | _told(compared)
    # By columns, as there may be a hundred thousand events: one by one they take four times as long.
    rows = zip(*(columns[name] for name in _FIELDS), strict=True)
    again, on = compared.recurrence.tolist(), ground(compared.sides)
    pairs = compress(zip(rows, again, strict=True), there.tolist())
    made = [Event(*row) if row[_SENTENCE] else _with_sentence(row, on, times) for row, times in pairs]
    made.sort(key=attrgetter("id"))
    made.sort(key=attrgetter("weight"), reverse=True)
    return _with_nearest(made, on)


def _with_sentence(row: tuple[Any, ...], on: Ground, again: int) -> Event:
    """Made twice, as its sentence is told of the whole: `replace` takes three times as long as to make one."""
    whole = (*row[:_SENTENCE], sentence(Event(*row), on, again), *row[_SENTENCE + 1 :])
    return Event(*whole)


def _judged(compared: Compared, found: Findings) -> dict[str, Column]:
    """What was counted and found, by field; no sentence yet but of what is unchanged, which most are."""
    frequency, names = found.frequency, compared.table["template"].to_list()
    candidate, baseline = compared.candidate.tolist(), compared.own.tolist()
    severities = [_SEVERITY[number] for number in compared.severity.tolist()]
    expected = _rounded(frequency.expected)
    told = cache(unchanged)  # few different ones, over and over
    sentences = [
        told(severity, count, value) if kind is EventKind.KNOWN and (before or not count) else ""
        for kind, severity, count, before, value in zip(
            found.kinds, severities, candidate, baseline, expected, strict=True
        )
    ]
    return {
        "id": map(short_hash, names),
        "kind": found.kinds,
        "direction": map(_direction, found.kinds, frequency.ratio.tolist(), candidate),
        "severity": severities,
        "template": names,
        "templates": map(tuple, compared.table["members"].list.head(MAX_MEMBERS).to_list()),
        "sentence": sentences,
        "candidate_count": candidate,
        "baseline_count": baseline,
        "expected": expected,
        "seen": map(float, candidate),
        "ratio": _rounded(frequency.ratio),
        "p_value": [1.0 if p == 1.0 else float(f"{p:.6g}") for p in frequency.p.tolist()],
        "weight": _weights(compared, found),
    }


def _told(compared: Compared) -> dict[str, Column]:
    """What the entries tell, by field: the candidate's where a cluster has any, else the baseline's."""
    cells = compared.cells.with_columns(mine=pl.col("stretch") == CANDIDATE)
    cells = cells.filter(pl.col("mine") | pl.Series(compared.candidate == 0)[cells["cluster"]])
    spans = cells.group_by("cluster").agg(pl.col("first").min(), pl.col("last").max()).sort("cluster")
    sources = cells.select("cluster", "source").unique().sort("source")
    by_instance, samples = _by_instance(cells), _samples(compared, cells)
    count = map(cache(InstanceCount), by_instance["instance"].to_list(), by_instance["count"].to_list())
    return {
        "first_seen": _times(spans["first"]),
        "last_seen": _times(spans["last"]),
        "sources": _gathered(compared, sources["cluster"], sources["source"].to_list()),
        "instances": _gathered(compared, by_instance["cluster"], count),
        "samples": _gathered(compared, samples["cluster"], samples["sample"].to_list()),
        "candidate_series": _series(compared, CANDIDATE),
        "baseline_series": _series(compared, 1),
    }


def _gathered(compared: Compared, clusters: pl.Series, values: Column) -> Column:
    """The few values of each cluster, in their order."""
    out: list[tuple[Any, ...]] = [()] * len(compared.table)
    for cluster, value in zip(clusters.to_list(), values, strict=True):
        out[cluster] += (value,)
    return out


def _series(compared: Compared, stretch: int) -> Iterable[tuple[int, ...]]:
    """Entries per cluster and point in the candidate or the first baseline."""
    its = [compared.sides.candidate, *compared.sides.baselines][stretch : stretch + 1]
    bins = its[0].bins if its else 0
    step = max(1, -(-bins // MAX_SERIES))
    size, points = len(compared.table), -(-bins // step)
    if not points:
        return [()] * size
    cells = compared.cells.filter(pl.col("stretch") == stretch)
    at = np.clip(cells["bin"].to_numpy() // step, 0, points - 1)
    places = cells["cluster"].to_numpy() * points + at
    rows = totals(places, cells["count"].to_numpy(), size * points).reshape(size, points).tolist()
    known: dict[tuple[int, ...], tuple[int, ...]] = {}
    # Most are alike: one of each kind costs less to pass on.
    return [known.setdefault(row, row) for row in map(tuple, rows)]


def _direction(kind: EventKind, ratio: float, candidate: int) -> Direction:
    if kind is EventKind.KNOWN:
        return Direction.NONE
    if kind is EventKind.GONE or not candidate:
        return Direction.DOWN
    return Direction.UP if kind is not EventKind.UNEXPECTED_FREQUENCY or ratio >= 1 else Direction.DOWN


def _weights(compared: Compared, found: Findings) -> list[float]:
    """Strength, and below its next step how far seen and expected are apart."""
    apart = np.log10(1 + np.abs(compared.candidate - found.frequency.expected)) / 8
    return _rounded(np.where(found.strengths == Strength.NONE, 0.0, found.strengths + np.minimum(0.99, apart)))


def _rounded(values: Floats) -> list[float]:
    """As Python rounds, not numpy; the same few values over and over."""
    return list(map(cache(partial(round, ndigits=6)), values.tolist()))


def _with_nearest(made: list[Event], on: Ground) -> tuple[Event, ...]:
    known = sorted((event for event in made if event.baseline_count), key=attrgetter("id"))
    asked = [event for event in made[:MAX_EXPLAINED] if event.kind is EventKind.UNKNOWN]
    found = nearest([event.template for event in asked], [event.template for event in known])
    places = {event.id: at for at, event in enumerate(made[:MAX_EXPLAINED])}
    for event, match in zip(asked, found, strict=True):
        if match is not None:
            its = known[match.place]
            alike = Nearest(its.id, its.template, round(match.cosine, 6), round(match.jaccard, 6))
            beside = replace(event, nearest=alike)
            made[places[event.id]] = replace(beside, sentence=sentence(beside, on))
    return tuple(made)


def _times(times: pl.Series) -> list[datetime]:
    """In Python's own UTC, which costs less than a zone by name."""
    naive = times.dt.replace_time_zone(None).to_numpy().tolist()
    return [datetime.combine(time, time.time(), UTC) for time in naive]


def _by_instance(cells: pl.DataFrame) -> pl.DataFrame:
    """The instances with most entries, per cluster."""
    return (
        cells.filter(pl.col("instance") != "")
        .group_by("cluster", "instance")
        .agg(pl.col("count").sum())
        .sort("cluster", "count", "instance", descending=[False, True, False])
        .group_by("cluster", maintain_order=True)
        .head(MAX_INSTANCES)
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
    )
