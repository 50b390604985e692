"""The way back to the entries of a template: a query string that finds all of them, and few others."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from logverdict.adapters.sources.elasticsearch_guard import guard
from logverdict.adapters.sources.elasticsearch_options import parse_options
from logverdict.adapters.sources.elasticsearch_query import ALL
from logverdict.adapters.sources.links import Link, Target, link
from logverdict.adapters.sources.wording import HOLE, SIMPLE, Chunk, apart, by_field, headed, lines, runs
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.profile import SourceSpec
from logverdict.domain.result import WayBack
from logverdict.domain.window import Window

MOST_PHRASES = 12
LONGEST_PHRASE = 8
"""Chunks of it."""
ENOUGH = 3
"""Words between blanks that tell a message from others."""
WORD = re.compile(r"[^\W\d_]{3,}")
STOPPED = re.compile(
    r"a|an|and|are|as|at|be|but|by|for|if|in|into|is|it|no|not|of|on|or|such|that|the|their|then|there|these|they|this"
    r"|to|was|will|with",
    re.IGNORECASE,
)
"""Words that some analyzers leave out: nothing is found by them alone."""
# Signs at which analyzers separate words, whatever stands beside; `.`, `:`, `'`, `-` and `_` may join them.
APART = re.compile(r'["=()\[\]{}<>!?$^*+|~/\\&`,;]+')
LONGEST_PATTERN = 200
MOST_STARS = 8
SHORT_START = 40
"""Characters of a text before fields that stand before the words of each."""
LEAST_START = 2
"""Characters that the guard wants before a wildcard."""


def way_back(spec: SourceSpec, template: str, span: Window, by: Link | None) -> WayBack:
    """Where the template has no word that is certain, the query is the source's own. Raises InvalidRequest."""
    query = _query(spec.query, template, spec.fields.named_details)
    return WayBack(spec.name, query, link(_target(spec, query, span), by), span)


def _query(own: str, template: str, names: tuple[str, ...]) -> str:
    """What looks like details may stand in the message itself, or beside it."""
    said, details = apart(template, names)
    more = [
        " OR ".join(f'{_literal_field(name)}:"{value}"' for name in fields)
        for fields, value in details
        if SIMPLE.fullmatch(value)
    ]
    more = [f"({one})" if " OR " in one else one for one in more]
    ways = [_Way(_phrases(lines(said)), _pattern(said), more)] if said != template else []
    ways.append(_Way(_phrases(lines(template)), _pattern(template), []))
    while all(way.phrases for way in ways):
        found = " OR ".join(f"({way})" for way in ways) if len(ways) > 1 else str(ways[0])
        query = found if own.strip() in ALL else f"({own}) AND ({found})"
        try:
            return guard(query).text
        except InvalidRequest:  # too long or too many words together with the source's own
            max(ways, key=lambda way: len(way.phrases)).phrases.pop()
    return own


@dataclass
class _Way:
    """To messages that are text by their phrases, to those that are kept whole by a pattern, both by what is beside."""

    phrases: list[str]
    pattern: str
    more: list[str]

    def __str__(self) -> str:
        words = " AND ".join(self.phrases)
        found = f"({words}) OR {self.pattern}" if self.pattern else words
        return " AND ".join([f"({found})" if self.pattern else found, *self.more]) if self.more else found


def _phrases(template: Sequence[Sequence[Chunk]]) -> list[str]:
    """For messages that are text: words between blanks are words for every analyzer. Where they are few, words between
    other signs too."""
    found = [run[at : at + LONGEST_PHRASE] for line in template for run in runs(line) for at in _steps(run)]
    if sum(len(WORD.findall(chunk)) for run in found for chunk in run) < ENOUGH:
        found += [(word,) for line in template for chunk in line for word in _inner(chunk)]
    if all(STOPPED.fullmatch(word) for run in found for chunk in run for word in re.findall(r"\w+", chunk)):
        return []
    quoted = (f'"{_escaped(" ".join(run))}"' for run in found)
    return list(islice(dict.fromkeys(quoted), MOST_PHRASES))


def _steps(run: Sequence[str]) -> range:
    return range(0, len(run), LONGEST_PHRASE)


def _inner(chunk: Chunk) -> Iterator[str]:
    """Words inside of a chunk that holds a mask."""
    if HOLE not in chunk.text:
        return
    parts = APART.split(chunk.text)
    for word in parts[1:] if chunk.coloured else parts:
        if len(word) <= 100 and word[:1].isalpha() and word[-1:].isalpha() and word.isprintable():
            yield word


def _pattern(template: str) -> str:
    """For messages that are kept whole (keyword): what follows on what, each gap a wildcard. "" where the message
    begins with a mask or a colour. No word of a text is like it."""
    first, *fields = lines(template)
    if by_field(template) is not None and not headed(template):  # of JSON as programs write it, or of logfmt
        return _in_any_order([first, *fields], r"\{\"") if template.startswith("{") else ""
    if first and first[0].coloured:
        return ""
    text = "*".join(chunk.text for chunk in first).replace(HOLE, "*")
    start, *others = re.split(r"\*+", text)
    if len(start) < LEAST_START or not start.isprintable():
        return ""
    found = _literal(start[:LEAST_START]) + _loose(start[LEAST_START:])
    for other in others[: MOST_STARS - 1]:
        if len(found) + len(other) > LONGEST_PATTERN:
            break
        found += f"*{_loose(other)}" if other else ""
    if headed(template):
        return _in_any_order(fields, found[:SHORT_START])
    return f"{found[:LONGEST_PATTERN]}*"


def _in_any_order(fields: Sequence[Sequence[Chunk]], start: str) -> str:
    """The words of fields, behind what the message begins with."""
    words = dict.fromkeys(word for line in fields for chunk in line for word in WORD.findall(chunk.text))
    terms = [f"{start}*{word}*" for word in words if word.isascii()]
    return f"({' AND '.join(terms[:MOST_STARS])})" if terms else ""


def _literal(text: str) -> str:
    return re.sub(r"([^\w])", r"\\\1", text)


def _loose(text: str) -> str:
    """A sign that may mean something in a query stands for any sign."""
    return re.sub(r"[^\w.,@]", "?", text)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _target(spec: SourceSpec, query: str, span: Window) -> Target:
    options = parse_options(spec.options)
    filters = [rf'{_literal_field(name)}:"{_escaped(value)}"' for name, value in options.filters]
    whole = " AND ".join([f"({query})", *filters]) if filters else query
    column = next(iter(spec.fields.message), "message")
    return Target(whole, span, ",".join(options.index), column=column)


def _literal_field(name: str) -> str:
    return re.sub(r"([^\w.@-])", r"\\\1", name)
