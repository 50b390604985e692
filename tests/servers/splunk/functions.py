"""The functions of `eval`, and how its values are compared, counted and shown."""

import functools
import json
import math
import re
import urllib.parse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any as AnyValue

from servers.splunk.conditions import BadSearch

Any = AnyValue
"""None, a truth, a number, a text, or a list of texts."""
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)


@dataclass(frozen=True)
class Dialect:
    """What may differ between servers, or is not told: whether expressions see bytes or characters, whether null makes
    null of all that it is joined with by OR, AND or NOT; which commands and functions are missing."""

    in_bytes: bool = False
    strict_nulls: bool = False
    missing: frozenset[str] = frozenset()

    def seen(self, text: str) -> str:
        """The text as expressions and lengths see it: one sign a character, or one a byte."""
        return text.encode().decode("latin-1") if self.in_bytes else text

    def back(self, text: str) -> str:
        return text.encode("latin-1").decode(errors="replace") if self.in_bytes else text


def true(value: Any) -> bool:
    return value is True


def number(value: Any) -> float | int | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and NUMBER.fullmatch(value.strip()):
        return float(value)
    return None


def shown(value: Any) -> str:
    """A value as text: whole numbers without a point."""
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    return str(value)


def order(one: Any, other: Any) -> tuple[Any, Any]:
    """As numbers when both are, else as texts."""
    first, second = number(one), number(other)
    return (shown(one), shown(other)) if first is None or second is None else (first, second)


def equal(one: Any, other: Any) -> bool:
    """A field of several values is equal when one of them is."""
    for left in one if isinstance(one, list) else [one]:
        for right in other if isinstance(other, list) else [other]:
            first, second = order(left, right)
            if first == second:
                return True
    return False


@functools.lru_cache(maxsize=1_000)
def pcre(text: str) -> re.Pattern[str]:
    """Perl's way, without Unicode's classes; what the two write differently is translated or refused."""
    if re.search(r"\(\?\||\\[hHKRXzGQE]|\(\?\(DEFINE", text):
        raise BadSearch(f"Error in 'rex' command: the expression '{text[:80]}' is not emulated.")
    try:
        return re.compile(re.sub(r"\(\?<(?![=!])", "(?P<", text), re.ASCII)
    except re.error as fault:
        raise BadSearch(f"Error in 'rex' command: Encountered the following error while compiling: {fault}") from None


def replaced(dialect: Dialect, text: str, expression: str, new: str, most: int = 0) -> str:
    """\\1 stands for a group, for nothing where the group took no part."""

    def put(found: re.Match[str]) -> str:
        return re.sub(r"\\(\d)", lambda number: found[int(number[1])] or "", dialect.seen(new))

    return dialect.back(pcre(dialect.seen(expression)).sub(put, dialect.seen(text), most))


def _if(row: Any, given: Sequence[Callable[[Any], Any]]) -> Any:
    if len(given) != 3:
        raise BadSearch("Error in 'EvalCommand': The arguments to the 'if' function are invalid.")
    return given[1](row) if true(given[0](row)) else given[2](row)


def _case(row: Any, given: Sequence[Callable[[Any], Any]]) -> Any:
    for test, value in zip(given[::2], given[1::2], strict=True):
        if true(test(row)):
            return value(row)
    return None


def _coalesce(row: Any, given: Sequence[Callable[[Any], Any]]) -> Any:
    return next((value for one in given if (value := one(row)) is not None), None)


LAZY: dict[str, Callable[[Any, Sequence[Callable[[Any], Any]]], Any]] = {
    "if": _if,
    "case": _case,
    "coalesce": _coalesce,
}


def _match(dialect: Dialect, value: Any, expression: str) -> Any:
    if value is None:
        return None
    found = pcre(dialect.seen(expression))
    return any(found.search(dialect.seen(shown(one))) for one in (value if isinstance(value, list) else [value]))


def _like(dialect: Dialect, value: Any, wanted: str) -> Any:
    pattern = "".join({"%": "(?s:.*)", "_": "(?s:.)"}.get(sign, re.escape(sign)) for sign in wanted)
    return None if value is None else re.fullmatch(pattern, shown(value)) is not None


def _substr(dialect: Dialect, value: Any, start: float, length: float | None = None) -> Any:
    """From 1 on; from the end for a negative start."""
    if value is None:
        return None
    text = dialect.seen(shown(value))
    begin = int(start) - 1 if start > 0 else max(0, len(text) + int(start))
    return dialect.back(text[begin : None if length is None else begin + int(length)])


def _mvindex(dialect: Dialect, value: Any, first: float, last: float | None = None) -> Any:
    if value is None:
        return None
    values = value if isinstance(value, list) else [value]
    if last is None:
        return values[int(first)] if -len(values) <= first < len(values) else None
    return values[int(first) : (int(last) + 1) or None] or None


def _json_valid(dialect: Dialect, value: Any) -> Any:
    """More lenient than we are: NaN and halves of surrogates pass, as they may on a server."""
    try:
        json.loads(shown(value), strict=False)
    except ValueError:
        return False
    return True


def _round(dialect: Dialect, value: Any, digits: float = 0) -> Any:
    """Halves go away from zero."""
    amount = number(value)
    if amount is None:
        return None
    scale = 10 ** int(digits)
    return math.copysign(math.floor(abs(amount) * scale + 0.5), amount) / scale


def _of_number(function: Callable[[float], Any]) -> Callable[..., Any]:
    return lambda dialect, value: None if (amount := number(value)) is None else function(amount)


def _of_text(function: Callable[[str], Any]) -> Callable[..., Any]:
    return lambda dialect, value: None if value is None else function(shown(value))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "true": lambda dialect: True,
    "false": lambda dialect: False,
    "null": lambda dialect: None,
    "isnull": lambda dialect, value: value is None,
    "isnotnull": lambda dialect, value: value is not None,
    "match": _match,
    "like": _like,
    "replace": lambda dialect, value, old, new: None if value is None else replaced(dialect, shown(value), old, new),
    "substr": _substr,
    "len": lambda dialect, value: None if value is None else len(dialect.seen(shown(value))),
    "lower": _of_text(str.lower),
    "upper": _of_text(str.upper),
    "trim": _of_text(str.strip),
    "tostring": _of_text(str),
    "urldecode": _of_text(urllib.parse.unquote),
    "tonumber": lambda dialect, value: number(value),
    "floor": _of_number(math.floor),
    "ceiling": _of_number(math.ceil),
    "ceil": _of_number(math.ceil),
    "abs": _of_number(abs),
    "round": _round,
    "mvcount": lambda dialect, value: None if value is None else len(value) if isinstance(value, list) else 1,
    "mvindex": _mvindex,
    "mvjoin": lambda dialect, value, glue: glue.join(value) if isinstance(value, list) else value,
    "json_valid": _json_valid,
}
