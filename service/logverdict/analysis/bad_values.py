"""How bad a new value is beside those that are known at its place."""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from logverdict.analysis import states
from logverdict.analysis.states import anyhow
from logverdict.domain.result import NewValue
from logverdict.domain.words import Severity

LARGE, TIMES = 0.05, 3.0
"""Share of a place's entries from which a new client error is no rare one beside others, and times the share that all
client errors had there before: what a frequency has to change by."""
CHANCE = 0.01
"""That so many entries have it, if its true share were no larger, at most."""
PARTS, BURST = 10, 0.5
"""Parts of the window, and the share of the entries that have it that one of them may hold: more are a burst."""
RECURS = 5
"""Entries that it has, at least: two of two requests are a large share of nothing."""

_CODE = re.compile(r"[1-5][0-9][0-9]")
_BAD = re.compile(
    r"(?i)(?:(?!(?:no|non|not|zero)[_-])\w+[_-])?(?:(?:un|not[_-]?)(?:successful(?:ly)?|healthy|available|reachable"
    r"|ready|ok|serving|delivered)|down|fail(?:s|ed|ures?|ing)?|err(?:or)?s?"
    r"|den(?:y|ied)|refused|rejected|declined|bounced|dead|crashed|aborted|lost|offline|disconnected|broken"
    r"|corrupt(?:ed)?|invalid"
    r"|critical|fatal|panic|ko|nok|timeout|timed_?out|degraded|overloaded|exhausted|expired)"
    # States that gRPC, its health checks, Spring and Kubernetes name.
    rf"|{anyhow((*states.REFUSED, *states.FAILED, states.UNIMPLEMENTED))}"
    r"|out[_-]of[_-]service|evicted|oomkilled|(?:crashloop|imagepull)backoff|errimagepull"
)
_ALREADY = re.compile(rf"{_BAD.pattern}|(?:stopp|kill|cancel+|block)ed|obsolete|unknown")
"""Beside one of these in the baseline, a bad value tells nothing."""
_LET = re.compile(
    r"(?i)(?:allow|accept|pass|permitt|approv|grant|admitt|forward|deliver)ed|allow|accept|pass|permit|ok"
)
"""Beside nothing but these `blocked` is an outcome; else it may be the state of a thread."""
_SERVER_FAILED = re.compile(f"(?i){anyhow(states.WORDS)}")
"""As a code of gRPC."""
_NAMED_GOOD = re.compile(
    r"(?i)(?:.*[._-])?(?:is[_-]?)?(?:success(?:ful)?|succeeded|passed|ok|healthy|ready|alive|valid|available"
    r"|reachable|connected"
    r"|online)"
)
_NAMED_BAD = re.compile(
    r"(?i)(?:.*[._-])?(?:is[_-]?|has[_-]?)?(?:errors?|failed|failure|unhealthy|degraded|down|timed?_?out|broken"
    r"|corrupt(?:ed)?)"
)
_YES, _NO = frozenset(("true", "yes")), frozenset(("false", "no"))
_ENDED = re.compile(r"(?i).*(?:exit|rc|errno|return\w*|code)")


@dataclass(frozen=True, slots=True)
class Found:
    """A new value, and the entries at its place: `seen` of the candidate that have it, `here` of the candidate with
    any value, `alike` of the baseline with a value of its class (the first digit of a status), `known` with any."""

    value: NewValue
    seen: int = 0
    here: int = 0
    alike: int = 0
    known: int = 0

    def and_at(self, other: "Found") -> "Found":
        """With the entries of another place where the same value is new."""
        if other.value.value != self.value.value:
            return self
        sums = [getattr(self, name) + getattr(other, name) for name in ("seen", "here", "alike", "known")]
        return Found(self.value, *sums)


def is_status(value: str) -> bool:
    return bool(_CODE.fullmatch(value))


def of_class(value: str, other: str) -> bool:
    """Whether both are statuses of the same class."""
    return is_status(value) and is_status(other) and value[0] == other[0]


def severity(value: NewValue, bulk: bool) -> Severity:
    """What a value tells beside what is known: nothing (UNKNOWN), a warning, an error. `bulk`: many entries have it."""
    codes = [one for one in value.known if is_status(one)]
    if is_status(value.value) and codes:
        kind = value.value[0]
        bad = kind >= "4" and (all(one[0] < kind for one in codes) or (kind == "4" and bulk))
        return (Severity.ERROR if kind == "5" else Severity.WARN) if bad else Severity.UNKNOWN
    if _turned(value) or _failed(value):
        return Severity.ERROR
    if _BAD.fullmatch(value.value) and not any(map(_ALREADY.fullmatch, value.known)):
        return Severity.ERROR
    return Severity.UNKNOWN


def in_bulk(found: Found, bins: npt.NDArray[np.int64]) -> bool:
    """Whether a status is no rare one beside others of its class, as other paths and clients bring: it takes a larger
    part of the entries at its place. `bins` are the entries of the candidate that have it."""
    usual = max(LARGE, TIMES * found.alike / max(1, found.known))
    busiest = max(int(part.sum()) for part in np.array_split(bins, PARTS))
    spread = found.seen >= RECURS and busiest <= BURST * bins.sum()
    return bool(spread and usual < 1 and stats.binom.sf(found.seen - 1, found.here, usual) <= CHANCE)


def _failed(value: NewValue) -> bool:
    """What ended with 0, or as gRPC says OK, ends otherwise; what was let through is blocked."""
    if value.value.lower() == "blocked":
        return all(map(_LET.fullmatch, value.known))
    if not _ENDED.fullmatch(value.place):
        return False
    if value.value.isdecimal():
        return set(value.known) == {"0"}
    return bool(_SERVER_FAILED.fullmatch(value.value)) and any(one.lower() == "ok" for one in value.known)


def _turned(value: NewValue) -> bool:
    """What was always true of something good is not any more, or what was never true of something bad is."""
    now, known = value.value.lower(), {one.lower() for one in value.known}
    if _NAMED_GOOD.fullmatch(value.place):
        return now in _NO and known <= _YES
    return bool(_NAMED_BAD.fullmatch(value.place)) and now in _YES and known <= _NO
