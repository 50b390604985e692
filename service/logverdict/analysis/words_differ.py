"""In which words a template differs from the known one that is most like it, and whether that is another outcome."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from logverdict.analysis.levels import LEVELS

_TOKEN = re.compile(r"<[a-z*]+>|[A-Za-z][\w.-]*|\S")
_WORD = re.compile(r"[A-Za-z][\w-]*")
_OUTCOME_OF = re.compile(
    r"(?i)(?:.*[._-])?(?:status|state|outcome|result|code|health|phase|condition|decision|verdict|conclusion)"
    r"|is|are|now|became|becomes"
)
MOST_WORDS = 80
"""Words of a line that are compared; those beyond are left out."""


@dataclass(frozen=True, slots=True)
class WordChange:
    """Words in a row that stand where the known template has others; "" where one of the two has nothing there."""

    now: str
    known: str


def words_differ(template: str, known: str) -> tuple[WordChange, ...]:
    """In the order of the text. Of templates of several lines those in which they first differ are compared."""
    lines = _first_unlike(template.split("\n"), known.split("\n"))
    now, before = (line.split()[:MOST_WORDS] for line in lines)
    return tuple(_changes(now, before))


def differences(changes: Sequence[WordChange], most: int = 2) -> str:
    """In words, such as: “refused” instead of “accepted”, “twice” added; "" for none."""
    told = [_told(change) for change in changes[:most]]
    more = ["and more"] if len(changes) > most else []
    return ", ".join([*told, *more])


def _first_unlike(template: Sequence[str], known: Sequence[str]) -> tuple[str, str]:
    pairs = zip(template, known, strict=False)
    return next((pair for pair in pairs if pair[0] != pair[1]), (" ".join(template), " ".join(known)))


def _changes(now: Sequence[str], before: Sequence[str]) -> Iterator[WordChange]:
    matcher = SequenceMatcher(None, before, now, autojunk=False)
    for kind, from_before, to_before, from_now, to_now in matcher.get_opcodes():
        if kind != "equal":
            yield WordChange(" ".join(now[from_now:to_now]), " ".join(before[from_before:to_before]))


def _told(change: WordChange) -> str:
    if not change.known:
        return f"“{change.now}” added"
    if not change.now:
        return f"“{change.known}” missing"
    return f"“{change.now}” instead of “{change.known}”"


def other_outcome(one: str, other: str) -> bool:
    """Whether two templates differ in one value only, and that says how something is or ended: APPROVED and DECLINED,
    `state=running` and `state=stopped`. What words the same otherwise changes its verbs, names or form."""
    mine, its = _TOKEN.findall(one), _TOKEN.findall(other)
    if len(mine) != len(its):
        return False
    places = [at for at, (new, known) in enumerate(zip(mine, its, strict=True)) if new != known]
    pairs = {(mine[at], its[at]) for at in places}
    if len(pairs) != 1:
        return False
    pair = pairs.pop()
    return all(map(_WORD.fullmatch, pair)) and (_stands_out(pair) or any(_told_of(mine, at) for at in places))


def _stands_out(pair: tuple[str, str]) -> bool:
    """Both in capitals; two levels are no outcomes."""
    return all(word.isupper() and len(word) > 1 and word.lower() not in LEVELS for word in pair)


def _told_of(words: Sequence[str], at: int) -> bool:
    """Whether the word before the place, over signs, is one that an outcome stands behind."""
    before = next((word for word in reversed(words[:at]) if word[0].isalnum()), "")
    return bool(_OUTCOME_OF.fullmatch(before))
