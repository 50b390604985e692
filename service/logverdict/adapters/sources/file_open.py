"""A file that is being read: its lines that wait to be given out, and what is learned of those that were."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from logverdict.adapters.sources.file_index import MARK, Block, KnownIn
from logverdict.adapters.sources.file_lines import Part, State, Times
from logverdict.adapters.sources.lines import Lines, Passed, Placed, Where
from logverdict.adapters.sources.records import Reading


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a block of lines stands in its file, in bytes, and its last bytes."""

    start: int
    end: int
    lines: int
    tail: bytes


@dataclass
class OpenFile:
    """`reading` is as of `Part`, `word` the format that is asked for. `ended`: there are no more lines.
    `placed`: lines are given out as their places, where they have any."""

    name: str
    path: Path
    reading: Reading
    word: str
    known: KnownIn | None
    placed: bool
    ended: bool = False
    _state: State = State()
    _blocks: list[Lines | Passed] = field(default_factory=list)
    _unknown: set[int] = field(default_factory=set)
    _places: list[_Place | None] = field(default_factory=list)

    def begin(self) -> "Future[None] | None":
        """What is to be waited for before it is read; None where it may be read now, until it is `over`."""
        return self.known.begin() if self.known is not None else None

    def over(self) -> None:
        if self.known is not None:
            self.known.over()

    def add(self, block: Lines | Passed) -> None:
        if isinstance(block, Passed):
            if self._blocks and isinstance(before := self._blocks[-1], Passed):
                self._blocks[-1] = Passed(before.lines + block.lines)
            else:
                self._blocks.append(block)
            return
        if self.known is not None and block.place:
            start = block.place[0]
            # The first block is always read, mostly for its format only.
            if start == 0 or self.known.end(start) is None:
                self._unknown.add(len(self._blocks))
        self._blocks.append(block)

    def part(self) -> Part | None:
        """What waits, which is then given out; None where there is nothing to do."""
        if not self._blocks and not self._state.formats:
            return None
        blocks, unknown, self._blocks, self._unknown = self._blocks, self._unknown, [], set()
        self._places = [_place(block) for block in blocks]
        where, given = None, tuple[Lines | Passed | Placed, ...](blocks)
        if self.placed and self.known is not None and any(self._places):
            where = Where(self.path, self.known.identity)
            given = tuple(map(_given, blocks, self._places))
        return Part(self.name, self.reading, self.word, self._state, given, frozenset(unknown), self.ended, where)

    def learn(self, state: State, times: Sequence[Times]) -> None:
        """What was found in the part that was given out last."""
        self._state = state
        for place, found in zip(self._places, times, strict=True):
            if self.known is not None and place is not None and found is not None:
                self.known.learn(place.start, Block(place.end, place.lines, *found), place.tail)


def _place(block: Lines | Passed) -> _Place | None:
    """None for lines that are not found again as they are: of a packed file, or too long to be kept whole."""
    if isinstance(block, Passed) or not block.place or len(block.block) + 1 != block.place[1] - block.place[0]:
        return None
    return _Place(*block.place, len(block), block.block[1 - MARK :] + b"\n")


def _given(block: Lines | Passed, place: _Place | None) -> Lines | Passed | Placed:
    return block if place is None else Placed(place.start, place.end, place.lines)
