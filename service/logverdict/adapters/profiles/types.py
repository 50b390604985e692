"""Types of configuration fields: how each is read from YAML, checked, and shown to editors."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from logverdict.adapters.profiles.duration import ALLOWED, PATTERN, format_duration, parse_duration


def refuse(message: str, allowed: str = "", hint_for: str = "", known: tuple[str, ...] = ()) -> PydanticCustomError:
    """A fault in our words; `hint_for` is compared with `known`."""
    context: dict[str, Any] = {"text": message, "allowed": allowed, "word": hint_for, "known": known}
    return PydanticCustomError("fault", "{text}", context)


@dataclass(frozen=True)
class Word:
    """A member of a closed vocabulary, by name, in any case."""

    words: type[Enum]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.words.__members__)

    def read(self, value: object) -> Enum:
        if isinstance(value, self.words):
            return value
        if not isinstance(value, str):
            raise refuse(f"{value!r} is not a word", ", ".join(self.names))
        if value.upper() not in self.words.__members__:
            raise refuse(f"unknown word {value!r}", ", ".join(self.names), value, self.names)
        return self.words[value.upper()]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "enum": [*self.names, *(name.lower() for name in self.names)]}


@dataclass(frozen=True)
class Span:
    """A duration such as 1h30m, within limits."""

    least: timedelta = timedelta(0)
    most: timedelta = timedelta(days=3650)

    def read(self, value: object) -> timedelta:
        if isinstance(value, timedelta):
            return value
        if not isinstance(value, str):
            raise refuse(f"{value!r} is no duration", ALLOWED)
        try:
            span = parse_duration(value)
        except ValueError as error:
            text, _, allowed = str(error).partition("; allowed: ")
            raise refuse(text, allowed) from None
        if not self.least <= span <= self.most:
            fault = "short" if span < self.least else "long"
            limits = f"{format_duration(self.least)} to {format_duration(self.most)}"
            raise refuse(f"{value!r} is too {fault}", limits)
        return span

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "pattern": PATTERN, "examples": ["90s", "10m", "1h30m"]}


@dataclass(frozen=True)
class Number:
    """A number within limits; true and false are none."""

    least: float
    most: float

    def check(self, value: float) -> float:
        if not self.least <= value <= self.most:
            raise refuse(f"{value:,} is out of bounds", f"{self.least:,} to {self.most:,}")
        return value

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        bounded = core_schema.no_info_after_validator_function(self.check, handler(source))
        return core_schema.no_info_before_validator_function(_no_bool, bounded)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "minimum": self.least, "maximum": self.most}


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise refuse(f"{str(value).lower()} is no number", "a number")
    return value


def _as_text(value: object) -> object:
    """Whole numbers, true and false have one writing; a fraction has not (1.10 would become 1.1)."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        raise refuse(f"{value} may not be what was written", "fractions in quotes")
    return str(value) if isinstance(value, int) else value


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$"
NAME_ALLOWED = "up to 100 letters, digits and . _ - / (first a letter or digit)"
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
AnyText = Annotated[
    str,
    BeforeValidator(_as_text),
    Field(max_length=16_000, json_schema_extra={"type": ["string", "integer", "boolean"]}),
]
FieldList = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=500)], ...],
    BeforeValidator(_as_list, json_schema_input_type=str | list[str]),
    Field(min_length=1, max_length=50),
]
