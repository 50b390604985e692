"""Rows as lines of columns that fit a width."""

import re
from collections.abc import Iterator, Sequence

from rich.text import Text

from logverdict.cli.layout import cut, styled

GAP, NARROW = 2, 1
LEAST = 8
INDENT = "    "
TIME = re.compile(r"(\d{4})-(\d\d-\d\d \d\d:\d\d)")
SHORT = {"INCONCLUSIVE": "INCONCL."}
Row = Sequence[str]


def table(heads: Row, rows: Sequence[Row], width: int, give: Sequence[int] = ()) -> Iterator[Text]:
    """Heads and rows; columns whose cells are all numbers stand right.

    Where they are too wide, they stand closer and lose what is the same in all (the year); then those of `give` share
    what room is left, and as the last means a row goes on in a second line.
    """
    if not rows:
        return
    gap, lines = GAP, [heads, *rows]
    if _wide(_sizes(lines), gap) > width:
        gap, lines = NARROW, _compact(lines)
    sizes = _shared(lines, width, gap, give)
    right = [all(_number(row[at]) for row in lines[1:]) for at in range(len(heads))]
    parts = list(_folded(sizes, width, gap))
    for row in lines:
        for place, part in enumerate(parts):
            cells = [_cell(row[at], sizes[at], right[at]) for at in part]
            line = Text.assemble(INDENT if place else "", Text(" " * gap).join(cells))
            line.rstrip()
            yield line


def _sizes(lines: Sequence[Row]) -> list[int]:
    return [max(map(len, cells)) for cells in zip(*lines, strict=True)]


def _wide(sizes: Sequence[int], gap: int) -> int:
    return sum(sizes) + gap * (len(sizes) - 1)


def _compact(lines: Sequence[Row]) -> list[Row]:
    columns = [_shorter([SHORT.get(cell, cell) for cell in cells]) for cells in zip(*lines, strict=True)]
    return list(zip(*columns, strict=True))


def _shorter(cells: Sequence[str]) -> Sequence[str]:
    """Times of one year without it."""
    found = [TIME.fullmatch(cell) for cell in cells[1:]]
    times = [hit for hit in found if hit]
    if len(times) < len(found) or len({hit[1] for hit in times}) > 1:
        return cells
    return [cells[0].replace(" (UTC)", " UTC"), *(hit[2] for hit in times)]


def _shared(lines: Sequence[Row], width: int, gap: int, give: Sequence[int]) -> list[int]:
    """The widths of the columns; those of `give` get what the others leave, the small ones first what they need."""
    sizes = _sizes(lines)
    room = width - _wide(sizes, gap) + sum(sizes[at] for at in give)
    for place, at in enumerate(sorted(give, key=lambda at: sizes[at])):
        sizes[at] = min(sizes[at], max(LEAST, len(lines[0][at]), room // (len(give) - place)))
        room -= sizes[at]
    return sizes


def _folded(sizes: Sequence[int], width: int, gap: int) -> Iterator[Sequence[int]]:
    """The columns of each line that a row takes."""
    part: list[int] = []
    used = 0
    for at, size in enumerate(sizes):
        if part and used + size > width:
            yield part
            part, used = [], len(INDENT)
        part.append(at)
        used += size + gap
    yield part


def _cell(text: str, size: int, aligned: bool) -> Text:
    cell = cut(styled(text), size)
    space = " " * (size - cell.cell_len)
    return Text.assemble(space, cell) if aligned else Text.assemble(cell, space)


def _number(text: str) -> bool:
    """Counts and percentages; a version such as 1.2 is a name."""
    plain = text.replace(",", "")
    return text == "-" or plain.isdecimal() or (plain.endswith("%") and plain[:-1].strip().replace(".", "").isdecimal())
