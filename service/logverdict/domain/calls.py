"""What was asked of a source."""

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SourceCall:
    """One call to a source, for the audit; secrets are removed before it is made. `seconds` is how long it took.

    `times` calls alike (same source, method, query and status) are one: `time` is the first one's, `size` (bytes of
    the answers) and `seconds` are sums.
    """

    time: datetime
    source: str
    method: str
    query: str
    status: str
    size: int
    seconds: float
    times: int = 1

    def __add__(self, other: "SourceCall") -> "SourceCall":
        return replace(
            self, size=self.size + other.size, seconds=self.seconds + other.seconds, times=self.times + other.times
        )
