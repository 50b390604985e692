"""What a sentence quotes of a message: one line, around the words that tell what is wrong."""

import re
from functools import cache

from logverdict.analysis import severity_words as words
from logverdict.domain.result import Event

MAX_QUOTED = 140
"""Characters; in half of that a thread's and a logger's name would leave no room for what they say."""
_BEFORE = MAX_QUOTED // 3
"""Characters that stand before the words that tell, at most, where a message is cut at its front."""
_CALLED_BAD = re.compile(r"(?i)errors?|exceptions?|fail\w*|fatal|severe|critical|warn\w*|info|debug|what|went|wrong")
"""Words that say that something is wrong, but not what: `[ERROR]`, `* What went wrong:`."""
_LEAST = 2
"""Other words that a message needs to say it."""
_NUMBERS = re.compile(r"<num>(?:[-.:/,]?<num>)+")
_WORD = re.compile(r"(?<!\w)(?!\d)\w{3,}")
_BREAK = re.compile(r"\W")
_MARKS = str.maketrans("“”", '""')


def says(event: Event) -> str:
    """What one of its entries says, for a template leaves words open; of a stack trace the template has the essence."""
    sample = event.samples[0] if event.samples else event.template
    return quoted(event.template if "\n" in sample else sample)


def quoted(text: str) -> str:
    """In one line of at most MAX_QUOTED characters without the quotation marks that sentences use, cut at its front too
    where what tells stands behind."""
    flat = _NUMBERS.sub("<num>", " ".join(text.split())).translate(_MARKS)
    if len(flat) <= MAX_QUOTED:
        return flat
    front = min(_telling(flat) - _BEFORE, len(flat) - MAX_QUOTED + 1)
    if front <= 0:
        return f"{flat[: MAX_QUOTED - 1]}…"
    edge = _BREAK.search(flat, front, front + _BEFORE)
    rest = flat[edge.end() if edge else front :].lstrip()
    return f"…{rest}" if len(rest) < MAX_QUOTED else f"…{rest[: MAX_QUOTED - 2]}…"


def informs(event: Event) -> bool:
    """Whether it says what is wrong, not only that something is."""
    found = _WORD.findall(says(event).replace("<num>", ""))
    return sum(not _CALLED_BAD.fullmatch(word) for word in found) >= _LEAST


def _telling(flat: str) -> int:
    """Where the worst words of a message stand; 0 where none tells. Capitals are a level, unless nothing else tells:
    then it stands in front of what does."""
    found = [hit for pattern in _patterns() for hit in pattern.finditer(flat)]
    small = (hit.start() for hit in found if not hit[0].strip(" ,:;()[]{}").isupper())
    return next(small, max((hit.start() for hit in found), default=0))


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """From the worst to the least; made when first needed, as they are long."""
    of = (words.FATAL, words.EXCEPTION, words.BAD_CODE, words.ERROR, words.WARN)
    return tuple(re.compile(pattern) for pattern in of)
