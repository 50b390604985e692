"""The expressions of `eval` and `where`: an own reading of their rules, compiled to functions of a row."""

import re
from collections.abc import Callable

from servers.splunk.conditions import BadSearch
from servers.splunk.events import Value
from servers.splunk.functions import FUNCTIONS, LAZY, Any, Dialect, equal, number, order, shown, true

Row = dict[str, Value]
Of = Callable[[Row], Any]
TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<field>'[^']*')|(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)"""
    r"""|(?P<sign>==|!=|<=|>=|[-=<>(),.+*/%]))""",
    re.DOTALL | re.ASCII,
)
COMPARE = {"=": "=", "==": "=", "!=": "!=", "<": "<", ">": ">", "<=": "<=", ">=": ">="}
Token = tuple[str, str]


def unquoted(text: str) -> str:
    """What a text in double quotes means: only quotes and backslashes are escaped, any other backslash stands."""
    return re.sub(r'\\(["\\])', r"\1", text[1:-1])


def tokens(text: str) -> list[Token]:
    found, at = list[Token](), 0
    text = text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise BadSearch("Error in 'EvalCommand': The expression is malformed.")
        found.append((str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return found


def assignments(text: str, dialect: Dialect) -> list[tuple[str, Of]]:
    parser = _Parser(tokens(text), dialect)
    found = []
    while True:
        kind, name = parser.next()
        if kind not in ("name", "field", "text") or parser.next() != ("sign", "="):
            raise BadSearch("Error in 'EvalCommand': The expression is malformed. An unexpected character is reached.")
        found.append((name.strip("'\""), parser.expression()))
        kind, sign = parser.next()
        if kind == "end":
            return found
        if sign != ",":
            raise BadSearch(f"Error in 'EvalCommand': The expression is malformed. Expected ), at '{sign}'.")


def condition(text: str, dialect: Dialect) -> Of:
    parser = _Parser(tokens(text), dialect)
    found = parser.expression()
    if parser.next()[0] != "end":
        raise BadSearch("Error in 'where' command: The expression is malformed.")
    return found


class _Parser:
    """OR, XOR < AND < NOT < comparison < + - . < * / % < sign."""

    def __init__(self, given: list[Token], dialect: Dialect) -> None:
        self._tokens, self._at, self._dialect = given, 0, dialect

    def next(self) -> Token:
        token = self._peek()
        self._at += 1
        return token

    def _peek(self) -> Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _word(self, *words: str) -> str:
        kind, text = self._peek()
        if kind == "name" and text.upper() in words:
            self._at += 1
            return text.upper()
        return ""

    def expression(self) -> Of:
        left = self._and()
        while word := self._word("OR", "XOR"):
            left = _joined(left, self._and(), word, self._dialect)
        return left

    def _and(self) -> Of:
        left = self._not()
        while self._word("AND"):
            left = _joined(left, self._not(), "AND", self._dialect)
        return left

    def _not(self) -> Of:
        if self._word("NOT"):
            inner, strict = self._not(), self._dialect.strict_nulls
            return lambda row: None if (found := inner(row)) is None and strict else not true(found)
        return self._comparison()

    def _comparison(self) -> Of:
        left = self._sum()
        kind, sign = self._peek()
        if kind == "sign" and sign in COMPARE:
            self._at += 1
            return _compared(left, COMPARE[sign], self._sum())
        if self._word("LIKE"):
            right = self._sum()
            return lambda row: FUNCTIONS["like"](self._dialect, left(row), right(row))
        return left

    def _sum(self) -> Of:
        left = self._product()
        while self._peek() in (("sign", "+"), ("sign", "-"), ("sign", ".")):
            left = _calculated(left, self.next()[1], self._product())
        return left

    def _product(self) -> Of:
        left = self._unary()
        while self._peek() in (("sign", "*"), ("sign", "/"), ("sign", "%")):
            left = _calculated(left, self.next()[1], self._unary())
        return left

    def _unary(self) -> Of:
        if self._peek() == ("sign", "-"):
            self._at += 1
            inner = self._unary()
            return lambda row: None if (value := number(inner(row))) is None else -value
        return self._one()

    def _one(self) -> Of:
        kind, text = self.next()
        if kind == "text":
            value = unquoted(text)
            return lambda row: value
        if kind == "number":
            amount = float(text) if "." in text else int(text)
            return lambda row: amount
        if kind == "field":
            return _field(text[1:-1])
        if (kind, text) == ("sign", "("):
            inner = self.expression()
            self._close()
            return inner
        if kind == "name":
            if self._peek() == ("sign", "("):
                return self._call(text)
            return _field(text)
        raise BadSearch(f"Error in 'EvalCommand': The expression is malformed. An unexpected '{text}' is reached.")

    def _close(self) -> None:
        if self.next() != ("sign", ")"):
            raise BadSearch("Error in 'EvalCommand': The expression is malformed. Expected ).")

    def _call(self, name: str) -> Of:
        self._at += 1
        given: list[Of] = []
        while self._peek() != ("sign", ")"):
            given.append(self.expression())
            if self._peek() == ("sign", ","):
                self._at += 1
            elif self._peek() != ("sign", ")"):
                raise BadSearch(f"Error in 'EvalCommand': The arguments to the '{name}' function are invalid.")
        self._close()
        if name in LAZY:
            lazy = LAZY[name]
            return lambda row: lazy(row, given)
        if name not in FUNCTIONS or name in self._dialect.missing:
            raise BadSearch(f"Error in 'EvalCommand': The '{name}' function is unsupported or undefined.")
        function, dialect = FUNCTIONS[name], self._dialect
        return lambda row: function(dialect, *(one(row) for one in given))


def _field(name: str) -> Of:
    return lambda row: row.get(name)


def _joined(left: Of, right: Of, word: str, dialect: Dialect) -> Of:
    """The right side is not looked at where the left one decides."""

    def test(row: Row) -> Any:
        one = left(row)
        if true(one) == (word == "OR") and word != "XOR" and not (one is None and dialect.strict_nulls):
            return true(one)
        other = right(row)
        if dialect.strict_nulls and (one is None or other is None):
            return None
        return true(one) != true(other) if word == "XOR" else true(other)

    return test


def _compared(left: Of, sign: str, right: Of) -> Of:
    def test(row: Row) -> Any:
        one, other = left(row), right(row)
        if one is None or other is None:
            return None
        if sign in ("=", "!="):
            return equal(one, other) == (sign == "=")
        first, second = order(one, other)
        return {"<": first < second, ">": first > second, "<=": first <= second, ">=": first >= second}[sign]

    return test


def _calculated(left: Of, sign: str, right: Of) -> Of:
    def result(row: Row) -> Any:
        one, other = left(row), right(row)
        if one is None or other is None:
            return None
        if sign == ".":
            return shown(one) + shown(other)
        first, second = number(one), number(other)
        if first is None or second is None:
            # Two texts are put together by + too (documented).
            return shown(one) + shown(other) if sign == "+" else None
        return _arithmetic(first, sign, second)

    return result


def _arithmetic(first: float, sign: str, second: float) -> float | None:
    if sign in "/%" and second == 0:
        return None
    return {
        "+": lambda: first + second,
        "-": lambda: first - second,
        "*": lambda: first * second,
        "/": lambda: first / second,
        "%": lambda: first % second,
    }[sign]()
