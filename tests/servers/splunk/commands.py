"""The commands that may follow a search, each on rows."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from servers.splunk.conditions import BadSearch, moment, parse
from servers.splunk.events import Value, json_fields
from servers.splunk.expressions import Row, assignments, condition, unquoted
from servers.splunk.functions import Any, Dialect, number, pcre, replaced, shown, true
from servers.splunk.stats import eventstats, stats

KEPT = {"_raw", "_time"}
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
SED = re.compile(
    r"s(?P<by>.)(?P<old>(?:\\.|(?!(?P=by)).)*)(?P=by)(?P<new>(?:\\.|(?!(?P=by)).)*)(?P=by)(?P<how>\w*)", re.S
)


def names(arguments: str) -> list[str]:
    return [quoted or bare for quoted, bare in re.findall(r'"([^"]*)"|([^\s,"]+)', arguments)]


def span(text: str, what: str) -> int:
    """Seconds."""
    match = re.fullmatch(r"(\d+)(s|m|h|d)?(?:ec|in|r|ay)?s?", text)
    if match is None:
        raise BadSearch(f"Error in '{what}' command: The value for option span ({text}) is invalid.")
    return int(match[1]) * UNITS[match[2] or "s"]


def floored(value: str, seconds: int) -> str:
    return str(int(float(value)) // seconds * seconds)


def _fields(rows: list[Row], arguments: str, dialect: Dialect) -> list[Row]:
    """_time and _raw stay, other internal fields have to be named (measured)."""
    given = names(arguments)
    if given[:1] == ["-"]:
        return [{name: row[name] for name in row if not _any(name, given[1:])} for row in rows]
    wanted = KEPT | set(given) - {"+"}
    if any("*" in name for name in wanted):
        return [{name: row[name] for name in row if _any(name, list(wanted))} for row in rows]
    return [{name: row[name] for name in wanted if name in row} for row in rows]


def _any(name: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(name, one) for one in patterns)


def _table(rows: list[Row], arguments: str, dialect: Dialect) -> list[Row]:
    given = names(arguments)
    return [{name: row[name] for name in given if name in row} for row in rows]


def _head(rows: list[Row], arguments: str, dialect: Dialect) -> list[Row]:
    return rows[: int(moment(arguments or "10", "head"))]


def _sort(rows: list[Row], arguments: str, dialect: Dialect) -> list[Row]:
    """10,000 rows as it comes (documented); 0 is all of them."""
    most = re.match(r"\d+(?=\s)", arguments)
    for word in reversed(names(arguments)):
        if not word.isdigit() and word not in "+-":
            name = word.lstrip("+-")
            rows = sorted(rows, key=lambda row: _order(row.get(name, "")), reverse=word.startswith("-"))
    return rows[: (int(most[0]) if most else 10_000) or None]


def _order(value: Value) -> tuple[int, float, str]:
    amount = number(value)
    return (1, 0.0, str(value)) if amount is None else (0, float(amount), "")


def _search(rows: list[Row], arguments: str, dialect: Dialect) -> list[Row]:
    conditions = parse(arguments)
    return [row for row in rows if conditions.test(_Seen(row))]  # type: ignore[arg-type]


@dataclass(frozen=True)
class _Seen:
    row: Row

    @property
    def raw(self) -> str:
        return str(self.row.get("_raw", ""))


def _eval(rows: list[Row], arguments: str, dialect: Dialect) -> list[Row]:
    """One assignment after the other; null takes the field away."""
    steps, made = assignments(arguments, dialect), []
    for row in rows:
        new = dict(row)
        for name, expression in steps:
            value = _value(expression(new))
            if value is None:
                new.pop(name, None)
            else:
                new[name] = value
        made.append(new)
    return made


def _value(value: Any) -> Value | None:
    if isinstance(value, bool):
        raise BadSearch(
            "Error in 'EvalCommand': Fields cannot be assigned a boolean result. "
            "Instead, try if([bool expr], [expr], [expr])."
        )
    return value if value is None or isinstance(value, list) else shown(value)


def _where(rows: list[Row], arguments: str, dialect: Dialect) -> list[Row]:
    test = condition(arguments, dialect)
    return [row for row in rows if true(test(row))]


def _rex(rows: list[Row], arguments: str, dialect: Dialect) -> list[Row]:
    match = re.fullmatch(
        r'(?:field=(?P<field>[\w."]+)\s+)?(?P<sed>mode=sed\s+)?(?P<text>"(?:[^"\\]|\\.)*")', arguments, re.S
    )
    if match is None:
        raise BadSearch("Error in 'rex' command: The regex is missing, or an argument is not emulated.")
    field, text = (match["field"] or "_raw").strip('"'), unquoted(match["text"])
    return _sed(rows, field, text, dialect) if match["sed"] else _extract(rows, field, text, dialect)


def _sed(rows: list[Row], field: str, text: str, dialect: Dialect) -> list[Row]:
    match = SED.fullmatch(text)
    if match is None or match["how"] not in ("", "g"):
        raise BadSearch(f"Error in 'rex' command: Failed to initialize sed. {text[:80]}")
    by, most = match["by"], 0 if match["how"] else 1
    old, new = (match[part].replace(f"\\{by}", by) for part in ("old", "new"))
    return [row | {field: _each(row[field], old, new, most, dialect)} if field in row else row for row in rows]


def _each(value: Value, old: str, new: str, most: int, dialect: Dialect) -> Value:
    if isinstance(value, list):
        return [replaced(dialect, one, old, new, most) for one in value]
    return replaced(dialect, value, old, new, most)


def _extract(rows: list[Row], field: str, text: str, dialect: Dialect) -> list[Row]:
    found = pcre(text)
    if not found.groupindex:
        raise BadSearch("Error in 'rex' command: The regex does not extract anything. It should specify a named group.")
    made = []
    for row in rows:
        match = found.search(dialect.seen(shown(row.get(field, ""))))
        groups = match.groupdict() if match else {}
        made.append(row | {name: dialect.back(value) for name, value in groups.items() if value is not None})
    return made


def _bin(rows: list[Row], arguments: str, dialect: Dialect) -> list[Row]:
    match = re.search(r"span=(\w+)", arguments)
    given = [name for name in names(re.sub(r"span=\w+|\bAS\s+\S+", "", arguments)) if name]
    if match is None or len(given) != 1:
        raise BadSearch("Error in 'bin' command: The argument is not emulated.")
    seconds, name = span(match[1], "bin"), given[0]
    other = re.search(r"\bAS\s+(\S+)", arguments, re.IGNORECASE)
    target = other[1] if other else name
    return [row | {target: floored(str(row[name]), seconds)} if name in row else row for row in rows]


def _dedup(rows: list[Row], arguments: str, dialect: Dialect) -> list[Row]:
    """The first ones of each value; rows without the field go (documented)."""
    most = re.match(r"(\d+)\s", arguments)
    given, seen, kept = names(arguments[most.end() if most else 0 :]), dict[tuple[str, ...], int](), []
    for row in rows:
        if all(name in row for name in given):
            key = tuple(str(row[name]) for name in given)
            seen[key] = seen.get(key, 0) + 1
            if seen[key] <= (int(most[1]) if most else 1):
                kept.append(row)
    return kept


def _fillnull(rows: list[Row], arguments: str, dialect: Dialect) -> list[Row]:
    match = re.match(r'value=("[^"]*"|\S+)\s*', arguments)
    value = match[1].strip('"') if match else "0"
    given = names(arguments[match.end() if match else 0 :]) or list(dict.fromkeys(name for row in rows for name in row))
    return [{**dict.fromkeys(given, value), **row} for row in rows]


def _spath(rows: list[Row], arguments: str, dialect: Dialect) -> list[Row]:
    """All fields, or one path."""
    options = dict(re.findall(r'(input|output|path)="?([^"\s]+)"?', arguments))
    if rest := re.sub(r'(?:input|output|path)="?[^"\s]+"?\s*', "", arguments).strip():
        options["path"] = rest
    made = []
    for row in rows:
        found = json_fields(shown(row.get(options.get("input", "_raw"), "")))
        if path := options.get("path"):
            found = {options.get("output", path): found[path]} if path in found else {}
        made.append(row | found)
    return made


def _rename(rows: list[Row], arguments: str, dialect: Dialect) -> list[Row]:
    pairs = re.findall(r'"?([\w.]+)"?\s+AS\s+"?([\w.]+)"?', arguments, re.IGNORECASE)
    new = dict(pairs)
    return [{new.get(name, name): value for name, value in row.items()} for row in rows]


LATER: dict[str, Callable[[list[Row], str, Dialect], list[Row]]] = {
    "search": _search,
    "fields": _fields,
    "stats": stats,
    "eventstats": eventstats,
    "table": _table,
    "head": _head,
    "sort": _sort,
    "eval": _eval,
    "where": _where,
    "rex": _rex,
    "bin": _bin,
    "bucket": _bin,
    "dedup": _dedup,
    "fillnull": _fillnull,
    "spath": _spath,
    "rename": _rename,
}
