"""Messages that are JSON or logfmt, or end in JSON, by field: the order of fields and blanks between them count not."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from logverdict.analysis.essence import essence
from logverdict.analysis.key_words import ATTEMPTS

Mask = Callable[[str], str]

_TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|([{}\[\]:,])|([^\s{}\[\],:"]+))', re.DOTALL)
_NAME = r"[A-Za-z_@][\w.@/-]*"
_PAIR = re.compile(rf'({_NAME})=("(?:[^"\\]|\\.)*"|[^\s"]*)(?:\s+|$)', re.ASCII)
_TAIL = re.compile(r"\s(?=\{\s*\")")
"""Where the fields of a message begin that stand behind its text, as some loggers write them for people."""
LEAST_PAIRS = 3
"""Pairs of a logfmt message, at least: two of them may be a sentence."""
MAX_DEPTH = 20
_PEOPLE = re.compile(
    r"(?i)(?:.*[._-])?(?:user|uid|login|session|request|trace|span|token|e?mail|account|customer|tenant|ip|addr|address"
    r"|host|node|pod|instance|id|uuid|guid)(?:[._-]?(?:name|id|ip|uid))?|(?-i:.*[a-z]I[dD])"
)
"""Names of fields whose values vary by nature, whatever they look like."""
_PLACES = re.compile(
    r"(?i)(?:.*[._-])?(?:caller|file|source|logger|class|module|func|function|method|path|route|uri|endpoint|handler"
    r"|thread|component)"
)
"""Names of fields whose values say where: a digit in them does not make them a value."""
_STACKS = re.compile(r"(?i)(?:.*[._-])?(?:stack_?trace|exc_info|traceback|backtrace|stack)")
"""Names of fields that hold a stack trace, whose lines are told from each other by `\\n`."""
_TALLIES = re.compile(r"(?i).*(?:errors?|failures?|failed|exceptions?|warnings?)")
_ATTEMPTS = re.compile(rf"(?i)(?:.*[.-])?(?:{ATTEMPTS})")
_KEPT = re.compile(r"([0-9]{1,3})#")
_SIGNS = re.compile(r"[^A-Za-z\"]*")


class _Broken(Exception):
    """It is no JSON after all."""


def shaped(text: str, mask: Mask) -> str | None:
    """The message with its fields sorted by name and their values masked (sentences by `mask`); None for one that is
    neither JSON nor logfmt and does not end in JSON. What is cut at its end counts as far as it goes."""
    found = parts(text)
    if found is None:
        head, fields = _behind(text)
        return f"{mask(head)} {_object(fields, mask)}" if fields else None
    if isinstance(found, dict):
        return _object(found, mask)
    pairs = sorted({f"{name}={_value(name, value, mask)}" for name, value in found})
    return " ".join(pairs)


def parts(text: str) -> "dict[str, object] | list[tuple[str, str]] | None":
    """The fields of a JSON object, or the pairs of logfmt."""
    if text.lstrip()[:1] == "{":
        try:
            found = _Json(text).whole()
        except _Broken:
            return None
        return found or None
    if _PAIR.match(text) is None:
        return None
    pairs, at = list[tuple[str, str]](), 0
    while at < len(text):
        pair = _PAIR.match(text, at)
        if pair is None:
            return None
        pairs.append((pair[1], pair[2]))
        at = pair.end()
    return pairs if len(pairs) >= LEAST_PAIRS else None


def _behind(text: str) -> tuple[str, dict[str, object]]:
    """The text of a message of one line, and the JSON object behind it, empty without one."""
    place = _TAIL.search(text)
    if place is None or "\n" in text or not text[: place.start()].strip():
        return text, {}
    try:
        return text[: place.start()], _Json(text, place.end()).whole()
    except _Broken:
        return text, {}


def pieces(template: str) -> list[str] | None:
    """The fields of a template that `shaped` made, each as it stands in an entry: in what order is not known. The text
    before them is one more."""
    found = parts(template)
    if found is None:
        head, fields = _behind(template)
        return [head, *_leaves(fields)] if fields else None
    return list(_leaves(found)) if isinstance(found, dict) else [f"{name}={value}" for name, value in found]


def _leaves(value: object, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for inner, one in value.items():
            yield from _leaves(one, f'"{inner}"')
    elif isinstance(value, list):
        yield from (leaf for one in value for leaf in _leaves(one, name))
    else:
        yield name
        yield str(value)


def _object(found: "dict[str, object]", mask: Mask) -> str:
    fields = sorted({f'"{_name(name)}":{_any(name, value, mask)}' for name, value in found.items()})
    return f"{{{', '.join(fields)}}}"


def _any(name: str, value: object, mask: Mask) -> str:
    if isinstance(value, dict):
        return _object(value, mask)
    if isinstance(value, list):
        return f"[{', '.join(dict.fromkeys(_any(name, one, mask) for one in value))}]"
    return _value(name, str(value), mask)


def _name(name: str) -> str:
    return "<str>" if "#" in name else name


def _value(name: str, value: str, mask: Mask) -> str:
    """`value` as it is written, with its quotes."""
    quote = '"' if value[:1] == '"' else ""
    inner = value[1:-1] if quote else value
    kept = _KEPT.fullmatch(inner)
    if kept:
        return f"{quote}{_number(name, kept[1])}{quote}"
    if "\\n" in inner and _STACKS.fullmatch(name):
        lines = inner.replace('\\"', '"').replace("\\t", "\t").replace("\\n", "\n")
        return f"{quote}{mask(essence(lines).replace(chr(34), chr(39)))}{quote}"
    if _PEOPLE.fullmatch(name) and not _STACKS.fullmatch(name):
        return f"{quote}<val>{quote}" if inner else value
    return f"{quote}{_text(name, inner, mask)}{quote}"


def _number(name: str, number: str) -> str:
    if _TALLIES.fullmatch(name) and number.strip("0"):
        return "<some>"
    return "<num>" if len(number) > 1 and _ATTEMPTS.fullmatch(name) else number


def _text(name: str, text: str, mask: Mask) -> str:
    if " " in text.strip():
        return mask(text.replace('\\"', "'"))
    if "#" not in text:
        return text
    if _PLACES.fullmatch(name):
        return re.sub(r"#(?:[.:]#)*", "<num>", text)
    return "<num>" if _SIGNS.fullmatch(text) else "<str>"


@dataclass
class _Json:
    """Reads one object of a key, whose numbers are no JSON any more; raises _Broken."""

    text: str
    at: int = 0

    def whole(self) -> dict[str, object]:
        found = self._value(0)
        if not isinstance(found, dict) or self.text[self.at :].strip():
            raise _Broken
        return found

    def _next(self) -> str:
        """The next token; "" at the end."""
        token = _TOKEN.match(self.text, self.at)
        if token is None:  # the rest is blank, or a text that is cut
            self.at = len(self.text)
            return ""
        self.at = token.end()
        return token[token.lastindex or 0]

    def _value(self, depth: int) -> object:
        token = self._next()
        if depth > MAX_DEPTH or token in ("}", "]", ":", ","):
            raise _Broken
        if token == "{":
            return self._inside(depth)
        return self._list(depth) if token == "[" else token

    def _inside(self, depth: int) -> dict[str, object]:
        found = dict[str, object]()
        name = self._next()
        while name not in ("}", ""):
            if name[0] != '"' or self._next() not in (":", ""):
                raise _Broken
            value = self._value(depth + 1)
            if value != "":
                found[name[1:-1]] = value
            sign = self._next()
            if sign not in (",", "}", ""):
                raise _Broken
            name = self._next() if sign == "," else sign
        return found

    def _list(self, depth: int) -> list[object]:
        found = list[object]()
        before = self.at
        if self._next() == "]":
            return found
        self.at = before
        sign = ","
        while sign == ",":
            found.append(self._value(depth + 1))
            sign = self._next()
        if sign not in ("]", ""):
            raise _Broken
        return found
