"""Lines of a file of any size: gzip and UTF-16 are undone, and no line is longer in memory than LONGEST_LINE allows."""

import codecs
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from gzip import GzipFile
from itertools import chain
from pathlib import Path
from typing import IO, Protocol

import numpy as np

CHUNK = 1 << 19
"""Bytes that are looked at at once: enough lines for a pass over columns to be worth it, little enough memory."""
LONGEST_LINE = 2 << 20
"""Bytes. Of a longer line the start is kept, one byte more than this, so that it can be told."""

GZIP = b"\x1f\x8b"
OTHER_PACKINGS = {b"(\xb5/\xfd": "zstd", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"PK\x03\x04": "zip"}
# UTF-32 before UTF-16: its mark begins with the other's.
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class Unreadable(Exception):
    """A file, or the rest of it, can't be read; the text says why, without the file's name."""


@dataclass(frozen=True)
class Lines:
    """Whole lines, as one `block` without its last line end. `place` is where they start and end in the file in bytes,
    where it can be found again: () else. `count`: how many, 0 where nobody counted."""

    block: bytes
    place: tuple[int, int] | tuple[()] = ()
    count: int = 0

    @cached_property
    def clean(self) -> bool:
        """Whether they are UTF-8 and hold no NUL byte."""
        return b"\0" not in self.block and _is_utf8(self.block)

    @cached_property
    def lines(self) -> list[bytes]:
        return self.block.split(b"\n")

    def __len__(self) -> int:
        return self.count or self._count

    @cached_property
    def _count(self) -> int:
        return int(np.count_nonzero(np.frombuffer(self.block, np.uint8) == ord("\n"))) + 1


@dataclass(frozen=True, slots=True)
class Passed:
    """So many lines that were not read, as nothing of them is wanted."""

    lines: int


@dataclass(frozen=True, slots=True)
class Placed:
    """So many whole lines that stand in a file from `start` to `end`, in bytes: to be read by who needs them."""

    start: int
    end: int
    count: int


@dataclass(frozen=True, slots=True)
class Where:
    """A file, and what tells it from another that has its name by now."""

    path: Path
    identity: tuple[int, int]

    @contextmanager
    def opened(self) -> Iterator[Callable[[Placed], Lines]]:
        """What reads lines of it. Raises Unreadable where they are not there any more."""
        gone = Unreadable("it changed while it was read")
        try:
            with open(self.path, "rb", buffering=0, opener=_open) as file:
                if identity(file) != self.identity:
                    raise gone

                def read(lines: Placed) -> Lines:
                    text = os.pread(file.fileno(), lines.end - lines.start, lines.start)
                    if len(text) < lines.end - lines.start or not text.endswith(b"\n"):
                        raise gone
                    return Lines(text[:-1], (lines.start, lines.end), lines.count)

                yield read
        except OSError as fault:
            raise gone from fault


def identity(file: IO[bytes]) -> tuple[int, int]:
    facts = os.fstat(file.fileno())
    return facts.st_dev, facts.st_ino


class Finder(Protocol):
    """What is known of blocks of a file from an earlier read."""

    def is_of(self, file: IO[bytes]) -> None:
        """Told the open file; its position may be changed."""
        ...

    def end(self, start: int) -> int | None:
        """Where the block ends that starts there."""
        ...

    def passed(self, start: int) -> Passed | None:
        """What to give instead of the block that starts there, where nothing of it is wanted."""
        ...


def lines_of(path: Path, finder: Finder | None = None) -> Iterator[Lines | Passed]:
    """The lines of a file, some at a time. Raises Unreadable, maybe after some lines."""
    try:
        with open(path, "rb", buffering=0, opener=_open) as file:
            start = file.read(6)
            file.seek(0)
            if start.startswith((GZIP, *OTHER_PACKINGS, *MARKS)):
                yield from _split(_text(_unpacked(file)))
            else:
                yield from _blocks(file, finder)
    except (EOFError, zlib.error) as fault:
        raise Unreadable("its gzip data is cut short or damaged; what came before was read") from fault
    except FileNotFoundError as fault:
        raise Unreadable("it vanished before it was read") from fault
    except OSError as fault:  # gzip's own errors have no errno
        raise Unreadable(fault.strerror or "its gzip data is damaged; what came before was read") from fault


def _open(path: str, flags: int) -> int:
    """Neither follows a link nor waits for a pipe, should the file have become one."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _unpacked(file: IO[bytes]) -> Iterator[bytes]:
    start = file.read(6)
    file.seek(0)
    packing = next((name for mark, name in OTHER_PACKINGS.items() if start.startswith(mark)), None)
    if packing:
        raise Unreadable(f"it is packed with {packing}; allowed: gzip, or not packed")
    if not start.startswith(GZIP):
        while chunk := file.read(CHUNK):
            yield chunk
        return
    with closing(GzipFile(fileobj=file, mode="rb")) as unpacked:
        # read1: what was unpacked before a fault is given out.
        while chunk := unpacked.read1(CHUNK):
            yield chunk


def _text(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """UTF-8 without a mark, where a mark at the start says what the file is; else the bytes as they are."""
    first = next(chunks, b"")
    encoding = next((name for mark, name in MARKS.items() if first.startswith(mark)), None)
    if encoding is None:
        yield first
        yield from chunks
        return
    if encoding == "utf-8-sig":
        yield first[len(codecs.BOM_UTF8) :]
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    for chunk in chain([first], chunks):
        yield decoder.decode(chunk).encode()
    yield decoder.decode(b"", final=True).encode()


def _blocks(file: IO[bytes], finder: Finder | None) -> Iterator[Lines | Passed]:
    """Of a file as it is; a block ends with a line. `at` is where the next one starts, `read` what was read so far."""
    if finder is not None:
        finder.is_of(file)
    file.seek(0)
    at = read = 0
    rest = b""
    while True:
        end = finder.end(at) if finder is not None else None
        if finder is not None and end is not None and (passed := finder.passed(at)) is not None:
            at = read = file.seek(end)
            rest = b""
            yield passed
            continue
        size = (at + CHUNK if end is None else end) - read
        chunk = file.read(size if size > 0 else CHUNK)
        if not chunk:
            break
        read += len(chunk)
        head, newline, tail = chunk.rpartition(b"\n")
        if not newline:
            rest = _kept(rest + tail)
            continue
        start, at = at, read - len(tail)
        yield Lines(rest + head, (start, at))
        rest = _kept(tail)
    if rest:
        yield Lines(rest)


def _split(chunks: Iterator[bytes]) -> Iterator[Lines]:
    rest = b""
    for chunk in chunks:
        head, newline, tail = chunk.rpartition(b"\n")
        if not newline:
            rest = _kept(rest + tail)
            continue
        yield Lines(rest + head)
        rest = _kept(tail)
    if rest:
        yield Lines(rest)


def _kept(rest: bytes) -> bytes:
    """The start of a line that has no end yet. NUL bytes before it are what log rotation by truncation leaves."""
    return rest.lstrip(b"\0")[: LONGEST_LINE + 1]


def _is_utf8(block: bytes) -> bool:
    if block.isascii():
        return True
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True
