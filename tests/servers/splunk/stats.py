"""`stats` and its relatives: functions over groups of rows."""

import itertools
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from servers.splunk.conditions import BadSearch
from servers.splunk.events import Value
from servers.splunk.functions import Dialect, number, shown

Row = dict[str, Value]
CALL = re.compile(
    r'(?P<name>\w+)(?:\((?P<field>[^()]*)\))?(?:\s+AS\s+(?P<to>"[^"]+"|[\w.]+))?[\s,]*', re.IGNORECASE | re.ASCII
)
MOST_LISTED = 100
"""Values that `list` gives."""


def _least(values: list[str]) -> str:
    """Numbers when all are, else the first by its letters."""
    return min(values, key=_order(values))


def _most(values: list[str]) -> str:
    return max(values, key=_order(values))


def _order(values: list[str]) -> Callable[[str], float | str]:
    if all(number(value) is not None for value in values):
        return lambda value: float(number(value) or 0)
    return str


def _numbers(values: list[str]) -> list[float]:
    return [float(found) for value in values if (found := number(value)) is not None]


def _percentile(values: list[str], share: float) -> str:
    found = sorted(_numbers(values))
    return shown(found[max(0, math.ceil(share / 100 * len(found)) - 1)])


FUNCTIONS: dict[str, Callable[[list[str]], Value]] = {
    "count": lambda values: str(len(values)),
    "c": lambda values: str(len(values)),
    "dc": lambda values: str(len(set(values))),
    "sum": lambda values: shown(math.fsum(_numbers(values))),
    "avg": lambda values: shown(math.fsum(_numbers(values)) / len(values)),
    "min": _least,
    "max": _most,
    "values": lambda values: sorted(set(values)),
    "list": lambda values: values[:MOST_LISTED],
    "first": lambda values: values[0],
    "last": lambda values: values[-1],
    "p95": lambda values: _percentile(values, 95),
    "p50": lambda values: _percentile(values, 50),
}


@dataclass(frozen=True)
class Call:
    name: str
    field: str
    to: str

    def of(self, rows: list[Row]) -> Value | None:
        if not self.field:
            return str(len(rows))
        values = [value for row in rows if self.field in row for value in _all(row[self.field])]
        if not values and self.name not in ("count", "c", "dc"):
            return None
        return FUNCTIONS[self.name](values)


def parsed(arguments: str, command: str) -> tuple[list[Call], list[str]]:
    parts = re.split(r"(?i)(?:^|\s)(by)\s", arguments.strip(), maxsplit=1)
    head, by, tail = (*parts, "", "")[:3]
    calls, at = [], 0
    while at < len(head):
        match = CALL.match(head, at)
        if match is None or match["name"].lower() not in FUNCTIONS or (match["field"] is None) != _bare(match):
            raise BadSearch(f"Error in '{command}' command: The argument '{head[at:].split(' ')[0]}' is invalid.")
        name, field = match["name"].lower(), (match["field"] or "").strip("\"' ")
        calls.append(Call(name, field, (match["to"] or match[0].split(" AS ")[0].strip(" ,")).strip('"')))
        at = match.end()
    if not calls or (by and not tail.strip()):
        raise BadSearch(f"Error in '{command}' command: The argument is missing.")
    return calls, [word.strip("\"'") for word in re.split(r"[\s,]+", tail.strip()) if word]


def _bare(match: re.Match[str]) -> bool:
    return match["name"].lower() in ("count", "c") and match["field"] is None


def _all(value: Value) -> list[str]:
    return value if isinstance(value, list) else [value]


def groups(rows: list[Row], by: list[str]) -> dict[tuple[str, ...], list[Row]]:
    """Rows without one of the fields are in no group; a field of several values is in several."""
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        if all(name in row for name in by):
            for key in itertools.product(*(dict.fromkeys(_all(row[name])) for name in by)):
                found.setdefault(key, []).append(row)
    return found


def stats(rows: list[Row], arguments: str, dialect: Dialect) -> list[Row]:
    calls, by = parsed(arguments, "stats")
    if not by:
        return [dict(_results(calls, rows))]
    return [
        dict(zip(by, key, strict=True)) | dict(_results(calls, group))
        for key, group in sorted(groups(rows, by).items())
    ]


def eventstats(rows: list[Row], arguments: str, dialect: Dialect) -> list[Row]:
    """Every row stays, with its group's results."""
    calls, by = parsed(arguments, "eventstats")
    if not by:
        every = dict(_results(calls, rows))
        return [row | every for row in rows]
    results = {key: dict(_results(calls, group)) for key, group in groups(rows, by).items()}
    return [row | results.get(tuple(str(row.get(name)) for name in by), {}) for row in rows]


def _results(calls: list[Call], rows: list[Row]) -> Iterator[tuple[str, Value]]:
    for call in calls:
        value = call.of(rows)
        if value is not None:
            yield call.to, value
