"""A run that breaks off: it ends with an error, and not as the baseline does."""

import numpy as np
import polars as pl

from logverdict.analysis.compare import Compared, Counts, Mask
from logverdict.analysis.sides import Stretch
from logverdict.domain.words import Severity

WHY = "It is among the last entries, and the baseline ends otherwise."
LAST = 5
"""Entries at the end of a side that tell how it ends."""
SHORT = 0.2
"""Share of the baseline's entries up to which a candidate that ends with an error broke off, whatever else it wrote."""


def broke_off(compared: Compared, run: bool) -> Mask:
    """New errors, or a new warning that is the very last word, by which a candidate ends that is a `run` as the
    baseline is, or that wrote hardly anything. None where it says at its end what a baseline says last."""
    out = np.zeros(len(compared.table), np.bool_)
    short = compared.sizes[0] <= SHORT * compared.sizes[1]
    if compared.sides.concurrent or not (run or short):
        return out
    clusters = compared.cells.select("source", "key", "cluster").unique(["source", "key"])
    ends = _ends(clusters, compared.sides.candidate)
    if not len(ends) or any(np.isin(_ends(clusters, one)[-1:], ends).any() for one in compared.sides.own):
        return out
    errors = compared.new & compared.worse_than(Severity.ERROR)
    warnings = compared.new & compared.worse_than(Severity.WARN)
    out[ends] = errors[ends]
    out[ends[-1]] = warnings[ends[-1]]
    return out


def _ends(clusters: pl.DataFrame, stretch: Stretch) -> Counts:
    """Clusters of its last entries, in their order; `clusters` has the one of each source and key."""
    last = stretch.counts.edges.sort("time", "hash", "key").tail(LAST).select("source", "key")
    its = last.join(clusters, on=["source", "key"], how="left", maintain_order="left")["cluster"]
    return its.drop_nulls().to_numpy()
