"""How much of the quality is tuning: thresholds fitted to all sources but one, and tried on that one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from logverdict.analysis.compare import Compared, compare
from logverdict.analysis.judge import findings, impacts
from logverdict.analysis.members import apart
from logverdict.analysis.thresholds import DEFAULT, Thresholds
from logverdict.analysis.values import new_values, with_severities
from logverdict.analysis.verdict import too_small
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.policy import Policy
from logverdict.domain.words import Impact
from logverdict.verify.backtest import Case, Truth, recorded_sides

GRID: dict[str, tuple[float, ...]] = {
    "beside": (1.25, 2.0),
    "later": (2.0, 5.0),
    "moved": (1.5, 3.0),
    "drift": (0.15, 0.6),
    "common": (0.02, 0.1),
    "several": (2, 5),
    "many": (10, 40),
    "longer": (1.25, 2.0),
    "tail": (0.02, 0.1),
    "turns": (5, 10),
    "script": (0.5, 0.9),
}
"""Values beside the default that a fit may choose."""
ROUNDS = 2


@dataclass(frozen=True)
class Known:
    """A case whose truth is known, compared once: only the judge is run again."""

    name: str
    truth: Truth
    source: str
    compared: Compared


@dataclass(frozen=True, slots=True)
class Score:
    """Right and wrong verdicts; scores add."""

    found: int = 0
    missed: int = 0
    alarms: int = 0
    quiet: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.found + other.found,
            self.missed + other.missed,
            self.alarms + other.alarms,
            self.quiet + other.quiet,
        )

    @property
    def f1(self) -> float:
        """Of FAIL; 0 where there is nothing to find."""
        return 2 * self.found / max(1, 2 * self.found + self.missed + self.alarms)

    @property
    def false_alarms(self) -> float:
        return self.alarms / max(1, self.alarms + self.quiet)


@dataclass(frozen=True, slots=True)
class Fold:
    """One source, judged with the defaults and with what all other sources would have chosen."""

    source: str
    thresholds: Thresholds
    default: Score
    refitted: Score


def known(case: Case) -> Known | None:
    """None where the truth is not known."""
    if case.truth is None:
        return None
    compared = apart(compare(recorded_sides(case)), Policy(), 1)
    compared = with_severities(compared, new_values(compared))
    sides = compared.sides
    # Samples are most of it, and the judge reads none.
    bare = [
        replace(one, counts=replace(one.counts, samples=one.counts.samples.head(0)))
        for one in (sides.candidate, *sides.baselines)
    ]
    found = replace(compared.found, cells=compared.found.cells.head(0))
    lean = replace(
        compared,
        found=found,
        sides=replace(sides, candidate=bare[0], baselines=tuple(bare[1:])),
    )
    return Known(case.name, case.truth, case.source, lean)


def score(case: Known, policy: Policy, limits: Thresholds) -> Score:
    bad, compared = case.truth.verdict == "fail", case.compared
    found = findings(compared, policy, 1, limits=limits)
    fails = found.failed or Impact.FAIL in impacts(found, policy.sensitivity)
    fails = fails and too_small(compared.sides, policy) is None
    return Score(bad and fails, bad and not fails, not bad and fails, not bad and not fails)


def fit(quality: Callable[[Thresholds], float]) -> Thresholds:
    """Coordinate search from the defaults: one threshold after the other takes the value of its GRID that is best,
    and another one than it has only where that is better."""
    best, most = DEFAULT, quality(DEFAULT)
    for _ in range(ROUNDS):
        before = best
        for name, values in GRID.items():
            for value in (*values, getattr(DEFAULT, name)):
                tried = replace(best, **{name: value})
                if tried != best and (reached := quality(tried)) > most:
                    best, most = tried, reached
        if best == before:
            break
    return best


def refit(cases: Sequence[Known], policy: Policy, tell: Callable[[str], None] = lambda _: None) -> list[Fold]:
    """A fold a source, by name. A fit wants a high F1 and few false alarms alike. `tell` hears which source is next.

    Raises InvalidRequest where all cases are of one source.
    """
    sources = sorted({case.source for case in cases})
    if len(sources) < 2:
        raise InvalidRequest("--refit", "needs cases of two sources at least, whose truth is known")
    remembered: dict[Thresholds, dict[str, Score]] = {}

    def by_source(limits: Thresholds) -> dict[str, Score]:
        if limits not in remembered:
            totals = dict.fromkeys(sources, Score())
            for case in cases:
                totals[case.source] += score(case, policy, limits)
            remembered[limits] = totals
        return remembered[limits]

    folds = []
    for source in sources:
        tell(source)

        def quality(limits: Thresholds, left_out: str = source) -> float:
            rest = sum((its for name, its in by_source(limits).items() if name != left_out), Score())
            return rest.f1 - rest.false_alarms

        chosen = fit(quality)
        folds.append(Fold(source, chosen, by_source(DEFAULT)[source], by_source(chosen)[source]))
    return folds
