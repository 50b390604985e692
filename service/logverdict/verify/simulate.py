"""How often does any look of a verification alarm on a good run, and how early is a bad one found?"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from statistics import median

import numpy as np

from logverdict.analysis.compare import compare
from logverdict.analysis.judge import findings, impacts
from logverdict.analysis.members import apart
from logverdict.analysis.sides import Sides
from logverdict.analysis.values import new_values, with_severities
from logverdict.analysis.verdict import too_small
from logverdict.domain.policy import Policy
from logverdict.domain.words import FalseAlarmLevel, Impact, Sensitivity
from logverdict.verify.alarms import at_most
from logverdict.verify.resample import SHARES, WINDOW, Pool, Run, more_often, new_error

Level = tuple[Sensitivity, FalseAlarmLevel]
Change = Callable[[Run, np.random.Generator], tuple[Run, str] | None]
IN_SEQUENCE, AT_THE_SAME_TIME = "in sequence", "at the same time"
WAYS = (IN_SEQUENCE, AT_THE_SAME_TIME)
FACTORS, ERRORS = (2, 5, 10, 0), (3, 30, 300)
GOOD = "good"


def _often(factor: int) -> Change:
    return lambda run, chance: more_often(run, factor, chance)


def _error(entries: int) -> Change:
    return lambda run, chance: new_error(run, entries, chance)


CHANGES: Mapping[str, Change] = {
    **{f"× {factor}" if factor else "gone": _often(factor) for factor in FACTORS},
    **{f"new error × {entries}": _error(entries) for entries in ERRORS},
}


@dataclass(frozen=True, slots=True)
class Simulation:
    """`number` counts good and bad runs each, from 0; with `seed` it decides all that is drawn."""

    number: int
    seed: int
    looks: int
    bad: bool


@dataclass(frozen=True)
class Simulated:
    """`failed` has the looks (from 1) that say FAIL, up to the first two in a row, which end a verification. `change`
    is GOOD or a word of CHANGES, `message` what was changed."""

    run: Simulation
    case: str
    source: str
    way: str
    change: str
    message: str
    failed: Mapping[Level, tuple[int, ...]]

    def first(self, level: Level) -> int | None:
        """The first look that says FAIL."""
        return self.failed[level][0] if self.failed[level] else None

    def stops(self, level: Level) -> bool:
        """Whether the verification ends with FAIL: early, or at its last look."""
        return _over(self.failed[level]) or self.run.looks in self.failed[level]


def simulate(recording: Pool, named: tuple[str, str], wanted: Simulation, policy: Policy) -> Simulated | None:
    """`named` are case and source. None where the run holds no message that could be changed so."""
    chance = np.random.default_rng([wanted.seed, wanted.number, int(wanted.bad)])
    way, turn = WAYS[wanted.number % len(WAYS)], wanted.number // len(WAYS)
    if way == IN_SEQUENCE:
        run = recording.in_sequence(chance)
    else:
        run = recording.at_the_same_time(chance, SHARES[turn % len(SHARES)])
    word, message = GOOD, ""
    if wanted.bad:
        word = list(CHANGES)[turn % len(CHANGES)]
        changed = CHANGES[word](run, chance)
        if changed is None:
            return None
        run, message = changed
    return Simulated(wanted, *named, way, word, message, _failed(run, wanted.looks, policy))


def _failed(run: Run, looks: int, policy: Policy) -> dict[Level, tuple[int, ...]]:
    """All sensitivities and levels at once: comparing is the work. Ends when all of them have ended."""
    failed: dict[Level, list[int]] = {level: [] for level in product(Sensitivity, FalseAlarmLevel)}
    for look in range(1, looks + 1):
        running = [level for level, said in failed.items() if not _over(said)]
        if not running:
            break
        for level in _failing(run.upto(WINDOW * look // looks), (look, looks), policy, running):
            failed[level].append(look)
    return {level: tuple(said) for level, said in failed.items()}


def _over(said: Sequence[int]) -> bool:
    return len(said) > 1 and said[-1] == said[-2] + 1


def _failing(sides: Sides, at: tuple[int, int], policy: Policy, levels: Iterable[Level]) -> Iterator[Level]:
    """`at` are the look and how many there are."""
    if too_small(sides, policy):
        return
    compared, (look, looks) = compare(sides), at
    found = {}
    for alarms in sorted({alarms for _, alarms in levels}):
        level = replace(policy, false_alarm_level=alarms)
        its = apart(compared, level, looks)
        found[alarms] = findings(with_severities(its, new_values(its)), level, looks, last=look == looks)
    for sensitivity, alarms in levels:
        if found[alarms].failed or Impact.FAIL in impacts(found[alarms], sensitivity):
            yield sensitivity, alarms


def as_row(one: Simulated) -> dict[str, object]:
    """One line of the file of runs; looks that say FAIL by sensitivity and false-alarm level."""
    return {
        "number": one.run.number,
        "seed": one.run.seed,
        "looks": one.run.looks,
        "case": one.case,
        "source": one.source,
        "way": one.way,
        "change": one.change,
        "changed": one.message,
        "failed": {f"{sensitivity}/{alarms}": list(said) for (sensitivity, alarms), said in one.failed.items()},
    }


@dataclass(frozen=True, slots=True)
class Shares:
    """Of `runs`: in how many some look says FAIL, and in how many that stops the deployment; `early` is the median of
    the share of the window that had passed at the first such look, None where there is none."""

    way: str
    change: str
    level: Level
    runs: int
    some_look: int
    stopped: int
    early: float | None

    @property
    def most(self) -> float:
        """The largest share with some FAIL that these runs leave credible."""
        return at_most(self.some_look, self.runs)


def shares(done: Iterable[Simulated], levels: Sequence[Level]) -> Iterator[Shares]:
    """By way, change and level, good runs first."""
    groups: dict[tuple[str, str], list[Simulated]] = {}
    for one in done:
        groups.setdefault((one.way, one.change), []).append(one)
    for change, way, level in product((GOOD, *CHANGES), WAYS, levels):
        runs = groups.get((way, change), [])
        if not runs:
            continue
        first = [look / one.run.looks for one in runs if (look := one.first(level))]
        stopped = sum(one.stops(level) for one in runs)
        yield Shares(way, change, level, len(runs), len(first), stopped, median(first) if first else None)
