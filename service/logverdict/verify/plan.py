"""What will be read and when it will be judged: a pure function of the request, the time, and its neighbours."""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from logverdict.domain.errors import InvalidRequest
from logverdict.domain.verification import Plan, Request, Slice, Verification
from logverdict.domain.window import Window
from logverdict.domain.words import DeploymentKind, Verdict

LOOK_BACK = timedelta(hours=24)
"""How far before the rollout a clean baseline is looked for."""
AHEAD = timedelta(days=1)
BINS = 40
"""Of the shortest window. More tell better what lasts from what comes and goes, and cost time and memory; what each
brings is in docs/benchmarks.md."""
MAX_BINS = 2_000
MINUTE = 60.0
WIDTHS = tuple(
    millis / 1000 for millis in range(1, 60_001) if 60_000 % millis == 0 and (millis >= 1000) == (millis % 1000 == 0)
)
"""Seconds: what divides a minute. Sources count by whole milliseconds, and above a second by whole seconds."""
SLICES = 10
"""A window that is read at once is read in this many pieces, so that progress shows and a retry is cheap."""
MAX_LOOKS = 1_000
"""Each look judges anew all that was read before it, and each revision holds the plan."""


def make_plan(request: Request, now: datetime, neighbours: Sequence[Verification]) -> Plan:
    """Raises InvalidRequest for windows that contradict each other."""
    candidate = _candidate(request, now)
    notes: tuple[str, ...] = ()
    baselines = request.baseline.windows
    if not baselines and not request.baseline.verifications:
        window, notes = _before(request, neighbours)
        baselines = (window,)
    _check_baselines(request.baseline.windows, candidate, now)
    return Plan(
        candidate=candidate,
        baselines=baselines,
        looks=_looks(candidate, request.timing.interval, now),
        bin_seconds=bin_seconds([candidate, *baselines]),
        verifications=request.baseline.verifications,
        notes=notes,
    )


def baseline_slices(request: Request, plan: Plan) -> Iterator[Slice]:
    for place, window in enumerate(plan.baselines):
        for span in window.cut(_grid(window, plan.step)):
            for source in request.profile.sources:
                yield Slice(source, f"baseline-{place}", span)


def candidate_slices(request: Request, plan: Plan, upto: datetime) -> Iterator[Slice]:
    """The candidate's slices up to a look or the time at which a newer deployment closed the window."""
    if upto <= plan.candidate.start:
        return
    window = Window(plan.candidate.start, upto)
    cuts = plan.looks if len(plan.looks) > 1 else _grid(plan.candidate, plan.step)
    for span in window.cut(cuts):
        for source in request.profile.sources:
            yield Slice(source, "candidate", span)


def _candidate(request: Request, now: datetime) -> Window:
    deployment, timing = request.deployment, request.timing
    if deployment.rollout_start > now + AHEAD:
        raise InvalidRequest("deployment.rollout_start_time", "is more than a day in the future")
    if request.candidate is None:
        start = deployment.rolled_out + timing.settle
        return Window(start, start + timing.duration)
    if request.candidate.start < deployment.rollout_start:
        raise InvalidRequest("candidate_window.start_time", "is before the rollout's start")
    if request.candidate.length > timedelta(days=7):
        raise InvalidRequest("candidate_window", "is too long; allowed: up to 7 days")
    return request.candidate


def _check_baselines(windows: Sequence[Window], candidate: Window, now: datetime) -> None:
    for place, window in enumerate(windows):
        field = f"baseline.windows[{place}]"
        if window.overlaps(candidate):
            raise InvalidRequest(field, "overlaps the candidate window")
        if window.end > now:
            raise InvalidRequest(f"{field}.end_time", "is in the future")
        if any(window.overlaps(other) for other in windows[:place]):
            raise InvalidRequest(field, "overlaps another baseline window, whose entries would count twice")


def _looks(candidate: Window, interval: timedelta, now: datetime) -> tuple[datetime, ...]:
    """A grid from the window's start, its end the last; a window that is over gets one look, at its end."""
    if candidate.end <= now:
        return (candidate.end,)
    steps = max(1, math.ceil(candidate.length / interval))
    if steps > MAX_LOOKS:
        least = timedelta(seconds=math.ceil(candidate.seconds / MAX_LOOKS))
        fault = f"{interval} gives {steps:,} looks in a window of {candidate.length}"
        raise InvalidRequest("timing.interval", f"{fault}; allowed: {least} and more, for up to {MAX_LOOKS:,} looks")
    return (*(candidate.start + interval * step for step in range(1, steps)), candidate.end)


def bin_seconds(windows: Sequence[Window]) -> float:
    """The widest of WIDTHS, or of whole minutes, that gives the shortest window BINS; never so many that the longest
    has more than MAX_BINS. A minute of coverage is so a whole number of bins."""
    most = min(window.seconds for window in windows) / BINS
    least = max(window.seconds for window in windows) / MAX_BINS
    chosen = max([width for width in WIDTHS if width <= most], default=WIDTHS[0])
    chosen = max(chosen, most // MINUTE * MINUTE)
    if chosen >= least:
        return chosen
    return min([width for width in WIDTHS if width >= least], default=math.ceil(least / MINUTE) * MINUTE)


def _grid(window: Window, plan_step: timedelta) -> Iterator[datetime]:
    """Cuts between whole minutes, so that a minute is in one slice."""
    step = math.ceil(window.length / SLICES / plan_step) * plan_step
    at = window.start + step
    while at < window.end:
        yield at
        at += step


def _before(request: Request, neighbours: Sequence[Verification]) -> tuple[Window, tuple[str, ...]]:
    """The time before the rollout: never over another rollout or a stretch judged FAIL, where there is such a time."""
    end, length = request.deployment.rollout_start, request.timing.baseline
    dirty = sorted(_dirty(request, neighbours), key=lambda window: window.end, reverse=True)
    least = min(length, request.timing.duration)
    whole, at = Window(end - length, end), end
    for window in dirty:
        if at - window.end >= least:
            break
        at = min(at, window.start)
    if at < end - LOOK_BACK:
        return whole, (
            "no clean time within a day before the rollout: the baseline holds rollouts or failed stretches",
        )
    floor = max((window.end for window in dirty if window.end <= at), default=at - length)
    chosen = Window(max(at - length, floor), at)
    if chosen == whole:
        return whole, ()
    return chosen, ("the baseline was moved or cut so that it holds no other rollout and no stretch judged FAIL",)


def _dirty(request: Request, neighbours: Sequence[Verification]) -> Iterator[Window]:
    """Spans before the rollout that do not show what is normal."""
    start = request.deployment.rollout_start
    earlier = [other for other in neighbours if other.request.deployment.rollout_start < start]
    for place, other in enumerate(earlier):
        begin = other.request.deployment.rollout_start
        starts = (later.request.deployment.rollout_start for later in earlier[place + 1 :])
        following = next((one for one in starts if one > begin), start)  # a rollout may be verified several times
        failed = other.judgement is not None and other.judgement.verdict is Verdict.FAIL
        undone = request.deployment.kind is DeploymentKind.ROLLBACK and place + 1 == len(earlier)
        settled = other.request.deployment.rolled_out + other.request.timing.settle
        end = following if failed or undone else min(settled, start)
        if end > begin:
            yield Window(begin, end)
