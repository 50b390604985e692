"""Entries of files that become frames."""

from collections.abc import Iterator

import polars as pl

from logverdict.adapters.sources.records import Parsed
from logverdict.analysis.entries import MAX_ROWS, ORDER, SCHEMA

WHOLE = pl.Schema({**SCHEMA, **ORDER})
COLUMNS = pl.Schema({**WHOLE, "time": pl.Int64()})


class Batch:
    """Rows until they are taken as frames; with each the file and the number of its line there. Columns that were read
    at once are held between them."""

    def __init__(self) -> None:
        self._frames: list[pl.DataFrame] = []
        self._rows: list[Parsed] = []
        self._files: list[str] = []
        self._lines: list[int] = []

    def add(self, row: Parsed, file: str, line: int) -> None:
        self._rows.append(row)
        self._files.append(file)
        self._lines.append(line)

    def add_columns(self, frame: pl.DataFrame) -> None:
        """`frame`: schema WHOLE."""
        self._settle()
        self._frames.append(frame)

    def take(self) -> Iterator[pl.DataFrame]:
        """All rows as frames that are not too long; none are left."""
        self._settle()
        frames, self._frames = self._frames, []
        if frames:
            yield from pl.concat(frames).iter_slices(MAX_ROWS)

    def _settle(self) -> None:
        """Rows become a frame."""
        rows, files, lines = self._rows, self._files, self._lines
        self._rows, self._files, self._lines = [], [], []
        if rows:
            columns = (*zip(*rows, strict=True), files, lines)
            self._frames.append(pl.DataFrame(dict(zip(COLUMNS, columns, strict=True)), schema=COLUMNS).cast(WHOLE))
