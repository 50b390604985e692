"""What the use cases need from the store to look back: outcomes, overrides, pins, statistics, templates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from logverdict.domain.afterwards import Outcome, Pin, RecordedOutcome
from logverdict.domain.deployment import Deployment
from logverdict.domain.result import Event
from logverdict.domain.verification import Revision, Verification
from logverdict.domain.window import Window
from logverdict.domain.words import Decision, Severity, Verdict


class Grouping(StrEnum):
    """By what statistics are grouped; DAY is that of the creation, in UTC."""

    SERVICE = "SERVICE"
    ENVIRONMENT = "ENVIRONMENT"
    DAY = "DAY"
    SENSITIVITY = "SENSITIVITY"


@dataclass(frozen=True, slots=True)
class Tally:
    """What one group of verifications holds; what each number counts is said in the protocol."""

    key: str = ""
    verifications: int = 0
    unfinished: int = 0
    passed: int = 0
    warned: int = 0
    failed: int = 0
    inconclusive: int = 0
    unjudged: int = 0
    cancelled: int = 0
    proceed: int = 0
    stopped: int = 0
    asked: int = 0
    observed: int = 0
    would_have_stopped: int = 0
    overridden: int = 0
    changed_by_feedback: int = 0
    outcome_good: int = 0
    outcome_bad: int = 0
    outcome_rolled_back: int = 0
    outcome_incident: int = 0
    outcome_unknown: int = 0
    true_alarms: int = 0
    false_alarms: int = 0
    unknown_alarms: int = 0
    misses: int = 0
    true_passes: int = 0
    unknown_passes: int = 0
    median_window_share: float | None = None

    @property
    def share_passed(self) -> float | None:
        told = self.passed + self.warned + self.failed
        return self.passed / told if told else None


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of a period (by creation): all together, and the groups; `more` groups are not in the list."""

    period: Window
    total: Tally
    groups: tuple[Tally, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class VersionSeen:
    """A template in the candidates of one version."""

    service: str
    environment: str
    version: str
    verifications: int
    verdicts: dict[Verdict, int]
    entries: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class TemplateSeen:
    """A template over all stored verifications. `first_verification` is the id of the one that saw it first."""

    id: str
    template: str
    severity: Severity
    first: datetime
    last: datetime
    verifications: int
    first_verification: str = ""
    versions: tuple[VersionSeen, ...] = ()


@dataclass(frozen=True, slots=True)
class Sighting:
    """One side of one verification has a template. `event` is the one that it represents, with the feedback that was
    applied to it then; None where another template represents it."""

    verification: str
    deployment: Deployment
    template: str
    side: str
    severity: Severity
    entries: int
    rate: float
    first: datetime
    last: datetime
    verdict: Verdict | None
    decision: Decision | None
    outcome: Outcome | None
    event: Event | None = None


class Pins(Protocol):
    async def pins(self, service: str, environment: str) -> Sequence[Pin]:
        """Newest first, at most 1,000; "" is any service, or any environment."""
        ...


class PastStore(Pins, Protocol):
    """Where what comes after a verdict is kept. Every method is one transaction. Ids are those of verifications."""

    async def amend(self, verification: Verification) -> Revision:
        """Store a change of one that has ended as its next revision.

        Raises NotFound, and FailedPrecondition where it has not ended, or has moved past `verification.revision`.
        """
        ...

    async def record(self, outcome: RecordedOutcome) -> RecordedOutcome:
        """Append it; its number is set here. Raises NotFound."""
        ...

    async def outcomes(self, verification_id: str) -> Sequence[RecordedOutcome]:
        """Newest first, at most 1,000. Raises NotFound."""
        ...

    async def newest(self, service: str, environment: str, version: str, at: datetime | None) -> str:
        """The id of the one created last of those whose rollout began at that time or before. Raises NotFound."""
        ...

    async def pin(self, pin: Pin) -> None:
        """Pinned again, the newer pin replaces the older. Raises NotFound, and LimitReached beyond MAX_PINS."""
        ...

    async def unpin(self, verification_id: str) -> None:
        """Raises NotFound where it is not pinned."""
        ...

    async def statistics(self, period: Window, filter: str, grouping: Grouping | None) -> Statistics:
        """Raises InvalidRequest for a filter that is not understood."""
        ...

    async def templates(self, filter: str, text: str, after: str, limit: int) -> tuple[Sequence[TemplateSeen], str]:
        """A page of the templates of the newest verifications that the filter names, those seen last first, and the
        token of the next ("" on the last page). Raises InvalidRequest for a filter or token that is not understood."""
        ...

    async def template(self, template_id: str, service: str, environment: str, filter: str) -> TemplateSeen:
        """Over all verifications of that service and environment, "" being any, that the filter names too. Raises
        NotFound, and InvalidRequest for the filter."""
        ...

    async def sightings(self, template_id: str, filter: str, after: str, limit: int) -> tuple[Sequence[Sighting], str]:
        """A page of those in the verifications that the filter names, seen last first; token and errors as in
        `templates`."""
        ...
