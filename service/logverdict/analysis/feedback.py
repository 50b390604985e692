"""What people said of events is applied to findings: impacts change, and the verdict says by whose word."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from logverdict.analysis.quoting import quoted, says
from logverdict.analysis.reach import Reach, Reached
from logverdict.analysis.strength import Strength
from logverdict.analysis.verdict import Ruling
from logverdict.domain.feedback import AppliedFeedback, Feedback, FeedbackLevel, WithoutFeedback
from logverdict.domain.result import Event, Judgement
from logverdict.domain.words import EventKind, Impact, Reason, Sensitivity

Rule = Callable[[tuple[Event, ...]], Ruling]
LARGE, MANY = 10.0, 20
"""Times the rate at which a new message was accepted, and entries, from which it is another matter than it was then."""
_HARD = tuple(Impact)
"""From the mildest to the hardest."""
_DONE = {
    FeedbackLevel.IGNORE: "ignored",
    FeedbackLevel.IGNORE_UNLESS_FREQUENCY: "ignored while its frequency is usual",
    FeedbackLevel.MEDIUM: "taken as medium",
    FeedbackLevel.ALWAYS_FAIL: "made to fail",
}


@dataclass(frozen=True)
class Heard:
    """`events` are ordered anew; `used` is the feedback that reached any of them, by id."""

    events: tuple[Event, ...]
    used: tuple[Feedback, ...]

    @property
    def changed(self) -> list[Event]:
        """Those whose impact feedback changed, what would have done most first."""
        found = [event for event in self.events if event.feedback and event.impact is not _before(event)]
        return sorted(found, key=lambda event: -_HARD.index(max(event.impact, _before(event), key=_HARD.index)))

    @property
    def calm(self) -> tuple[Event, ...]:
        """The events with no impact made harder: what speaks against the deployment by itself."""
        return tuple(replace(event, impact=_before(event)) if _raised(event) else event for event in self.events)


def hear(
    events: tuple[Event, ...],
    members: Mapping[str, Sequence[str]],
    feedback: Sequence[Feedback],
    sensitivity: Sensitivity,
    exposure: float,
) -> Heard:
    """`members`: all templates of each event, by its id; `exposure` is the candidate's, in instances × seconds."""
    always = Reach(one for one in feedback if one.level is FeedbackLevel.ALWAYS_FAIL)
    reach, used, out = Reach(feedback), dict[str, Feedback](), []
    for event in events:
        asked = (event.template, members.get(event.id, event.templates), event.severity)
        # What has no impact can only get one; most events are such, and there may be tens of thousands.
        quiet = event.kind is EventKind.KNOWN and event.impact is Impact.NONE
        found = [] if quiet and not always.of(*asked) else reach.of(*asked)
        used |= {one.feedback.id: one.feedback for one in found}
        out.append(_applied(event, found, sensitivity, exposure) if found else event)
    if not used:
        return Heard(events, ())
    out.sort(key=lambda event: (-event.weight, event.id))
    return Heard(tuple(out), tuple(used[name] for name in sorted(used)))


def _applied(event: Event, found: Sequence[Reached], sensitivity: Sensitivity, exposure: float) -> Event:
    impact = _impact(event, found[0].feedback, sensitivity, exposure)
    told = tuple(
        AppliedFeedback(
            one.feedback.id, one.feedback.level, one.feedback.author, one.feedback.reason, one.feedback.ticket,
            one.similarity, event.impact, overridden=place > 0,
        )
        for place, one in enumerate(found)
    )  # fmt: skip
    return replace(event, impact=impact, weight=_weight(event, impact), feedback=told)


def _impact(event: Event, feedback: Feedback, sensitivity: Sensitivity, exposure: float) -> Impact:
    match feedback.level:
        case FeedbackLevel.IGNORE:
            return Impact.NONE
        case FeedbackLevel.IGNORE_UNLESS_FREQUENCY:
            return event.impact if _departs(event, feedback, exposure) else Impact.NONE
        case FeedbackLevel.MEDIUM if event.kind is not EventKind.KNOWN:
            return Impact.FAIL if sensitivity is Sensitivity.HIGH else Impact.WARN
        case FeedbackLevel.ALWAYS_FAIL if event.candidate_count:
            return Impact.FAIL
    return event.impact


def _departs(event: Event, feedback: Feedback, exposure: float) -> bool:
    """By the comparison, or for a new event by how often it came when it was accepted."""
    if event.kind in (EventKind.UNEXPECTED_FREQUENCY, EventKind.GONE):
        return True
    if not feedback.rate or exposure <= 0 or event.candidate_count < MANY:
        return False
    return event.candidate_count / exposure >= LARGE * feedback.rate


def _weight(event: Event, impact: Impact) -> float:
    """As an event has it that is noted only, weak, or strong."""
    if impact is event.impact:
        return event.weight
    strength = {Impact.NONE: Strength.NOTED, Impact.WARN: Strength.WEAK, Impact.FAIL: Strength.STRONG}[impact]
    return round(int(strength) + event.weight % 1, 6)


def _before(event: Event) -> Impact:
    return event.feedback[0].impact_without


def _raised(event: Event) -> bool:
    return bool(event.feedback) and _HARD.index(event.impact) > _HARD.index(_before(event))


def _always(event: Event) -> bool:
    level = event.feedback[0].level if event.feedback else None
    return level is FeedbackLevel.ALWAYS_FAIL and event.impact is Impact.FAIL


def overruled(heard: Heard, small: Ruling | None, rule: Rule) -> Ruling:
    """`small`: there is too little to judge. What always fails by a person's word needs no more than to be seen."""
    raised = [event for event in heard.changed if _raised(event)]
    always = [event for event in heard.events if _always(event)]
    base = small or rule(heard.calm)
    whole = base if small and not always else rule(heard.events)
    if whole.verdict is base.verdict:
        return replace(whole, reason=base.reason, sentence=_told(heard, base))
    worst = max(raised or always, key=lambda event: _HARD.index(event.impact))
    its = worst.feedback[0]
    sentence = f"“{says(worst)}” was seen {worst.candidate_count:,} times, and is {_by(its)}."
    return replace(whole, reason=Reason.FEEDBACK, sentence=sentence)


def _told(heard: Heard, ruling: Ruling) -> str:
    changed = heard.changed
    if not changed:
        return ruling.sentence
    worst, more = changed[0], len(changed) - 1
    others = f"; feedback changes {more:,} more event{'s' if more > 1 else ''}" if more else ""
    if ruling.reason is Reason.NO_ANOMALY:
        accepted = f"“{says(worst)}”, {_by(worst.feedback[0])}"
        return f"Nothing that speaks against it but what feedback accepts: {accepted}{others}."
    return f"{ruling.sentence} Besides, “{says(worst)}” is {_by(worst.feedback[0])}{others}."


def _by(its: AppliedFeedback) -> str:
    return f"{_DONE.get(its.level, 'judged')} by feedback of {its.author.name} (“{quoted(its.reason)}”)"


def noted(judgement: Judgement, heard: Heard, plain: Ruling) -> Judgement:
    """Keeps beside the judgement what it would be without feedback, and the feedback that reached an event."""
    if not heard.used:
        return judgement
    without = WithoutFeedback(plain.verdict, plain.reason, plain.score, plain.sentence)
    return replace(judgement, feedback=heard.used, without_feedback=without)
