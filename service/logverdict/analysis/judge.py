"""Findings become impacts, and impacts a verdict: what counts, how strongly, and at which sensitivity."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np
import polars as pl

from logverdict.analysis.at_once import AtOnce, at_once, with_chances
from logverdict.analysis.compare import Compared, Counts, Mask
from logverdict.analysis.departure import departs, over_looks, tests_of
from logverdict.analysis.ending import Ending, ending
from logverdict.analysis.floor import Floor, first_fatal, floor, lasting, scripted
from logverdict.analysis.frequency import Frequency
from logverdict.analysis.history import louder
from logverdict.analysis.level import Level
from logverdict.analysis.members import spending
from logverdict.analysis.mended import recovering, trouble
from logverdict.analysis.order import a_run
from logverdict.analysis.provisional import awaited
from logverdict.analysis.restarts import LEAST, Restarts, at_each_start, looping, restarts
from logverdict.analysis.reworded import Reworded, reworded
from logverdict.analysis.roles import of_a_role
from logverdict.analysis.runs import HISTORY
from logverdict.analysis.severity import notices
from logverdict.analysis.spells import SEPARATE, of_bins
from logverdict.analysis.starts import only_at_starts
from logverdict.analysis.statement import Outcome, Statement, effects_of, statements
from logverdict.analysis.thresholds import DEFAULT, Thresholds
from logverdict.analysis.throughout import throughout
from logverdict.domain.policy import Policy
from logverdict.domain.words import EventKind, Impact, Sensitivity, Severity


class Strength(IntEnum):
    """How strongly a finding speaks against the deployment."""

    NONE = 0
    NOTED = 1  # new, and harmless
    FAINT = 2  # bad, but no more than chance gives
    UNSURE = 3  # bad, and more than is usual, but not as sure as the false-alarm level asks, or not yet
    WEAK = 4  # a departure that a careful caller minds
    STRONG = 5  # a departure beyond the noise floor
    CLEAR = 6  # breakage


FAILS = {Sensitivity.LOW: Strength.CLEAR, Sensitivity.MEDIUM: Strength.STRONG, Sensitivity.HIGH: Strength.WEAK}
WARNS = {Sensitivity.LOW: Strength.UNSURE, Sensitivity.MEDIUM: Strength.FAINT, Sensitivity.HIGH: Strength.NOTED}
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
    job: bool
    """Both sides say how they ended: what they do has phases, and its rates are those of its work."""
    batch: bool
    """A job or, in sequence, a run; at the same time, a log that follows a script."""
    level: Level
    loops: tuple[Restarts, ...] = ()
    reworded: Reworded = field(default_factory=Reworded)
    begun: Mask = field(default_factory=lambda: np.zeros(0, np.bool_))
    """New errors that only a start brought that the baseline lacks."""
    ongoing: Mask = field(default_factory=lambda: np.zeros(0, np.bool_))
    """New warnings that fail because they go on through the whole window."""
    recovered: Mask = field(default_factory=lambda: np.zeros(0, np.bool_))
    """Changes that only warn, as trouble became less (`mended`)."""
    ends: Ending = field(default_factory=lambda: Ending(np.zeros(0, np.bool_), np.zeros(0, np.bool_)))
    """New trouble that fails for how it ends."""
    together: Mapping[int, AtOnce] = field(default_factory=dict)
    """Clusters that fail because they come several times at once."""
    spared: Mapping[str, int] = field(default_factory=dict)
    """Events, by id, that would fail if unchanged instances did not write them too; on how many of these."""


def findings(
    compared: Compared, policy: Policy, looks: int, *, last: bool = True, limits: Thresholds = DEFAULT
) -> Findings:
    """`looks` of one verification share its false-alarm level; `last`: this is the last of them."""
    run = not compared.sides.concurrent and a_run(compared)
    own, before, failed = statements(compared.sides, run and last)
    job = own.outcome is not Outcome.NONE and before.outcome is not Outcome.NONE
    batch = job or (scripted(compared, limits) if compared.sides.concurrent else run)
    error = compared.worse_than(Severity.ERROR)
    level = Level(policy.false_alarm_level.alpha, looks, last)
    errors = floor(compared, error, batch, level, limits)
    fatals = floor(compared, compared.worse_than(Severity.FATAL), batch, level, limits)
    warnings = floor(compared, compared.worse_than(Severity.WARN) & ~error, batch, level, limits)
    frequency = over_looks(compared.sides, compared.grids, looks, limits)
    together = at_once(compared, frequency, level, limits)
    frequency = with_chances(frequency, together)
    by_floor = _strength_of_new(compared, (errors, warnings, fatals), level, limits)
    if not last:
        waits = awaited(compared, by_floor == Strength.CLEAR)
        by_floor[waits] = np.minimum(by_floor[waits], Strength.UNSURE)
    by_frequency, recovered = _strength_of_frequency(compared, frequency, level, job, limits)
    strengths = np.maximum(by_floor, by_frequency)
    ongoing = np.zeros_like(error) if job else _lasting(compared, error, strengths, level, limits)
    told, begun = _excuse(compared, frequency, strengths, limits, batch)
    ends = _as_ended(compared, strengths, ending(compared, run, last))
    strengths[list(together)] = np.maximum(strengths[list(together)], Strength.STRONG)
    strengths = _as_stated(compared, strengths, own, failed, batch)
    loops = () if batch else _sure_loops(compared, level)
    again = looping(compared, loops) | (compared.new & error & at_each_start(compared, loops))
    strengths[again] = np.maximum(strengths[again], Strength.STRONG)
    kinds = _kinds(compared, frequency, strengths)
    said = (own, before, failed, job, batch)
    fails = strengths >= Strength.STRONG
    begun, ongoing = begun & ~fails, ongoing & fails
    found = (kinds, strengths, frequency, errors, warnings, fatals, *said, level, loops)
    return Findings(*found, told, begun, ongoing, recovered, ends=ends, together=together)


def _as_ended(compared: Compared, strengths: Counts, ends: Ending) -> Ending:
    """What it breaks off by, or hangs with, fails it; a run that came to its usual end is not failed by the number of
    its warnings. Changes `strengths`."""
    if ends.usual:
        expected = compared.new & (compared.severity <= int(Severity.WARN))
        strengths[expected] = np.minimum(strengths[expected], Strength.WEAK)
    worst = ends.broken | ends.hung
    strengths[worst] = np.maximum(strengths[worst], Strength.STRONG)
    return ends


def _as_stated(compared: Compared, strengths: Counts, own: Statement, failed: bool, batch: bool) -> Counts:
    """By what it says of itself: where it failed, its errors are no chance, and what only sums up is no cause; a run
    that succeeded is believed."""
    effects = effects_of(compared)
    if failed:
        its = compared.new & compared.worse_than(Severity.ERROR) & ~effects
        strengths[its] = np.maximum(strengths[its], Strength.STRONG)
    if (strengths[~effects] >= Strength.STRONG).any():
        strengths[effects] = Strength.NOTED
    return np.minimum(strengths, Strength.WEAK) if batch and own.outcome is Outcome.SUCCEEDED else strengths


def _lasting(compared: Compared, error: Mask, strengths: Counts, level: Level, limits: Thresholds) -> Mask:
    """Raises `strengths` of what lasts; the warnings that do because they go on through the whole window."""
    steady, warn = lasting(compared, error, level, limits), _lasting_warnings(compared, error, level, limits)
    strengths[warn] = np.maximum(strengths[warn], Strength.WEAK)
    ongoing = warn & throughout(compared, level)
    steady |= ongoing | (warn & _told_by_many(compared, limits)) | louder(compared, error, level.each, limits)
    strengths[steady] = np.maximum(strengths[steady], Strength.STRONG)
    return ongoing


def _excuse(
    compared: Compared, frequency: Frequency, strengths: Counts, limits: Thresholds, batch: bool
) -> tuple[Reworded, Mask]:
    """What a new version words otherwise, or announces for a later one, is no more than FAINT; what only a start of a
    service wrote, no more than UNSURE."""
    told = compared.new & compared.worse_than(Severity.WARN)
    found = reworded(compared, told | (strengths > Strength.FAINT), limits)
    excused = compared.new & (compared.severity == int(Severity.WARN))
    excused[excused] = notices(compared.table["template"].filter(pl.Series(excused)))
    excused[list(found.twins)] = True
    if found.other_format:
        excused |= ~compared.new & (frequency.ratio < 1)
    strengths[excused] = np.minimum(strengths[excused], Strength.FAINT)
    begun = only_at_starts(compared, strengths >= Strength.STRONG) & (not batch)
    strengths[begun] = np.minimum(strengths[begun], Strength.UNSURE)
    return found, begun


def _sure_loops(compared: Compared, level: Level) -> tuple[Restarts, ...]:
    """That a good deployment brings the least of loops by itself is a custom; each further start makes it rarer."""
    found = restarts(compared)
    return tuple(one for one in found if of_bins(compared, one.times - LEAST + 1) <= level.whole)


def _lasting_warnings(compared: Compared, error: Mask, level: Level, limits: Thresholds) -> Mask:
    return lasting(compared, compared.worse_than(Severity.WARN) & ~error, replace(level, last=False), limits)


def _told_by_many(compared: Compared, limits: Thresholds) -> Mask:
    """One window can't tell a new warning that lasts from one that comes and goes by the day, unless it goes on
    (`throughout`); a history can, and so can instances beside it."""
    many = len(compared.each) >= HISTORY or compared.sides.concurrent
    return np.asarray(many & (compared.bursts[0] >= limits.turns))


def _strength_of_new(
    compared: Compared, floors: tuple[Floor, Floor, Floor], level: Level, limits: Thresholds
) -> Counts:
    """`floors` of errors, warnings, and fatal messages."""
    errors, warnings, fatals = floors
    new, severity = compared.new, compared.severity
    strengths = np.where(new, Strength.NOTED, Strength.NONE)
    strengths[new & (severity >= int(Severity.ERROR))] = Strength.FAINT
    warn = new & compared.heads & (severity == int(Severity.WARN))
    many = warnings.many or int(compared.candidate[warn].sum()) >= limits.many
    strengths[warn] = Strength.WEAK if warnings.sure else Strength.UNSURE if warnings.beyond else Strength.FAINT
    error = new & compared.heads & (severity >= int(Severity.ERROR))
    clear = Strength.CLEAR if errors.far else Strength.STRONG
    strengths[error] = clear if errors.sure else Strength.UNSURE if errors.beyond else Strength.FAINT
    fatal = new & compared.heads & (severity >= int(Severity.FATAL))
    if fatals.beyond and (errors.sure or (errors.beyond and first_fatal(compared, level))):
        strengths[fatal] = Strength.CLEAR
    many &= compared.bins_of(warn) >= SEPARATE  # a start brings many at once
    if (warnings.beyond if level.trusts else warnings.sure) and warnings.found >= limits.several and many:
        strengths[warn] = Strength.STRONG
    return strengths


def _strength_of_frequency(
    compared: Compared, frequency: Frequency, level: Level, job: bool, limits: Thresholds
) -> tuple[Counts, Mask]:
    """And which changes are no more than what recovery brings."""
    strengths = np.zeros(len(compared.table), np.int64)
    together = compared.sides.concurrent
    history = not together and len(compared.each) >= HISTORY
    if job and not together and not history:
        return strengths, strengths > 0
    alpha = level.changes(together)
    sure = departs(frequency, together, alpha * spending(compared), limits)
    effect = limits.beside if together else limits.later
    error = compared.severity >= int(Severity.ERROR)
    more = (frequency.ratio >= 1 + (effect - 1) / 2) & error
    strengths[more & (frequency.p <= alpha)] = Strength.UNSURE
    strengths[more & (frequency.p <= alpha / tests_of(frequency))] = Strength.WEAK
    bad = compared.severity >= int(Severity.WARN)
    common = np.maximum(compared.baseline / max(1, compared.sizes[1]), compared.candidate / max(1, compared.sizes[0]))
    # Other work at another time thins a message out; only its end tells of the deployment.
    large = together | (compared.candidate == 0) | ((history | bad | (common >= limits.common)) & (frequency.ratio > 1))
    strengths[sure] = np.where(large[sure], Strength.STRONG, Strength.WEAK)
    strengths[sure & error & (frequency.ratio >= 5)] = Strength.CLEAR
    better, back = trouble(compared) & (frequency.ratio < 1), recovering(compared, frequency, sure)
    strengths[better] = np.minimum(strengths[better], Strength.NOTED)
    strengths[back] = np.minimum(strengths[back], Strength.UNSURE)
    role = of_a_role(compared) & (frequency.ratio < 1)
    strengths[role] = np.minimum(strengths[role], Strength.UNSURE)
    return strengths, back


def _kinds(compared: Compared, frequency: Frequency, strengths: Counts) -> tuple[EventKind, ...]:
    nothing = not any(one.entries for one in (*compared.sides.baselines, *compared.sides.background))
    new = EventKind.NO_BASELINE if nothing else EventKind.UNKNOWN
    gone = compared.gone & ((frequency.expected >= MISSED) | (strengths >= Strength.UNSURE))
    changed = (strengths >= Strength.UNSURE) & ~compared.new

    of = (EventKind.KNOWN, EventKind.UNEXPECTED_FREQUENCY, EventKind.GONE, new)
    which = np.select([compared.new, gone, changed], [3, 2, 1])
    return tuple(of[kind] for kind in which.tolist())


def impacts(found: Findings, sensitivity: Sensitivity) -> tuple[Impact, ...]:
    fails, warns = FAILS[sensitivity], WARNS[sensitivity]
    of = [Impact.FAIL if one >= fails else Impact.WARN if one >= warns else Impact.NONE for one in Strength]
    return tuple(of[strength] for strength in found.strengths.tolist())
