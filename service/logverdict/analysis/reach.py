"""Which feedback reaches an event: of its scope, alike, never beyond exception type, top frame, status or severity."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from logverdict.analysis.declare import renewed
from logverdict.analysis.likeness import band, marks, similarity, text_of
from logverdict.domain.feedback import Feedback
from logverdict.domain.words import Severity


@dataclass(frozen=True, slots=True)
class Reached:
    """`similarity` is 0–1, `same` is whether it was said of this very template; `unlike` says why an event that reads
    alike is not reached, "" where it is."""

    feedback: Feedback
    similarity: float
    same: bool
    unlike: str = ""


class Reach:
    """Of feedback that stands, made for one judgement. Order of what is found: the narrower scope first, then what
    has the event's very template, then the newest, then by id."""

    def __init__(self, feedback: Iterable[Feedback]) -> None:
        self._all = [_Known(one, band(about.severity), tuple(map(text_of, about.templates)))
                     for one in feedback for about in [renewed(one.about)]]  # fmt: skip

    def of(self, template: str, members: Sequence[str], severity: Severity) -> list[Reached]:
        """`members` are all templates of the event, `template` its representative."""
        mine = [known for known in self._all if known.band is band(severity)]
        return [one for one in _near(mine, template, members, severity) if not one.unlike]

    def near(self, template: str, members: Sequence[str], severity: Severity) -> list[Reached]:
        """Also what reads alike and is not reached."""
        return _near(self._all, template, members, severity)


@dataclass(frozen=True, slots=True)
class _Known:
    feedback: Feedback
    band: Severity
    texts: tuple[str, ...]


def _near(every: Sequence[_Known], template: str, members: Sequence[str], severity: Severity) -> list[Reached]:
    if not every:
        return []
    text, parts = text_of(template), [text_of(member) for member in members]
    found = (_reached(known, text, parts, severity) for known in every)
    return sorted((one for one in found if one is not None), key=_order)


def _order(one: Reached) -> tuple[object, ...]:
    feedback = one.feedback
    return -feedback.scope.narrowness, not one.same, -feedback.updated.timestamp(), feedback.id


def _reached(known: _Known, text: str, members: Sequence[str], severity: Severity) -> Reached | None:
    if text == known.texts[0]:
        alike, unlike = 1.0, _beyond(members, known.texts)
    else:
        each = [_best(member, known.texts) for member in members]
        if not each or any(one is None for one in each):
            return None
        alike = min(one[0] for one in each if one is not None)
        unlike = next((one[1] for one in each if one is not None and one[1]), "")
    if known.band is not band(severity):
        unlike = f"severity {severity.name}, not {known.feedback.about.severity.name}"
    same = text == known.texts[0] or set(members) <= set(known.texts)
    return Reached(known.feedback, alike, same, unlike)


def _beyond(members: Sequence[str], known: Sequence[str]) -> str:
    """What marks one of an event's members that none of the known has."""
    allowed = [marks(text) for text in known]
    for member in members:
        its = marks(member)
        if its not in allowed:
            return allowed[0].unlike(its)
    return ""


def _best(member: str, known: Sequence[str]) -> tuple[float, str] | None:
    """Similarity to the known text that is most like it, one with equal marks before others, and what differs."""
    alike = [(found, marks(text).unlike(marks(member))) for text in known if (found := similarity(member, text))]
    return max(alike, key=lambda pair: (not pair[1], pair[0])) if alike else None
