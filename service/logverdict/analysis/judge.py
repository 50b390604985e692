"""Findings become impacts, and impacts a verdict: what counts, how strongly, and at which sensitivity."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import polars as pl

from logverdict.analysis.compare import Compared, Counts, Mask
from logverdict.analysis.floor import TURNS, Floor, floor, lasting, scripted
from logverdict.analysis.frequency import Frequency, concurrent, either
from logverdict.analysis.history import by_blocks, heard, louder, risen
from logverdict.analysis.runs import HISTORY, over_runs
from logverdict.analysis.sides import Sides
from logverdict.analysis.statement import OUTCOME, Outcome, Statement, statement
from logverdict.domain.policy import Policy
from logverdict.domain.words import EventKind, Impact, Sensitivity, Severity

JUDGE_VERSION = "2"


class Strength(IntEnum):
    """How strongly a finding speaks against the deployment."""

    NONE = 0
    NOTED = 1  # new, and harmless
    FAINT = 2  # bad, but no more than chance gives
    WEAK = 3  # a departure that a careful caller minds
    STRONG = 4  # a departure beyond the noise floor
    CLEAR = 5  # breakage


FAILS = {Sensitivity.LOW: Strength.CLEAR, Sensitivity.MEDIUM: Strength.STRONG, Sensitivity.HIGH: Strength.WEAK}
WARNS = {Sensitivity.LOW: Strength.WEAK, Sensitivity.MEDIUM: Strength.FAINT, Sensitivity.HIGH: Strength.NOTED}
EFFECT = {True: 1.5, False: 3.0}
"""Least ratio of seen to expected (or its inverse), when the sides are concurrent, and when they are not."""
LARGE = 10.0
"""Ratio from which a harmless message counts although the sides are not concurrent: days differ, too."""
COMMON = 0.05
"""Share of the baseline's entries from which a harmless message belongs to the ordinary work: its share of all entries
differs little from day to day, where that of a rare message comes and goes."""
STEADY = 30
"""Entries that must be expected before their absence, or their being fewer, means anything."""
SEVERAL = 3
"""New warnings beyond their floor, at least, that together count as much as an error."""
MANY = 20
"""Entries of theirs, at least."""
MISSED = 5
"""Entries that must be expected before a message that is not there is called gone."""


@dataclass(frozen=True)
class Findings:
    """One place a cluster, as in `Compared`."""

    kinds: tuple[EventKind, ...]
    strengths: Counts
    frequency: Frequency
    errors: Floor
    warnings: Floor
    fatals: Floor
    own: Statement
    before: Statement
    failed: bool
    """The candidate says of itself that it failed, and the baseline does not say so of itself."""
    batch: bool
    """The log is that of a job: its one-off messages are part of a script."""
    alpha: float
    """Chance of a false alarm that all tests of this look share."""


def findings(compared: Compared, policy: Policy, looks: int) -> Findings:
    """`looks` of one verification share its false-alarm level."""
    own, before, failed = _statements(compared.sides)
    batch = (own.outcome is not Outcome.NONE and before.outcome is not Outcome.NONE) or scripted(compared)
    error = compared.worse_than(Severity.ERROR)
    errors = floor(compared, error, batch)
    fatals = floor(compared, compared.worse_than(Severity.FATAL), batch)
    warnings = floor(compared, compared.worse_than(Severity.WARN) & ~error, batch)
    frequency = frequency_of(compared.sides, compared.grids)
    alpha = policy.false_alarm_level.alpha / max(1, looks)
    strengths = np.maximum(
        _strength_of_new(compared, errors, warnings, fatals),
        _strength_of_frequency(compared, frequency, alpha, batch),
    )
    if not batch:
        steady = lasting(compared, error, alpha)
        steady |= _lasting_warnings(compared, error, alpha) | louder(compared, error, alpha)
        strengths[steady] = np.maximum(strengths[steady], Strength.STRONG)
    effects = _effects(compared) & compared.new
    if failed:  # then its errors are no chance
        its = compared.new & error & ~effects
        strengths[its] = np.maximum(strengths[its], Strength.STRONG)
    if (strengths[~effects] >= Strength.STRONG).any():
        strengths[effects] = Strength.NOTED
    if batch and own.outcome is Outcome.SUCCEEDED:
        strengths = np.minimum(strengths, Strength.WEAK)
    kinds = _kinds(compared, frequency, strengths)
    return Findings(kinds, strengths, frequency, errors, warnings, fatals, own, before, failed, batch, alpha)


def _lasting_warnings(compared: Compared, error: Mask, alpha: float) -> Mask:
    """One window can't tell a new warning that lasts from one that comes and goes by the day; a history can."""
    warning = compared.worse_than(Severity.WARN) & ~error
    if len(compared.each) < HISTORY:
        return np.zeros(len(warning), np.bool_)
    return lasting(compared, warning, alpha) & (compared.bursts[0] >= TURNS)


def _statements(sides: Sides) -> tuple[Statement, Statement, bool]:
    """What the candidate and the baseline say of themselves, and whether the candidate says that only it failed."""
    own = statement(sides.candidate)
    said = [one for one in map(statement, sides.baselines) if one.outcome is not Outcome.NONE]
    before = said[0] if said else Statement(Outcome.NONE)
    comparable = before.outcome is Outcome.SUCCEEDED or (own.last and not said)
    return own, before, own.outcome is Outcome.FAILED and comparable


