"""What was read of each minute and of each instance; rows of the same one add up."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

IN_ALL = "in all "
"""How a sentence begins whose count is of all that there is, whichever part says it: the greatest holds."""
_COUNTED = re.compile(rf"({IN_ALL})?([\d,]+) (?!of )")
"""How a sentence begins whose number adds up, or is one of IN_ALL; "1 of 3 clusters …" is neither."""


@dataclass(frozen=True, slots=True)
class MinuteCoverage:
    """`number` counts the plan's steps of a side (`Plan.minute`); `expected` is None where the source cannot say, and
    never less than `read`."""

    number: int
    expected: int | None
    read: int
    late: int = 0

    def __add__(self, other: "MinuteCoverage") -> "MinuteCoverage":
        expected = both(self.expected, other.expected)
        return MinuteCoverage(self.number, expected, self.read + other.read, self.late + other.late)


@dataclass(frozen=True, slots=True)
class InstanceCoverage:
    """`instance` is "" for entries that name none.

    `lag` is the longest time, in seconds, from the end of a bin until the last of its entries had come to the source,
    0 where that was before the bin's end: an entry from the bin's start may have taken a bin's width longer. It and
    `expected` are None where the source cannot say.
    """

    instance: str
    expected: int | None
    read: int
    evidence: int | None = None
    lag: float | None = None

    def __add__(self, other: "InstanceCoverage") -> "InstanceCoverage":
        lags = [lag for lag in (self.lag, other.lag) if lag is not None]
        return InstanceCoverage(
            self.instance,
            both(self.expected, other.expected),
            self.read + other.read,
            either(self.evidence, other.evidence),
            max(lags, default=None),
        )


def both(one: int | None, other: int | None) -> int | None:
    """The sum, unknown where one is."""
    return None if one is None or other is None else one + other


def either(one: int | None, other: int | None) -> int | None:
    """The sum of what is known."""
    return one if other is None else other + (one or 0)


def add_minutes(parts: Iterable[MinuteCoverage]) -> tuple[MinuteCoverage, ...]:
    """One row a minute, in order."""
    found: dict[int, MinuteCoverage] = {}
    for part in parts:
        found[part.number] = found[part.number] + part if part.number in found else part
    return tuple(found[number] for number in sorted(found))


def coarser(minutes: Sequence[MinuteCoverage], most: int) -> tuple[MinuteCoverage, ...]:
    """At most so many rows: where there are more, neighbours are one."""
    size = math.ceil(len(minutes) / most)
    if size <= 1:
        return tuple(minutes)
    return add_minutes(replace(minute, number=minute.number // size * size) for minute in minutes)


def most_telling(rows: Sequence[InstanceCoverage], most: int) -> tuple[InstanceCoverage, ...]:
    """At most so many: those of which most is missing, then those that wrote most; by name."""
    if len(rows) <= most:
        return tuple(rows)
    chosen = sorted(rows, key=lambda row: (row.read - (row.expected or 0), -row.read, row.instance))[:most]
    return tuple(sorted(chosen, key=lambda row: row.instance))


def add_instances(parts: Iterable[InstanceCoverage]) -> tuple[InstanceCoverage, ...]:
    """One row an instance, by name."""
    found: dict[str, InstanceCoverage] = {}
    for part in parts:
        found[part.instance] = found[part.instance] + part if part.instance in found else part
    return tuple(found[name] for name in sorted(found))


def add_faults(parts: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Each sentence once, in the order of the first ones. Sentences of different parts that begin with a count and
    are equal else become one with the sum ("62 entries have no text"), or with the greatest count where that is in all;
    what a part says twice, it says of the same entries: then the greater count holds."""
    total: dict[tuple[str, str], int | None] = {}
    for part in parts:
        mine: dict[tuple[str, str], int | None] = {}
        for text in part:
            what, count = _counted(text)
            mine[what] = None if count is None else max(count, mine.get(what) or 0)
        for what, count in mine.items():
            before = total.get(what) or 0
            total[what] = None if count is None else max(count, before) if what[0] else count + before
    return tuple(rest if count is None else f"{start}{count:,} {rest}" for (start, rest), count in total.items())


def uncounted(sentence: str) -> str:
    """Without its count."""
    return _counted(sentence)[0][1]


def _counted(text: str) -> tuple[tuple[str, str], int | None]:
    """Whether it is in all, what follows the count, and the count; None where the sentence has none."""
    found = _COUNTED.match(text)
    number = found[2].replace(",", "") if found else ""
    return ((found[1] or "", text[len(found[0]) :]), int(number)) if found and number else (("", text), None)
