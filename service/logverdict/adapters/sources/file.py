"""Log entries from files below a folder: JSON lines, logfmt, or plain text, also packed with gzip."""

import asyncio
import threading
from collections.abc import AsyncIterator, Hashable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import chain
from pathlib import Path

import polars as pl

from logverdict.adapters.sources.file_batch import Batch
from logverdict.adapters.sources.file_entries import Entries, Tally
from logverdict.adapters.sources.file_formats import formats_of
from logverdict.adapters.sources.file_index import MOST_FILES, Block, Index, KnownIn
from logverdict.adapters.sources.file_names import instance_of
from logverdict.adapters.sources.file_options import Options, parse_options
from logverdict.adapters.sources.file_probe import probe
from logverdict.adapters.sources.file_query import Found, find_files, parse_query
from logverdict.adapters.sources.file_way import way_back
from logverdict.adapters.sources.lines import Lines, Passed, Unreadable, lines_of
from logverdict.adapters.sources.links import Link
from logverdict.adapters.sources.records import Reading
from logverdict.adapters.sources.telling import Told
from logverdict.adapters.sources.times import Times, micros
from logverdict.domain.errors import CannotReduce
from logverdict.domain.probe import Probe
from logverdict.domain.profile import SourceSpec
from logverdict.domain.result import WayBack
from logverdict.domain.verification import Coverage
from logverdict.domain.window import Grid, Window
from logverdict.verify.ports import Reduced, Survey

LONG = timedelta(days=60)
"""A longer span reads whole files: months away, a time without a year may be of another year."""
SLACK = timedelta(hours=1)
"""A file last written so long before the span holds nothing of it, even if its clock is another's."""


class FileSource:
    """A connection to the files below `root`; nothing outside of it is ever read."""

    def __init__(self, root: Path, link: Link | None = None) -> None:
        self._root, self._link = root, link
        self._index = Index()
        self._firsts: dict[Hashable, asyncio.Lock] = {}

    def check(self, spec: SourceSpec) -> None:
        parse_query(spec.query)
        parse_options(spec.options)

    async def survey(self, spec: SourceSpec, span: Window, grid: Grid, *, evidence: bool = False) -> Survey | None:
        return None

    async def reduce(self, spec: SourceSpec, span: Window, grid: Grid) -> Reduced:
        raise CannotReduce("files are read, nothing counts their entries for us")

    def way_back(self, spec: SourceSpec, template: str, span: Window) -> WayBack | None:
        return way_back(spec, template, span, self._link)

    async def probe(self, spec: SourceSpec, span: Window) -> Probe:
        return await asyncio.to_thread(probe, self._root, spec, span)

    async def read(self, spec: SourceSpec, span: Window) -> AsyncIterator[pl.DataFrame | Coverage]:
        stopped = threading.Event()
        work = _Work(self._root, spec, span, stopped, self._index).results()
        try:
            async with self._first(spec):
                while (result := await asyncio.to_thread(next, work, None)) is not None:
                    yield result
        finally:
            stopped.set()

    @asynccontextmanager
    async def _first(self, spec: SourceSpec) -> AsyncIterator[None]:
        """The first read of a query goes alone, over whole files; those that wait need but their part of them then."""
        query = (spec.query, spec.fields, *sorted(spec.options.items()))
        if len(self._firsts) > MOST_FILES:
            self._firsts.clear()
        lock = self._firsts.get(query)
        if lock is None:
            lock = self._firsts[query] = asyncio.Lock()
            async with lock:
                yield
            return
        async with lock:
            pass
        yield


class _Work:
    """One read, run in threads, one step at a time. It ends soon after `stopped` is set."""

    def __init__(self, root: Path, spec: SourceSpec, span: Window, stopped: threading.Event, index: Index) -> None:
        self._root, self._spec, self._span, self._stopped, self._index = root, spec, span, stopped, index
        self._options: Options = parse_options(spec.options)
        self._times = Times(self._options.zone, span.start + span.length / 2)
        self._limits = (micros(span.start), micros(span.end))
        self._batch, self._tally = Batch(), Tally()
        self._unread: list[str] = []

    def results(self) -> Iterator[pl.DataFrame | Coverage]:
        found = find_files(self._root, self._spec.query, self._options.missing_ok, self._unread)
        since = (self._span.start - SLACK).timestamp()
        due = [file for file in found if file.modified >= since]
        read = 0
        for frame in chain.from_iterable(map(self._file, due)):
            read += frame.height
            yield frame
        for frame in self._batch.take():
            read += frame.height
            yield frame
        if not self._stopped.is_set():
            yield self._coverage(read, len(found), len(due))

    def _coverage(self, read: int, found: int, due: int) -> Coverage:
        faults = [*self._unread, *self._tally.sentences()]
        if not found and not self._unread:
            faults.append("no file matches the query yet")
        elif found and not due:
            faults.append(f"none of the {found:,} files was written to in the window or after it")
        return Coverage(read=read, broken=self._tally.broken.total(), complete=not self._unread, faults=tuple(faults))

    def _file(self, file: Found) -> Iterator[pl.DataFrame]:
        told = Told(f"READ {file.name}", self._asked)
        known = self._known(file)
        blocks = _counted(lines_of(file.path, known), told)
        try:
            first = next(blocks, None)
            lines = first.lines if isinstance(first, Lines) else []
            formats = formats_of(self._options.format, lines, lambda word: self._reading(file, word))
            entries = Entries(file.name, formats, self._limits, self._batch, self._tally)
            yield from self._entries(entries, chain([first] if first else [], blocks), known)
        except Unreadable as fault:
            told.status = f"unreadable: {fault}"
            self._unread.append(f"{file.name}: {fault}")
        finally:
            told.end("stopped" if self._stopped.is_set() else "read")

    def _known(self, file: Found) -> KnownIn | None:
        """What decides how a file's lines are understood, the time of year too where they name no year."""
        if self._span.length > LONG:
            return None
        near = self._times.near.toordinal() // LONG.days
        options = self._options
        return self._index.of((file.path, self._spec.fields, options.format, str(options.zone), near), self._limits)

    def _asked(self) -> str:
        return f"{self._spec.query}: entries from {self._span.start.isoformat()} to {self._span.end.isoformat()}"

    def _entries(
        self, entries: Entries, blocks: Iterator[Lines | Passed], known: KnownIn | None
    ) -> Iterator[pl.DataFrame]:
        try:
            for block in blocks:
                if self._stopped.is_set():
                    return
                if isinstance(block, Passed):
                    entries.skip(block)
                    continue
                start = block.place[0] if block.place else None
                # The first block is always read, mostly for its format only.
                outside = known is not None and (start == 0 or (start is not None and known.end(start) is None))
                times = (entries.glance(block) if outside else None) or entries.feed(block)
                if known is not None and block.place and times is not None:
                    known.learn(block.place[0], Block(block.place[1], len(block), *times))
                if self._batch.full:
                    yield from self._batch.take()
        finally:
            entries.close()

    def _reading(self, file: Found, word: str) -> Reading:
        default = instance_of(file.name) if word == "plain" else ""
        return Reading(
            *self._limits,
            self._spec.fields,
            self._times,
            instance=self._options.instance.name(file.name, default),
            version=self._options.version.name(file.name, ""),
        )


def _counted(blocks: Iterator[Lines | Passed], told: Told) -> Iterator[Lines | Passed]:
    """The blocks, the bytes of those that are read, without line ends, added up."""
    for block in blocks:
        if isinstance(block, Lines):
            told.size += len(block.block) - len(block) + 1
        yield block
