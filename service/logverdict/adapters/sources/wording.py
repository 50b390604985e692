"""Which words of a template stand in each of its entries as they are: those that no mask may have touched."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from logverdict.adapters.sources.records import labelled
from logverdict.analysis.fields import parts, pieces

MASKED = re.compile(r"<(?:num|id|str|path|time|url|email|host|val|some|secret|card|empty)>")
HOLE = "\x00"
"""Stands for a mask: no message that is text holds it."""
BAND = re.compile(r" \[(?:WARN|ERROR)\]$")
JOINED = " | "
SIMPLE = re.compile(r"[A-Za-z0-9_.-]+")
"""Such a value is all that the field holds."""
WORDLY = ("type", "outcome", "code", "status")
"""Of DETAILS those that hold one word."""
LONG = 800
"""Characters of a template from which its last word may be cut: keys end at `key.MAX_KEYED`."""
# What may be a line of a stack trace: kept in another field, or stored as an entry of its own.
TRACE = re.compile(
    r"at |File |from |Caused by|Suppressed|Also: |Traceback|\.\.\. |goroutine |created by |<num>: |<num><num> "
    r"|<num> <path>|\S+\.\w+:<num>(?:[:)]|$)|\S+\(.*\)$"
    r"|(?:[A-Za-z_]\w*[.$:])*[A-Z][\w$]*(?:Exception|Error|Failure|Panic)\b"
)
# The end of a coloured text leaves a number glued to it, its begin leaves nothing: the word there may have a code in
# front. The dash of `worker-7` is taken for a sign and leaves the same.
COLOURED = re.compile(r"(?:[\w)\]}!>\x00]|\w\.)\x00(?:\s|$)")


@dataclass(frozen=True, slots=True)
class Chunk:
    """What stands between two blanks, HOLE for each mask. `clean`: it holds none. `coloured`: the entry may have a
    colour code glued to its front."""

    text: str
    clean: bool
    coloured: bool = False


def apart(template: str, names: tuple[str, ...]) -> tuple[str, list[tuple[Sequence[str], str]]]:
    """The template without what entries may hold in fields beside the message (`records.with_details`), and of each of
    these the fields that may hold it, and the value, with its masks."""
    if not names or template.startswith("{"):
        return template, []
    details = dict(labelled(names))
    label = "|".join(map(re.escape, details))
    if by_field(template) is not None:
        pair = re.compile(rf'(?:^| )({label})=("[^"]*"|[^ ]*)')
        return pair.sub("", template), [(details[one], value) for one, value in pair.findall(template)]
    said, *rest = re.split(rf" ({label})=", BAND.sub("", template))
    values = [value.partition(JOINED)[0] for value in rest[1::2]]
    if any(one in WORDLY and " " in value for one, value in zip(rest[::2], values, strict=True)):
        return template, []  # a sentence goes on behind it
    return said, [(details[one], value) for one, value in zip(rest[::2], values, strict=True)]


def lines(template: str) -> list[list[Chunk]]:
    """The chunks of each line of the message that is certainly in the entry itself: what looks like a stack trace is
    left out, but for the first line. A template with ` | ` may be of several lines, or of one with bars in it; each
    field of JSON or logfmt is a line of its own, as their order in the entry is not known."""
    text = MASKED.sub(HOLE, BAND.sub("", template))
    kept = by_field(template)
    if kept is None:
        first, *others = text.split(JOINED)
        kept = [first, *takewhile(lambda line: not TRACE.match(line.replace(HOLE, "<num>")), others)]
    found = [list(_chunks(line, coloured=bool(COLOURED.search(text)))) for line in kept]
    if len(template) >= LONG:
        found[-1] = found[-1][:-1]
    return found


def by_field(template: str) -> list[str] | None:
    """The fields of a template of JSON or logfmt, with HOLE for each mask; None for another."""
    found = pieces(BAND.sub("", template))
    return None if found is None else [MASKED.sub(HOLE, one) for one in found]


def headed(template: str) -> bool:
    """Whether a text stands before the fields of a template."""
    return by_field(template) is not None and parts(BAND.sub("", template)) is None


def runs(line: Sequence[Chunk]) -> Iterator[tuple[str, ...]]:
    """Clean chunks that follow each other, none of them coloured; those at the ends hold a letter or digit."""
    run: list[str] = []
    for chunk in [*line, Chunk(HOLE, False)]:
        if chunk.clean and not chunk.coloured and chunk.text != "|":
            run.append(chunk.text)
            continue
        while run and not _speaks(run[0]):
            run.pop(0)
        while run and not _speaks(run[-1]):
            run.pop()
        if run:
            yield tuple(run)
        run = []


def _chunks(line: str, *, coloured: bool) -> Iterator[Chunk]:
    begins = coloured
    for text in line.split(" "):
        if not text:
            continue
        clean = text.isprintable() and len(text) <= 200
        yield Chunk(text, clean, begins)
        begins = coloured and not clean


def _speaks(text: str) -> bool:
    return any(sign.isalnum() for sign in text)
