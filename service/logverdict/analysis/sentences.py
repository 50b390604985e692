"""What is said of an event: what is new, how often, where, since when, what was expected, and what is like it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from logverdict.analysis.quoting import quoted
from logverdict.analysis.sides import Sides
from logverdict.analysis.words_differ import differences, words_differ
from logverdict.domain.result import Event
from logverdict.domain.words import Direction, EventKind, Severity

NEAR = 0.5
"""Cosine from which a known template is worth naming beside a new one."""
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Ground:
    """What an event is compared with: `instances` of the candidate that name themselves, windows of the `baseline`,
    earlier deployments (`history`), whether instances beside it, and whether times need their day."""

    instances: int
    baseline: int
    history: int
    concurrent: bool
    days: bool


def ground(sides: Sides) -> Ground:
    candidate = sides.candidate
    return Ground(len(candidate.named), len(sides.own), sides.history, sides.concurrent, candidate.seconds > DAY)


def sentence(event: Event, on: Ground, recurrence: int = 0) -> str:
    """`recurrence`: earlier deployments that had it."""
    level = _level(event.severity)
    if event.kind is EventKind.UNKNOWN:
        return f"New{level}: {seen(event, on)}.{_nearest(event)}"
    if event.kind is EventKind.NO_BASELINE:
        return f"Nothing to compare{level or ' it'} with: {_often(event, on)}."
    if event.kind is EventKind.GONE:
        return f"Gone{level}: {seen(event, on)}."
    if event.kind is EventKind.UNEXPECTED_FREQUENCY:
        more = "More" if event.direction is Direction.UP else "Less"
        return f"{more} frequent{level}: {seen(event, on)}."
    if event.candidate_count and not event.baseline_count:
        return f"Known{level}: {_often(event, on)}; {_known_from(on, recurrence)}."
    return unchanged(event.severity, event.candidate_count, event.expected)


def unchanged(severity: Severity, count: int, expected: float) -> str:
    """Of a known event that the baseline has too, or the candidate has not."""
    return f"Known{_level(severity)}: {times(count)}, {amount(expected)} expected."


def _level(severity: Severity) -> str:
    return f" {severity.name}" if severity >= Severity.WARN else ""


def seen(event: Event, on: Ground) -> str:
    """What was seen, and what was expected from what."""
    expected = f"{amount(event.expected)} expected {_by(on)}"
    if event.kind in (EventKind.UNKNOWN, EventKind.NO_BASELINE):
        return f"{_often(event, on)}; never {_before(on)}"
    if not event.candidate_count:
        last = f", last {_clock(event.last_seen, on)} in the baseline" if event.last_seen and not on.concurrent else ""
        return f"not seen, {expected}{last}"
    ratio = f", {_ratio(event.ratio)} as often" if 0 < event.ratio < float("inf") else ""
    return f"{_often(event, on)}, {expected}{ratio}"


def amount(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}".removesuffix(".0")


def number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def listed(parts: Sequence[str]) -> str:
    """a, b and c."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def lowered(sentence: str) -> str:
    """To go on after other words."""
    return f"{sentence[:1].lower()}{sentence[1:]}"


def times(count: int) -> str:
    return "not seen" if not count else "once" if count == 1 else f"{count:,} times"


def added(events: tuple[Event, ...], *told: Mapping[str, str]) -> tuple[Event, ...]:
    """The events, some with more told at the end of their sentences, by id; what each mapping tells, in their order."""
    more: dict[str, list[str]] = {}
    for said in told:
        for event, why in said.items():
            more.setdefault(event, []).append(why)
    return tuple(_ending(one, more[one.id]) if one.id in more else one for one in events) if more else events


def _ending(event: Event, more: Sequence[str]) -> Event:
    return replace(event, sentence=" ".join((event.sentence, *more)).strip())


def _often(event: Event, on: Ground) -> str:
    """How often, where, and when, all of the candidate."""
    return f"{times(event.candidate_count)}{_where(event, on)}{_when(event, on)}"


def _where(event: Event, on: Ground) -> str:
    wrote = len(event.instances)
    if not wrote or on.instances < 2:
        return ""
    if wrote >= on.instances:
        return f" on all {on.instances:,} instances"
    only = f" ({event.instances[0].instance})" if wrote == 1 else ""
    return f" on {wrote:,} of {on.instances:,} instances{only}"


def _when(event: Event, on: Ground) -> str:
    first, last = event.first_seen, event.last_seen
    if first is None or last is None:
        return ""
    begin, end = _clock(first, on), _clock(last, on)
    return f" at {begin} UTC" if begin == end else f" from {begin} to {end} UTC"


def _clock(time: datetime, on: Ground) -> str:
    return f"{time:%d %b %H:%M}" if on.days else time.isoformat(timespec="seconds")[11:19]


def _before(on: Ground) -> str:
    if on.concurrent:
        return "in the baseline, neither beside it nor before"
    windows = f"any of {on.baseline:,} baselines" if on.baseline > 1 else "the baseline"
    return f"in {windows}" + (f" nor in {on.history:,} earlier good deployments" if on.history else "")


def _by(on: Ground) -> str:
    if on.concurrent:
        return "by the instances beside it"
    if on.history:
        return f"by the baseline and {on.history:,} earlier good deployments"
    return f"by {on.baseline:,} baselines" if on.baseline > 1 else "by the baseline"


def _known_from(on: Ground, recurrence: int) -> str:
    if recurrence:
        return f"not in the baseline, but in {recurrence:,} of {on.history:,} earlier good deployments"
    if on.concurrent:
        return "not on the instances beside it, but before"
    return "not in the baseline, but in an earlier good deployment"


def _ratio(ratio: float) -> str:
    return f"{amount(ratio)} ×"


def _nearest(event: Event) -> str:
    nearest = event.nearest
    if nearest is None or nearest.cosine < NEAR:
        return ""
    told = differences(words_differ(event.template, nearest.template))
    return f" Most like the known “{quoted(nearest.template)}”" + (f": {told}." if told else ".")
