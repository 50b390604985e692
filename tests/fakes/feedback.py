"""Feedback made by hand, for tests."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from fakes.clock import NOON
from logverdict.analysis.rules import RULES_VERSION
from logverdict.domain.feedback import Author, Feedback, FeedbackLevel, Likeness, Scope
from logverdict.domain.words import Severity

ANN = Author("ann", verified=True)
IN_PROD = Scope("checkout", "prod")


def a_likeness(*templates: str, severity: Severity = Severity.ERROR) -> Likeness:
    return Likeness(templates or ("shop.KeyException: no key for customer <num>",), severity, RULES_VERSION)


def a_feedback(level: FeedbackLevel = FeedbackLevel.IGNORE, *templates: str, **more: Any) -> Feedback:
    """Said by ann at NOON + `at` seconds."""
    seconds = more.pop("at", 0)
    severity = more.pop("severity", Severity.ERROR)
    values = {
        "id": "f1",
        "level": level,
        "scope": IN_PROD,
        "about": a_likeness(*templates, severity=severity),
        "reason": "known noise",
        "author": ANN,
        "created": NOON,
        "updated": NOON + timedelta(seconds=seconds),
    }
    return Feedback(**values | more)


def ids(feedback: Sequence[Feedback]) -> list[str]:
    return [one.id for one in feedback]
