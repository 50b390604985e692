"""Lines of text that fit a width: the small means that pages are made of."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

_WRAPPER = Console(width=80, file=None, highlight=False)

BADGES = {
    "PROCEED": "bold white on green",
    "STOP": "bold white on red",
    "ASK": "bold black on yellow",
}
STYLES = {"PASS": "green", "WARN": "yellow", "FAIL": "bold red", "INCONCLUSIVE": "yellow", "INCONCL.": "yellow"}


def badge(word: str) -> Text:
    return Text(f" {word} ", BADGES.get(word, "bold reverse"))


def styled(word: str) -> Text:
    return Text(word, STYLES.get(word, ""))


def cut(text: Text, width: int) -> Text:
    """The text in one line of at most `width` cells."""
    result = text.copy()
    result.truncate(max(1, width), overflow="ellipsis")
    return result


def ends(left: Text, right: Text, width: int) -> Text:
    """`left` and `right` at the two ends of a line; where both do not fit, the left one is cut."""
    room = width - right.cell_len - 2
    start = cut(left, room)
    return Text.assemble(start, " " * (width - start.cell_len - right.cell_len), right)


def wrapped(text: str, width: int, most: int, indent: str = "", style: str = "") -> Iterator[Text]:
    """At most `most` lines; what does not fit ends in an ellipsis."""
    room = max(10, width - len(indent))
    lines = [line.plain.rstrip() for line in Text(text).wrap(_WRAPPER, room)]
    if len(lines) > most:
        # Too long for the room, so that the cut ends in an ellipsis.
        lines[most - 1] += f" {lines[most]}…"
    for line in lines[:most]:
        yield Text.assemble(indent, cut(Text(line, style), room))


def folded(line: Text, width: int) -> list[Text]:
    """The line in as many as it needs, its styles kept."""
    return list(line.wrap(_WRAPPER, max(10, width)))


def number(amount: float) -> str:
    """Entries as people read them: 0, 0.3, 41, 12,345."""
    if amount and abs(amount) < 10 and amount != int(amount):
        return f"{amount:.1f}" if amount >= 0.05 else "<0.1"
    return f"{amount:,.0f}"


def percent(share: float) -> str:
    """Rounded down: 99.9 % is not all."""
    return f"{int(share * 100 + 1e-9)} %"
