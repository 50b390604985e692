"""Lines of files whose entries are still to be made out: a value, so that any process can do it."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace

import polars as pl

from logverdict.adapters.sources.file_batch import Batch
from logverdict.adapters.sources.file_entries import Entries, Rest
from logverdict.adapters.sources.file_formats import formats_of, names_of
from logverdict.adapters.sources.file_names import instance_of
from logverdict.adapters.sources.file_tally import Tally
from logverdict.adapters.sources.lines import Lines, Passed, Placed, Unreadable, Where
from logverdict.adapters.sources.records import Reading
from logverdict.domain.errors import SourceUnavailable

MOST = 12 << 20
"""Bytes of lines that are made out at once: a slice of some 60,000 entries of a usual length is not divided."""
Read = Callable[[Placed], Lines]
Times = tuple[int, int] | None
"""The first and the last time of the entries that begin in a block, in microseconds, or a longer span; None where it
does not begin with an entry."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a file is left off: the formats to try on its lines, and what those so far leave to the next."""

    formats: tuple[str, ...] = ()
    rest: Rest = Rest()


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of one file that follow one another. `reading`: its instance is "" where only the format tells it. Of the
    blocks in `unknown`, by their place here, nobody knows the times yet. `ends`: no lines follow. `where`: of
    blocks that are only places."""

    file: str
    reading: Reading
    word: str
    state: State
    blocks: tuple[Lines | Passed | Placed, ...]
    unknown: frozenset[int]
    ends: bool
    where: Where | None = None

    def make_out(self, batch: Batch, tally: Tally) -> tuple[State, list[Times]]:
        """Entries of the span go into the batch, in the order of their lines. Raises SourceUnavailable where the file
        is not what it was."""
        try:
            with self.where.opened() if self.where is not None else nullcontext(None) as read:
                return self._made(batch, tally, read)
        except Unreadable as fault:
            raise SourceUnavailable(f"{self.file}: {fault}") from None

    def _made(self, batch: Batch, tally: Tally, read: Read | None) -> tuple[State, list[Times]]:
        names = self.state.formats or self._names(read)
        reading = self._of(names[0])
        span = reading.start, reading.end
        entries = Entries(self.file, formats_of(names, reading), span, (batch, tally), self.state.rest)
        times = [_fed(entries, _there(block, read), at in self.unknown) for at, block in enumerate(self.blocks)]
        if self.ends:
            entries.close()
            return State(names), times
        return State(names, entries.rest()), times

    def _names(self, read: Read | None) -> tuple[str, ...]:
        first = _there(self.blocks[0], read) if self.blocks else None
        return names_of(self.word, first.lines if isinstance(first, Lines) else (), self._of)

    def _of(self, format: str) -> Reading:
        """A file of plain text is named for what wrote it."""
        reading = self.reading
        return replace(reading, instance=reading.instance or (instance_of(self.file) if format == "plain" else ""))


def _there(block: Lines | Passed | Placed, read: Read | None) -> Lines | Passed:
    if not isinstance(block, Placed):
        return block
    if read is None:
        raise ValueError("a block is only a place, of no file")
    return read(block)


def _fed(entries: Entries, block: Lines | Passed, unknown: bool) -> Times:
    if isinstance(block, Passed):
        entries.skip(block)
        return None
    return (entries.glance(block) if unknown else None) or entries.feed(block)


@dataclass(frozen=True, slots=True)
class Made:
    """What there was beside entries: of each part its state at the end and the times of its blocks."""

    entries: int
    tally: Tally = field(default_factory=Tally)
    parts: tuple[tuple[State, list[Times]], ...] = ()


@dataclass(frozen=True, slots=True)
class RawLines:
    """What `verify.ports.Raw` asks for."""

    parts: tuple[Part, ...]
    last: bool

    def make_out(self) -> tuple[list[pl.DataFrame], Made]:
        batch, tally = Batch(), Tally()
        parts = tuple([part.make_out(batch, tally) for part in self.parts])
        frames = list(batch.take())
        return frames, Made(sum(map(len, frames)), tally, parts)
