"""What so much evidence could have shown: the smallest changes that the judge's own tests tell from chance."""

from collections.abc import Callable

import numpy as np
import scipy

from logverdict.analysis.compare import Compared
from logverdict.analysis.departure import tests_of
from logverdict.analysis.floor import by_spells, chance_in_script, tail, turns_that_last, usual_share
from logverdict.analysis.frequency import BLOCKS, FEW, MIN_ACTIVE, STEADILY, TOLD, changes
from logverdict.analysis.judge import Findings
from logverdict.analysis.runs import APART, HISTORY, LEAST_SPREAD, MOST_WORTH
from logverdict.analysis.sides import Sides
from logverdict.analysis.spells import bins_in_quiet, bins_of_one, spells_of
from logverdict.analysis.thresholds import DEFAULT as LIMITS
from logverdict.domain.result import Change, Detectable, NoiseFloor
from logverdict.domain.words import Severity

SHARES = (0.05, 0.01)
"""Of all entries: a message of the ordinary work, and a rare one."""
POWER = 0.8
"""Chance with which a change of the size that is named is found."""
MOST = 1_000.0
"""Times as frequent: what is not found by then can't be."""


def noise_floor(sides: Sides, found: Findings) -> NoiseFloor:
    floor = found.errors
    runs = len(sides.baselines)
    return NoiseFloor(floor.found, round(floor.expected, 3), round(floor.most, 3), runs, sides.history)


def detectable(compared: Compared, found: Findings) -> Detectable:
    """Of a finding that is beyond the noise floor, by itself: at MEDIUM it fails."""
    return Detectable(
        _new_error(compared, found), tuple(Change(share, _change(compared, found, share)) for share in SHARES)
    )


def _new_error(compared: Compared, found: Findings) -> int | None:
    """Bins in which the only new error has to speak: by the number of new ones, or by how long it lasts."""
    ways = (_by_number(compared, found), _by_lasting(compared, found))
    return min((bins for bins in ways if bins is not None and bins <= compared.sides.candidate.bins), default=None)


def _by_number(compared: Compared, found: Findings) -> int | None:
    floor, error = found.errors, compared.worse_than(Severity.ERROR)
    others = int(np.count_nonzero(compared.new & compared.heads & ~error))
    if max(floor.expected + floor.expected**0.5, floor.most) >= 1 or usual_share(compared, error) * (others + 1) >= 1:
        return None
    gone = int(np.count_nonzero(compared.vanished & error))
    sure = tail(compared, 1, gone) <= LIMITS.tail
    if compared.sides.concurrent:
        sure = sure and tail(compared, 1, spells_of(compared, error)[1]) <= LIMITS.tail
    if compared.sides.concurrent and not found.level.trusts:
        return None
    if compared.sides.concurrent:
        return 1 if sure else min(LIMITS.turns, bins_in_quiet(compared, found.level.spent) or LIMITS.turns)
    if by_spells(compared, found.batch, found.level) and (sure or compared.ratio <= LIMITS.longer):
        return bins_of_one(compared, error, found.level.spent)
    if found.batch and len(compared.each) == 1 and chance_in_script(compared, error, 1) > found.level.spent:
        return None
    return 1 if sure or compared.ratio <= LIMITS.longer else None


def _by_lasting(compared: Compared, found: Findings) -> int | None:
    if found.job or not all(compared.sizes):
        return None
    return turns_that_last(compared, compared.worse_than(Severity.ERROR), found.level)


def _change(compared: Compared, found: Findings, share: float) -> float | None:
    """Of a harmless message: a change of a rare one only warns, unless all ran at the same time or runs tell how
    steady it is."""
    together = compared.sides.concurrent
    history = not together and compared.runs >= HISTORY
    counts = together or history or share >= LIMITS.common
    if not counts or not all(compared.sizes) or not compared.traffic or (found.job and not together and not history):
        return None
    p = found.level.each / tests_of(found.frequency)
    if together:
        ratio = _beside(compared, share, p)
    elif not history:
        ratio = _after(compared, share, p)
    elif not compared.sides.history:
        ratio = _over_runs(compared, share, p)
    else:
        ways = [_after(compared, share, p / 2), _over_runs(compared, share, p / 2)]
        ratio = min((way for way in ways if way is not None), default=None)
    if ratio is None:
        return None
    least = LIMITS.effect(together)
    return round(max(ratio, _seen_as(least, share, compared.sizes[1], compared.traffic)), 1)


