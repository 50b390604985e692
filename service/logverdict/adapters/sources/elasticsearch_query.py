"""The query of a read, built of objects; no text is ever put into another."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from logverdict.adapters.sources.elasticsearch_fields import OBJECTS, TEXTS, Chosen, Mapped
from logverdict.adapters.sources.elasticsearch_guard import Guarded, guard
from logverdict.adapters.sources.elasticsearch_options import Options, parse_options
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.profile import FieldNames, SourceSpec
from logverdict.domain.window import Window

Clause = dict[str, Any]
ALL = ("*", "*:*")
STATES = 5_000
"""Of an automaton that a wildcard may become; half of the server's own limit."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a source asks for, checked."""

    options: Options
    query: Guarded
    fields: FieldNames

    @property
    def named(self) -> tuple[str, ...]:
        """Fields that the query and the filters name."""
        names = (*self.query.fields, *(field for field, _ in self.options.filters))
        return tuple(dict.fromkeys(name for name in names if name not in ("*", "_exists_")))


def wanted(spec: SourceSpec, *, evidence: bool = False) -> Wanted:
    """`evidence`: with the evidence query instead of the query. Raises InvalidRequest."""
    if not evidence:
        return Wanted(parse_options(spec.options), guard(spec.query), spec.fields)
    try:
        return Wanted(parse_options(spec.options), guard(spec.evidence), spec.fields)
    except InvalidRequest as fault:
        raise InvalidRequest("evidence" if fault.field == "query" else fault.field, fault.fault) from None


def build(wanted: Wanted, found: Mapped, chosen: Chosen, span: Window) -> Clause:
    """Entries of the half-open span that match the query and all filters."""
    return {"bool": {"filter": [_in_span(chosen, span), *_matching(wanted, found, chosen)]}}


def build_timeless(wanted: Wanted, found: Mapped, chosen: Chosen) -> Clause:
    """Entries that match, in the indices that have none of the time fields."""
    names: Clause = {"terms": {"_index": sorted(chosen.timeless)}}
    return {"bool": {"filter": [names, *_matching(wanted, found, chosen)]}}


def unmatched(wanted: Wanted, found: Mapped) -> tuple[str, ...]:
    """Fields that the query or the filters name and that no index has: maybe a slip, maybe nothing logged them yet."""
    return tuple(name for name in wanted.named if not found.types.get(name))


def _matching(wanted: Wanted, found: Mapped, chosen: Chosen) -> list[Clause]:
    clauses = [_equal(found, name, value) for name, value in wanted.options.filters]
    if wanted.query.text.strip() not in ALL:
        clauses.append(_text(wanted.query.text, found, chosen))
    return clauses


def _in_span(chosen: Chosen, span: Window) -> Clause:
    """A document without the first time field is placed by the next one that it has."""
    limits = {"gte": _utc(span.start), "lt": _utc(span.end), "format": "strict_date_optional_time_nanos"}
    ways: list[Clause] = []
    for at, name in enumerate(chosen.time):
        lacking: list[Clause] = [{"exists": {"field": before}} for before in chosen.time[:at]]
        clause: Clause = {"range": {name: limits}}
        ways.append({"bool": {"filter": [clause], "must_not": lacking}} if lacking else clause)
    return ways[0] if len(ways) == 1 else {"bool": {"should": ways, "minimum_should_match": 1}}


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _equal(found: Mapped, name: str, value: str) -> Clause:
    """A text field is cut into words when it is stored: its exact twin is asked, or the words in their order."""
    if not found.types.get(name, frozenset()) & TEXTS:
        return {"term": {name: {"value": value}}}
    twin = f"{name}.keyword"
    return {"term": {twin: {"value": value}}} if found.has(twin, frozenset({"keyword"})) else _phrase(name, value)


def _phrase(name: str, value: str) -> Clause:
    return {"match_phrase": {name: {"query": value}}}


def _text(text: str, found: Mapped, chosen: Chosen) -> Clause:
    names = [f"{name}.*" if found.has(name, OBJECTS) else name for name in chosen.message]
    asked: Mapping[str, Any] = {
        "query": text,
        "fields": names,
        "lenient": False,
        "allow_leading_wildcard": False,
        "analyze_wildcard": False,
        "max_determinized_states": STATES,
        "fuzzy_max_expansions": 50,
        "time_zone": "UTC",
    }
    return {"query_string": dict(asked)}
