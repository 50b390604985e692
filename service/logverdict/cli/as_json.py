"""JSON as scripts want it: names as in the protocol, numbers as numbers, words as words."""

import json
import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from google.protobuf.message import Message

from logverdict.cli import words
from logverdict.cli.exits import BY_DECISION
from logverdict.cli.outcome import Outcome, decided
from logverdict.v1 import event_pb2
from logverdict.v1 import verification_service_pb2 as pb


def text(value: Any, indent: int | None = 2) -> str:
    return json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False)


def value(message: Message) -> Any:
    """A message as JSON has it: empty fields too, save unset messages (null). An enum value that we do not know stays
    its number; what is infinite is null, since JSON has no word for it."""
    full_name = message.DESCRIPTOR.full_name
    if full_name == "google.protobuf.Timestamp":
        return _time(message)
    if full_name == "google.protobuf.Duration":
        return message.seconds + message.nanos / 1e9  # type: ignore[attr-defined]
    return {field.name: _field(message, field) for field in message.DESCRIPTOR.fields}


def outcomes(found: Sequence[Outcome]) -> dict[str, Any]:
    decision = decided(found)
    return {
        "decision": decision,
        "exit_code": BY_DECISION[decision],
        "unverified": any(one.unverified for one in found),
        "verifications": [_outcome(one) for one in found],
    }


def _outcome(one: Outcome) -> dict[str, Any]:
    known = one.verification
    return {
        "service": one.service,
        "environment": one.environment,
        "version": one.version,
        "name": one.name,
        "state": words.state(known) if known else "",
        "verdict": words.verdict(known) if known else "",
        "decision": one.decision,
        "enforced_decision": one.enforced_decision,
        "mode": words.mode(known) if known else "",
        "unverified": one.unverified,
        "chosen_by": one.chosen_by or "verdict",
        "reason": known.reason if known else "",
        "sentence": one.sentence,
        "score": known.score if known and words.verdict(known) else None,
        "revision": known.revision if known else 0,
        "looks": known.looks if known else 0,
        "looks_planned": known.looks_planned if known else 0,
        "comparison_used": words.name(pb.Comparison, known.comparison_used) if known else "",
        "coverage": [value(part) for part in known.coverage] if known else [],
        "anomalies": words.anomalies(known) if known else 0,
        "events": [event(each) for each in one.events],
        "notes": list(known.notes) if known else [],
    }


def event(each: event_pb2.Event) -> dict[str, Any]:
    """What explains a decision; `events NAME --json` has every field."""
    full = value(each)
    names = ("id", "kind", "impact", "direction", "severity", "template", "sentence", "expected", "seen", "ratio")
    return {name: full[name] for name in (*names, "ways_back")}


def _field(message: Message, field: Any) -> Any:
    content = getattr(message, field.name)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        inner = field.message_type.fields_by_name["value"]
        return {str(key): _one(each, inner) for key, each in sorted(content.items())}
    if field.is_repeated:
        return [_one(each, field) for each in content]
    if field.has_presence and not message.HasField(field.name):
        return None
    return _one(content, field)


def _one(content: Any, field: Any) -> Any:
    if field.message_type is not None:
        return value(content)
    if field.enum_type is not None:
        return _word(content, field)
    if isinstance(content, float) and not math.isfinite(content):
        return None
    return content


def _word(number: int, field: Any) -> Any:
    known = field.enum_type.values_by_number.get(number)
    if known is None:
        return number
    return "" if number == 0 else known.name


def _time(moment: Any) -> str:
    exact = datetime.fromtimestamp(moment.seconds, UTC)
    fraction = f".{moment.nanos:09d}".rstrip("0") if moment.nanos else ""
    return f"{exact:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def all_values(messages: Iterable[Message]) -> list[Any]:
    return [value(message) for message in messages]
