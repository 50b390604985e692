"""A candidate of which all fell silent: what wrote steadily and writes no more may be dead, and nobody says so."""

import numpy as np

from logverdict.analysis.sides import Sides, Stretch

SHARE = 0.25
"""Of the window, at its end: a silence as long at least."""
PAUSES = 3.0
"""Times as long as the longest pause of either side, at least: what pauses by itself tells nothing by one more."""
MISSED = 30.0
"""Entries that would have come in it, at least, at the slowest of all rates."""


def silence(sides: Sides) -> float:
    """Seconds at the end of the window in which no instance of the candidate wrote anything although it, and every
    baseline, hardly ever paused before; 0 for none. Where a wider query is counted, coverage tells."""
    candidate = sides.candidate
    if candidate.evidence is not None or candidate.quiet or not candidate.entries or not sides.baselines:
        return 0.0
    *before, lasted = _pauses(candidate)
    others = [one for one in sides.baselines if one.counts.total()]
    usual = max([*before, *(pause for one in others for pause in _pauses(one))], default=0.0)
    rates = [one.counts.total() / max(1.0, one.seconds) for one in others]
    rates.append(candidate.counts.total() / max(1.0, candidate.seconds - lasted))
    long = lasted >= SHARE * candidate.seconds and lasted >= PAUSES * max(usual, _width(candidate))
    return lasted if long and min(rates) * lasted >= MISSED else 0.0


def _width(stretch: Stretch) -> float:
    return stretch.seconds / max(1, stretch.bins)


def _pauses(stretch: Stretch) -> list[float]:
    """Seconds of bins without an entry, in a row: before the first entry, between, after the last."""
    spoken = stretch.counts.counts["bin"].unique().sort().to_numpy()
    edges = np.concatenate(([-1], spoken, [stretch.bins]))
    return [float(bins) * _width(stretch) for bins in np.maximum(0, np.diff(edges) - 1)]
