"""Checks that need no labels: cases made of recorded sides, with what has to be said of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain, permutations

from logverdict.verify.changes import Change, Frequency, NewError
from logverdict.verify.marks import Mark

FACTORS = (2, 5, 10, 0)
SHARES = (0.002, 0.01, 0.05, 0.25)
ERRORS = (3, 30, 300)
"""Entries of a new error message: few, steady, many."""
BASELINES = (1, 2, 4, 8)
"""Numbers of baselines that are compared."""
MOST_SIDES = 100
"""Good recordings of a source that are paired, where no more checks than that are wanted: pairs grow by the square."""


@dataclass(frozen=True, slots=True)
class Where:
    """A recorded side: the folder's name of its case, and which: 0 is the candidate, from 1 on the baselines."""

    folder: str
    side: int

    def __str__(self) -> str:
        return f"{self.folder}/{f'baseline-{self.side}' if self.side else 'candidate'}"


@dataclass(frozen=True, slots=True)
class Check:
    """`name` is its kind, `alarm` whether it has to FAIL. Without baselines the candidate is cut in two halves that ran
    at the same time."""

    name: str
    source: str
    candidate: Where
    baselines: tuple[Where, ...]
    alarm: bool = False
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A case of which the entries are not needed. It may be neither `good` nor `bad`; its baselines are good all the
    same. `sound`: the engine could judge it, and did not alarm. `concurrent`: it compared the sides as recorded at the
    same time. `marks` are the sides', the candidate's first.
    """

    folder: str
    source: str
    good: bool
    bad: bool
    sound: bool
    concurrent: bool
    marks: tuple[Mark, ...]

    @property
    def baselines(self) -> tuple[Where, ...]:
        return tuple(Where(self.folder, side) for side in range(1, len(self.marks)))

    def apart(self) -> bool:
        return all(self.marks[0].apart(one) for one in self.marks[1:])


@dataclass(frozen=True, slots=True)
class _Side:
    where: Where
    mark: Mark
    own: frozenset[Mark]
    """Marks of all sides of its case."""


def checks(cases: Sequence[Recorded], most: int) -> list[Check]:
    """At most `most` of a kind and source, chosen by hash: the same ones each time, and the same candidates of kinds
    that are to be compared with each other."""
    sides = _good_sides(cases, max(most, MOST_SIDES))
    made = chain(_reversed(cases), _good_against_good(sides), _more_baselines(cases, sides), _changed(cases))
    groups: dict[tuple[str, str], list[Check]] = {}
    for check in made:
        groups.setdefault((check.name, check.source), []).append(check)
    return [check for group in groups.values() for check in sorted(group, key=_lot)[:most]]


def _lot(check: Check) -> bytes:
    share = check.change.share if isinstance(check.change, Frequency) else 0
    return _hash(f"{check.candidate} {share} {check.baselines[:1]}")


def _hash(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=8).digest()


def _good_sides(cases: Sequence[Recorded], most: int) -> dict[str, list[_Side]]:
    """By source, each recording once, in the order of their lots: all baselines, and the candidates of good cases."""
    found: dict[str, dict[Mark, _Side]] = {}
    for case in cases:
        for side, mark in enumerate(case.marks):
            if side or case.good:
                one = _Side(Where(case.folder, side), mark, frozenset(case.marks))
                found.setdefault(case.source, {}).setdefault(mark, one)
    return {
        source: sorted(sides.values(), key=lambda one: _hash(str(one.where)))[:most] for source, sides in found.items()
    }


def _reversed(cases: Sequence[Recorded]) -> Iterator[Check]:
    for case in cases:
        if case.bad and case.apart():
            yield Check("bad replaced by good", case.source, Where(case.folder, 1), (Where(case.folder, 0),))


def _good_against_good(good: dict[str, list[_Side]]) -> Iterator[Check]:
    for source, sides in good.items():
        for baseline, candidate in permutations(sides, 2):
            if candidate.mark.apart(baseline.mark):
                yield Check("good against good", source, candidate.where, (baseline.where,))


def _more_baselines(cases: Sequence[Recorded], good: dict[str, list[_Side]]) -> Iterator[Check]:
    """Candidates that have enough good recordings, so that every number of baselines judges the same ones."""
    bad = {
        source: [
            _Side(Where(case.folder, 0), case.marks[0], frozenset(case.marks))
            for case in cases
            if case.bad and case.source == source
        ]
        for source in good
    }
    for source, sides in good.items():
        for candidate, alarm in [*((one, False) for one in sides), *((one, True) for one in bad[source])]:
            others = _others(candidate, sides)
            for number in BASELINES if len(others) == BASELINES[-1] else ():
                name = f"{'bad' if alarm else 'good'} against {number} good {'runs' if number > 1 else 'run'}"
                yield Check(name, source, candidate.where, others[:number], alarm)


def _others(candidate: _Side, sides: Sequence[_Side]) -> tuple[Where, ...]:
    """The first so many, in an order of the candidate's own, that are neither sides of its case nor parts of it or of
    each other: more baselines hold the fewer."""
    taken: list[_Side] = []
    for one in sorted(sides, key=lambda side: _hash(f"{candidate.where} {side.where}")):
        if one.mark not in candidate.own and all(one.mark.apart(other.mark) for other in (candidate, *taken)):
            taken.append(one)
        if len(taken) == BASELINES[-1]:
            break
    return tuple(one.where for one in taken)


def _changed(cases: Sequence[Recorded]) -> Iterator[Check]:
    """Changes in good deployments that pass without them: after their baselines, and beside them. Where a case was not
    recorded beside its baseline, one half of its candidate is the other's."""
    changes: tuple[Frequency | NewError, ...] = (
        *(Frequency(factor, share) for factor in FACTORS for share in SHARES),
        *(NewError(entries, everywhere) for entries in ERRORS for everywhere in (False, True)),
    )
    good = [case for case in cases if case.good]
    for case in good:
        yield Check("cut in two halves", case.source, Where(case.folder, 0), ())
    for one in changes:
        for case in good:
            if case.sound and case.apart() and not case.concurrent:
                yield _with(one, "in sequence", case, case.baselines)
        for case in good:
            if not case.concurrent:
                yield _with(one, "at the same time", case, ())
            elif case.sound and case.apart():
                yield _with(one, "at the same time", case, case.baselines)


def _with(change: Change, when: str, case: Recorded, baselines: tuple[Where, ...]) -> Check:
    return Check(f"{change.word}, {when}", case.source, Where(case.folder, 0), baselines, alarm=True, change=change)