def _seen_as(effect: float, share: float, base: int, traffic: float) -> float:
    """The true ratio that is seen as `effect` at least, with POWER: entries come by chance on both sides."""
    before = max(1.0, share * base)
    noise = (1 / before + 1 / max(1.0, effect * traffic * before)) ** 0.5
    return float(effect * np.exp(scipy.stats.norm.ppf(POWER) * noise))


def _beside(compared: Compared, share: float, p: float) -> float | None:
    """`frequency.concurrent` for a message whose entries come by chance: the score of its share of both sides' entries
    is normal, so POWER adds its quantile to what the test asks for."""
    base, traffic = share * compared.sizes[1], compared.traffic
    blocks = min(BLOCKS, len(compared.bins[0]))
    mine = traffic / (1 + traffic)

    def enough(ratio: float) -> bool:
        total = base * (1 + ratio * traffic)
        active = blocks * (1 - np.exp(-total / blocks))
        if active < MIN_ACTIVE:
            return False
        score = (ratio * traffic * base - mine * total) / np.sqrt(total * mine * (1 - mine))
        return bool(score >= scipy.stats.t.isf(p / 2, active - 1) + scipy.stats.norm.ppf(POWER))

    return _least(enough)


def _after(compared: Compared, share: float, p: float) -> float | None:
    """`frequency.sequential` for a message whose entries come by chance, beside what these windows differ by: the
    logarithm of its change is normal, so POWER adds its quantile to what the test asks for."""
    own = tuple(grid for grid in compared.grids[1 : len(compared.sides.own) + 1] if grid.shape[1])
    if not own:
        return None
    usual = changes(compared.grids[0], own)
    base, blocks = share * usual.base.sum(), usual.mine.shape[1]

    def enough(ratio: float) -> bool:
        seen = ratio * usual.traffic * base
        speaks = 1 - np.exp(-seen / FEW)
        if max(seen, usual.traffic * base) < TOLD or speaks < STEADILY:
            return False
        noise = 1 / (seen + 0.5) + 1 / (base + 0.5)
        whole = noise + usual.spread
        active = min(blocks, seen) + min(usual.theirs.shape[1], base)
        freedom = whole**2 / (noise**2 / max(1.0, active - 2) + usual.spread**2 / usual.worth)
        asked = scipy.stats.t.isf(p / 2, freedom) + scipy.stats.norm.ppf(POWER)
        return bool(np.log(ratio) / np.sqrt(whole) >= asked)

    return _least(enough)


def _over_runs(compared: Compared, share: float, p: float) -> float | None:
    """`runs.over_runs` for a message as steady as the usual one of this service."""
    each = compared.each
    tested = each.min(axis=0) > 0
    if not tested.any():
        return None
    logs = np.log(each[:, tested] + 0.5)
    logs -= np.median(logs, axis=1, keepdims=True)
    spread = max(float(np.median(logs.std(axis=0, ddof=1))), LEAST_SPREAD)
    bursts = max(1.0, min(float(len(compared.bins[0])), share * compared.sizes[0]))
    noise = np.sqrt(spread**2 * (1 + 1 / len(each)) + 1 / bursts)
    freedom = (1 + MOST_WORTH) * (len(each) - 1)
    highest = spread * float(scipy.stats.norm.isf(1 / (len(each) + 1)))
    needed = max(float(scipy.stats.t.isf(p / 2, freedom)) * noise, np.log(APART) + highest)
    ratio = float(np.exp(needed + scipy.stats.norm.ppf(POWER) * noise))
    return ratio if ratio <= MOST else None


def _least(enough: Callable[[float], bool]) -> float | None:
    """The smallest ratio that is enough, to a hundredth part; None where MOST is not."""
    low, high = 1.0, MOST
    if not enough(high):
        return None
    while high / low > 1.01:
        middle = (low * high) ** 0.5
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
