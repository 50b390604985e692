"""Whether two templates say the same thing to a person who accepted one of them: alike, and alike in what tells."""

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from logverdict.analysis.cluster import TELLING
from logverdict.analysis.similar import WORD
from logverdict.analysis.template import IN_NAME
from logverdict.domain.words import Severity

ALIKE_COSINE, ALIKE_JACCARD = 0.9, 0.85
"""Both are needed. A new version rewords a message a little: one word more in six, or one replaced in thirteen. What
is silenced wrongly is seen by nobody, so these are higher than those by which events are grouped. The cosine is of the
words' counts alone, without the weights that other messages would give: what else was logged must not decide."""

_WORD = re.compile(WORD)
_SUFFIX = re.compile(rf"(?:{IN_NAME})?(?: \([0-9]+\))?$")
_EXCEPTION = re.compile(
    r"(?<![\w$.])(?:(?:[A-Za-z_]\w*|<num>)[.$])*(?:[A-Z]\w*)?(?:Exception|Error|Failure|Panic|Throwable)(?![\w$])"
    r"|(?<![\w$.])(?:[a-z_]\w*\.)+[A-Z]\w*(?=:)|(?<=\()[A-Z]\w*(?:::[A-Z]\w*)+(?=\))|\b(?:SIG[A-Z]{2,}|E[A-Z]{4,}(?<!ERROR)(?<!ERRORS))\b"
)
_FRAME = re.compile(r"^at \S|^File |^\S+\(.*\)$|^<num>: |^from \S")
_CODE = re.compile(r"(?<![\w<.])[0-9]{1,3}(?![\w>])|<some>")
_NOT = re.compile(r"n['’]t\b")
_NEVER = frozenset({"never", "without", "none", "nothing", "nobody"})
BANDS = {Severity.UNKNOWN: Severity.INFO, Severity.DEBUG: Severity.INFO}
"""Severities that say the same: what is harmless."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What feedback never reaches beyond: each is the same in both, or they are not alike.

    `telling` are the words that tell good from bad, as clusters have them, and negations.
    """

    exceptions: tuple[str, ...]
    frame: str
    codes: tuple[str, ...]
    telling: frozenset[str]

    def unlike(self, other: "Marks") -> str:
        """Which of them differs, in words; "" for none."""
        for what, mine, its in (
            ("exception type", ", ".join(self.exceptions), ", ".join(other.exceptions)),
            ("top frame", self.frame, other.frame),
            ("status or code", ", ".join(self.codes), ", ".join(other.codes)),
            ("telling word", ", ".join(sorted(self.telling)), ", ".join(sorted(other.telling))),
        ):
            if mine != its:
                return f"{what} {its or 'none'}, not {mine or 'none'}"
        return ""


def text_of(template: str) -> str:
    """A template without what its event's name carries beside: a band, a number."""
    return _SUFFIX.sub("", template)


def band(severity: Severity) -> Severity:
    return BANDS.get(severity, severity)


@lru_cache(maxsize=65_536)
def marks(text: str) -> Marks:
    parts = text.split(" | ")
    frames = [part.strip() for part in parts if _FRAME.match(part.strip())]
    told = [word.lower() for word in _WORD.findall(_NOT.sub(" not", text))]
    return Marks(
        exceptions=tuple(dict.fromkeys(_EXCEPTION.findall(text))),
        # Python's innermost frame is the last one, and of a long trace not shown: all that are shown have to agree.
        frame=" | ".join(frames) if frames and frames[0].startswith("File ") else frames[0] if frames else "",
        codes=tuple(_CODE.findall(text)),
        telling=frozenset(word for word in told if TELLING.search(word) or word in _NEVER),
    )


@lru_cache(maxsize=65_536)
def _counted(text: str) -> Counter[str]:
    return Counter(word.lower() for word in _WORD.findall(text))


def similarity(one: str, other: str) -> float | None:
    """The Jaccard similarity of the words of two texts; None where they are not alike."""
    if one == other:
        return 1.0
    mine, its = _counted(one), _counted(other)
    small, large = sorted((len(mine), len(its)))
    if not small or small < ALIKE_JACCARD * large:
        return None
    shared = mine.keys() & its.keys()
    jaccard = len(shared) / len(mine.keys() | its.keys())
    lengths = math.sqrt(sum(n * n for n in mine.values()) * sum(n * n for n in its.values()))
    cosine = sum(mine[word] * its[word] for word in shared) / lengths
    return round(jaccard, 6) if jaccard >= ALIKE_JACCARD and cosine >= ALIKE_COSINE else None
