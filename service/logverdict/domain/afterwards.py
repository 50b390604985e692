"""What people say of a verification once it has ended: how the deployment turned out, another decision, a pin."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from logverdict.domain.errors import InvalidRequest
from logverdict.domain.feedback import Author, check_length, check_link
from logverdict.domain.words import Decision, Verdict

MAX_PINS = 16
"""Of one service and environment: as many as a request may name."""


class Outcome(StrEnum):
    """How a deployment turned out, as people or their tools found."""

    GOOD = "GOOD"
    BAD = "BAD"
    ROLLED_BACK = "ROLLED_BACK"
    INCIDENT = "INCIDENT"

    @property
    def bad(self) -> bool:
        return self is not Outcome.GOOD


@dataclass(frozen=True, slots=True)
class RecordedOutcome:
    """One word on a deployment, never altered. `number` counts those of a verification from 1; the greatest counts."""

    verification: str
    outcome: Outcome
    author: Author
    time: datetime
    link: str = ""
    note: str = ""
    number: int = 0

    def __post_init__(self) -> None:
        check_link("link", self.link)
        check_length("note", self.note)


@dataclass(frozen=True, slots=True)
class Override:
    """A person's decision in place of the judge's. `instead_of` is the one before any override."""

    decision: Decision
    reason: str
    author: Author
    time: datetime
    instead_of: Decision | None

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise InvalidRequest("reason", "is required: who finds it next year has to know why")
        check_length("reason", self.reason)


@dataclass(frozen=True, slots=True)
class Pin:
    """A verification that serves as a baseline of its service and environment; retention leaves it alone."""

    verification: str
    service: str
    environment: str
    version: str
    verdict: Verdict | None
    author: Author
    time: datetime
    reason: str = ""
    forced: bool = False

    def __post_init__(self) -> None:
        if self.verdict is not Verdict.PASS and not self.forced:
            found = self.verdict or "none"
            raise InvalidRequest(
                "force", f"verifications/{self.verification} has verdict {found}; only PASS is pinned without force"
            )
        if self.forced and not self.reason.strip():
            raise InvalidRequest("reason", "is required beside force: who compares with it has to know why")
        check_length("reason", self.reason)
