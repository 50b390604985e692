"""What is as new on instances that did not change is not blamed on the deployment."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl
import scipy

from logverdict.analysis.compare import Compared
from logverdict.analysis.judge import Findings
from logverdict.analysis.sentences import number
from logverdict.analysis.severity import THROWN
from logverdict.analysis.strength import FAILS, Strength
from logverdict.analysis.template import templates_of
from logverdict.domain.words import Sensitivity, Severity

TIMES = 2.0
"""From so many times as many entries per exposure on, changed instances write more, however few they are."""
CHANCE = 0.05
"""Below this chance of so many of both sides' entries on changed instances, these write more of them."""


def beside(compared: Compared, found: Findings, sensitivity: Sensitivity) -> tuple[Findings, Mapping[str, int]]:
    """The findings, in which a new warning or error that unchanged instances of the same window write as often, per
    exposure, is no more than FAINT: it fails at no sensitivity. And on how many of these, by event."""
    stretch = compared.sides.beside
    if stretch is None:
        return found, {}
    changed = compared.sides.candidate.exposure
    share = changed / (changed + stretch.exposure)
    there = _there(compared)
    here, count = compared.candidate[there["cluster"].to_numpy()], there["count"].to_numpy()
    rare = scipy.stats.binom.sf(here - 1, here + count, share) < CHANCE
    alike = ~rare & (here / changed < TIMES * count / stretch.exposure)
    shared = dict(there.filter(pl.Series(alike)).select("cluster", "instance").iter_rows())
    strengths = found.strengths.copy()
    at = np.array(sorted(shared), np.int64)
    strengths[at] = np.minimum(strengths[at], Strength.FAINT)
    named = {cluster: compared.event_id(cluster) for cluster in shared}
    fails = FAILS[sensitivity]
    spared = {named[cluster]: on for cluster, on in shared.items() if found.strengths[cluster] >= fails}
    its = replace(found, strengths=strengths, spared=spared)
    return its, {named[cluster]: on for cluster, on in shared.items()}


def told(shared: Mapping[str, int]) -> dict[str, str]:
    """What their sentences say of it, by event."""
    return {
        event: f"Also new on {number(instances, 'unchanged instance')}: not of this deployment."
        for event, instances in shared.items()
    }


def _there(compared: Compared) -> pl.DataFrame:
    """Of each new cluster of warnings or errors that unchanged instances write: entries and instances there."""
    stretch = compared.sides.beside
    assert stretch is not None
    bad = np.flatnonzero(compared.new_trouble(Severity.WARN))
    keys = compared.cells.filter(pl.col("cluster").is_in(bad.tolist())).select("key", "cluster").unique()
    rules = compared.sides.rules
    mine = keys.with_columns(text=templates_of(keys["key"], rules)).select("text", "cluster").unique()
    theirs = stretch.counts.counts.filter(
        (pl.col("severity") >= int(Severity.WARN)) | pl.col("key").str.contains(THROWN)
    ).select("key", "instance", "count")
    theirs = theirs.with_columns(text=templates_of(theirs["key"], rules))
    found = theirs.join(mine, on="text").group_by("cluster").agg(pl.col("count").sum(), pl.col("instance").n_unique())
    return found.sort("cluster")
