"""The closed vocabularies: an unknown word is an error that names the known ones."""

from enum import IntEnum, StrEnum
from typing import TypeVar

from logverdict.domain.errors import InvalidRequest


class Verdict(StrEnum):
    PASS = "PASS"
    WARN = "WARN"
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"


class Decision(StrEnum):
    PROCEED = "PROCEED"
    STOP = "STOP"
    ASK = "ASK"


class Mode(StrEnum):
    ENFORCE = "ENFORCE"
    OBSERVE = "OBSERVE"


class Readable(StrEnum):
    """How far a test of a source came: REFUSED is answered, and no entries can be read."""

    READABLE = "READABLE"
    REFUSED = "REFUSED"
    UNREACHABLE = "UNREACHABLE"


class State(StrEnum):
    """The life of our work, never of the deployment."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def ended(self) -> bool:
        return self not in (State.PENDING, State.RUNNING)


class PushDown(StrEnum):
    """Whether a source counts templates itself: AUTO where there are many entries, ALWAYS wherever it can."""

    AUTO = "AUTO"
    ALWAYS = "ALWAYS"
    NEVER = "NEVER"


class Sensitivity(StrEnum):
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


class FalseAlarmLevel(StrEnum):
    """Share of good deployments that may be stopped: LOW 0.001, MEDIUM 0.01, HIGH 0.05."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"

    @property
    def alpha(self) -> float:
        return {"LOW": 0.001, "MEDIUM": 0.01, "HIGH": 0.05}[self.value]


class EventKind(StrEnum):
    KNOWN = "KNOWN"
    UNKNOWN = "UNKNOWN"
    UNEXPECTED_FREQUENCY = "UNEXPECTED_FREQUENCY"
    GONE = "GONE"
    NO_BASELINE = "NO_BASELINE"


class Direction(StrEnum):
    NONE = "NONE"
    UP = "UP"
    DOWN = "DOWN"


class Impact(StrEnum):
    """What an event does to the verdict under the policy at hand."""

    NONE = "NONE"
    WARN = "WARN"
    FAIL = "FAIL"


class DeploymentKind(StrEnum):
    DEPLOY = "DEPLOY"
    ROLLBACK = "ROLLBACK"


class Comparison(StrEnum):
    """AUTO chooses one of the other two and says why."""

    AUTO = "AUTO"
    BEFORE_AFTER = "BEFORE_AFTER"
    CONCURRENT = "CONCURRENT"


class Severity(IntEnum):
    """Ordered: greater is worse. UNKNOWN when neither level nor words tell."""

    UNKNOWN = 0
    DEBUG = 1
    INFO = 2
    WARN = 3
    ERROR = 4
    FATAL = 5


class Reason(StrEnum):
    """Why a verdict is what it is, for machines."""

    NO_ANOMALY = "NO_ANOMALY"
    NEW_ERRORS = "NEW_ERRORS"
    NEW_MESSAGES = "NEW_MESSAGES"
    FREQUENCY_UP = "FREQUENCY_UP"
    FREQUENCY_DOWN = "FREQUENCY_DOWN"
    MESSAGES_GONE = "MESSAGES_GONE"
    OWN_STATEMENT = "OWN_STATEMENT"
    FEEDBACK = "FEEDBACK"
    BASELINE_TOO_SMALL = "BASELINE_TOO_SMALL"
    CANDIDATE_TOO_SMALL = "CANDIDATE_TOO_SMALL"
    CANDIDATE_SILENT = "CANDIDATE_SILENT"
    COVERAGE_TOO_LOW = "COVERAGE_TOO_LOW"
    NO_CHANGED_INSTANCES = "NO_CHANGED_INSTANCES"
    NO_UNCHANGED_INSTANCES = "NO_UNCHANGED_INSTANCES"
    SOURCE_UNAVAILABLE = "SOURCE_UNAVAILABLE"
    QUERY_REJECTED = "QUERY_REJECTED"
    SUPERSEDED = "SUPERSEDED"
    MASK_CHANGED = "MASK_CHANGED"
    CANCELLED = "CANCELLED"
    TIMED_OUT = "TIMED_OUT"
    INTERNAL = "INTERNAL"


Word = TypeVar("Word", bound=StrEnum)


def parse_word(words: type[Word], text: str, field: str) -> Word:
    """The member of `words` that `text` names, whatever its case.

    Raises InvalidRequest naming the field and what is allowed.
    """
    try:
        return words(text.strip().upper())
    except ValueError:
        known = ", ".join(word.value for word in words)
        raise InvalidRequest(field, f"unknown word {text!r}; allowed: {known}", value=text, allowed=known) from None
