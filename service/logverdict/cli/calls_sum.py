"""Calls to sources that have something in common, as one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from logverdict.v1 import verification_service_pb2 as pb


@dataclass
class Sum:
    """`first` is the time (UTC) of the oldest call; `size` in bytes; `seconds` of all calls together."""

    key: tuple[str, ...]
    first: datetime
    times: int = 0
    size: int = 0
    took: timedelta = timedelta()

    @property
    def seconds(self) -> float:
        return self.took.total_seconds()


def added(calls: Iterable[pb.SourceCall], key: Callable[[pb.SourceCall], tuple[str, ...]]) -> list[Sum]:
    """One for each key, in the order of the first calls."""
    sums: dict[tuple[str, ...], Sum] = {}
    for call in calls:
        one = sums.setdefault(key(call), Sum(key(call), call.time.ToDatetime()))
        one.times += max(1, call.times)
        one.size += call.size
        one.took += call.took.ToTimedelta()
    return list(sums.values())
