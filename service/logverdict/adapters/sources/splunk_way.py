"""The way back to the entries of a template: conditions of a search that all of them meet, and few others."""

import re
from collections.abc import Iterator, Sequence

from logverdict.adapters.sources.links import Link, Target, link
from logverdict.adapters.sources.splunk_guard import guarded
from logverdict.adapters.sources.splunk_search import Namespace, build
from logverdict.adapters.sources.wording import Chunk, apart, lines
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.profile import SourceSpec
from logverdict.domain.result import WayBack
from logverdict.domain.window import Window

MOST_WORDS = 8
LEAST = 2
# Splunk finds words between its breakers, of which `.` and `-` are two, so these may stand beside a mask.
WORD = re.compile(r"[A-Za-z0-9_]+(?:[.-][A-Za-z0-9_]+)*")
ESCAPES = {sign: (f"u{ord(sign):04x}",) for sign in "=<>&'\"+`"}
"""A message in JSON: some writers escape these signs, and the escape is glued to the word that follows."""
TAB, START = ("t",), ("n", "t")
Word = tuple[str, tuple[str, ...]]
"""And what may be glued to its front."""


def way_back(spec: SourceSpec, template: str, span: Window, default: Namespace, by: Link | None) -> WayBack:
    """Where the template has no word that is certain, the query is the source's own. Raises InvalidRequest."""
    said, details = apart(template, spec.fields.named_details)
    query = _query(spec.query, [*lines(said), *(line for _, value in details for line in lines(f"={value}"))])
    return WayBack(spec.name, query, link(_target(spec, query, span, default), by), span)


def _query(own: str, found: Sequence[Sequence[Chunk]]) -> str:
    words = _chosen([word for line in found for word in _words(line)])
    while words:
        text = " ".join(words)
        try:
            return guarded("query", text if own.strip() == "*" else f"({own}) {text}")
        except InvalidRequest:  # too long together with the source's own
            words.pop()
    return own


def _chosen(words: Sequence[Word]) -> list[str]:
    """The longest words, as conditions, in the order of the message."""
    distinct = dict[str, Word]()
    for word in words:
        distinct.setdefault(word[0].lower(), word)
    kept = sorted(distinct, key=len, reverse=True)[:MOST_WORDS]
    return [_condition(*distinct[name]) for name in distinct if name in kept]


def _condition(word: str, glued: Sequence[str]) -> str:
    forms = [f'"{before}{word}"' for before in ("", *glued)]
    return f"({' OR '.join(forms)})" if glued else forms[0]


def _words(line: Sequence[Chunk]) -> Iterator[Word]:
    """Words, and what may be glued to the front of each where the message is in JSON: a blank may be a tab, and what
    a line begins with is cut off its template."""
    for number, chunk in enumerate(line):
        gap = TAB if number else START
        for match in WORD.finditer(chunk.text):
            before, after = chunk.text[: match.start()][-1:], chunk.text[match.end() :][:1]
            if len(match[0]) < LEAST or _glued(before) or _glued(after) or (chunk.coloured and not before):
                continue
            yield match[0], ESCAPES.get(before, ()) if before else gap


def _glued(sign: str) -> bool:
    """Whether the sign may make one word of itself and its neighbour, or be written in another way."""
    return bool(sign) and not (sign.isascii() and sign.isprintable())


def _target(spec: SourceSpec, query: str, span: Window, default: Namespace) -> Target:
    search = build(SourceSpec(spec.name, spec.connection, query, options=spec.options), default)
    return Target(search.pull[: search.pull.rindex(" | fields ")], span, ",".join(search.indexes), search.namespace.app)
