"""Long lines of containers that their runtime wrote in parts become whole again."""

import re
from collections.abc import Sequence

from logverdict.adapters.sources.lines import LONGEST_LINE, Lines

CRI = re.compile(rb"\S{19,40} (stdout|stderr) ([FP])(?::\S*)?(?: |$)")
DOCKER = re.compile(rb'\{"log":"((?:[^"\\]|\\.)*+)","stream":"(stdout|stderr)"')
ENDED = re.compile(rb"(?<!\\)(?:\\\\)*\\n$")
"""A text in JSON whose last sign is a line end."""
LONG = 16_384
"""Bytes at which Docker cuts. Shorter ones without a line end are whole: a process ended with them, or whoever passed
them on took all line ends off."""
MARKS = (b" stdout P", b" stderr P")
Held = tuple[tuple[bytes, bytes], ...]


class Parts:
    """Of the lines of one file. Of each of a container's streams at most one line waits for its end."""

    def __init__(self, held: Held) -> None:
        self._held = dict(held)

    def __bool__(self) -> bool:
        return bool(self._held)

    @property
    def held(self) -> Held:
        return tuple(self._held.items())

    def release(self) -> list[bytes]:
        """What waits, as far as it goes; nothing waits any more."""
        left, self._held = [*self._held.values()], {}
        return left

    def whole(self, block: Lines) -> Sequence[bytes]:
        """As many lines as the block has: nothing for one whose end is still to come, with the first one's time."""
        if self._held or any(mark in block.block for mark in MARKS):
            return [self._line(line) for line in block.lines]
        if DOCKER.match(block.block) and max(map(len, block.lines)) > LONG:
            return [self._line(line) for line in block.lines]
        return block.lines

    def _line(self, line: bytes) -> bytes:
        if part := CRI.match(line):
            return self._cri(line, part)
        if part := DOCKER.match(line):
            return self._docker(line, part)
        return line

    def _cri(self, line: bytes, part: re.Match[bytes]) -> bytes:
        before = self._held.pop(part[1], None)
        whole = line[: part.start(2)] + b"F" + line[part.end(2) :] if before is None else before + line[part.end() :]
        return whole if part[2] == b"F" else self._hold(part[1], whole)

    def _docker(self, line: bytes, part: re.Match[bytes]) -> bytes:
        before = self._held.pop(part[2], None)
        first = DOCKER.match(before) if before is not None else None
        whole = line
        if before is not None:  # too long to be kept whole, it has no end of its own
            whole = before[: first.end(1)] + part[1] + before[first.end(1) :] if first else before
        return whole if len(part[1]) < LONG or ENDED.search(part[1]) else self._hold(part[2], whole)

    def _hold(self, stream: bytes, whole: bytes) -> bytes:
        self._held[stream] = whole[: LONGEST_LINE + 1]
        return b""
