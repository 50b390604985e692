"""From findings to the verdict: its reason, its score, and its sentence."""

from dataclasses import dataclass

from logverdict.analysis.ending import UNFINISHED
from logverdict.analysis.judge import Findings
from logverdict.analysis.quoting import quoted
from logverdict.analysis.sentences import lowered
from logverdict.analysis.sides import Sides
from logverdict.analysis.silence import silence
from logverdict.analysis.strength import Strength
from logverdict.analysis.verdict_sentence import entries_of, harmless, own_words, what_counts, worst_of
from logverdict.domain.policy import Policy
from logverdict.domain.result import Event
from logverdict.domain.words import Direction, EventKind, Impact, Reason, Severity, Verdict

_HARM = {
    Strength.NONE: 0.0,
    Strength.NOTED: 0.001,
    Strength.FAINT: 0.02,
    Strength.UNSURE: 0.08,
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
        ("baseline", Reason.BASELINE_TOO_SMALL, sides.own),
        ("candidate", Reason.CANDIDATE_TOO_SMALL, (sides.candidate,)),
    ):
        entries = sum(one.entries for one in stretches)
        if entries < max(1, policy.min_entries):
            what = " of evidence that it runs" if any(one.evidence is not None for one in stretches) else ""
            least = max(1, policy.min_entries)
            sentence = f"Cannot judge: the {name} has {entries_of(entries)}{what}, at least {least} are needed."
            return Ruling(Verdict.INCONCLUSIVE, reason, _RANGE[Verdict.INCONCLUSIVE][0], sentence)
    return None


def rule(sides: Sides, found: Findings, events: tuple[Event, ...], strengths: dict[str, int]) -> Ruling:
    """`events` are ordered by weight; `strengths` has each event's by its id. What does not fail and is silent can't be
    told."""
    found_so = _rule(sides, found, events, strengths)
    if found.unfinished and found_so.verdict is not Verdict.FAIL:
        told = UNFINISHED.format(quoted(found.unfinished), lowered(found_so.sentence))
        return Ruling(Verdict.INCONCLUSIVE, Reason.OWN_STATEMENT, _RANGE[Verdict.INCONCLUSIVE][0], told)
    lasted = 0.0 if found.batch or found_so.verdict is Verdict.FAIL else silence(sides)
    if not lasted:
        return found_so
    sentence = (
        f"Cannot judge: no entry came in the last {_span(lasted)} of the window; the service may be dead, or its "
        f"entries may not arrive. Until then: {lowered(found_so.sentence)}"
    )
    return Ruling(Verdict.INCONCLUSIVE, Reason.CANDIDATE_SILENT, _RANGE[Verdict.INCONCLUSIVE][0], sentence)


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"


def _rule(sides: Sides, found: Findings, events: tuple[Event, ...], strengths: dict[str, int]) -> Ruling:
    if found.failed:
        score = _score(Verdict.FAIL, events, strengths)
        return Ruling(Verdict.FAIL, Reason.OWN_STATEMENT, score, own_words(sides, found, events))
    for verdict, impact in ((Verdict.FAIL, Impact.FAIL), (Verdict.WARN, Impact.WARN)):
        counted = [event for event in events if event.impact is impact]
        if counted:
            worst = worst_of(counted)
            sentence = what_counts(sides, found, counted, worst)
            return Ruling(verdict, _reason(worst), _score(verdict, events, strengths), sentence)
    score = _score(Verdict.PASS, events, strengths)
    return Ruling(
        Verdict.PASS, Reason.NO_ANOMALY, score, f"Nothing speaks against it: {harmless(sides, found, events)}."
    )


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
        if strength := strengths.get(event.id):
            left *= 1 - _HARM[Strength(strength)]
    least, most = _RANGE[verdict]
    return least + round((most - least) * left)
