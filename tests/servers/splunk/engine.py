"""A small SPL: enough for our searches, with the real texts for what is wrong."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from servers.splunk.commands import LATER, floored, span
from servers.splunk.conditions import BadSearch, Conditions, parse
from servers.splunk.events import SERVER, Event, Indexes
from servers.splunk.expressions import Row
from servers.splunk.functions import Dialect
from servers.splunk.stats import parsed, stats

REPORTING = {"stats", "tstats", "table", "makeresults", "eventcount"}
CONDITION = re.compile(r'"?([\w.]+)"?\s*(?:!?=\s*(?:"(?:[^"\\]|\\.)*"|[^\s()"]+)|IN\s*\([^)]*\))')
INDEXED = {"index", "host", "source", "sourcetype", "splunk_server", "_time", "_indextime"}


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
    dialect: Dialect = Dialect()

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
        if name not in LATER or name in scope.dialect.missing:
            raise BadSearch(f"Unknown search command '{name}'.")
        found.rows = LATER[name](found.rows, arguments.strip(), scope.dialect)
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
    """Over fields of the index only. `span` cuts _time into steps that begin at whole multiples (unverified)."""
    match = re.fullmatch(r"(?P<calls>.*?)\s+where\s+(?P<where>.*?)(?:\s+by\s+(?P<by>.+))?", arguments, re.DOTALL)
    if match is None:
        raise BadSearch("Error in 'tstats' command: the arguments are not emulated.")
    rest = CONDITION.sub(lambda found: "" if found[1] in INDEXED else found[1], match["where"])
    if re.sub(r"\b(?:AND|OR|NOT)\b|[()\s]", "", rest):
        raise BadSearch("Error in 'TsidxStats': WHERE clause is not an exact query")
    rows = [event.row for event in scope.meeting(parse(match["where"]))]
    by = match["by"] or ""
    if found := re.search(r"\bspan=(\w+)", by):
        seconds, by = span(found[1], "tstats"), by[: found.start()] + by[found.end() :]
        rows = [row | {"_time": floored(str(row["_time"]), seconds)} for row in rows]
    calls, groups = parsed(f"{match['calls']} by {by}" if by else match["calls"], "tstats")
    if unknown := ({call.field for call in calls if call.field} | set(groups)) - INDEXED:
        raise BadSearch(f"Error in 'TsidxStats': the field {min(unknown)} is not emulated as an indexed one.")
    return stats(rows, f"{match['calls']} by {by}" if by else match["calls"], scope.dialect)


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


FIRST = {"tstats": _tstats, "makeresults": _makeresults, "eventcount": _eventcount}
