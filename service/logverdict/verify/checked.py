"""Judging checks, and counting what came of them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from logverdict.analysis.engine import analyse
from logverdict.domain.policy import Policy
from logverdict.domain.result import Judgement
from logverdict.domain.window import Window
from logverdict.domain.words import Verdict
from logverdict.verify.backtest import Case, recorded_sides
from logverdict.verify.changes import change, cut
from logverdict.verify.checks import Check, Where

SOUND = (Verdict.PASS, Verdict.WARN)


@dataclass(frozen=True)
class Recording:
    entries: pl.DataFrame
    window: Window


@dataclass(frozen=True)
class Checked:
    """`message` is what was changed, "" where nothing was."""

    check: Check
    message: str
    judgement: Judgement


def judge_checks(checks: Sequence[Check], side: Callable[[Where], Recording], policy: Policy) -> list[Checked]:
    """Those that can be made. `side` reads a recording. A change in one of two halves tells nothing where the halves
    alarm without it."""
    halves: dict[Where, bool] = {}
    done = []
    for check in checks:
        if check.change is not None and not check.baselines:
            if check.candidate not in halves:
                same = _judged(replace(check, change=None), side, policy)
                halves[check.candidate] = same is not None and same.judgement.verdict in SOUND
            if not halves[check.candidate]:
                continue
        if (one := _judged(check, side, policy)) is not None:
            done.append(one)
    return done


def _judged(check: Check, side: Callable[[Where], Recording], policy: Policy) -> Checked | None:
    made = case_of(check, side)
    if made is None:
        return None
    case, message = made
    return Checked(check, message, analyse(recorded_sides(case), policy, look=1, looks=1).judgement)


def case_of(check: Check, side: Callable[[Where], Recording]) -> tuple[Case, str] | None:
    """The check's case, and the message that was changed in it; None where it has none to change."""
    recording = side(check.candidate)
    candidate, message = recording.entries, ""
    baselines = [side(where) for where in check.baselines]
    if not baselines:
        rest, candidate = cut(candidate, str(check.candidate))
        baselines = [Recording(rest, recording.window)]
    if check.change is not None:
        changed = change(candidate, [one.entries for one in baselines], check.change)
        if changed is None:
            return None
        candidate, message = changed.candidate, changed.message
    windows = (recording.window, *(one.window for one in baselines))
    return Case(str(check.candidate), tuple(one.entries for one in baselines), candidate, windows=windows), message


def as_row(one: Checked) -> dict[str, object]:
    """One line of the file of checks."""
    return {
        "check": one.check.name,
        "source": one.check.source,
        "candidate": str(one.check.candidate),
        "baselines": [str(where) for where in one.check.baselines],
        "changed": one.message,
        "wanted": "fail" if one.check.alarm else "pass",
        "verdict": "fail" if one.judgement.verdict is Verdict.FAIL else "pass",
        "true_verdict": one.judgement.verdict.value,
        "reason": one.judgement.reason.value,
        "sentence": one.judgement.sentence,
    }


@dataclass(frozen=True, slots=True)
class CheckTally:
    """Of one kind, and one source where it is named: `judged` of those `made`, without INCONCLUSIVE."""

    name: str
    source: str
    alarm: bool
    made: int
    judged: int
    failed: int
    warned: int


def check_tallies(done: Iterable[Checked], *, by_source: bool) -> Iterator[CheckTally]:
    """In the order in which the kinds come."""
    groups: dict[tuple[str, str, bool], list[Verdict]] = {}
    for one in done:
        name = (one.check.name, one.check.source if by_source else "", one.check.alarm)
        groups.setdefault(name, []).append(one.judgement.verdict)
    for (kind, source, alarm), said in groups.items():
        judged = len(said) - said.count(Verdict.INCONCLUSIVE)
        yield CheckTally(kind, source, alarm, len(said), judged, said.count(Verdict.FAIL), said.count(Verdict.WARN))
