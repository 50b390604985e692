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
)
_LINK = re.compile(r"(?i)is|are|now|became|becomes")
_HOW = re.compile(
    r"(?i)\w*[a-z](?:ed|ing|able)|(?:un)?healthy|(?:un|not_)?ready|(?:in)?(?:active|valid)|ok|ko|up|down|on|off|open|shut"
    r"|good|bad|green|yellow|red|pass|fail|success\w*|failure|done|dead|gone|lost|stuck|idle|busy|full|empty|clean|dirty"
)
"""Words for how something is or ended, which names are not."""
_GOOD = re.compile(
    r"(?i)ok|up|success(?:ful(?:ly)?)?|succeeded|pass(?:ed)?|healthy|ready|alive|running|active|online|available"
    r"|completed?|done|finished|serving|accepted|approved|good|green|normal"
)
"""Of these one is as good as another."""
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
    """Whether a new template differs from another in one value only, which says how something is or ended, and not that
    it is good: DECLINED and APPROVED, `state=stopped` and `state=running`. Who words the same otherwise changes verbs,
    names, or the form."""
    mine, its = _TOKEN.findall(one), _TOKEN.findall(other)
    if len(mine) != len(its):
        return False
    places = [at for at, (new, known) in enumerate(zip(mine, its, strict=True)) if new != known]
    pairs = {(mine[at], its[at]) for at in places}
    if len(pairs) != 1:
        return False
    now, known = pairs.pop()
    if not _WORD.fullmatch(now) or not _WORD.fullmatch(known) or _GOOD.fullmatch(now):
        return False
    words = [_before(mine, at) for at in places]
    told = _stands_out(now, known) or any(map(_LINK.fullmatch, words))
    return any(map(_OUTCOME_OF.fullmatch, words)) or (told and bool(_HOW.fullmatch(now) or _HOW.fullmatch(known)))


def _stands_out(*pair: str) -> bool:
    """All in capitals; levels are no outcomes."""
    return all(word.isupper() and len(word) > 1 and word.lower() not in LEVELS for word in pair)


def _before(words: Sequence[str], at: int) -> str:
    """The word before the place, over signs."""
    return next((word for word in reversed(words[:at]) if word[0].isalnum()), "")
