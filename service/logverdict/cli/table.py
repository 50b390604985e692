"""Rows as lines of columns that fit a width."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from logverdict.cli.layout import cut, styled

GAP = 2
LEAST = 8


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int, give: Sequence[int] = ()) -> Iterator[Text]:
    """Heads and rows; columns whose cells are all numbers stand right, those of `give` share what room is left."""
    if not rows:
        return
    sizes = [max(len(cell) for cell in cells) for cells in zip(heads, *rows, strict=True)]
    fixed = sum(size for at, size in enumerate(sizes) if at not in give) + GAP * (len(sizes) - 1)
    room = width - 1 - fixed
    if give and sum(sizes[at] for at in give) > room:
        for at in give:
            sizes[at] = min(sizes[at], max(LEAST, len(heads[at]), room // len(give)))
    right = [all(_number(row[at]) for row in rows) for at in range(len(heads))]
    for row in (heads, *rows):
        yield _line(row, sizes, right)


def _line(row: Sequence[str], sizes: Sequence[int], right: Sequence[bool]) -> Text:
    cells = []
    for text, size, aligned in zip(row, sizes, right, strict=True):
        cell = cut(styled(text), size)
        space = " " * (size - cell.cell_len)
        cells.append(Text.assemble(space, cell) if aligned else Text.assemble(cell, space))
    line = Text(" " * GAP).join(cells)
    line.rstrip()
    return line


def _number(text: str) -> bool:
    """Counts and percentages; a version such as 1.2 is a name."""
    plain = text.replace(",", "")
    return text == "-" or plain.isdecimal() or (plain.endswith("%") and plain[:-1].strip().replace(".", "").isdecimal())
