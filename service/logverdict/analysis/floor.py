"""The noise floor: how many new templates of a kind does this service bring when nothing was deployed?"""

from dataclasses import dataclass

import numpy as np
import scipy

from logverdict.analysis.anytime import slack_of, times_odds
from logverdict.analysis.compare import Compared, Counts, Mask
from logverdict.analysis.frequency import MIN_ACTIVE, Floats, equal_volume
from logverdict.analysis.level import Level
from logverdict.analysis.spells import (
    SEPARATE,
    alike,
    chance_of_spells,
    enough_in_quiet,
    of_bins,
    share_of,
    spells,
    spells_of,
)
from logverdict.analysis.thresholds import DEFAULT, Thresholds
from logverdict.domain.words import Severity

ONE_OFFS = 10
"""One-off messages that tell whether a log follows a script."""

ENOUGH = 5
"""Templates that vanished before the share of a kind among them means anything: of one, all are of its kind."""
MOST_STRETCHES = 20
"""Stretches of the baseline, each about as long as the candidate, that are compared with one another."""


@dataclass(frozen=True, slots=True)
class Floor:
    """`expected` new templates by chance, `most` that any of several baselines brought; `beyond`: there are more of
    them; `many`: so many more that nobody would call it chance; `far`: many, or one of them in many separate bins;
    `sure`: their spells are more than chance gives at the level that was asked for."""

    found: int
    expected: float
    most: float
    beyond: bool
    many: bool
    far: bool
    sure: bool


def floor(compared: Compared, kind: Mask, batch: bool, level: Level, limits: Thresholds = DEFAULT) -> Floor:
    """Whether the new templates of a kind (a mask over clusters) are more than chance gives.

    In a `batch` log one-off messages are part of the script: only those that did not come back are noise. There, with
    several baselines, and at the same time, what is beyond is as sure as it gets, unless the level trusts no custom.
    """
    new = compared.new & kind
    found = int(np.count_nonzero(new))
    expected, most = _usual(compared, kind, batch, limits)
    if not found:
        return Floor(0, expected, most, False, False, False, False)
    gone = compared.vanished & kind
    turns = _steadiest(compared, new)
    beyond = found > max(expected + expected**0.5, most) and _mixed(compared, kind)
    if compared.sides.concurrent:
        chance = max(tail(compared, found, int(gone.sum())), tail(compared, *spells_of(compared, kind)))
        enough = turns >= limits.turns or chance <= limits.tail or enough_in_quiet(compared, turns, level.spent)
        beyond = beyond and enough
    elif compared.ratio > limits.longer:
        beyond = beyond and tail(compared, found, int(gone.sum())) <= limits.tail
    many = beyond and found >= 5 + 3 * expected
    far = beyond and (many or turns >= limits.turns)
    return Floor(found, expected, most, beyond, many, far, beyond and _sure(compared, kind, batch, level))


def _sure(compared: Compared, kind: Mask, batch: bool, level: Level) -> bool:
    if by_spells(compared, batch, level):
        return chance_of_spells(compared, kind) <= level.spent
    if batch and len(compared.each) == 1 and not compared.sides.concurrent:
        return chance_in_script(compared, kind, spells(compared.grids[0], compared.new & kind)) <= level.spent
    return level.trusts or bool(lasting(compared, kind, level).any())


def by_spells(compared: Compared, batch: bool, level: Level) -> bool:
    """Whether the level says how many spells are enough."""
    return not compared.sides.concurrent and not (level.trusts and batch) and len(compared.each) > 0


def chance_in_script(compared: Compared, kind: Mask, new: int) -> float:
    """The chance that so many spells of a script's are the candidate's: of new messages of a kind, beside those that
    came once and did not come back. Where there are none of these, a script brings none by chance."""
    once = spells(np.hstack(compared.grids[1:]), kind & (compared.candidate == 0) & (compared.bursts[1] == 1))
    return tail(compared, new, once) if once else 0.0


