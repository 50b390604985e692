"""Which times the blocks of a file hold, so that a read of one span need not go over what lies far from it again."""

from collections import OrderedDict
from collections.abc import Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock
from typing import IO

from logverdict.adapters.sources.lines import Passed, identity

MOST_FILES = 1_000
"""Files that are remembered, those asked for last."""
MARK = 256
"""Bytes at the start of a file, and before the end of what is known of it, that tell it from another of its name."""


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines from an entry's first line on: where they end, how many they are, and the times of all entries that
    begin in them, in microseconds."""

    end: int
    lines: int
    first: int
    last: int


class Known:
    """What is known of one file. A file only grows: when what was read of it changed, all is forgotten."""

    def __init__(self) -> None:
        self.blocks: dict[int, Block] = {}
        self.marks: tuple[bytes, int, bytes] = (b"", 0, b"")
        self.lock = Lock()
        self.first: Future[None] | None = None


class KnownIn:
    """A file's blocks as one read of a span (in microseconds) sees them."""

    def __init__(self, known: Known, span: tuple[int, int]) -> None:
        self._known, self._span = known, span
        self._head = b""
        self._blocks: dict[int, Block] | None = None
        self._first: Future[None] | None = None
        self.identity = (0, 0)
        """Of the file that was opened."""

    def begin(self) -> "Future[None] | None":
        """None where this read may go over the file. The first one goes alone: those that wait for the end of it, which
        is given then, need but their part of the file. Who began has to say that it is `over`."""
        known = self._known
        with known.lock:
            if known.first is None:
                known.first = self._first = Future()
                self._first.set_running_or_notify_cancel()  # who no longer waits for it does not cancel it
        return None if known.first is self._first or known.first.done() else known.first

    def over(self) -> None:
        if self._first is not None and not self._first.done():
            self._first.set_result(None)

    def is_of(self, file: IO[bytes]) -> None:
        head, end, tail = self._known.marks
        self._head = _bytes(file, 0, MARK)
        self.identity = identity(file)
        if self._head[: len(head)] == head and _bytes(file, end - len(tail), len(tail)) == tail:
            self._blocks = self._known.blocks
        else:
            self._blocks = self._known.blocks = {}
            self._known.marks = (b"", 0, b"")

    def end(self, start: int) -> int | None:
        block = self._blocks.get(start) if self._blocks else None
        return block.end if block else None

    def passed(self, start: int) -> Passed | None:
        block = self._blocks.get(start) if self._blocks else None
        # What the first lines are tells the file's format.
        if not start or block is None or (block.first < self._span[1] and block.last >= self._span[0]):
            return None
        return Passed(block.lines)

    def learn(self, start: int, block: Block, tail: bytes) -> None:
        """`block` starts there and ends with `tail`, MARK bytes or all that it is."""
        known = self._known
        if self._blocks is None or self._blocks is not known.blocks or start in self._blocks:
            return
        if block.end > known.marks[1]:
            known.marks = (self._head[: block.end], block.end, tail)
        self._blocks[start] = block


class Index:
    """Of all files of a connection, by whatever decides how their lines are understood."""

    def __init__(self) -> None:
        self._files: OrderedDict[Hashable, Known] = OrderedDict()

    def of(self, what: Hashable, span: tuple[int, int]) -> KnownIn:
        known = self._files.setdefault(what, Known())
        self._files.move_to_end(what)
        if len(self._files) > MOST_FILES:
            self._files.popitem(last=False)
        return KnownIn(known, span)


def _bytes(file: IO[bytes], start: int, size: int) -> bytes:
    file.seek(start)
    return file.read(size)
