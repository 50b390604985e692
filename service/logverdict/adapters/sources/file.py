"""Log entries from files below a folder: JSON lines, logfmt, or plain text, also packed with gzip."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from itertools import chain
from pathlib import Path

import polars as pl

from logverdict.adapters.sources.file_entries import Batch, Entries, Tally
from logverdict.adapters.sources.file_formats import formats_of
from logverdict.adapters.sources.file_names import instance_of
from logverdict.adapters.sources.file_options import Options, parse_options
from logverdict.adapters.sources.file_probe import probe
from logverdict.adapters.sources.file_query import Found, find_files, parse_query
from logverdict.adapters.sources.file_way import way_back
from logverdict.adapters.sources.lines import Lines, Unreadable, lines_of
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

SLACK = timedelta(hours=1)
"""A file last written so long before the span holds nothing of it, even if its clock is another's."""


class FileSource:
    """A connection to the files below `root`; nothing outside of it is ever read."""

    def __init__(self, root: Path, link: Link | None = None) -> None:
        self._root, self._link = root, link

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
        work = _Work(self._root, spec, span, stopped).results()
        try:
            while (result := await asyncio.to_thread(next, work, None)) is not None:
                yield result
        finally:
            stopped.set()


class _Work:
    """One read, run in threads, one step at a time. It ends soon after `stopped` is set."""

    def __init__(self, root: Path, spec: SourceSpec, span: Window, stopped: threading.Event) -> None:
        self._root, self._spec, self._span, self._stopped = root, spec, span, stopped
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
        blocks = _counted(lines_of(file.path), told)
        try:
            first = next(blocks, Lines([], clean=True))
            formats = formats_of(self._options.format, first.lines, lambda word: self._reading(file, word))
            entries = Entries(file.name, formats, self._limits, self._batch, self._tally)
            yield from self._entries(entries, chain([first], blocks))
        except Unreadable as fault:
            told.status = f"unreadable: {fault}"
            self._unread.append(f"{file.name}: {fault}")
        finally:
            told.end("stopped" if self._stopped.is_set() else "read")

    def _asked(self) -> str:
        return f"{self._spec.query}: entries from {self._span.start.isoformat()} to {self._span.end.isoformat()}"

    def _entries(self, entries: Entries, blocks: Iterator[Lines]) -> Iterator[pl.DataFrame]:
        try:
            for block in blocks:
                if self._stopped.is_set():
                    return
                entries.feed(block)
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


def _counted(blocks: Iterator[Lines], told: Told) -> Iterator[Lines]:
    """The blocks, their bytes without line ends added up."""
    for block in blocks:
        told.size += sum(map(len, block.lines))
        yield block
