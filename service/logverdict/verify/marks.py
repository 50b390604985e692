"""Marks of recordings: whether two of them hold the same entries is told without keeping the entries."""

from dataclasses import dataclass

import polars as pl

from logverdict.analysis.hashing import hashes

KEPT = 2_048
"""Hashes that a mark keeps: the smallest, so that two marks kept the same entries where both recordings had them."""
SHARED = 0.1
"""Share of the smaller recording's entries from which on two recordings are parts of each other. Runs whose clocks
were made up may agree in a few entries at their start."""


@dataclass(frozen=True, slots=True)
class Mark:
    """`least` are the smallest hashes of distinct entries, all of them where there are fewer than KEPT."""

    entries: int
    least: frozenset[int]

    def apart(self, other: "Mark") -> bool:
        """Whether the two recordings hold so few equal entries that one says something of the other."""
        limit = min(one._limit() for one in (self, other))
        mine, its = ({value for value in one.least if value <= limit} for one in (self, other))
        smaller = min(len(mine), len(its))
        return not smaller or len(mine & its) / smaller <= SHARED

    def _limit(self) -> float:
        """Up to here all hashes of the recording are known."""
        return max(self.least) if len(self.least) == KEPT else float("inf")


def mark(frame: pl.DataFrame) -> Mark:
    """Of entries (`entries.SCHEMA`): equal are those with the same time, instance and message."""
    words = frame.select(pl.concat_str(pl.col("time").dt.epoch("us").cast(pl.String), "instance", "message"))
    found = hashes(words.to_series()).unique().sort().head(KEPT)
    return Mark(len(frame), frozenset(found.to_list()))
