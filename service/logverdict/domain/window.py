"""Spans of time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from logverdict.domain.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class Grid:
    """Bins of `width`, numbered from `start`: what counts are kept by."""

    start: datetime
    width: timedelta

    def number(self, time: datetime) -> int:
        """The bin of a time; negative before the start."""
        return (time - self.start) // self.width

    def bin(self, number: int) -> "Window":
        begin = self.start + number * self.width
        return Window(begin, begin + self.width)


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span of time: `start` is in it, `end` is not. Both carry a time zone."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        for field, time in (("start_time", self.start), ("end_time", self.end)):
            if time.tzinfo is None:
                raise InvalidRequest(field, f"{time.isoformat()} has no time zone; write an offset or Z")
        if self.end <= self.start:
            raise InvalidRequest(
                "end_time", f"the window ends at {self.end.isoformat()}, not after its start {self.start.isoformat()}"
            )

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    @property
    def seconds(self) -> float:
        return self.length.total_seconds()

    def __contains__(self, time: datetime) -> bool:
        return self.start <= time < self.end

    def overlaps(self, other: "Window") -> bool:
        return self.start < other.end and other.start < self.end

    def cut(self, cuts: Iterable[datetime]) -> Iterator["Window"]:
        """The window's pieces between those cuts that lie inside it, in order; together they are the window."""
        start = self.start
        for cut in sorted({*cuts, self.end}):
            if self.start < cut <= self.end:
                yield Window(start, cut)
                start = cut
