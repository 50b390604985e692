"""What was not as it should be in the files of a read."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from logverdict.domain.coverage import IN_ALL

BROKEN, UNDATED, NOTED = "broken", "undated", "noted"
"""What a tally counts: broken lines, those of files without any entry, which every read meets; entries."""
STARTS = {BROKEN: "{:,} lines ", UNDATED: f"{IN_ALL}{{:,}} lines ", NOTED: "{:,} "}


@dataclass
class Tally:
    """With the first of the files where it was met, by name."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def count(self, subject: str, what: str, file: str) -> None:
        self.counts[subject, what] += 1
        self.first[what] = min(file, self.first.get(what, file))

    def add(self, later: "Tally") -> None:
        self.counts += later.counts
        for what, file in later.first.items():
            self.first[what] = min(file, self.first.get(what, file))

    @property
    def broken(self) -> int:
        return self._sum(BROKEN, UNDATED)

    @property
    def undated(self) -> int:
        return self._sum(UNDATED)

    def sentences(self) -> Iterator[str]:
        order = [*STARTS]
        for (subject, what), count in sorted(self.counts.items(), key=lambda one: (order.index(one[0][0]), one[0][1])):
            yield f"{STARTS[subject].format(count)}{what} (first in {self.first[what]})"

    def _sum(self, *subjects: str) -> int:
        return sum(count for (subject, _), count in self.counts.items() if subject in subjects)
