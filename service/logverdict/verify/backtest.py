"""Judging recorded deployments: what a policy would have said, and which lines it would have named."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean

import polars as pl

from logverdict.analysis.counts import TemplateCounts
from logverdict.analysis.engine import analyse, reduce
from logverdict.analysis.entries import MAX_ROWS
from logverdict.analysis.sides import Sides, Stretch
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.policy import Policy
from logverdict.domain.result import Judgement
from logverdict.domain.window import Window
from logverdict.domain.words import Comparison, Verdict
from logverdict.verify.named_lines import named_lines

BINS, MOST_BINS, SPEAKING = 500, 1 << 20, 400
"""Bins of the candidate's window: recordings may hold gaps of months, so they are halved until so many bins speak, or
until there are too many. Silent bins cost nothing."""
LAST_BIN = 1 << 30
"""Bins of the longest window, at most: a candidate of moments may follow a baseline of weeks, and numbers end."""
SAME_TIME = 0.8
"""Share of their common span that both windows must cover to have been recorded at the same time."""
SOURCE = "log"
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Truth:
    """`verdict` is "pass" or "fail"; `source` is the system that was recorded, "" where that is not said."""

    verdict: str
    kind: str
    source: str = ""

    def __post_init__(self) -> None:
        if self.verdict not in ("pass", "fail"):
            raise InvalidRequest("verdict", f"unknown truth {self.verdict!r}; allowed: pass, fail")


@dataclass(frozen=True)
class Case:
    """Frames of entries (`entries.SCHEMA`); a row's number is its line's, from 0. `windows` are those that were read,
    the candidate's first; without them they are taken to go from the first entry to the last. Cases of one `source`
    are of the same system."""

    name: str
    baselines: tuple[pl.DataFrame, ...]
    candidate: pl.DataFrame
    truth: Truth | None = None
    windows: tuple[Window, ...] = ()
    complete: bool = True
    source: str = ""


@dataclass(frozen=True)
class Prediction:
    case: str
    verdict: str
    judgement: Judgement
    lines: tuple[int, ...]
    truth: Truth | None
    complete: bool = True
    source: str = ""


def predict(case: Case, policy: Policy) -> Prediction:
    sides = recorded_sides(case)
    analysis = analyse(sides, policy, look=1, looks=1)
    verdict = analysis.judgement.verdict
    said = "fail" if verdict is Verdict.FAIL else "pass"
    lines = named_lines(case.candidate, analysis)
    return Prediction(case.name, said, analysis.judgement, lines, case.truth, case.complete, case.source)


def recorded_sides(case: Case) -> Sides:
    """What was recorded at the same time is compared as such, all else as before and after."""
    windows = list(case.windows) or [spanned(frame) for frame in (case.candidate, *case.baselines)]
    overlap = _overlap(windows[0], windows[1]) if len(windows) == 2 else 0.0
    concurrent = overlap > SAME_TIME
    if concurrent:
        windows = [Window(min(w.start for w in windows), max(w.end for w in windows))] * 2
    width = max(bin_width(case.candidate["time"], windows[0]), max(window.seconds for window in windows) / LAST_BIN)
    candidate, *baselines = (
        Stretch(_counts(frame, window.start, width), window.seconds, int(window.seconds / width) + 1)
        for frame, window in zip((case.candidate, *case.baselines), windows, strict=True)
    )
    comparison = Comparison.CONCURRENT if concurrent else Comparison.BEFORE_AFTER
    reason = f"the recorded windows share {overlap:.0%} of their span" if len(windows) == 2 else "several baselines"
    return Sides(candidate, tuple(baselines), (), comparison, reason)


def spanned(frame: pl.DataFrame) -> Window:
    """From the first entry to the last."""
    first, last = frame["time"].min(), frame["time"].max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        epoch = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
        return Window(epoch, epoch + _TICK)
    return Window(first, last + _TICK)


def bin_width(times: pl.Series, window: Window) -> float:
    """Seconds of a bin."""
    since = (times - window.start).dt.total_microseconds()
    bins = BINS
    while bins < MOST_BINS and (since // _micros(window, bins)).n_unique() < min(SPEAKING, len(times) // 4):
        bins *= 2
    return _micros(window, bins) / 1e6


def _micros(window: Window, bins: int) -> int:
    return max(1, int(window.seconds * 1e6 / bins))


def _overlap(one: Window, other: Window) -> float:
    shared = (min(one.end, other.end) - max(one.start, other.start)).total_seconds()
    whole = (max(one.end, other.end) - min(one.start, other.start)).total_seconds()
    return max(0.0, shared / whole)


def _counts(frame: pl.DataFrame, start: datetime, width: float) -> TemplateCounts:
    pages = [frame.slice(at, MAX_ROWS) for at in range(0, len(frame), MAX_ROWS)]
    return reduce(pages, source=SOURCE, start=start, bin_seconds=width, severities={})


def as_row(prediction: Prediction, policy: Policy, seconds: float) -> dict[str, object]:
    """One line of the predictions file."""
    judgement = prediction.judgement
    return {
        "case": prediction.case,
        "verdict": prediction.verdict,
        "true_verdict": judgement.verdict.value,
        "decision": policy.decide(judgement.verdict).value,
        "score": judgement.score,
        "reason": judgement.reason.value,
        "sentence": judgement.sentence,
        "comparison": judgement.comparison.value,
        "seconds": round(seconds, 3),
        "anomalous_messages": list(prediction.lines),
    }


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of the cases of one name were judged right."""

    name: str
    right_pass: int
    false_alarm: int
    right_fail: int
    missed: int


def tallies(predictions: Iterable[Prediction], *, by_source: bool = False) -> Iterator[Tally]:
    """By kind of case, or by source; those without truth left out."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for one in predictions:
        if one.truth is not None:
            name = one.source if by_source else one.truth.kind
            groups.setdefault(name, []).append((one.truth.verdict, one.verdict))
    for name, pairs in sorted(groups.items()):
        yield Tally(
            name,
            pairs.count(("pass", "pass")),
            pairs.count(("pass", "fail")),
            pairs.count(("fail", "fail")),
            pairs.count(("fail", "pass")),
        )


@dataclass(frozen=True, slots=True)
class Means:
    """Each source weighs the same, however many cases it has; None where no source has such cases."""

    false_alarms: float | None
    found: float | None


def means(sources: Iterable[Tally]) -> Means:
    alarms, found = [], []
    for one in sources:
        if good := one.right_pass + one.false_alarm:
            alarms.append(one.false_alarm / good)
        if bad := one.right_fail + one.missed:
            found.append(one.right_fail / bad)
    return Means(fmean(alarms) if alarms else None, fmean(found) if found else None)
