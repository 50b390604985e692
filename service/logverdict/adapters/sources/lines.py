"""Lines of a file of any size: gzip and UTF-16 are undone, and no line is longer in memory than LONGEST_LINE allows."""

import codecs
import os
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from gzip import GzipFile
from itertools import chain
from pathlib import Path
from typing import IO

CHUNK = 1 << 18
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


@dataclass(frozen=True, slots=True)
class Lines:
    """Whole lines without their ends. `clean` lines are UTF-8 and hold no NUL byte."""

    lines: list[bytes]
    clean: bool


def lines_of(path: Path) -> Iterator[Lines]:
    """The lines of a file, some at a time. Raises Unreadable, maybe after some lines."""
    try:
        with open(path, "rb", buffering=0, opener=_open) as file:
            yield from _split(_text(_unpacked(file)))
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


def _split(chunks: Iterator[bytes]) -> Iterator[Lines]:
    rest = b""
    for chunk in chunks:
        head, newline, tail = chunk.rpartition(b"\n")
        if not newline:
            rest = _kept(rest + tail)
            continue
        yield _lines(rest + head)
        rest = _kept(tail)
    if rest:
        yield _lines(rest)


def _kept(rest: bytes) -> bytes:
    """The start of a line that has no end yet. NUL bytes before it are what log rotation by truncation leaves."""
    return rest.lstrip(b"\0")[: LONGEST_LINE + 1]


def _lines(block: bytes) -> Lines:
    return Lines(block.split(b"\n"), b"\0" not in block and _is_utf8(block))


def _is_utf8(block: bytes) -> bool:
    if block.isascii():
        return True
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True
