"""One read of the files of a query: their lines, some at a time, for whoever makes out their entries."""

import threading
from collections.abc import Generator, Iterator
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path

from logverdict.adapters.sources.file_index import Index, KnownIn
from logverdict.adapters.sources.file_lines import MOST, Made, RawLines
from logverdict.adapters.sources.file_open import OpenFile
from logverdict.adapters.sources.file_options import Options, parse_options
from logverdict.adapters.sources.file_query import Found, find_files
from logverdict.adapters.sources.file_tally import Tally
from logverdict.adapters.sources.lines import Lines, Passed, Unreadable, lines_of
from logverdict.adapters.sources.records import Reading
from logverdict.adapters.sources.telling import Told
from logverdict.adapters.sources.times import Times, micros
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Coverage
from logverdict.domain.window import Window

LONG = timedelta(days=60)
"""A longer span reads whole files: months away, a time without a year may be of another year."""
SLACK = timedelta(hours=1)
"""A file last written so long before the span holds nothing of it, even if its clock is another's."""
Steps = Generator["RawLines | Coverage | Future[None]", Made | None, None]


class Work:
    """A read, run in threads, one step at a time. `placed`: as of `OpenFile`."""

    def __init__(self, root: Path, spec: SourceSpec, span: Window, index: Index, placed: bool) -> None:
        self._root, self._spec, self._span, self._index, self._placed = root, spec, span, index, placed
        self._stopped = threading.Event()
        self._options: Options = parse_options(spec.options)
        self._times = Times(self._options.zone, span.start + span.length / 2)
        self._limits = (micros(span.start), micros(span.end))
        self._tally, self._entries = Tally(), 0
        self._unread: list[str] = []
        self._open: list[OpenFile] = []
        self._size = 0

    def stop(self) -> None:
        """It ends soon after."""
        self._stopped.set()

    def steps(self) -> Steps:
        """Each has to be sent what was made of it. What is neither lines nor coverage is to be waited for."""
        found = find_files(self._root, self._spec.query, self._options.missing_ok, self._unread)
        since = (self._span.start - SLACK).timestamp()
        due = [self._opened(file) for file in found if file.modified >= since]
        try:
            yield from self._all(due)
            if not self._stopped.is_set():
                yield from self._give(last=True)
                yield self._coverage(len(found), len(due))
        finally:
            for file in due:
                file.over()

    def _all(self, due: list[OpenFile]) -> Steps:
        """Those first that nobody else goes over for the first time."""
        left = list(due)
        while left and not self._stopped.is_set():
            awaited: Future[None] | None = None
            for place, file in enumerate(left):
                if (awaited := file.begin()) is None:
                    del left[place]
                    yield from self._file(file)
                    break
            if awaited is not None:
                yield from self._give()  # others may wait for what we have
                yield awaited

    def _coverage(self, found: int, due: int) -> Coverage:
        faults = [*sorted(self._unread), *self._tally.sentences()]
        if not found and not self._unread:
            faults.append("no file matches the query yet")
        elif found and not due:
            faults.append(f"none of the {found:,} files was written to in the window or after it")
        return Coverage(
            read=self._entries,
            broken=self._tally.broken,
            undated=self._tally.undated,
            complete=not self._unread,
            faults=tuple(faults),
        )

    def _opened(self, found: Found) -> OpenFile:
        reading = Reading(
            *self._limits,
            self._spec.fields,
            self._times,
            instance=self._options.instance.name(found.name, ""),
            version=self._options.version.name(found.name, ""),
        )
        return OpenFile(found.name, found.path, reading, self._options.format, self._known(found), self._placed)

    def _file(self, file: OpenFile) -> Steps:
        told = Told(f"READ {file.name}", self._asked)
        self._open.append(file)
        try:
            for block in _counted(lines_of(file.path, file.known), told):
                if self._stopped.is_set():
                    return
                size = len(block.block) if isinstance(block, Lines) else 0
                if self._size and self._size + size > MOST:
                    yield from self._give()
                self._size += size
                file.add(block)
        except Unreadable as fault:
            told.status = f"unreadable: {fault}"
            self._unread.append(f"{file.name}: {fault}")
        finally:
            file.ended = True
            told.end("stopped" if self._stopped.is_set() else "read")

    def _give(self, last: bool = False) -> Steps:
        """What waits of all files."""
        given = [(file, part) for file in self._open if (part := file.part()) is not None]
        self._size = 0
        if given or last:
            made = yield RawLines(tuple(part for _, part in given), last)
            if made is not None:
                self._learn(made, [file for file, _ in given])
        for file in self._open:
            if file.ended:
                file.over()
        self._open = [file for file in self._open if not file.ended]

    def _learn(self, made: Made, files: list[OpenFile]) -> None:
        self._tally.add(made.tally)
        self._entries += made.entries
        for file, found in zip(files, made.parts, strict=True):
            file.learn(*found)

    def _known(self, file: Found) -> KnownIn | None:
        """What decides how a file's lines are understood, the time of year too where they name no year."""
        if self._span.length > LONG:
            return None
        near = self._times.near.toordinal() // LONG.days
        options = self._options
        return self._index.of((file.path, self._spec.fields, options.format, str(options.zone), near), self._limits)

    def _asked(self) -> str:
        return f"{self._spec.query}: entries from {self._span.start.isoformat()} to {self._span.end.isoformat()}"


def _counted(blocks: Iterator[Lines | Passed], told: Told) -> Iterator[Lines | Passed]:
    """The blocks, the bytes of those that are read, without line ends, added up."""
    for block in blocks:
        if isinstance(block, Lines):
            told.size += len(block.block) - len(block) + 1
        yield block
