"""What is as new on instances that did not change is not blamed on the deployment."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl
import scipy

from logverdict.analysis.compare import Compared
from logverdict.analysis.hashing import short_hash
from logverdict.analysis.judge import Findings, Strength
from logverdict.analysis.severity import THROWN
from logverdict.analysis.template import templates_of
from logverdict.domain.result import Event
from logverdict.domain.words import Severity

TIMES = 2.0
"""From so many times as many entries per exposure on, changed instances write more, however few they are."""
CHANCE = 0.05
"""Below this chance of so many of both sides' entries on changed instances, these write more of them."""


def beside(compared: Compared, found: Findings) -> tuple[Findings, Mapping[int, int]]:
    """The findings, in which a new warning or error that unchanged instances of the same window write as often, per
    exposure, is no more than FAINT: it fails at no sensitivity. And on how many of these, by cluster."""
    stretch = compared.sides.beside
    if stretch is None:
        return found, {}
    changed = compared.sides.candidate.exposure
    share = changed / (changed + stretch.exposure)
    shared = {}
    for cluster, count, instances in _there(compared).iter_rows():
        here = int(compared.candidate[cluster])
        rare = scipy.stats.binomtest(here, here + count, share, alternative="greater").pvalue < CHANCE
        if not rare and here / changed < TIMES * count / stretch.exposure:
            shared[cluster] = instances
    strengths = found.strengths.copy()
    at = np.array(sorted(shared), np.int64)
    strengths[at] = np.minimum(strengths[at], Strength.FAINT)
    return replace(found, strengths=strengths), shared


def marked(events: tuple[Event, ...], compared: Compared, shared: Mapping[int, int]) -> tuple[Event, ...]:
    """Their sentences say so."""
    if not shared:
        return events
    names = {short_hash(compared.table["template"][cluster]): instances for cluster, instances in shared.items()}
    return tuple(_marked(event, names[event.id]) if event.id in names else event for event in events)


def _marked(event: Event, instances: int) -> Event:
    on = f"{instances} unchanged instance{'s' if instances > 1 else ''}"
    return replace(event, sentence=f"{event.sentence} Also new on {on}: not of this deployment.".strip())


def _there(compared: Compared) -> pl.DataFrame:
    """Of each new cluster of warnings or errors that unchanged instances write: entries and instances there."""
    stretch = compared.sides.beside
    assert stretch is not None
    bad = np.flatnonzero(compared.new & compared.worse_than(Severity.WARN))
    keys = compared.cells.filter(pl.col("cluster").is_in(bad.tolist())).select("key", "cluster").unique()
    mine = keys.with_columns(text=templates_of(keys["key"])).select("text", "cluster").unique()
    theirs = stretch.counts.counts.filter(
        (pl.col("severity") >= int(Severity.WARN)) | pl.col("key").str.contains(THROWN)
    ).select("key", "instance", "count")
    theirs = theirs.with_columns(text=templates_of(theirs["key"]))
    found = theirs.join(mine, on="text").group_by("cluster").agg(pl.col("count").sum(), pl.col("instance").n_unique())
    return found.sort("cluster")
