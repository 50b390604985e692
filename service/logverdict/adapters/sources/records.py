"""Entries from records: what JSON and logfmt lines have in common is named fields."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import orjson

from logverdict.adapters.sources.times import Times
from logverdict.domain.profile import DETAILS, FieldNames

Parsed = tuple[int, str, str, str, str]
"""Microseconds since 1970, message, level, instance, version. Outside the span only the time is filled in."""

Details = Sequence[tuple[str, Sequence[str]]]
"""By the name that stands in the message, the fields that hold it, first hit wins."""
_LABELS = {name: label for label, names in DETAILS.items() for name in names}

STACKS = (
    "error.stack_trace",
    "exception.stacktrace",
    "attributes.exception.stacktrace",
    "stack_trace",
    "stacktrace",
    "stackTrace",
    "error.stack",
    "err.stack",
    "exception",
    "exc_info",
)
RECORD = "{"
"""A message that begins so is judged by its own fields."""
MOST_SHAPES = 1_000
LONGEST_MESSAGE = 65_536
"""Characters; the rest of a longer one is cut off."""


@dataclass(frozen=True)
class Reading:
    """What is wanted of a file: the span in microseconds, field names, and what to put where a line names none."""

    start: int
    end: int
    fields: FieldNames
    times: Times
    instance: str = ""
    version: str = ""

    def wants(self, time: int) -> bool:
        return self.start <= time < self.end


@dataclass(frozen=True, slots=True)
class Shape:
    """Which of the candidate names a record with certain fields can have."""

    time: Sequence[str]
    message: Sequence[str]
    level: Sequence[str]
    instance: Sequence[str]
    version: Sequence[str]
    stack: Sequence[str]
    details: Sequence[str]
    nested: Sequence[str]
    """Fields in which details may be."""
    outlines: dict[tuple[object, ...], Details] = field(default_factory=dict)
    """Which details are there, looked up once for all records whose nested fields have the same names."""


class Records:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._shapes: dict[tuple[str, ...], Shape] = {}

    def entry(self, record: Mapping[str, object], time: int | None = None) -> Parsed | None:
        """None for a record without a time, where none is given."""
        reading = self._reading
        names = tuple(record)
        shape = self._shapes.get(names) or self._learn(names)
        if time is None and (time := self._time(record, shape.time)) is None:
            return None
        if not reading.start <= time < reading.end:
            return time, "", "", "", ""
        return (
            time,
            self._message(record, shape),
            text(record, shape.level),
            text(record, shape.instance) or reading.instance,
            text(record, shape.version) or reading.version,
        )

    def _learn(self, names: tuple[str, ...]) -> Shape:
        if len(self._shapes) >= MOST_SHAPES:
            self._shapes.clear()
        fields = self._reading.fields
        wanted = (fields.time, fields.message, fields.level, fields.instance, fields.version, STACKS)
        heads = set(names)
        time, message, level, instance, version, stack = (
            [name for name in some if _possible(name, heads)] for some in wanted
        )
        details = [name for name in fields.named_details if _possible(name, heads)]
        nested = [head for head in names if any(name.startswith(f"{head}.") for name in details)]
        self._shapes[names] = shape = Shape(time, message, level, instance, version, stack, details, nested)
        return shape

    def _time(self, record: Mapping[str, object], names: Sequence[str]) -> int | None:
        of_value = self._reading.times.of_value
        for name in names:
            value = record.get(name)
            time = of_value(dig(record, name) if value is None else value)
            if time is not None:
                return time
        return None

    def _message(self, record: Mapping[str, object], shape: Shape) -> str:
        """A record without a message is its own message, less what has a place elsewhere."""
        message = text(record, shape.message)
        if not message:
            left = record
            for name in (*shape.time, *shape.level, *shape.instance, *shape.version):
                left = _without(left, name)
            message = orjson.dumps(left).decode()
        elif shape.details and (details := _details(record, shape)):
            held = ((label, [plain(dig(record, name)) for name in names]) for label, names in details)
            message = with_details(message, held)
        if shape.stack:
            stack = text(record, shape.stack)
            if "\n" in stack and stack not in message:
                return f"{message}\n{stack}"
        return message


def _details(record: Mapping[str, object], shape: Shape) -> Details:
    """Those of its details that a record has. To look for each in each record takes ten times as long as the rest."""
    key = tuple(outline(record[head]) for head in shape.nested)
    found = shape.outlines.get(key)
    if found is None:
        if len(shape.outlines) >= MOST_SHAPES:
            shape.outlines.clear()
        found = labelled(tuple(name for name in shape.details if has(record, name)))
        shape.outlines[key] = found
    return found


def outline(value: object) -> object:
    """The names of all its fields, with their nesting."""
    if not isinstance(value, dict):
        return None
    return tuple((name, outline(inner)) if isinstance(inner, dict) else name for name, inner in value.items())


def has(record: Mapping[str, object], name: str) -> bool:
    """As `dig` would find it."""
    if name in record:
        return True
    inner = ((record.get(name[:at]), name[at + 1 :]) for at, sign in enumerate(name) if sign == ".")
    return any(isinstance(value, dict) and has(value, rest) for value, rest in inner)


def _without(record: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Without that field, however it is nested; objects that held nothing else go too."""
    found: dict[str, object] = {}
    for part, value in record.items():
        inner = isinstance(value, dict) and name.startswith(f"{part}.")
        left = _without(value, name[len(part) + 1 :]) if inner else value  # type: ignore[arg-type]
        if part != name and (left or not inner):
            found[part] = left
    return found