def first_fatal(compared: Compared, errors: Floor, level: Level) -> bool:
    """Whether a baseline before has no fatal message, and new ones come in as many bins as the level asks for; in
    several where there are no more new `errors` than chance gives."""
    fatal = compared.worse_than(Severity.FATAL)
    if compared.sides.concurrent or (fatal & (compared.baseline > 0)).any():
        return False
    bins = compared.bins_of(compared.new & fatal)
    return (errors.beyond or bins >= SEPARATE) and of_bins(compared, bins) <= level.whole


def lasting(compared: Compared, kind: Mask, level: Level, limits: Thresholds = DEFAULT) -> Mask:
    """New templates of a kind that each speak in more bins than chance gives, whatever the number of new templates.

    Two bounds, both needed. *Chance*: at one rate on both sides, all `a` bins of a template fall on the candidate with
    probability share ** a, corrected for the templates of the kind. *Custom*, unless both ran at the same time: in
    more bins than any template of the kind that one stretch of the baseline has and all others lack, so services whose
    trouble comes and goes are quiet.
    """
    new = compared.new & kind
    if not new.any() or not compared.baseline.any():
        return np.zeros(len(new), np.bool_)
    turns = compared.bursts[0]
    chance = [_as_steady(compared, kind, turns, share) <= alpha for alpha, share in _bounds(compared, level, limits)]
    return np.asarray(new & np.any(chance, axis=0) & (turns > _customary(compared, kind)))


def turns_that_last(compared: Compared, kind: Mask, level: Level) -> int:
    """In how many bins one more new template of the kind would have to speak to last."""
    turns, enough = np.arange(1, len(compared.bins[0]) + 2), []
    for alpha, share in _bounds(compared, level, DEFAULT):
        chance = _as_steady(compared, kind, turns, share) + share**turns
        enough += turns[(chance <= alpha) & (turns > _customary(compared, kind))].tolist()
    return min(enough, default=int(turns[-1]))


def _bounds(compared: Compared, level: Level, limits: Thresholds) -> tuple[tuple[float, float], ...]:
    """Chances that are small enough, each with the share that the candidate is taken to have.

    At the same time the chance of one template holds for all looks at once: the stake 1 / share ** a of who bets, bin
    by bin, that the next is the candidate's too is a fair bet's (see `anytime`), whose share is off by as much. What
    ran beside it is an exact control: so at the last look a custom is enough.
    """
    share = share_of(compared)
    if not compared.sides.concurrent:
        return ((level.each, share),)
    mine, both = compared.grids[0].sum(axis=0), compared.grids[0].sum(axis=0) + compared.grids[1].sum(axis=0)
    sure = (level.lasting, times_odds(share, slack_of(mine, both, share)))
    return (sure, (limits.tail, share)) if level.last and level.trusts else (sure,)


def _as_steady(compared: Compared, kind: Mask, turns: Counts, share: float) -> Floats:
    """For each number of bins, how many of the kind that speak in at least as many would be wholly the candidate's by
    chance: messages that came once are no chance of one that comes again and again, and those that always come
    together are one."""
    both = np.sort((compared.bursts[0] + compared.bursts[1])[kind][alike(compared, kind)])
    rest = np.append(np.cumsum((share**both)[::-1])[::-1], 0.0)
    return np.asarray(rest[np.searchsorted(both, turns)])


def _customary(compared: Compared, kind: Mask) -> float:
    return 0.0 if compared.sides.concurrent else _custom(compared, kind, len(compared.bins[0]))


