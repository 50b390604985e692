"""From findings to the verdict: its reason, its score, and the sentence that a tired person understands."""

from dataclasses import dataclass

from logverdict.analysis import restarts
from logverdict.analysis.judge import Findings, Strength
from logverdict.analysis.sides import Sides
from logverdict.domain.policy import Policy
from logverdict.domain.result import Event
from logverdict.domain.words import Direction, EventKind, Impact, Reason, Severity, Verdict

MAX_QUOTED = 90
_HARM = {
    Strength.NONE: 0.0,
    Strength.NOTED: 0.001,
    Strength.FAINT: 0.02,
    Strength.WEAK: 0.08,
    Strength.STRONG: 0.4,
    Strength.CLEAR: 0.7,
}
_RANGE = {Verdict.PASS: (90, 100), Verdict.WARN: (50, 89), Verdict.FAIL: (0, 49), Verdict.INCONCLUSIVE: (50, 50)}


@dataclass(frozen=True, slots=True)
class Ruling:
    verdict: Verdict
    reason: Reason
    score: int
    sentence: str


def too_small(sides: Sides, policy: Policy) -> Ruling | None:
    """INCONCLUSIVE when a side has too few entries, of evidence where there is such a query: silence is not health."""
    for name, reason, stretches in (
        ("baseline", Reason.BASELINE_TOO_SMALL, sides.baselines),
        ("candidate", Reason.CANDIDATE_TOO_SMALL, (sides.candidate,)),
    ):
        entries = sum(one.entries for one in stretches)
        if entries < max(1, policy.min_entries):
            what = " of evidence that it runs" if any(one.evidence is not None for one in stretches) else ""
            least = max(1, policy.min_entries)
            sentence = f"Cannot judge: the {name} has {_entries(entries)}{what}, at least {least} are needed."
            return Ruling(Verdict.INCONCLUSIVE, reason, _RANGE[Verdict.INCONCLUSIVE][0], sentence)
    return None


def rule(sides: Sides, found: Findings, events: tuple[Event, ...], strengths: dict[str, int]) -> Ruling:
    """`events` are ordered by weight; `strengths` has each event's by its id."""
    if found.failed:
        told = f"The candidate says of itself that it failed: “{_short(found.own.key)}”."
        return Ruling(Verdict.FAIL, Reason.OWN_STATEMENT, _score(Verdict.FAIL, events, strengths), told)
    for verdict, impact in ((Verdict.FAIL, Impact.FAIL), (Verdict.WARN, Impact.WARN)):
        counted = [event for event in events if event.impact is impact]
        if counted:
            sentence = _sentence(found, counted)
            return Ruling(verdict, _reason(counted[0]), _score(verdict, events, strengths), sentence)
    score = _score(Verdict.PASS, events, strengths)
    return Ruling(
        Verdict.PASS, Reason.NO_ANOMALY, score, f"Nothing that speaks against it: {_harmless(sides, events)}."
    )


def _harmless(sides: Sides, events: tuple[Event, ...]) -> str:
    if not sides.candidate.quiet:
        compared = f"{_number(len(events), 'kind')} of message compared"
        return f"{compared}, none new and bad, none of unexpected frequency"
    before, after = sum(one.entries for one in sides.baselines), sides.candidate.entries
    where = "on either side" if all(one.quiet for one in sides.baselines) else "in the candidate"
    runs = f"{_entries(after)} of evidence show that the service runs"
    return f"the query finds no entry {where}, and {runs} (the baseline has {_entries(before)})"


def _reason(event: Event) -> Reason:
    if event.kind is EventKind.UNKNOWN or event.kind is EventKind.NO_BASELINE:
        return Reason.NEW_ERRORS if event.severity >= Severity.ERROR else Reason.NEW_MESSAGES
    if event.kind is EventKind.GONE:
        return Reason.MESSAGES_GONE
    return Reason.FREQUENCY_DOWN if event.direction is Direction.DOWN else Reason.FREQUENCY_UP


def _score(verdict: Verdict, events: tuple[Event, ...], strengths: dict[str, int]) -> int:
    """Each finding takes its share of what is left; the verdict's own range holds the result."""
    left = 1.0
    for event in events:
        left *= 1 - _HARM[Strength(strengths.get(event.id, 0))]
    least, most = _RANGE[verdict]
    return least + round((most - least) * left)


def _sentence(found: Findings, counted: list[Event]) -> str:
    worst = counted[0]
    parts = []
    new = [event for event in counted if event.kind is EventKind.UNKNOWN]
    changed = [event for event in counted if event.kind is EventKind.UNEXPECTED_FREQUENCY]
    gone = [event for event in counted if event.kind is EventKind.GONE]
    if new:
        bad = sum(event.severity >= Severity.ERROR for event in new)
        kind = "error" if bad == len(new) else "warning" if all(e.severity >= Severity.WARN for e in new) else "message"
        parts.append(f"{_number(len(new), f'new {kind}')}")
    if changed:
        parts.append(f"{_number(len(changed), 'message')} of unexpected frequency")
    if gone:
        parts.append(f"{_number(len(gone), 'message')} gone")
    usual = found.errors.expected if new and new[0].severity >= Severity.ERROR else 0.0
    beside = f" (about {usual:.0f} {'is' if round(usual) == 1 else 'are'} usual here)" if usual >= 0.5 else ""
    loops = f"; {restarts.told(found.loops)}" if found.loops else ""
    return f"{' and '.join(parts).capitalize()}{beside}; worst: “{_short(worst.template)}”, {seen(worst)}{loops}."


def seen(event: Event) -> str:
    """What was expected and what was seen, in words."""
    if event.kind is EventKind.GONE or (event.direction is Direction.DOWN and not event.candidate_count):
        return f"expected about {amount(event.expected)} times, not seen"
    if event.kind in (EventKind.UNKNOWN, EventKind.NO_BASELINE):
        return f"seen {_number(event.candidate_count, 'time')}, never in the baseline"
    times = f", {event.ratio:.1f}× as often" if 0 < event.ratio < float("inf") else ""
    return f"seen {_number(event.candidate_count, 'time')}, expected about {amount(event.expected)}{times}"


def amount(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}".removesuffix(".0")


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _entries(count: int) -> str:
    return "no entries" if not count else "1 entry" if count == 1 else f"{count:,} entries"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= MAX_QUOTED else f"{flat[: MAX_QUOTED - 1]}…"
