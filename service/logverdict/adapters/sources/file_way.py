"""The way back to the entries of a template: a command that shows their lines, to be run in the connection's root."""

import re
import shlex
from collections.abc import Iterator, Sequence

from logverdict.adapters.sources.file_query import WILD, parse_query
from logverdict.adapters.sources.links import Link, Target, link
from logverdict.adapters.sources.wording import Chunk, apart, by_field, lines
from logverdict.domain.profile import SourceSpec
from logverdict.domain.result import WayBack
from logverdict.domain.window import Window

# Of ASCII: a JSON line may hold other letters escaped. Parts of words will do, grep does not ask where words end.
WORD = re.compile(r"[A-Za-z0-9_]{2,}")
MOST_WORDS = 20
FEW = 2
"""With less in the first line, the line of most words is looked for."""


def way_back(spec: SourceSpec, template: str, span: Window, by: Link | None) -> WayBack:
    """For GNU find and zgrep, packed files too. A line shows the first of an entry of several; the span is not asked
    for. Raises InvalidRequest."""
    paths = "|".join(map(_path, parse_query(spec.query)))
    said, details = apart(template, spec.fields.named_details)
    more = (".*".join(_words(lines(value))) for _, value in details)
    first, *others = [*_patterns(said), *filter(None, more)]
    query = f"find -L . -regextype posix-extended -type f -regex {shlex.quote(f'[.]/({paths})')}"
    query += f" -exec zgrep -hE -e {shlex.quote(first)} {{}} +"
    query += "".join(f" | grep -E -e {shlex.quote(other)}" for other in others)
    return WayBack(spec.name, query, link(Target(query, span), by), span)


def _patterns(template: str) -> list[str]:
    """The words of one line in their order. A record that is its own message has its fields in another order."""
    found = [_words([line])[:MOST_WORDS] for line in lines(template)]
    if by_field(template) is not None:
        return list(dict.fromkeys(word for words in found for word in words))[:MOST_WORDS] or [""]
    words = found[0] if len(found[0]) >= FEW else max(found, key=len)
    return list(dict.fromkeys(words)) or [""] if template.startswith("{") else [".*".join(words)]


def _words(found: Sequence[Sequence[Chunk]]) -> list[str]:
    return [word for line in found for chunk in line for word in WORD.findall(chunk.text)]


def _path(glob: Sequence[str]) -> str:
    """The files of a glob as a regular expression. A name without wildcards may be a folder: all that is below."""
    if not glob:
        return ".*"
    *folders, last = glob
    start = "".join("([^/]+/)*" if part == "**" else f"{''.join(_part(part))}/" for part in folders)
    if last == "**":
        return f"{start}.*"
    return f"{start}{''.join(_part(last))}{'' if WILD.search(last) else '(/.*)?'}"


def _part(part: str) -> Iterator[str]:
    for piece in re.findall(r"\[!?\]?[^\]]*\]|.", part, re.DOTALL):
        if piece in ("*", "?"):
            yield "[^/]*" if piece == "*" else "[^/]"
        elif len(piece) > 1:
            yield f"[^{piece[2:]}" if piece.startswith("[!") else piece
        else:
            yield (
                piece
                if re.fullmatch(r"[\w-]", piece) or ord(piece) > 127
                else f"[{piece}]"
                if piece not in "^\\"
                else f"\\{piece}"
            )
