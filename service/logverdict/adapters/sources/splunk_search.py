"""The searches of a `splunk` source, built from its query and options."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from logverdict.adapters.sources.records import STACKS
from logverdict.adapters.sources.splunk_guard import allowed, guarded, quoted
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.profile import FieldNames, SourceSpec

KNOWN = ("app", "host", "index", "owner", "sourcetype")
FILTER = "filter."
NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")
INDEX = re.compile(r"(?=.*[a-z0-9])[a-z0-9_*][a-z0-9_*-]{0,79}")
FIELD = re.compile(r"[A-Za-z_@][\w.:{}@-]{0,199}", re.ASCII)
PLAIN = re.compile(r"[A-Za-z_]\w*", re.ASCII)
MOST_NAMES = 50
ALWAYS = ("_time", "_raw", "_bkt", "_cd", "index", "splunk_server", "host", "source")
"""What tells an entry's time, text, identity, host and file."""


@dataclass(frozen=True, slots=True)
class Namespace:
    owner: str
    app: str


@dataclass(frozen=True, slots=True)
class Search:
    """What is sent: `pull` gives the entries, `count` their number, `existing` the indexes that the user may search.

    `where` are the conditions, `columns` the fields; `indexed`: the index alone knows which entries meet them."""

    pull: str
    count: str
    existing: str
    where: str
    columns: str
    indexed: bool
    indexes: tuple[str, ...]
    namespace: Namespace


def build(spec: SourceSpec, default: Namespace, *, evidence: bool = False) -> Search:
    """The searches of the query, or of the evidence query. Raises InvalidRequest naming `query`, `evidence`,
    `fields.NAME` or `options.NAME`."""
    for name in spec.options:
        if name not in KNOWN and not name.startswith(FILTER):
            words = ", ".join([*KNOWN, f"{FILTER}FIELD"])
            raise InvalidRequest(f"options.{name}", f"is unknown to a splunk source; allowed: {words}", allowed=words)
    fragment = guarded("query", spec.query)
    if evidence or spec.evidence:
        wider = guarded("evidence", spec.evidence)
        fragment = wider if evidence else fragment
    indexes = _indexes(spec.options)
    filters = _filters(spec.options)
    indexed = fragment == "*" and not filters and "sourcetype" not in spec.options
    where = " ".join(
        [
            _any("index", indexes),
            *_lists(spec.options),
            *filters,
            *([] if fragment == "*" else [f"({fragment})"]),
        ]
    )
    columns = _columns(spec.fields)
    return Search(
        pull=allowed(f"search {where} | fields {columns}"),
        # Without conditions on extracted fields the index alone counts; else only the search itself counts right.
        count=allowed(f"| tstats count where {where}" if indexed else f"search {where} | stats count"),
        existing=allowed(f"| eventcount summarize=false {' '.join(_each('index', indexes))}"),
        where=where,
        columns=columns,
        indexed=indexed,
        indexes=indexes,
        namespace=Namespace(_name(spec.options, "owner", default.owner), _name(spec.options, "app", default.app)),
    )


def _indexes(options: Mapping[str, str]) -> tuple[str, ...]:
    if "index" not in options:
        raise InvalidRequest("options.index", "is missing; name the indexes to search, separated by commas")
    names = _list(options, "index")
    for name in names:
        if not INDEX.fullmatch(name):
            raise InvalidRequest(
                "options.index", f"{name!r} names no index; allowed: a-z 0-9 _ - and * for a part of a name"
            )
    return names


def _lists(options: Mapping[str, str]) -> list[str]:
    return [_any(name, _list(options, name)) for name in ("sourcetype", "host") if name in options]


def _list(options: Mapping[str, str], name: str) -> tuple[str, ...]:
    values = tuple(dict.fromkeys(part.strip() for part in options[name].split(",") if part.strip()))
    if not values or len(values) > MOST_NAMES:
        raise InvalidRequest(f"options.{name}", f"needs 1 to {MOST_NAMES} names, separated by commas")
    return values


def _any(name: str, values: tuple[str, ...]) -> str:
    """Conditions that one of the values meets."""
    return f"({' OR '.join(_each(name, values))})"


def _each(name: str, values: tuple[str, ...]) -> list[str]:
    return [f"{name}={quoted(f'options.{name}', value)}" for value in values]


def _filters(options: Mapping[str, str]) -> list[str]:
    found = []
    for option, value in sorted(options.items()):
        if option.startswith(FILTER):
            field = _field(f"options.{option}", option.removeprefix(FILTER))
            if not value.strip():
                raise InvalidRequest(f"options.{option}", "is empty; write a value, * stands for any text")
            found.append(f"{field}={quoted(f'options.{option}', value)}")
    return [guarded("options.filter", text) for text in found]


def _columns(fields: FieldNames) -> str:
    names = list(ALWAYS)
    for what in ("message", "level", "instance", "version", "stream", "offset", "named_details"):
        names += [_field(f"fields.{what.removeprefix('named_')}", name) for name in getattr(fields, what)]
    names += [_field("fields.message", name) for name in STACKS]
    return ", ".join(dict.fromkeys(names))


def _field(path: str, name: str) -> str:
    if not FIELD.fullmatch(name):
        raise InvalidRequest(path, f"{name!r} is no field name; allowed: letters, digits and _ . : - @ {{ }}")
    return name if PLAIN.fullmatch(name) else quoted(path, name)


def _name(options: Mapping[str, str], name: str, default: str) -> str:
    given = options.get(name, default)
    if not NAME.fullmatch(given) or given in (".", ".."):
        raise InvalidRequest(f"options.{name}", f"{given!r} is no name; allowed: letters, digits and _ . -")
    return given
