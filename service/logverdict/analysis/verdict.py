"""From findings to the verdict: its reason, its score, and the sentence that a tired person understands."""

from dataclasses import dataclass

from logverdict.analysis import restarts
from logverdict.analysis.judge import Findings, Strength
from logverdict.analysis.sentences import amount, ground, number, seen, short
from logverdict.analysis.sides import Sides
from logverdict.analysis.silence import silence
from logverdict.domain.policy import Policy
from logverdict.domain.result import Event
from logverdict.domain.words import Direction, EventKind, Impact, Reason, Severity, Verdict

USUAL = 0.5
"""New errors by chance that are worth a word."""
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
            sentence = f"Cannot judge: the {name} has {_entries(entries)}{what}, at least {least} are needed."
            return Ruling(Verdict.INCONCLUSIVE, reason, _RANGE[Verdict.INCONCLUSIVE][0], sentence)
    return None


def rule(sides: Sides, found: Findings, events: tuple[Event, ...], strengths: dict[str, int]) -> Ruling:
    """`events` are ordered by weight; `strengths` has each event's by its id. What does not fail and is silent can't be
    told."""
    found_so = _rule(sides, found, events, strengths)
    lasted = 0.0 if found.batch or found_so.verdict is Verdict.FAIL else silence(sides)
    if not lasted:
        return found_so
    sentence = (
        f"Cannot judge: no entry came in the last {_span(lasted)} of the window; the service may be dead, or its "
        f"entries may not arrive. Until then: {found_so.sentence[0].lower()}{found_so.sentence[1:]}"
    )
    return Ruling(Verdict.INCONCLUSIVE, Reason.CANDIDATE_SILENT, _RANGE[Verdict.INCONCLUSIVE][0], sentence)


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"


def _rule(sides: Sides, found: Findings, events: tuple[Event, ...], strengths: dict[str, int]) -> Ruling:
    if found.failed:
        told = f"The candidate says of itself that it failed: “{short(found.own.key)}”."
        return Ruling(Verdict.FAIL, Reason.OWN_STATEMENT, _score(Verdict.FAIL, events, strengths), told)
    for verdict, impact in ((Verdict.FAIL, Impact.FAIL), (Verdict.WARN, Impact.WARN)):
        counted = [event for event in events if event.impact is impact]
        if counted:
            sentence = _sentence(sides, found, counted)
            return Ruling(verdict, _reason(counted[0]), _score(verdict, events, strengths), sentence)
    score = _score(Verdict.PASS, events, strengths)
    return Ruling(
        Verdict.PASS, Reason.NO_ANOMALY, score, f"Nothing speaks against it: {_harmless(sides, found, events)}."
    )


def _harmless(sides: Sides, found: Findings, events: tuple[Event, ...]) -> str:
    if not sides.candidate.quiet:
        with_runs = f" with {len(sides.baselines):,} good runs" if len(sides.baselines) > 1 else ""
        new = [event for event in events if event.kind is EventKind.UNKNOWN]
        bad = sum(event.severity >= Severity.WARN for event in new)
        compared = f"{number(len(events), 'kind')} of message compared{with_runs}"
        told = (
            f", {bad:,} new and bad{_spared(found, new) or ' but no more than usual'}"
            if bad
            else f", {len(new):,} new and harmless"
            if new
            else ""
        )
        return f"{compared}{told or ', none new'}, none of unexpected frequency"
    before, after = sum(one.entries for one in sides.own), sides.candidate.entries
    where = "on either side" if all(one.quiet for one in sides.own) else "in the candidate"
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
        if strength := strengths.get(event.id):
            left *= 1 - _HARM[Strength(strength)]
    least, most = _RANGE[verdict]
    return least + round((most - least) * left)


def _sentence(sides: Sides, found: Findings, counted: list[Event]) -> str:
    """How many there are of what, how many are usual, and the worst of them with all that is to be known of it."""
    worst = counted[0]
    parts = []
    new = [event for event in counted if event.kind is EventKind.UNKNOWN]
    changed = [event for event in counted if event.kind is EventKind.UNEXPECTED_FREQUENCY]
    gone = [event for event in counted if event.kind is EventKind.GONE]
    if new:
        bad = sum(event.severity >= Severity.ERROR for event in new)
        kind = "error" if bad == len(new) else "warning" if all(e.severity >= Severity.WARN for e in new) else "message"
        which = f"{_reworded(found, new)}{_spared(found, new)}"
        parts.append(f"{number(len(new), f'new {kind}')}{_usual(sides, found) if bad else ''}{which}")
    if changed:
        parts.append(f"{number(len(changed), 'message')} of unexpected frequency")
    if gone:
        parts.append(f"{number(len(gone), 'message')} gone{_reworded(found, gone)}")
    what = " and ".join(parts) or "What counts against it"
    worse = "worst: " if len(counted) > 1 else ""
    loops = f"; {restarts.told(found.loops)}" if found.loops else ""
    return f"{what[0].upper()}{what[1:]}: {worse}“{short(worst.template)}”, {seen(worst, ground(sides))}{loops}."


def _usual(sides: Sides, found: Findings) -> str:
    """How many new errors chance brings; "" where that is none."""
    usual, most = found.errors.expected, found.errors.most
    if usual < USUAL:
        return ""
    at_most = f", at most {amount(most)} in one of {len(sides.baselines)} good runs" if len(sides.baselines) > 1 else ""
    return f" (about {usual:.0f} {'is' if round(usual) == 1 else 'are'} usual here{at_most})"


def _reworded(found: Findings, some: list[Event]) -> str:
    """How many of them only the other side says in other words; "" where they fail all the same, or none does."""
    same = sum(event.id in found.reworded.told and event.impact is not Impact.FAIL for event in some)
    if not same:
        return ""
    which = "" if same == len(some) else f"{same:,} of them "
    return f", {which}only reworded"


def _spared(found: Findings, new: list[Event]) -> str:
    """Why new errors that would fail do not; "" where nothing kept them from it, or they fail all the same."""
    on = [found.spared[event.id] for event in new if event.id in found.spared and event.impact is not Impact.FAIL]
    if not on:
        return ""
    which = "" if len(on) == len(new) else f" {len(on):,} of them"
    most = "" if min(on) == max(on) else "up to "
    return f",{which} also new on {most}{number(max(on), 'unchanged instance')} and so not of this deployment"


def _entries(count: int) -> str:
    return "no entries" if not count else "1 entry" if count == 1 else f"{count:,} entries"
