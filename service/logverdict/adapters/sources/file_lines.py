"""Lines of files whose entries are still to be made out: a value, so that any process can do it."""

from dataclasses import dataclass, field, replace

import polars as pl

from logverdict.adapters.sources.file_batch import Batch
from logverdict.adapters.sources.file_entries import Entries, Rest, Tally
from logverdict.adapters.sources.file_formats import formats_of, names_of
from logverdict.adapters.sources.file_names import instance_of
from logverdict.adapters.sources.lines import Lines, Passed
from logverdict.adapters.sources.records import Reading

MOST = 12 << 20
"""Bytes of lines that are made out at once: a slice of some 60,000 entries of a usual length is not divided."""
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
    blocks in `unknown`, by their place here, nobody knows the times yet. `ends`: no lines follow."""

    file: str
    reading: Reading
    word: str
    state: State
    blocks: tuple[Lines | Passed, ...]
    unknown: frozenset[int]
    ends: bool

    def make_out(self, batch: Batch, tally: Tally) -> tuple[State, list[Times]]:
        """Entries of the span go into the batch, in the order of their lines."""
        names = self.state.formats or self._names()
        reading = self._of(names[0])
        span = reading.start, reading.end
        entries = Entries(self.file, formats_of(names, reading), span, (batch, tally), self.state.rest)
        times = [self._block(entries, place) for place in range(len(self.blocks))]
        if self.ends:
            entries.close()
            return State(names), times
        return State(names, entries.rest()), times

    def _block(self, entries: Entries, place: int) -> Times:
        block = self.blocks[place]
        if isinstance(block, Passed):
            entries.skip(block)
            return None
        return (entries.glance(block) if place in self.unknown else None) or entries.feed(block)

    def _names(self) -> tuple[str, ...]:
        first = self.blocks[0] if self.blocks else None
        return names_of(self.word, first.lines if isinstance(first, Lines) else (), self._of)

    def _of(self, format: str) -> Reading:
        """A file of plain text is named for what wrote it."""
        reading = self.reading
        return replace(reading, instance=reading.instance or (instance_of(self.file) if format == "plain" else ""))


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
