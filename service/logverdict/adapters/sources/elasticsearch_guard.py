"""Which query strings may be sent: no leading wildcards, no regular expressions, no field patterns, no great size."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from logverdict.domain.errors import InvalidRequest

LONGEST = 4_000
MOST_TERMS = 200
MOST_WILDCARDS = 20
DEEPEST = 20
FIRST_LETTERS = 2
"""That stand before a wildcard: what starts with one letter is nearly everything."""

TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<quoted>"(?:\\.|[^"\\])*")
  | (?P<range>[\[{]\s*(?:"(?:\\.|[^"\\])*"|[^\s"\[\]{}()]+)\s+TO\s+(?:"(?:\\.|[^"\\])*"|[^\s"\[\]{}()]+)\s*[\]}])
  | (?P<open>\()
  | (?P<close>\))
  | (?P<operator>&&|\|\||[+!-](?=\S)|[<>]=?)
  | (?P<field>(?:\\.|[^\s:"()\[\]{}/\\^~<>!&|+-])(?:\\.|[^\s:"()\[\]{}/\\^~])*\s*:)
  | (?P<regex>/)
  | (?P<boost>[\^~]\d*(?:\.\d+)?)
  | (?P<term>(?:\\.|[^\s:"()\[\]{}/\\^~])(?:\\.|[^\s:"()\[\]{}/\\^~])*)
    """,
    re.VERBOSE | re.DOTALL,
)
WORDS = frozenset({"AND", "OR", "NOT"})


@dataclass(frozen=True, slots=True)
class Guarded:
    """A query string that was let through, and the fields that it names."""

    text: str
    fields: tuple[str, ...]


def guard(text: str) -> Guarded:
    """Raises InvalidRequest for what could hurt the server, or what it could not understand."""
    _check_text(text)
    fields, terms, wild, depth = list[str](), 0, 0, 0
    for kind, token in _tokens(text):
        depth += (kind == "open") - (kind == "close")
        if not 0 <= depth <= DEEPEST:
            raise _refused("closes more parentheses than it opens" if depth < 0 else f"is nested over {DEEPEST} deep")
        if kind == "field":
            fields.append(_field(token))
        elif kind in ("term", "range", "quoted") and token not in WORDS:
            terms += 1
            wild += _wildcards(token) if kind != "quoted" else 0
        elif kind == "regex":
            raise _refused(r"holds a regular expression; write \/ for a slash, or quote the text")
    if depth:
        raise _refused("leaves a parenthesis open")
    if terms > MOST_TERMS or wild > MOST_WILDCARDS:
        raise _refused(f"is too large; allowed: up to {MOST_TERMS} terms, {MOST_WILDCARDS} of them with wildcards")
    return Guarded(text, tuple(dict.fromkeys(fields)))


def _check_text(text: str) -> None:
    if not text.strip():
        raise _refused("is empty; write * for all entries")
    if len(text) > LONGEST:
        raise _refused(f"is too long; allowed: up to {LONGEST:,} characters")
    if any(sign < " " and sign not in "\t\n\r" for sign in text):
        raise _refused("holds control characters; allowed: text")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise _refused(f"is not understood at {text[at : at + 20]!r}; quote text that holds signs")
        if match.lastgroup != "space":
            yield match.lastgroup, match.group()
        at = match.end()


def _field(token: str) -> str:
    name = token[:-1].rstrip()
    if name == "*":
        return name
    if re.search(r"(?<!\\)[*?]", name) or r"\*" in name or r"\?" in name:
        raise _refused(f"{name[:60]!r} is a pattern of field names; write each field")
    if name.startswith("_") and name != "_exists_":
        raise _refused(f"{name[:60]!r} is a field of the system; allowed: fields of entries, _exists_")
    return re.sub(r"\\(.)", r"\1", name)


def _wildcards(token: str) -> int:
    """1 for a term with wildcards; raises for one that starts with them. `*` alone is cheap: the field is there."""
    first = re.search(r"(?<!\\)[*?]", token)
    if first is None or token in ("*", "*]", "*}") or token[0] in "[{":
        return 0
    if first.start() < FIRST_LETTERS:
        raise _refused(f"{token[:60]!r} starts with a wildcard; allowed: {FIRST_LETTERS} characters or more before it")
    return 1


def _refused(fault: str) -> InvalidRequest:
    return InvalidRequest("query", fault)
