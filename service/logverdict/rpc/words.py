"""The closed vocabularies in both tongues: each word of the domain has one in the protocol, by name."""

from enum import Enum
from typing import Any, Generic, TypeVar

from google.protobuf.descriptor import EnumDescriptor

from logverdict.domain import words
from logverdict.domain.afterwards import Outcome
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.feedback import FeedbackChange, FeedbackLevel
from logverdict.v1 import (
    event_pb2,
    feedback_pb2,
    feedback_service_pb2,
    history_service_pb2,
    outcome_pb2,
    policy_pb2,
    profile_pb2,
    profile_service_pb2,
    verification_service_pb2,
)
from logverdict.verify.export import Format
from logverdict.verify.history_ports import Grouping

Word = TypeVar("Word", bound=Enum)


class Words(Generic[Word]):
    """One vocabulary. `zero` is the word that the protocol's UNSPECIFIED stands for, where there is one."""

    def __init__(self, kind: type[Word], descriptor: EnumDescriptor, prefix: str = "", zero: Word | None = None):
        self.descriptor = descriptor
        self.kind = kind
        self._zero = zero
        numbers = descriptor.values_by_name
        self._numbers = {word: 0 if word is zero else numbers[prefix + word.name].number for word in kind}
        self._words = {number: word for word, number in self._numbers.items()}

    def number(self, word: Word | None) -> Any:
        """The protocol's number; 0 for None. (Any: each generated enum has a number type of its own.)"""
        return 0 if word is None else self._numbers[word]

    def word(self, number: int, field: str) -> Word | None:
        """Our word; None for a number that says nothing. Raises InvalidRequest for an unknown number."""
        if number == 0:
            return self._zero
        if number not in self._words:
            known = ", ".join(sorted(word.name for word in self._words.values()))
            raise InvalidRequest(field, f"{number} is no {self.descriptor.name}; allowed: {known}")
        return self._words[number]


VERDICT = Words(words.Verdict, verification_service_pb2.Verification.Verdict.DESCRIPTOR)
STATE = Words(words.State, verification_service_pb2.Verification.State.DESCRIPTOR)
DEPLOYMENT_KIND = Words(words.DeploymentKind, verification_service_pb2.Deployment.Kind.DESCRIPTOR)
COMPARISON = Words(words.Comparison, verification_service_pb2.Comparison.DESCRIPTOR)
DECISION = Words(words.Decision, policy_pb2.Decision.DESCRIPTOR)
MODE = Words(words.Mode, policy_pb2.Mode.DESCRIPTOR)
SENSITIVITY = Words(words.Sensitivity, policy_pb2.Sensitivity.DESCRIPTOR)
FALSE_ALARM_LEVEL = Words(words.FalseAlarmLevel, policy_pb2.FalseAlarmLevel.DESCRIPTOR, "FALSE_ALARM_LEVEL_")
SEVERITY = Words(words.Severity, profile_pb2.Severity.DESCRIPTOR, zero=words.Severity.UNKNOWN)
PUSH_DOWN = Words(words.PushDown, profile_pb2.Source.PushDown.DESCRIPTOR)
READABLE = Words(words.Readable, profile_service_pb2.SourceReport.State.DESCRIPTOR)
EVENT_KIND = Words(words.EventKind, event_pb2.Event.Kind.DESCRIPTOR)
DIRECTION = Words(words.Direction, event_pb2.Event.Direction.DESCRIPTOR, zero=words.Direction.NONE)
IMPACT = Words(words.Impact, event_pb2.Event.Impact.DESCRIPTOR)
OUTCOME = Words(Outcome, outcome_pb2.Outcome.DESCRIPTOR)
GROUPING = Words(Grouping, history_service_pb2.GetStatisticsRequest.Grouping.DESCRIPTOR)
EXPORT_FORMAT = Words(Format, history_service_pb2.ExportVerificationsRequest.Format.DESCRIPTOR)
FEEDBACK_LEVEL = Words(FeedbackLevel, feedback_pb2.Feedback.Level.DESCRIPTOR)
FEEDBACK_CHANGE = Words(FeedbackChange, feedback_service_pb2.FeedbackChange.DESCRIPTOR)

POLICY_WORDS: dict[str, Words[Any]] = {
    "sensitivity": SENSITIVITY,
    "false_alarm_level": FALSE_ALARM_LEVEL,
    "mode": MODE,
    "on_warn": DECISION,
    "on_inconclusive": DECISION,
    "on_error": DECISION,
}
"""The fields of a policy that hold a word."""
