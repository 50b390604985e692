"""What a person said of an event, which changes later verdicts: how far it reaches, and what became of it."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from logverdict.domain.errors import InvalidRequest
from logverdict.domain.words import Impact, Reason, Severity, Verdict

MAX_TEXT = 1_000
"""Characters of a reason, and of a ticket's link."""
MAX_TEMPLATES = 100
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class FeedbackLevel(StrEnum):
    """What an event does to the verdict from now on, from the mildest word to the hardest.

    IGNORE: nothing, however often it comes. IGNORE_UNLESS_FREQUENCY: nothing while it comes about as often as usual.
    DEFAULT: what the engine says, as if broader feedback were not there. MEDIUM: where it departs from the baseline it
    fails at sensitivity HIGH and warns else. ALWAYS_FAIL: it fails whenever it is seen, known or not.
    """

    IGNORE = "IGNORE"
    IGNORE_UNLESS_FREQUENCY = "IGNORE_UNLESS_FREQUENCY"
    DEFAULT = "DEFAULT"
    MEDIUM = "MEDIUM"
    ALWAYS_FAIL = "ALWAYS_FAIL"


class FeedbackChange(StrEnum):
    """What a row of the history tells."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    DELETED = "DELETED"


@dataclass(frozen=True, slots=True)
class Scope:
    """One service in one environment, one service everywhere, or (both empty) every service."""

    service: str = ""
    environment: str = ""

    def __post_init__(self) -> None:
        if self.environment and not self.service:
            raise InvalidRequest(
                "scope.service",
                "is required beside an environment; allowed: a service, a service and environment, none",
            )
        for field in ("service", "environment"):
            if len(getattr(self, field)) > 200:
                raise InvalidRequest(f"scope.{field}", "is too long; allowed: up to 200 characters")

    @property
    def narrowness(self) -> int:
        """2 for a service in an environment, 1 for a service, 0 for everywhere."""
        return bool(self.service) + bool(self.environment)

    def covers(self, service: str, environment: str) -> bool:
        return self.service in ("", service) and self.environment in ("", environment)

    def __str__(self) -> str:
        if not self.service:
            return "everywhere"
        return f"{self.service} in {self.environment}" if self.environment else self.service


@dataclass(frozen=True, slots=True)
class Likeness:
    """What an event has to be like. `templates` are masked by the rules of `mask_version`, the representative first;
    `sample` is a masked and redacted message, kept so that other rules can mask it again ("" where there was none)."""

    templates: tuple[str, ...]
    severity: Severity
    mask_version: str
    sample: str = ""

    def __post_init__(self) -> None:
        if not self.templates or not all(self.templates):
            raise InvalidRequest("template", "is required")
        if len(self.templates) > MAX_TEMPLATES:
            raise InvalidRequest("template", f"stands for {len(self.templates)}; allowed: up to {MAX_TEMPLATES}")

    @property
    def template(self) -> str:
        return self.templates[0]


@dataclass(frozen=True, slots=True)
class Author:
    """Who said it: the caller. `verified`: it was told by authentication."""

    name: str
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Feedback:
    """`event` is the name of the event that it was said of ("" where it was declared before one was seen); `rate` is
    how often that one came, in entries per second and instance. `revision` counts its changes from 1."""

    id: str
    level: FeedbackLevel
    scope: Scope
    about: Likeness
    reason: str
    author: Author
    created: datetime
    updated: datetime
    expires: datetime | None = None
    ticket: str = ""
    event: str = ""
    rate: float | None = None
    revision: int = 1

    def __post_init__(self) -> None:
        if not ID.fullmatch(self.id):
            raise InvalidRequest("id", f"{self.id!r} is none; allowed: a to z, 0 to 9 and -, up to 63 characters")
        if not self.reason.strip():
            raise InvalidRequest("reason", "is required: who finds it next year has to know why")
        check_length("reason", self.reason)
        check_link("ticket", self.ticket)
        if self.expires is not None and self.expires.tzinfo is None:
            raise InvalidRequest("expire_time", "has no time zone; write an offset or Z")

    @property
    def name(self) -> str:
        return f"feedback/{self.id}"

    def holds(self, at: datetime) -> bool:
        """Whether it has not expired; at its expiry it has."""
        return self.expires is None or at < self.expires


def check_length(field: str, text: str) -> None:
    """Raises InvalidRequest for a text that people wrote too long."""
    if len(text) > MAX_TEXT:
        raise InvalidRequest(field, f"has {len(text)} characters; allowed: up to {MAX_TEXT:,}")


def check_link(field: str, text: str) -> None:
    """Raises InvalidRequest for what is there and is no link."""
    if text and not _is_link(text):
        raise InvalidRequest(field, f"is no link; allowed: http:// or https://, up to {MAX_TEXT:,} characters")


def _is_link(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    plain = len(text) <= MAX_TEXT and text.isprintable() and " " not in text
    return plain and parts.scheme in ("http", "https") and bool(parts.netloc)


@dataclass(frozen=True, slots=True)
class FeedbackRevision:
    """One row of the history, never altered: what was done, when, by whom, and the feedback as it then was."""

    number: int
    change: FeedbackChange
    time: datetime
    author: Author
    feedback: Feedback


@dataclass(frozen=True, slots=True)
class AppliedFeedback:
    """Feedback that reached an event. The first one of an event decided; the others are `overridden`.

    `similarity` (0–1) is the Jaccard similarity of the templates, `impact_without` what the event would do without any.
    """

    id: str
    level: FeedbackLevel
    author: Author
    reason: str
    ticket: str
    similarity: float
    impact_without: Impact
    overridden: bool = False


@dataclass(frozen=True, slots=True)
class WithoutFeedback:
    """What the verdict would be had nobody said anything."""

    verdict: Verdict
    reason: Reason
    score: int
    sentence: str
