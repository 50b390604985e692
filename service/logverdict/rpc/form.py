"""The form of a request, checked from its descriptor: whatever the proto files say of a field holds here."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from google.api import field_behavior_pb2 as behavior  # type: ignore[import-untyped]
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.unknown_fields import UnknownFieldSet

from logverdict.rpc import limits
from logverdict.rpc.faults import Fault, join
from logverdict.rpc.times import span_fault, time_fault

Field = Any
"""A FieldDescriptor. (Any: the stubs know several of them, and none whole.)"""
OURS = frozenset({behavior.OUTPUT_ONLY, behavior.IDENTIFIER})


def ours(field: Field) -> bool:
    """Whether we set it, so that what a caller writes there is ignored."""
    return not OURS.isdisjoint(field.GetOptions().Extensions[behavior.field_behavior])


def form_faults(message: Message, path: str = "") -> Iterator[Fault]:
    """What is wrong with a message whatever it means: fields that are missing, unknown, too long, out of range."""
    unknown_fields: Any = UnknownFieldSet(message)
    for unknown in unknown_fields:
        yield Fault(path, f"{message.DESCRIPTOR.name} has no field {unknown.field_number}; is the client newer?")
    for field in message.DESCRIPTOR.fields:
        if not ours(field):
            yield from _field_faults(message, field, join(path, field.name))


def _field_faults(message: Message, field: Field, path: str) -> Iterator[Fault]:
    value = getattr(message, field.name)
    given = message.HasField(field.name) if field.has_presence else bool(value)
    if not given:
        if behavior.REQUIRED in field.GetOptions().Extensions[behavior.field_behavior]:
            yield Fault(path, "is required")
    elif field.is_repeated:
        yield from _many_faults(field, value, path)
    else:
        yield from _value_faults(field, value, path)


def _many_faults(field: Field, values: Any, path: str) -> Iterator[Fault]:
    most = limits.MAX_LABELS if field.name == "labels" else limits.MAX_ITEMS
    if len(values) > most:
        yield Fault(path, f"has {len(values)} entries; allowed: up to {most}")
    elif isinstance(values, Mapping):
        yield from _map_faults(field, values, path)
    else:
        for place, value in enumerate(values):
            yield from _value_faults(field, value, f"{path}[{place}]")


def _map_faults(field: Field, values: Mapping[str, Any], path: str) -> Iterator[Fault]:
    value_field = field.message_type.fields_by_name["value"]
    for key in sorted(values):
        if not 1 <= len(key) <= limits.MAX_LABEL_KEY:
            yield Fault(path, f"has a key of {len(key)} characters; allowed: 1 to {limits.MAX_LABEL_KEY}")
        else:
            most = limits.TEXTS.get(field.name, limits.MAX_TEXT)
            yield from _value_faults(value_field, values[key], f'{path}["{key}"]', most)


def _value_faults(field: Field, value: Any, path: str, most: int | None = None) -> Iterator[Fault]:
    if field.type == FieldDescriptor.TYPE_STRING:
        yield from _text_faults(value, path, most or limits.TEXTS.get(field.name, limits.MAX_TEXT))
    elif field.type == FieldDescriptor.TYPE_ENUM:
        yield from _word_faults(field, value, path)
    elif field.type == FieldDescriptor.TYPE_MESSAGE:
        check = WELL_KNOWN.get(type(value))
        fault = check(value) if check else None
        if fault:
            yield Fault(path, fault)
        yield from form_faults(value, path)


def _text_faults(text: str, path: str, most: int) -> Iterator[Fault]:
    if len(text) > most:
        yield Fault(path, f"has {len(text)} characters; allowed: up to {most}")
    if "\0" in text:
        yield Fault(path, "has a NUL character; allowed: text")


def _word_faults(field: Field, number: int, path: str) -> Iterator[Fault]:
    words = field.enum_type.values_by_number
    if number not in words:
        known = ", ".join(word.name for place, word in sorted(words.items()) if place)
        yield Fault(path, f"{number} is no {field.enum_type.name}; allowed: {known}")


WELL_KNOWN: Mapping[type[Message], Callable[[Any], str | None]] = {Timestamp: time_fault, Duration: span_fault}
"""What to look at in messages that are not ours."""
