"""A small SPL: enough for our searches, with the real texts for what is wrong."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from servers.splunk.conditions import BadSearch, Conditions, moment, parse
from servers.splunk.events import SERVER, Event, Indexes, Value

Row = dict[str, Value]
REPORTING = {"stats", "tstats", "table", "makeresults", "eventcount"}
KEPT = {"_raw", "_time"}
CONDITION = re.compile(r'"?([\w.]+)"?\s*(?:!?=\s*(?:"(?:[^"\\]|\\.)*"|[^\s()"]+)|IN\s*\([^)]*\))')
INDEXED = {"index", "host", "source", "sourcetype", "splunk_server", "_time"}


@dataclass
class Found:
    """`events` is how many events the search met; `reporting`: rows are not events."""

    rows: list[Row]
    events: int
    reporting: bool
    command: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Scope:
    """What a user may see, and the request's times."""

    indexes: Indexes
    allowed: Callable[[str], bool]
    earliest: float
    latest: float

    def meeting(self, conditions: Conditions) -> list[Event]:
        times = {"earliest": self.earliest, "latest": self.latest} | conditions.times
        return [
            event
            for event in self.indexes.between(times["earliest"], times["latest"])
            if self.allowed(event.index) and conditions.test(event)
        ]


def pipeline(text: str) -> list[str]:
    """Commands, split at pipes outside of quotes; an own reading of the rules, apart from the one under test."""
    parts, start, quote, at = [], 0, False, 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == '"':
            quote = not quote
        elif not quote and text[at] == "[":
            raise BadSearch("Error in 'SearchParser': Subsearches are not emulated.")
        elif not quote and text[at] == "|":
            parts.append(text[start:at])
            start = at + 1
        at += 1
    if quote:
        raise BadSearch("Error in 'SearchParser': Mismatched quotes.")  # wording unverified
    return [part.strip() for part in [*parts, text[start:]]]


def run(search: str, scope: Scope) -> Found:
    first, *rest = pipeline(search)
    if not first:
        first, *rest = rest
    found = _first(first, scope)
    for command in rest:
        name, _, arguments = command.partition(" ")
        if name not in LATER:
            raise BadSearch(f"Unknown search command '{name}'.")
        found.rows = LATER[name](found.rows, arguments.strip())
        found.reporting |= name in REPORTING
        found.command.append(name)
    return found


def _first(text: str, scope: Scope) -> Found:
    name, _, arguments = text.partition(" ")
    if name == "search":
        events = scope.meeting(parse(arguments))
        return Found([event.row for event in events], len(events), False, ["search"])
    if name not in FIRST:
        raise BadSearch(f"Unknown search command '{name}'.")
    return Found(FIRST[name](arguments.strip(), scope), 0, True, [name])


def _tstats(arguments: str, scope: Scope) -> list[Row]:
    match = re.fullmatch(r"count\s+where\s+(.*?)(?:\s+by\s+(.+))?", arguments, re.DOTALL)
    if match is None:
        raise BadSearch("Error in 'tstats' command: the arguments are not emulated.")
    rest = CONDITION.sub(lambda found: "" if found[1] in INDEXED else found[1], match[1])
    if re.sub(r"\b(?:AND|OR|NOT)\b|[()\s]", "", rest):
        raise BadSearch("Error in 'TsidxStats': WHERE clause is not an exact query")
    rows = [event.row for event in scope.meeting(parse(match[1]))]
    return _stats(rows, f"count by {match[2]}" if match[2] else "count")


def _makeresults(arguments: str, scope: Scope) -> list[Row]:
    match = re.search(r"count=(\d+)", arguments)
    return [{"_time": f"{scope.earliest:.6f}"} for _ in range(int(match[1]) if match else 1)]


def _eventcount(arguments: str, scope: Scope) -> list[Row]:
    """With summarize=false a row for each index that may be searched (what a forbidden one gives is unverified)."""
    wanted = re.findall(r'index="?([^"\s]+)"?', arguments) or ["main"]
    return [
        {"count": str(sum(event.index == name for event in scope.indexes.events)), "index": name, "server": SERVER}
        for name in sorted(scope.indexes.names)
        if scope.allowed(name) and any(fnmatchcase(name, one) for one in wanted)
    ]


def _stats(rows: list[Row], arguments: str) -> list[Row]:
    match = re.fullmatch(r"count(?:\s+by\s+(.+))?", arguments)
    if match is None:
        raise BadSearch("Error in 'stats' command: The argument is not emulated.")
    if not match[1]:
        return [{"count": str(len(rows))}]
    names, counts = re.split(r"[\s,]+", match[1].strip()), dict[tuple[str, ...], int]()
    for row in rows:
        if all(name in row for name in names):
            key = tuple(str(row[name]) for name in names)
            counts[key] = counts.get(key, 0) + 1
    return [dict(zip(names, key, strict=True)) | {"count": str(count)} for key, count in sorted(counts.items())]


def _names(arguments: str) -> list[str]:
    return [quoted or bare for quoted, bare in re.findall(r'"([^"]*)"|([^\s,"]+)', arguments)]


def _fields(rows: list[Row], arguments: str) -> list[Row]:
    """_time and _raw stay, other internal fields have to be named (measured)."""
    names = _names(arguments)
    if names[:1] == ["-"]:
        return [{name: row[name] for name in row if not _any(name, names[1:])} for row in rows]
    wanted = KEPT | set(names) - {"+"}
    if any("*" in name for name in wanted):
        return [{name: row[name] for name in row if _any(name, list(wanted))} for row in rows]
    return [{name: row[name] for name in wanted if name in row} for row in rows]


def _any(name: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(name, one) for one in patterns)


def _table(rows: list[Row], arguments: str) -> list[Row]:
    names = _names(arguments)
    return [{name: row[name] for name in names if name in row} for row in rows]


def _head(rows: list[Row], arguments: str) -> list[Row]:
    return rows[: int(moment(arguments or "10", "head"))]


def _sort(rows: list[Row], arguments: str) -> list[Row]:
    for word in reversed(_names(arguments)):
        if not word.isdigit() and word not in "+-":
            name = word.lstrip("+-")
            rows = sorted(rows, key=lambda row: _order(row.get(name, "")), reverse=word.startswith("-"))
    return rows


def _order(value: Value) -> tuple[int, float, str]:
    text = str(value)
    return (0, float(text), "") if re.fullmatch(r"-?\d+(\.\d+)?", text) else (1, 0.0, text)


def _search(rows: list[Row], arguments: str) -> list[Row]:
    conditions = parse(arguments)
    return [row for row in rows if conditions.test(_Seen(row))]  # type: ignore[arg-type]


@dataclass(frozen=True)
class _Seen:
    row: Row

    @property
    def raw(self) -> str:
        return str(self.row.get("_raw", ""))


FIRST = {"tstats": _tstats, "makeresults": _makeresults, "eventcount": _eventcount}
LATER = {"search": _search, "fields": _fields, "stats": _stats, "table": _table, "head": _head, "sort": _sort}
