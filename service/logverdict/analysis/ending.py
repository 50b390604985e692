"""How a candidate ends: as the baseline does, with an error instead, or with nothing but new trouble."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from logverdict.analysis.compare import Compared, Counts, Mask
from logverdict.analysis.sides import Stretch
from logverdict.analysis.template import CANDIDATE
from logverdict.domain.words import Severity

WHY = "It is among the last entries, and the baseline ends otherwise."
WHY_HUNG = "Nothing else came after it."
UNFINISHED = (
    "Cannot judge: the run did not say how it ended, as the baseline does (“{}”), nor anything else of its end. It was "
    "stopped, or goes on after the window. Until then: {}"
)
LAST = 5
"""Entries at the end of a side that tell how it ends; and bins in which only new trouble comes where it hangs."""
ONCE = 2
"""Times that a run says what it says at its end, at most: what comes again and again is no word of an end."""
SHORT = 0.2
"""Share of the baseline's entries up to which a candidate that ends with an error broke off, whatever else it wrote."""
_ENTRY = ["source", "key", "severity"]


@dataclass(frozen=True)
class Ending:
    """`broken`: new errors, or a new warning that is the very last word, by which a run breaks off. `hung`: new trouble
    after which nothing else came. `usual`: it is a run that says at its end, and only there, what a baseline says
    last. `short`: it says nothing, anywhere, of what every baseline says at its end only."""

    broken: Mask
    hung: Mask
    usual: bool = False
    short: bool = False


def ending(compared: Compared, run: bool, last: bool) -> Ending:
    """Of a candidate that is a `run` as the baseline is, or that wrote hardly anything, whether it broke off; of any
    whether it hangs. Nothing before the `last` look, nor beside unchanged instances."""
    none = np.zeros(len(compared.table), np.bool_)
    if compared.sides.concurrent or not last:
        return Ending(none, none)
    (mine,) = _ends(compared, compared.sides.candidate)
    if not len(mine):
        return Ending(none, none)
    hung = _hung(compared, mine, none)
    if not run and compared.sizes[0] > SHORT * compared.sizes[1]:
        return Ending(none, hung)
    theirs = _ends(compared, *compared.sides.own)
    same = np.intersect1d(np.concatenate([mine[:0], *(its[-1:] for its in theirs)]), mine)
    if len(same):
        return Ending(none, hung, run and bool((compared.candidate[same] <= ONCE).any()))
    return Ending(_broken(compared, mine), hung, short=_short(compared, theirs))


def _short(compared: Compared, ends: list[Counts]) -> bool:
    """Each baseline has words of its end, and the candidate has none of them."""
    said = compared.each[: len(ends)]
    words = [np.unique(its[count[its] <= ONCE]) for its, count in zip(ends, said, strict=True)]
    return bool(words) and all(len(its) and not compared.candidate[its].any() for its in words)


def _broken(compared: Compared, ends: Counts) -> Mask:
    out = np.zeros(len(compared.table), np.bool_)
    errors = compared.new_trouble(Severity.ERROR)
    warnings = compared.new_trouble(Severity.WARN)
    out[ends] = errors[ends]
    out[ends[-1]] = warnings[ends[-1]]
    return out


def _hung(compared: Compared, ends: Counts, none: Mask) -> Mask:
    """Where the last entries are all new trouble, and nothing else came in the last bins: by chance that is as rare as
    new trouble is, to the power of these."""
    bad = compared.new_trouble(Severity.WARN)
    if len(ends) < LAST or not bad[ends].all():
        return none
    cells = compared.cells.filter(pl.col("stretch") == CANDIDATE)
    its = pl.col("cluster").is_in(np.unique(ends).tolist())
    before = cells.filter(~its)["last"].max()
    after = cells.filter(its) if before is None else cells.filter(its & (pl.col("first") > before))
    return np.isin(np.arange(len(none)), ends) if after["bin"].n_unique() >= LAST else none


def _ends(compared: Compared, *stretches: Stretch) -> list[Counts]:
    """Clusters of the last entries of each, in their order."""
    tails = [one.counts.edges.sort("time", "hash", "key").tail(LAST).select(_ENTRY) for one in stretches]
    if not tails:
        return []
    keys = pl.concat(tails).unique()
    # A line that only names an exception is another severity among its source's others (see `template`).
    cells = compared.cells.select(*_ENTRY, "cluster").join(keys, on=_ENTRY[:-1], how="semi")
    clusters = cells.unique(_ENTRY, keep="first", maintain_order=True)
    by_key = cells.unique(_ENTRY[:-1], keep="first", maintain_order=True).select(*_ENTRY[:-1], any_severity="cluster")
    found = (
        tail.join(clusters, on=_ENTRY, how="left", maintain_order="left")
        .join(by_key, on=_ENTRY[:-1], how="left", maintain_order="left")
        .select(pl.coalesce("cluster", "any_severity"))
        for tail in tails
    )
    return [its["cluster"].drop_nulls().to_numpy() for its in found]
