"""Templates that share a cluster, each tried by itself: what departs alone must not drown in its cluster."""

from dataclasses import replace

import numpy as np
import polars as pl

from logverdict.analysis.compare import Compared, Counts, Mask, grids_of, regroup
from logverdict.analysis.departure import departs, over_looks
from logverdict.analysis.frequency import Floats
from logverdict.analysis.level import Level
from logverdict.analysis.thresholds import DEFAULT, Thresholds
from logverdict.domain.policy import Policy

ENTRIES = 30
"""Entries of a template on all sides together, at least: fewer tell nothing of its frequency."""
MOST = 2_000
"""Templates that are tried, those of most entries first."""
FEW = 10
"""Templates of a cluster, at most, of which one that becomes rarer tells anything: more of them hold names, and names
leave."""
SHARE = 0.25
"""Of what their cluster may spend of the level, that its templates may spend together. It keeps the rest: most changes
concern all of it."""


def apart(compared: Compared, policy: Policy, looks: int, limits: Thresholds = DEFAULT) -> Compared:
    """The comparison, with each template as a cluster of its own that surely departs and the others of its cluster do
    not: they would hide it.

    Bonferroni's correction in two steps: what a cluster may spend of the level goes to its own test (`spending`) and to
    those of its templates, which share their part alike.
    """
    tried = _tried(compared)
    if tried.is_empty():
        return compared
    rows, its = tried["row"].to_numpy(), tried["cluster"].to_numpy()
    size, groups = len(compared.table), _with_own(compared, rows)
    cells = groups[compared.cells["row"].to_numpy()]
    grids = grids_of(compared.found, cells, size + len(rows), compared.bins)
    frequency = over_looks(compared, grids, cells, looks, limits)
    cluster = np.concatenate([np.arange(size), its])
    number = np.bincount(its[frequency.tested[size:]], minlength=size)
    level, together = Level(policy.false_alarm_level.alpha, looks, last=True), compared.sides.concurrent
    alpha = level.changes(together) * SHARE / np.maximum(1, number)[cluster]
    sure = departs(frequency, together, alpha, limits, len(np.unique(cluster[frequency.tested])))[size:]
    sure &= _alone(compared, grids, its, limits) & (
        (frequency.ratio[size:] > 1) | (tried["templates"].to_numpy() <= FEW)
    )
    if not sure.any():
        return compared
    numbers = np.unique(_with_own(compared, rows[sure]), return_inverse=True)[1]
    return replace(regroup(compared.sides, compared.found, numbers), beyond=compared.beyond)


def _alone(compared: Compared, grids: tuple[Counts, ...], its: Counts, limits: Thresholds) -> Mask:
    """Templates whose change is not that of the others of their cluster (`its`), by the least effect that counts."""
    own = [np.sum([one[len(compared.table) :].sum(axis=1) for one in part], axis=0) for part in (grids[:1], grids[1:])]
    others = [whole[its] - mine for whole, mine in zip((compared.candidate, compared.baseline), own, strict=True)]
    change = np.log((own[0] + 0.5) / (own[1] + 0.5)) - np.log((others[0] + 0.5) / (others[1] + 0.5))
    effect = limits.effect(compared.sides.concurrent)
    return np.asarray(np.abs(change) >= np.log(effect))


def spending(compared: Compared) -> Floats:
    """Share of the level, as if it were all one cluster's, that each cluster's own test may spend."""
    share = np.ones(len(compared.table))
    share[_tried(compared)["cluster"].to_numpy()] = 1 - SHARE
    return share


def _tried(compared: Compared) -> pl.DataFrame:
    """Templates that are tried: row, cluster, and how many templates that has."""
    sums = compared.cells.group_by("row").agg(pl.col("cluster").first(), pl.col("count").sum())
    sums = sums.with_columns(templates=pl.len().over("cluster"))
    tried = sums.filter((pl.col("templates") > 1) & (pl.col("count") >= ENTRIES))
    return tried.sort(["count", "row"], descending=[True, False]).head(MOST).sort("row")


def _with_own(compared: Compared, rows: Counts) -> Counts:
    """The cluster of each template; `rows` have new ones of their own."""
    cluster = np.zeros(len(compared.found.table), np.int64)
    cluster[compared.cells["row"].to_numpy()] = compared.cells["cluster"].to_numpy()
    cluster[rows] = len(compared.table) + np.arange(len(rows))
    return cluster
