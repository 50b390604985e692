"""The conditions of the `search` command: words, phrases, field=value, IN, NOT, OR (binds more than AND), brackets."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from servers.splunk.events import Event

Test = Callable[[Event], bool]
TOKEN = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|(!=|<=|>=|=|<|>|\(|\)|,)|([^\s"()=<>!,]+|!))', re.DOTALL)
OPERATORS = {"=", "!=", "<=", ">=", "<", ">"}
TIMES = {"earliest", "latest"}


class BadSearch(Exception):
    """The text of a FATAL message with status 400."""


@dataclass
class Conditions:
    """`times` are time modifiers in the search itself: they win over the request's (documented)."""

    test: Test
    times: dict[str, float] = field(default_factory=dict)


def parse(text: str) -> Conditions:
    parser = _Parser(_tokens(text))
    return Conditions(parser.everything(), parser.times)


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise BadSearch("Unbalanced quotes.")  # wording unverified
        kind = ("text", "sign", "word")[match.lastindex - 1]
        value = match[match.lastindex]
        found.append((kind, re.sub(r"\\(.)", r"\1", value) if kind == "text" else value))
        at = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens, self._at = tokens, 0
        self.times: dict[str, float] = {}

    def everything(self) -> Test:
        test = self._and() if self._tokens else lambda event: True
        if self._at < len(self._tokens):
            raise BadSearch("Unable to parse the search: unbalanced parentheses.")
        return test

    def _peek(self, ahead: int = 0) -> tuple[str, str]:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else ("end", "")

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        self._at += 1
        return token

    def _and(self) -> Test:
        tests = [self._or()]
        while self._peek()[0] != "end" and self._peek() != ("sign", ")"):
            if self._peek() == ("word", "AND"):
                self._next()
            tests.append(self._or())
        return tests[0] if len(tests) == 1 else lambda event: all(test(event) for test in tests)

    def _or(self) -> Test:
        tests = [self._not()]
        while self._peek() == ("word", "OR"):
            self._next()
            tests.append(self._not())
        return tests[0] if len(tests) == 1 else lambda event: any(test(event) for test in tests)

    def _not(self) -> Test:
        if self._peek() == ("word", "NOT"):
            self._next()
            test = self._not()
            return lambda event: not test(event)
        if self._peek() == ("sign", "("):
            self._next()
            test = self._and()
            if self._next() != ("sign", ")"):
                raise BadSearch("Unable to parse the search: unbalanced parentheses.")
            return test
        return self._term()

    def _term(self) -> Test:
        kind, value = self._next()
        if kind not in ("text", "word") or (kind == "word" and value in ("OR", "AND")):
            raise BadSearch(f"Error in 'search' command: Unable to parse the search: unexpected '{value}'.")
        if self._peek()[1] in OPERATORS and self._peek()[0] == "sign":
            operator = self._next()[1]
            return self._compare(value, operator, self._next()[1])
        if self._peek() == ("word", "IN") and self._peek(1) == ("sign", "("):
            self._at += 2
            return self._in(value)
        return _contains(value)

    def _in(self, name: str) -> Test:
        values = []
        while self._peek()[1] != ")":
            kind, value = self._next()
            if kind == "end":
                raise BadSearch("Unable to parse the search: unbalanced parentheses.")
            if (kind, value) != ("sign", ","):
                values.append(value)
        self._next()
        tests = [_equals(name, value) for value in values]
        return lambda event: any(test(event) for test in tests)

    def _compare(self, name: str, operator: str, value: str) -> Test:
        if name in TIMES and operator == "=":
            self.times[name] = moment(value, name)
            return lambda event: True
        equal = _equals(name, value)
        if operator == "=":
            return equal
        if operator == "!=":
            return lambda event: name in event.row and not equal(event)
        return _ordered(name, operator, value)


def moment(value: str, name: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise BadSearch(f"Invalid {name}_time.") from None  # wording unverified


@lru_cache(maxsize=1_000)
def pattern(value: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, value.split("*"))), re.IGNORECASE | re.DOTALL)


def _equals(name: str, value: str) -> Test:
    """Values are compared without case, * stands for any text and can't be escaped (documented)."""
    wanted = pattern(value)

    def test(event: Event) -> bool:
        found = event.row.get(name, [])
        return any(wanted.fullmatch(one) for one in ([found] if isinstance(found, str) else found))

    return test


def _ordered(name: str, operator: str, value: str) -> Test:
    def test(event: Event) -> bool:
        try:
            left, right = float(str(event.row[name])), float(value)
        except (KeyError, ValueError):
            return False
        return {"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}[operator]

    return test


def _contains(value: str) -> Test:
    if value == "*":
        return lambda event: True
    words = r"[^\s]*".join(map(re.escape, value.split("*")))
    wanted = re.compile(rf"(?<![A-Za-z0-9]){words}(?![A-Za-z0-9])", re.IGNORECASE)
    return lambda event: wanted.search(event.raw) is not None