def _possible(name: str, heads: set[str]) -> bool:
    return name in heads or any(name[:at] in heads for at, sign in enumerate(name) if sign == ".")


@lru_cache(maxsize=1_000)
def labelled(names: tuple[str, ...]) -> Details:
    """What the names are of, in their order: one of DETAILS, or a name by itself."""
    found = dict[str, list[str]]()
    for name in names:
        found.setdefault(_LABELS.get(name, name), []).append(name)
    return tuple((label, tuple(some)) for label, some in found.items())


def with_details(message: str, details: Iterable[tuple[str, Iterable[str]]]) -> str:
    """The message with what else the record says, at the end of its first line: `request failed error=refused`. For
    each label the candidates' values, of which the first that is not empty counts, and of that the first line. As it is
    where it is a record of its own, or where there is no more."""
    if message[:1] == RECORD:
        return message
    held = ((label, next(filter(None, values), "").partition("\n")[0]) for label, values in details)
    more = "".join(f" {label}={value}" for label, value in held if value)
    first, line, rest = message.partition("\n")
    return f"{first}{more}{line}{rest}"


def plain(value: object) -> str:
    """A text, number or truth as text, of a list the first; "" for all else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    return next(filter(None, map(plain, value)), "") if isinstance(value, list) else ""


def text(record: Mapping[str, object], names: Sequence[str]) -> str:
    """The first of the fields that holds a text or number; "" where none does."""
    for name in names:
        value = record.get(name)
        if value is None:
            value = dig(record, name)
        if type(value) is str:
            if value:
                return value
        elif type(value) is int or type(value) is float:
            return str(value)
    return ""


def dig(record: Mapping[str, object], name: str) -> object:
    """A field by its dotted name: as it is, or in nested objects, cut at any of the dots."""
    if name in record:
        return record[name]
    head, dot, rest = name.partition(".")
    while dot:
        inner = record.get(head)
        if isinstance(inner, dict) and (value := dig(inner, rest)) is not None:
            return value
        more, dot, rest = rest.partition(".")
        head = f"{head}.{more}"
    return None


def flat(record: Mapping[str, object], before: str = "", depth: int = 5) -> dict[str, str]:
    """Texts by dotted name, of lists the first; for people to look at."""
    found: dict[str, str] = {}
    for name, value in record.items():
        one = value[0] if isinstance(value, list) and value else value
        if isinstance(one, dict) and depth:
            found |= flat(one, f"{before}{name}.", depth - 1)
        elif one not in (None, "", []) and not isinstance(one, dict | list):
            found[f"{before}{name}"] = str(one).lower() if isinstance(one, bool) else str(one)
    return found
