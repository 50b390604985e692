"""Messages that come several times at once where they came singly: what is done twice now, or tried again and again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import scipy

from logverdict.analysis.compare import Compared
from logverdict.analysis.frequency import MIN_ACTIVE, Floats, Frequency
from logverdict.analysis.level import Level
from logverdict.analysis.template import CANDIDATE
from logverdict.analysis.thresholds import DEFAULT, Thresholds

NUMBERS = range(2, 11)
"""How many times at once are looked for; the greatest that is sure is told, as what comes six times comes twice too."""
NEARLY = 0.8
"""Share of its occasions on which a message comes a multiple of so many times, all at once: the end of a bin may part
one, and two may meet in a bin."""
ONCE = 0.25
"""Share of a bin within which entries come at once: a clock that ticks twice as fast spreads them over half of it."""


@dataclass(frozen=True, slots=True)
class AtOnce:
    """A cluster comes `times` at once on `whole` of its `all` occasions, where it did so on `usual` of `before`.
    `chance` is the p-value of that, corrected for having tried several numbers."""

    times: int
    whole: int
    all: int
    usual: int
    before: int
    chance: float


def at_once(
    compared: Compared, frequency: Frequency, level: Level, limits: Thresholds = DEFAULT
) -> Mapping[int, AtOnce]:
    """By cluster, those that surely come several times at once, and more often for it.

    An occasion is a bin in which an instance writes it. How often there are occasions moves with the traffic and with
    the hour; how many entries one has does not. So their sizes are compared, not the rate: where nothing changed, each
    is a multiple of a number with the probability that the baseline shows (Laplace's rule), whatever the traffic, and
    the binomial tail tells how surely so many are. By instance, as more instances make more entries at one time; and
    over all of them where they are no more than before, as two may do the work of one.
    """
    mine, theirs = compared.bursts
    tried = (mine >= MIN_ACTIVE) & (theirs >= MIN_ACTIVE)
    more = tried & (frequency.ratio >= limits.beside)
    if not more.any():
        return {}
    ways = _ways(compared)
    alpha = level.at_once / (int(np.count_nonzero(tried)) * len(ways))
    found = dict[int, AtOnce]()
    for by in ways:
        occasions = _occasions(compared, more, by)
        for times in NUMBERS:
            for cluster, one in _tested(occasions, times):
                if one.chance <= alpha:
                    found[cluster] = one
    return found


def _ways(compared: Compared) -> tuple[tuple[str, ...], ...]:
    """By what occasions are told apart, beside the bin."""
    here, before = compared.sides.candidate.instances, min(one.instances for one in compared.sides.baselines)
    return (("instance",), ()) if 1 < here <= before and not compared.sides.concurrent else (("instance",),)


def _occasions(compared: Compared, which: np.ndarray, by: tuple[str, ...]) -> pl.DataFrame:
    cells = compared.cells.filter(pl.Series(which)[compared.cells["cluster"]] & (pl.col("stretch") >= CANDIDATE))
    width = 1e6 * compared.sides.candidate.seconds / max(1, compared.sides.candidate.bins)
    found = cells.group_by("stretch", "cluster", "bin", *by).agg(
        pl.col("count").sum(), took=(pl.col("last").max() - pl.col("first").min()).dt.total_microseconds()
    )
    return found.with_columns(at_once=pl.col("took") <= ONCE * width)


def _tested(occasions: pl.DataFrame, times: int) -> Iterator[tuple[int, AtOnce]]:
    """By cluster that comes so on nearly all occasions: how many of the candidate's are multiples that came at once,
    and of the baselines' multiples."""
    here, whole = pl.col("stretch") == CANDIDATE, pl.col("count") % times == 0
    sums = (here & whole & pl.col("at_once"), here, ~here & whole, ~here)
    rows = occasions.group_by("cluster").agg(which.sum().alias(str(at)) for at, which in enumerate(sums))
    rows = rows.filter(pl.col("0") >= NEARLY * pl.col("1")).sort("cluster")
    sizes = [rows[str(at)].cast(pl.Int64) for at in range(len(sums))]
    whole_here, here_all, usual, before = (one.to_numpy() for one in sizes)
    tails = scipy.stats.binom.sf(whole_here - 1, here_all, (usual + 1) / (before + 2))
    for cluster, mine, all_, its, others, tail in zip(rows["cluster"], *sizes, tails.tolist(), strict=True):
        yield cluster, AtOnce(times, mine, all_, its, others, min(1.0, len(NUMBERS) * tail))


def with_chances(frequency: Frequency, found: Mapping[int, AtOnce]) -> Frequency:
    """The p-value of what comes several times at once is that of its sizes, where that is the surer one."""
    p: Floats = frequency.p.copy()
    for cluster, one in found.items():
        p[cluster] = min(p[cluster], one.chance)
    return replace(frequency, p=p)


def told(found: Mapping[str, AtOnce]) -> dict[str, str]:
    """What is added to their events' sentences, by event."""
    return {event: _sentence(one) for event, one in found.items()}


def at_once_in_words(times: int) -> str:
    return f"{'twice' if times == 2 else f'{times} times'} at once"


def _sentence(one: AtOnce) -> str:
    usual = f"{one.usual:,}" if one.usual else "none"
    return (
        f"It comes {at_once_in_words(one.times)}, or a multiple of it, on {one.whole:,} of {one.all:,} occasions; "
        f"in the baseline on {usual} of {one.before:,}."
    )