def _custom(compared: Compared, kind: Mask, length: int) -> float:
    """Bins, for a stretch of so many, that a template of the kind fills in one stretch of the baseline only."""
    spoken = np.hstack([grid[kind] > 0 for grid in compared.grids[1:]])
    stretches = int(np.clip(spoken.shape[1] // max(1, length), 2, MOST_STRETCHES))
    turns = np.array([part.sum(axis=1) for part in np.array_split(spoken, stretches, axis=1)])
    alone = np.where((turns > 0).sum(axis=0) == 1, turns.max(axis=0), 0)
    scale = max(1.0, length * stretches / max(1, spoken.shape[1]))
    return float(scale * int(alone.max(initial=0)))


def scripted(compared: Compared, limits: Thresholds = DEFAULT) -> bool:
    once = (compared.baseline > 0) & (compared.bursts[1] == 1) & compared.heads
    number = int(np.count_nonzero(once))
    back = int(np.count_nonzero(once & (compared.candidate > 0)))
    return number >= ONE_OFFS and back >= limits.script * number


def _usual(compared: Compared, kind: Mask, batch: bool, limits: Thresholds) -> tuple[float, float]:
    """How many new templates of a kind the baseline itself brings, and the most that any of several brought.

    *Several baselines*, left out one at a time: what each has and all others lack. *One*: Good and Turing's estimate,
    that templates seen once foretell as many unseen ones, which takes entries for exchangeable; where trouble comes in
    spells, and a service changes by itself, what each of its stretches, about as long as the candidate, has and the
    others lack is the better yardstick. The greater one counts. A script's phases are no such stretches.
    """
    kind = kind & (compared.candidate == 0) if batch else kind
    if len(compared.each) > 1:
        longer = max(1.0, compared.ratio * len(compared.each))
        alone = longer * alone_in(compared.each[:, kind])
        return float(alone.mean()), float(np.quantile(alone, 1 - limits.tail, method="higher"))
    once = int(np.count_nonzero((compared.bursts[1] == 1) & kind))
    expected = min(compared.ratio, 1.0) * once
    if batch or compared.sides.concurrent or not compared.baseline.any():
        return expected, 0.0
    count = int(np.clip(round(1 / max(compared.ratio, 1 / MOST_STRETCHES)), 2, MOST_STRETCHES))
    return max(expected, float(alone_in(_stretches(compared.grids[1], count)[:, kind]).mean())), 0.0


def alone_in(counts: Counts) -> Counts:
    """Per stretch (a row of counts per template), how many templates it has that all others lack."""
    spoken = counts > 0
    return np.asarray((spoken & (spoken.sum(axis=0) == 1)).sum(axis=1))


def _stretches(grid: Counts, count: int) -> Counts:
    """Entries per stretch, of about equal volume, and cluster."""
    if not grid.shape[1]:
        return grid.T
    return np.add.reduceat(grid, equal_volume(grid.sum(axis=0), count), axis=1).T


def _mixed(compared: Compared, kind: Mask) -> bool:
    """The kind's share among new templates is above its usual share; or its share among those that come again and
    again, as a chatty log brings many new ones that come once."""
    new, share = compared.new & compared.heads, usual_share(compared, kind)
    again = new & (compared.bursts[0] >= MIN_ACTIVE)
    return any(np.count_nonzero(part & kind) > share * np.count_nonzero(part) for part in (new, again))


def usual_share(compared: Compared, kind: Mask) -> float:
    """The kind's share among the templates that vanished, or among all known ones; the greater one."""
    known = (compared.baseline > 0) & compared.heads
    gone = known & (compared.candidate == 0)
    share = _share(known & kind, known)
    if np.count_nonzero(gone) >= ENOUGH:
        share = max(share, _share(gone & kind, gone))
    return share


def _share(part: Mask, whole: Mask) -> float:
    return int(np.count_nonzero(part)) / max(1, int(np.count_nonzero(whole)))


def tail(compared: Compared, new: int, gone: int) -> float:
    """The chance of so many new ones, where so many vanished, if each were as likely on either side."""
    return float(scipy.stats.binom.sf(new - 1, new + gone, compared.share))


def _steadiest(compared: Compared, new: Mask) -> int:
    turns: Counts = compared.bursts[0][new]
    return int(turns.max(initial=0))
