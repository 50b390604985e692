"""Findings become impacts, and impacts a verdict: what counts, how strongly, and at which sensitivity."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from logverdict.analysis.at_once import AtOnce, at_once, with_chances
from logverdict.analysis.compare import Compared, Counts, Mask
from logverdict.analysis.departure import over_looks
from logverdict.analysis.ending import Ending, ending
from logverdict.analysis.floor import Floor, floor, lasting, scripted
from logverdict.analysis.frequency import Frequency
from logverdict.analysis.history import louder
from logverdict.analysis.level import Level
from logverdict.analysis.order import a_run
from logverdict.analysis.provisional import awaited
from logverdict.analysis.restarts import LEAST, Restarts, at_each_start, looping, restarts
from logverdict.analysis.reworded import Reworded, reworded
from logverdict.analysis.runs import HISTORY
from logverdict.analysis.severity import notices
from logverdict.analysis.spells import of_bins
from logverdict.analysis.starts import only_at_starts
from logverdict.analysis.statement import Outcome, Statement, effects_of, statements
from logverdict.analysis.strength import FAILS, WARNS, Strength, of_frequency, of_new
from logverdict.analysis.thresholds import DEFAULT, Thresholds
from logverdict.analysis.throughout import throughout
from logverdict.domain.policy import Policy
from logverdict.domain.words import EventKind, Impact, Sensitivity, Severity

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
    broken: Mask = field(default_factory=lambda: np.zeros(0, np.bool_))
    """New trouble that fails as it breaks off by it (`ending`)."""
    together: Mapping[str, AtOnce] = field(default_factory=dict)
    """Events, by id, that come several times at once."""
    hung: frozenset[str] = frozenset()
    """Events that fail and after which nothing else came."""
    unfinished: str = ""
    """How the baseline said that it succeeded, where the candidate came to no end."""
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
    frequency = over_looks(compared, compared.grids, compared.cells["cluster"].to_numpy(), looks, limits)
    together = at_once(compared, frequency, level, limits)
    frequency = with_chances(frequency, together)
    by_floor = of_new(compared, (errors, warnings, fatals), level, limits)
    if not last:
        waits = awaited(compared, by_floor == Strength.CLEAR)
        by_floor[waits] = np.minimum(by_floor[waits], Strength.UNSURE)
    by_frequency, recovered = of_frequency(compared, frequency, level, job, limits)
    strengths = np.maximum(by_floor, by_frequency)
    ongoing = np.zeros_like(error) if job else _lasting(compared, error, strengths, level, limits)
    told, begun, excused = _excuse(compared, frequency, strengths, limits, batch)
    ends = ending(compared, run, last)
    _as_ended(compared, strengths, ends, excused)
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
    several = {compared.event_id(cluster): one for cluster, one in together.items()}
    hung = frozenset(map(compared.event_id, np.flatnonzero(ends.hung & fails).tolist()))
    unfinished = before.key if ends.short and _succeeds(own, before) else ""
    return Findings(*found, told, begun, ongoing, recovered, ends.broken & fails, several, hung, unfinished)


def _succeeds(own: Statement, before: Statement) -> bool:
    """Only the baseline says how it ended: well."""
    return before.outcome is Outcome.SUCCEEDED and own.outcome is Outcome.NONE


def _as_ended(compared: Compared, strengths: Counts, ends: Ending, excused: Mask) -> None:
    """What it breaks off by, or hangs with, fails it, unless it is excused; a run that came to its usual end is not
    failed by the number of its warnings. Changes `strengths`."""
    if ends.usual:
        expected = compared.new & (compared.severity <= int(Severity.WARN))
        strengths[expected] = np.minimum(strengths[expected], Strength.WEAK)
    worst = (ends.broken | ends.hung) & ~excused
    strengths[worst] = np.maximum(strengths[worst], Strength.STRONG)


def _as_stated(compared: Compared, strengths: Counts, own: Statement, failed: bool, batch: bool) -> Counts:
    """By what it says of itself: where it failed, its errors are no chance, and what only sums up is no cause; a run
    that succeeded is believed."""
    effects = effects_of(compared)
    if failed:
        its = compared.new_trouble(Severity.ERROR) & ~effects
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
) -> tuple[Reworded, Mask, Mask]:
    """What a new version words otherwise, or announces for a later one, is no more than FAINT (the last mask); what
    only a start of a service wrote, no more than UNSURE."""
    told = compared.new_trouble(Severity.WARN)
    found = reworded(compared, told | (strengths > Strength.FAINT), limits)
    excused = compared.new & (compared.severity == int(Severity.WARN))
    excused[excused] = notices(compared.table["template"].filter(pl.Series(excused)))
    excused[list(found.twins)] = True
    if found.other_format:
        excused |= ~compared.new & (frequency.ratio < 1)
    strengths[excused] = np.minimum(strengths[excused], Strength.FAINT)
    begun = only_at_starts(compared, strengths >= Strength.STRONG) & (not batch)
    strengths[begun] = np.minimum(strengths[begun], Strength.UNSURE)
    return found, begun, excused


def _sure_loops(compared: Compared, level: Level) -> tuple[Restarts, ...]:
    """That a good deployment brings the least of loops by itself is a custom; each further start makes it rarer."""
    found = restarts(compared)
    return tuple(one for one in found if of_bins(compared, one.times - LEAST + 1) <= level.whole)


def _lasting_warnings(compared: Compared, error: Mask, level: Level, limits: Thresholds) -> Mask:
    return lasting(compared, compared.worse_than(Severity.WARN) & ~error, replace(level, last=False), limits)


def _told_by_many(compared: Compared, limits: Thresholds) -> Mask:
    """One window can't tell a new warning that lasts from one that comes and goes by the day, unless it goes on
    (`throughout`); a history can, and so can instances beside it."""
    many = compared.runs >= HISTORY or compared.sides.concurrent
    return np.asarray(many & (compared.bursts[0] >= limits.turns))


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
