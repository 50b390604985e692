"""What the use cases of feedback need from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from logverdict.domain.feedback import Feedback, FeedbackLevel, FeedbackRevision, Scope
from logverdict.domain.words import Severity

MAX_IN_SCOPE = 500
"""Feedback that one scope may hold: each judgement compares its events with all that stands."""


class Standing(Protocol):
    async def standing(self, service: str, environment: str, at: datetime) -> Sequence[Feedback]:
        """What holds for that service and environment at that time, broader scopes included; ordered by id."""
        ...

    async def number(self, at: datetime) -> int:
        """How much holds at that time, whatever its scope."""
        ...


class NoFeedback:
    """Nobody said anything."""

    async def standing(self, service: str, environment: str, at: datetime) -> Sequence[Feedback]:
        return ()

    async def number(self, at: datetime) -> int:
        return 0


class FeedbackStore(Standing, Protocol):
    """Where feedback is kept. Every method is one transaction; history only grows."""

    async def change(self, wanted: Sequence[FeedbackRevision]) -> Sequence[Feedback]:
        """All of these changes, or none, each also as a row of the history. The feedback of an UPDATED or DELETED one
        has the revision that was read; what is given back, and the history, has the following one, which is set here.

        Raises AlreadyExists (CREATED, and it is there), NotFound (else, and it is not), FailedPrecondition (it has
        changed since it was read), LimitReached (the scope holds MAX_IN_SCOPE).
        """
        ...

    async def get(self, feedback_id: str) -> Feedback:
        """Raises NotFound."""
        ...

    async def list(self, filter: str, after: str, limit: int) -> tuple[Sequence[Feedback], str]:
        """A page, newest first, and the token of the next. Terms of the filter: service, environment, level,
        create_time. Raises InvalidRequest for a filter or token that is not understood."""
        ...

    async def history(self, feedback_id: str, after: str, limit: int) -> tuple[Sequence[FeedbackRevision], str]:
        """A page of its changes, oldest first, also once it is deleted. Raises NotFound, and as `list`."""
        ...


@dataclass(frozen=True, slots=True)
class WrittenFeedback:
    """One entry of a file. `id` is "" where none is written; `template` is one, or a message as it is logged."""

    level: FeedbackLevel
    scope: Scope
    templates: tuple[str, ...]
    reason: str
    id: str = ""
    severity: Severity | None = None
    expires: datetime | None = None
    ticket: str = ""


class FeedbackTexts(Protocol):
    """The form in which feedback is reviewed."""

    def read(self, text: str) -> Sequence[WrittenFeedback]:
        """Raises InvalidRequest that names the line and the field."""
        ...

    def write(self, entries: Sequence[WrittenFeedback]) -> str:
        """The same entries give the same text."""
        ...
