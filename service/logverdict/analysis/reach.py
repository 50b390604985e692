"""Which feedback reaches an event: in its scope, alike, of the same exception, top frame, path, status and severity."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from logverdict.analysis.likeness import ALIKE_JACCARD, band, marks, similarity, text_of
from logverdict.analysis.similar import words
from logverdict.domain.feedback import Feedback
from logverdict.domain.words import Severity

_PATH = re.compile(r"(?<![\w<>/.:-])/[\w<>.:-]*[a-zA-Z][\w<>.:-]*(?:/[\w<>.:-]+)*")
"""Of a request or a file: what is accepted of one says nothing of another."""


@dataclass(frozen=True, slots=True)
class Reached:
    """`similarity` is 0–1, `same` is whether it was said of this very template; `unlike` says why an event that reads
    alike is not reached, "" where it is."""

    feedback: Feedback
    similarity: float
    same: bool
    unlike: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    feedback: Feedback
    band: Severity
    texts: tuple[str, ...]


class Reach:
    """Of feedback that stands, about what it is about by the rules of the events (`declare.under`), for one judgement.
    Order of what is found: the narrower scope first, then what has the event's very template, then the newest, then by
    id."""

    def __init__(self, feedback: Iterable[Feedback]) -> None:
        self._by_text: dict[str, set[_Known]] = defaultdict(set)
        self._by_word: dict[str, set[_Known]] = defaultdict(set)
        for one in feedback:
            known = _Known(one, band(one.about.severity), tuple(map(text_of, one.about.templates)))
            for text in known.texts:
                self._by_text[text].add(known)
                for word in words(text):
                    self._by_word[word].add(known)

    def of(self, template: str, members: Sequence[str], severity: Severity) -> list[Reached]:
        """`members` are all templates of the event, `template` its representative."""
        return [one for one in self.near(template, members, severity) if not one.unlike]

    def near(self, template: str, members: Sequence[str], severity: Severity) -> list[Reached]:
        """Also what reads alike and is not reached."""
        if not self._by_text or not members:
            return []
        text, parts = text_of(template), [text_of(member) for member in members]
        found = (_reached(known, text, parts, severity) for known in self._candidates(text, parts[0]))
        return sorted((one for one in found if one is not None), key=_order)

    def _candidates(self, text: str, member: str) -> set[_Known]:
        """What may be like that member. Texts that share so many of their words share one at least of the first few,
        whichever way the words are ordered: the rarest come first, which leaves hardly any."""
        found = self._by_text.get(text, set()) | self._by_text.get(member, set())
        rarest = sorted(words(member), key=lambda word: (len(self._by_word.get(word, ())), word))
        for word in rarest[: len(rarest) - math.ceil(ALIKE_JACCARD * len(rarest)) + 1]:
            found |= self._by_word.get(word, set())
        return found


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
    alike = [(found, _unlike(text, member)) for text in known if (found := similarity(member, text))]
    return max(alike, key=lambda pair: (not pair[1], pair[0])) if alike else None


def _unlike(known: str, member: str) -> str:
    mine, its = (tuple(_PATH.findall(text)) for text in (member, known))
    if found := marks(known).unlike(marks(member)):
        return found
    return "" if mine == its else f"path {' '.join(mine) or 'none'}, not {' '.join(its) or 'none'}"
