"""Filters of lists: `FIELD OP VALUE` terms joined by AND (a subset of AIP-160), as conditions with bound values."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from logverdict.adapters.stores.tables import events, verifications
from logverdict.domain.afterwards import Outcome
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.words import Decision, EventKind, Impact, Mode, Sensitivity, Severity, State, Verdict, parse_word

MAX_LENGTH = 4000
TOKEN = re.compile(
    r"""\s*(?:(?P<op>!=|<=|>=|=|<|>)|(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<bare>[^\s"'=!<>()]+))""", re.DOTALL
)
COMPARE: Mapping[str, Callable[[Any, Any], sa.ColumnElement[bool]]] = {
    "=": lambda column, value: column == value,
    "!=": lambda column, value: column != value,
    "<": lambda column, value: column < value,
    "<=": lambda column, value: column <= value,
    ">": lambda column, value: column > value,
    ">=": lambda column, value: column >= value,
}
EQUAL = ("=", "!=")
ORDER = ("=", "!=", "<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Field:
    """A column that may be filtered by: which operators it takes, and how its values are read."""

    column: sa.Column[Any]
    read: Callable[[str], Any] = str
    operators: tuple[str, ...] = EQUAL


Fields = Mapping[str, Field]


def word_of(words: type[StrEnum]) -> Callable[[str], str]:
    return lambda text: parse_word(words, text, "filter").value


def _severity(text: str) -> int:
    if text.upper() not in Severity.__members__:
        raise _fault(f"unknown word {text!r}; allowed: {', '.join(Severity.__members__)}")
    return Severity[text.upper()].value


def time_of(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise _fault(f"{text!r} is no time; allowed: RFC 3339, such as 2026-11-01T00:00:00Z") from None
    if time.tzinfo is None:
        raise _fault(f"{text!r} has no time zone; write an offset or Z")
    return time


def _outcome(text: str) -> str:
    """NONE: nothing was recorded."""
    if text.upper() == "NONE":
        return ""
    if text.upper() not in Outcome.__members__:
        raise _fault(f"unknown word {text!r}; allowed: NONE, {', '.join(Outcome)}")
    return Outcome[text.upper()].value


VERIFICATION_FIELDS: Fields = {
    "service": Field(verifications.c.service),
    "environment": Field(verifications.c.environment),
    "version": Field(verifications.c.version),
    "commit": Field(verifications.c.commit),
    "state": Field(verifications.c.state, word_of(State)),
    "verdict": Field(verifications.c.verdict, word_of(Verdict)),
    "decision": Field(verifications.c.decision, word_of(Decision)),
    "outcome": Field(verifications.c.outcome, _outcome),
    "mode": Field(verifications.c.mode, word_of(Mode)),
    "sensitivity": Field(verifications.c.sensitivity, word_of(Sensitivity)),
    "create_time": Field(verifications.c.create_time, time_of, ORDER),
}
EVENT_FIELDS: Fields = {
    "id": Field(events.c.id),
    "kind": Field(events.c.kind, word_of(EventKind)),
    "impact": Field(events.c.impact, word_of(Impact)),
    "severity": Field(events.c.severity, _severity),
}


def conditions(filter: str, fields: Fields) -> list[sa.ColumnElement[bool]]:
    """One condition a term; none for an empty filter. Raises InvalidRequest naming what is allowed."""
    if len(filter) > MAX_LENGTH:
        raise _fault(f"has {len(filter)} characters; allowed: up to {MAX_LENGTH}")
    tokens, found = _tokens(filter), []
    for place in range(0, len(tokens), 4):
        found.append(_condition(tokens[place : place + 3], fields))
        _check_joint(tokens[place + 3 :])
    return found


def _check_joint(rest: Sequence[tuple[str, str]]) -> None:
    if rest and rest[0] != ("bare", "AND"):
        raise _fault(f"{rest[0][1]!r} stands where AND is expected; allowed: terms joined by AND")
    if len(rest) == 1:
        raise _fault("ends with AND; allowed: a term after each AND")


def _tokens(filter: str) -> list[tuple[str, str]]:
    """(kind, text) pairs: kind is op, quoted (text without its quotes) or bare."""
    tokens, place, text = [], 0, filter.rstrip()
    while place < len(text):
        found = TOKEN.match(text, place)
        if found is None:
            raise _fault(f"cannot be understood from {text[place:].strip()[:40]!r} on; {HINT}")
        kind = str(found.lastgroup)
        raw = found[kind]
        tokens.append((kind, re.sub(r"\\(.)", r"\1", raw[1:-1], flags=re.DOTALL) if kind == "quoted" else raw))
        place = found.end()
    return tokens


def _condition(term: Sequence[tuple[str, str]], fields: Fields) -> sa.ColumnElement[bool]:
    match term:
        case [("bare", name), ("op", operator), (("bare" | "quoted"), value)]:
            return _compare(name, operator, value, fields)
    raise _fault(f"{' '.join(text for _, text in term)!r} is no term; {HINT}")


def _compare(name: str, operator: str, value: str, fields: Fields) -> sa.ColumnElement[bool]:
    if name not in fields:
        raise _fault(f"unknown field {name!r}; allowed: {', '.join(fields)}")
    field = fields[name]
    if operator not in field.operators:
        raise _fault(f"{name} does not take {operator}; allowed: {' '.join(field.operators)}")
    try:
        wanted = field.read(value)
    except InvalidRequest as fault:
        raise _fault(f"{name}: {fault.fault}") from None
    return COMPARE[operator](field.column, wanted)


HINT = 'allowed: FIELD OPERATOR VALUE, joined by AND; values with spaces or signs in "quotes"'


def _fault(message: str) -> InvalidRequest:
    return InvalidRequest("filter", message)
