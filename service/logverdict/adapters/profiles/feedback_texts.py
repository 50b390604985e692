"""Feedback as YAML: read with every mistake by its line, and written so that the same is the same text."""

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from ruamel.yaml import YAML

from logverdict.adapters.profiles.faults import Fault
from logverdict.adapters.profiles.load import load_text
from logverdict.adapters.profiles.models import Part
from logverdict.adapters.profiles.types import AnyText, Word, refuse
from logverdict.adapters.profiles.validate import validate
from logverdict.domain.errors import InvalidRequest, InvalidText
from logverdict.domain.feedback import FeedbackLevel, Scope
from logverdict.domain.words import Severity
from logverdict.verify.feedback_ports import WrittenFeedback

HEAD = "# What people said of events: logverdict feedback import FILE\n"
MOST = 2_000
MOST_FAULTS = 20


def _time(value: object) -> datetime:
    try:
        time = datetime.fromisoformat(str(value))
    except ValueError:
        raise refuse(f"{value!r} is no time", "RFC 3339, such as 2026-12-01T00:00:00Z") from None
    if time.tzinfo is None:
        raise refuse(f"{value!r} has no time zone", "an offset, or Z")
    return time


def _many(value: object) -> object:
    return [value] if isinstance(value, str | int) else value


class ScopePart(Part):
    """Required, so that nobody speaks for every service by leaving a line out: `scope: {}` does."""

    service: AnyText = ""
    environment: AnyText = ""


class EntryPart(Part):
    level: Annotated[FeedbackLevel, Word(FeedbackLevel)]
    scope: ScopePart
    template: Annotated[tuple[AnyText, ...], BeforeValidator(_many), Field(min_length=1, max_length=100)]
    reason: AnyText
    id: AnyText = ""
    severity: Annotated[Severity, Word(Severity)] | None = None
    expires: Annotated[datetime, BeforeValidator(_time)] | None = None
    ticket: AnyText = ""


class FilePart(Part):
    feedback: Annotated[tuple[EntryPart, ...], Field(max_length=MOST)]


class FeedbackYaml:
    """`verify.feedback_ports.FeedbackTexts`."""

    def read(self, text: str) -> Sequence[WrittenFeedback]:
        tree, faults = load_text(text, "text")
        made: FilePart | None = None
        if not faults:
            made, faults = validate(FilePart, tree)
        if made is None or faults:
            raise InvalidText("yaml", _told(faults))
        return _entries(made.feedback)

    def write(self, entries: Sequence[WrittenFeedback]) -> str:
        yaml, out = YAML(), io.StringIO()
        yaml.default_flow_style = False
        yaml.allow_unicode = True
        yaml.width = 4_000
        yaml.indent(mapping=2, sequence=4, offset=2)
        yaml.dump({"feedback": [_plain(one) for one in entries]}, out)
        return HEAD + out.getvalue()


def _told(faults: Sequence[Fault]) -> list[str]:
    return [str(replace(one, file=f"line {one.line}", line=0)) for one in faults[:MOST_FAULTS]]


def _entries(parts: Sequence[EntryPart]) -> list[WrittenFeedback]:
    found, mistakes = [], []
    for place, part in enumerate(parts):
        try:
            found.append(_entry(part, Scope(part.scope.service, part.scope.environment)))
        except InvalidRequest as fault:
            mistakes.append(f"feedback[{place}].{fault}")
    if mistakes:
        raise InvalidText("yaml", mistakes[:MOST_FAULTS])
    return found


def _entry(part: EntryPart, where: Scope) -> WrittenFeedback:
    return WrittenFeedback(
        level=part.level,
        scope=where,
        templates=part.template,
        reason=part.reason,
        id=part.id,
        severity=part.severity,
        expires=part.expires,
        ticket=part.ticket,
    )


def _plain(one: WrittenFeedback) -> dict[str, Any]:
    scope = {name: value for name in ("service", "environment") if (value := getattr(one.scope, name))}
    found = {
        "id": one.id,
        "level": one.level.value,
        "scope": scope or {},
        "template": one.templates[0] if len(one.templates) == 1 else list(one.templates),
        "severity": one.severity.name if one.severity is not None else "",
        "reason": one.reason,
        "expires": one.expires.astimezone(UTC).isoformat().replace("+00:00", "Z") if one.expires else "",
        "ticket": one.ticket,
    }
    return {name: value for name, value in found.items() if value != ""}