def _effects(compared: Compared) -> Mask:
    """Clusters that only sum up what others tell."""
    telling = compared.cells.group_by("cluster").agg(pl.col("key").str.contains(OUTCOME).all()).sort("cluster")
    return telling["key"].to_numpy()


def frequency_of(sides: Sides, grids: tuple[Counts, ...]) -> Frequency:
    """`grids` as in `Compared`, whatever their groups are."""
    candidate, *baselines = grids
    if not baselines or not sum(int(one.sum()) for one in baselines) or not candidate.sum():
        size = len(candidate)
        return Frequency(np.zeros(size), np.ones(size), np.ones(size), np.zeros(size, np.bool_))
    if sides.concurrent:
        return concurrent(candidate, baselines[0])
    found, runs = by_blocks(sides, candidate, tuple(baselines)), heard(baselines)
    if len(runs) >= HISTORY:
        spoken = [np.count_nonzero(one, axis=1) for one in (candidate, *runs)]
        bursts = np.where(spoken[0] > 0, spoken[0], np.mean(spoken[1:], axis=0))
        by_runs = over_runs(candidate.sum(axis=1), np.array([one.sum(axis=1) for one in runs]), bursts)
        found = either(found, by_runs)
    return risen(sides, found, baselines)


def departs(frequency: Frequency, together: bool, alpha: float) -> Mask:
    """Effect size and significance are both needed; significance for as many groups as were tested."""
    effect = EFFECT[together]
    up, down = frequency.ratio >= effect, (frequency.ratio <= 1 / effect) & (frequency.expected >= STEADY)
    tested = max(1, int(np.count_nonzero(frequency.tested)))
    departed: Mask = (up | down) & (frequency.p <= alpha / tested)
    return departed


def _strength_of_new(compared: Compared, errors: Floor, warnings: Floor, fatals: Floor) -> Counts:
    new, severity = compared.new, compared.severity
    strengths = np.where(new, Strength.NOTED, Strength.NONE)
    strengths[new & (severity >= int(Severity.ERROR))] = Strength.FAINT
    warn = new & compared.heads & (severity == int(Severity.WARN))
    many = int(compared.candidate[warn].sum()) >= MANY
    strengths[warn] = Strength.WEAK if warnings.beyond else Strength.FAINT
    error = new & compared.heads & (severity >= int(Severity.ERROR))
    strengths[error] = Strength.CLEAR if errors.far else Strength.STRONG if errors.beyond else Strength.FAINT
    fatal = new & compared.heads & (severity >= int(Severity.FATAL))
    never = not compared.sides.concurrent and not (compared.worse_than(Severity.FATAL) & (compared.baseline > 0)).any()
    if fatals.beyond and (errors.beyond or never):
        strengths[fatal] = Strength.CLEAR
    if warnings.beyond and warnings.found >= SEVERAL and many:
        strengths[warn] = Strength.STRONG
    return strengths


def _strength_of_frequency(compared: Compared, frequency: Frequency, alpha: float, batch: bool) -> Counts:
    strengths = np.zeros(len(compared.table), np.int64)
    together = compared.sides.concurrent
    history = not together and len(compared.each) >= HISTORY
    if batch and not together and not history:
        return strengths
    sure = departs(frequency, together, alpha)
    error = compared.severity >= int(Severity.ERROR)
    likely = (frequency.p <= alpha) & (frequency.ratio >= 1 + (EFFECT[together] - 1) / 2) & error
    strengths[likely] = Strength.WEAK
    bad = compared.severity >= int(Severity.WARN)
    common = compared.baseline >= COMMON * compared.sizes[1]
    large = together | history | bad | common | (frequency.ratio >= LARGE) | (compared.candidate == 0)
    strengths[sure] = np.where(large[sure], Strength.STRONG, Strength.WEAK)
    strengths[sure & error & (frequency.ratio >= 5)] = Strength.CLEAR
    return strengths


def _kinds(compared: Compared, frequency: Frequency, strengths: Counts) -> tuple[EventKind, ...]:
    nothing = not any(one.entries for one in (*compared.sides.baselines, *compared.sides.background))
    new = EventKind.NO_BASELINE if nothing else EventKind.UNKNOWN
    gone = compared.gone & ((frequency.expected >= MISSED) | (strengths >= Strength.WEAK))
    changed = (strengths >= Strength.WEAK) & ~compared.new

    of = (EventKind.KNOWN, EventKind.UNEXPECTED_FREQUENCY, EventKind.GONE, new)
    which = np.select([compared.new, gone, changed], [3, 2, 1])
    return tuple(of[kind] for kind in which.tolist())


def impacts(found: Findings, sensitivity: Sensitivity) -> tuple[Impact, ...]:
    fails, warns = FAILS[sensitivity], WARNS[sensitivity]
    of = [Impact.FAIL if one >= fails else Impact.WARN if one >= warns else Impact.NONE for one in Strength]
    return tuple(of[strength] for strength in found.strengths.tolist())
