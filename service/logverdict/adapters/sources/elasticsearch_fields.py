"""Which fields hold what an entry has: the candidates of a profile, looked up in the mappings of the indices."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from logverdict.adapters.sources.elasticsearch_ask import Body
from logverdict.adapters.sources.records import STACKS
from logverdict.domain.errors import QueryRejected
from logverdict.domain.profile import FieldNames

DATES = frozenset({"date", "date_nanos"})
TEXTS = frozenset({"text", "match_only_text", "annotated_text"})
# Kept by column beside the documents, which is faster to get than what is in them.
WORDS = frozenset({"keyword", "constant_keyword", "wildcard", "version", "ip", "boolean"})
NUMBERS = frozenset({"long", "integer", "short", "byte", "unsigned_long", "double", "float", "half_float"})
INTEGERS = frozenset({"long", "integer", "short", "byte"})
OBJECTS = frozenset({"object", "flattened"})
ARRIVED = "event.ingested"
"""When an entry came to the server, where a pipeline or the shipper writes that down."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """What the indices say of some fields. `missing`: the indices that do not have a field."""

    indices: frozenset[str]
    types: Mapping[str, frozenset[str]]
    missing: Mapping[str, frozenset[str]]
    faults: tuple[str, ...] = ()

    def has(self, name: str, kinds: frozenset[str]) -> bool:
        """Whether the field is there, and of no other kind anywhere."""
        return bool(self.types.get(name)) and self.types[name] <= kinds


@dataclass(frozen=True, slots=True)
class Chosen:
    """The fields to read, in order of preference; those in `columns` are kept by column, the others in documents."""

    time: tuple[str, ...]
    message: tuple[str, ...]
    level: tuple[str, ...]
    instance: tuple[str, ...]
    version: tuple[str, ...]
    stack: tuple[str, ...]
    columns: frozenset[str]
    timeless: frozenset[str] = frozenset()
    """Indices that have none of the time fields."""
    stream: tuple[str, ...] = ()
    offset: tuple[str, ...] = ()
    arrived: str = ""
    """A date, or "" where no index has it."""
    details: tuple[str, ...] = ()
    """Read from documents: all of them, not the first hit."""

    @property
    def in_documents(self) -> tuple[str, ...]:
        every = (self.message, self.level, self.instance, self.version, self.stack)
        names = (*(name for name in chain(*every) if name not in self.columns), *self.details)
        return tuple(dict.fromkeys(names))

    @property
    def in_columns(self) -> tuple[str, ...]:
        every = (self.level, self.instance, self.version, self.stream, self.offset)
        return tuple(dict.fromkeys(name for name in chain(*every) if name in self.columns))

    def __str__(self) -> str:
        parts = {
            "time": self.time,
            "message": self.message,
            "level": self.level,
            "instance": self.instance,
            "version": self.version,
        }
        return ", ".join(f"{what} {' or '.join(names) or '(none)'}" for what, names in parts.items())


def wanted_names(fields: FieldNames, also: Iterable[str]) -> tuple[str, ...]:
    """All that is asked about, each once; a text's `.keyword` twin with it, for filters."""
    labels = (fields.level, fields.instance, fields.version, fields.stream, fields.offset)
    every = (fields.time, fields.message, *labels, STACKS, fields.named_details, (ARRIVED,))
    twins = (twin for name in also for twin in (name, f"{name}.keyword"))
    return tuple(dict.fromkeys((*chain(*every), *twins)))


def mapped(answer: Body) -> Mapped:
    """Of an answer to field_caps."""
    indices = frozenset(answer.get("indices", ()))
    types: dict[str, frozenset[str]] = {}
    missing: dict[str, frozenset[str]] = {}
    for name, kinds in answer.get("fields", {}).items():
        types[name] = frozenset(kind for kind in kinds if kind != "unmapped")
        if "unmapped" in kinds:
            missing[name] = frozenset(kinds["unmapped"].get("indices", indices))
    failed = [str(name) for failure in answer.get("failures", ()) for name in failure.get("indices", ())]
    faults = (f"the fields of {', '.join(failed[:5])} could not be asked for",) if failed else ()
    return Mapped(indices, types, missing, faults)


def choose(found: Mapped, fields: FieldNames) -> Chosen:
    """Raises QueryRejected when there is no time or no message, naming what was tried."""
    time = _time(found, fields.time)
    timeless = found.indices
    for name in time:
        timeless &= found.missing.get(name, frozenset())
    message = _message(found, fields)
    simple = DATES | TEXTS | WORDS | NUMBERS
    level, instance, version, stack, details = (
        tuple(name for name in names if found.types.get(name, frozenset()) & simple)
        for names in (fields.level, fields.instance, fields.version, STACKS, fields.named_details)
    )
    stream, offset = (
        tuple(name for name in names if found.has(name, kinds))
        for names, kinds in ((fields.stream, WORDS), (fields.offset, INTEGERS))
    )
    labels = frozenset(name for name in (*level, *instance, *version) if found.has(name, WORDS | NUMBERS))
    arrived = ARRIVED if found.has(ARRIVED, DATES) else ""
    columns = labels.union(stream, offset)
    details = tuple(name for name in details if name not in message)
    return Chosen(time, message, level, instance, version, stack, columns, timeless, stream, offset, arrived, details)


def inner_names(found: Mapped, fields: FieldNames) -> tuple[str, ...]:
    """What is to be asked about as well where no candidate is a text: an object shows by its parts only."""
    if any(found.types.get(name, frozenset()) & (TEXTS | WORDS | NUMBERS) for name in fields.message):
        return ()
    return tuple(f"{name}.*" for name in fields.message if not found.types.get(name, frozenset()) - OBJECTS)


def _time(found: Mapped, names: Sequence[str]) -> tuple[str, ...]:
    there = tuple(name for name in names if found.has(name, DATES))
    mixed = [name for name in names if not found.has(name, DATES) and found.types.get(name, frozenset()) & DATES]
    if mixed:
        raise QueryRejected(f"fields.time: {mixed[0]} is a date in some of the indices only ({_seen(found, mixed)})")
    if not there:
        raise QueryRejected(f"fields.time: none of the indices has a date in {_seen(found, names)}")
    return there


def _message(found: Mapped, fields: FieldNames) -> tuple[str, ...]:
    there = tuple(name for name in fields.message if found.types.get(name, frozenset()) & (TEXTS | WORDS | NUMBERS))
    if there:
        return there
    # `log` may be a message as an object, but not where it is the home of `log.level`.
    others = (*fields.time, *fields.level, *fields.instance, *fields.version)
    objects = tuple(
        name
        for name in fields.message
        if found.has(name, OBJECTS) and not any(other.startswith(f"{name}.") for other in others)
    )
    if not objects:
        raise QueryRejected(f"fields.message: none of the indices has a text in {_seen(found, fields.message)}")
    inner = f"{objects[0]}.text"  # so OpenTelemetry writes a body that is a text
    return (inner,) if found.has(inner, TEXTS | WORDS) else objects[:1]


def _seen(found: Mapped, names: Sequence[str]) -> str:
    """`ts (long), time (missing)`"""
    return ", ".join(f"{name} ({', '.join(sorted(found.types.get(name, ()))) or 'missing'})" for name in names[:20])
