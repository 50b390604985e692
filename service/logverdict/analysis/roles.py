"""Instances with roles: what only some of the unchanged instances write is not missed on a changed one."""

import numpy as np
import polars as pl

from logverdict.analysis.compare import Compared, Mask
from logverdict.analysis.template import CANDIDATE

ALL = 0.8
"""Share of the unchanged instances that write what every instance does: one may be idle."""


def of_a_role(compared: Compared) -> Mask:
    """At the same time, clusters that fewer of the unchanged instances write, and none that is on both sides: a leader
    writes what followers do not. None where instances have no names, or only one is unchanged."""
    out = np.zeros(len(compared.table), np.bool_)
    if not compared.sides.concurrent:
        return out
    named = compared.cells.filter(pl.col("instance") != "")
    changed = named.filter(pl.col("stretch") == CANDIDATE)["instance"].unique()
    beside = named.filter(pl.col("stretch") != CANDIDATE)
    instances = beside["instance"].n_unique()
    if instances < 2 or changed.is_empty():
        return out
    on_both = pl.col("instance").is_in(changed.implode())
    each = beside.group_by("cluster").agg(writers=pl.col("instance").n_unique(), both=on_both.any())
    some = each.filter(~pl.col("both") & (pl.col("writers") < ALL * instances))
    out[some["cluster"].to_numpy()] = True
    return out
