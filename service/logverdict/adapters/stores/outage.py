"""What the log says of a database that does not answer: when it goes, now and then meanwhile, and when it is back."""

from collections.abc import Callable
from math import inf
from time import perf_counter
from typing import Literal

import structlog

STILL = 30.0
"""Seconds between two lines while it is away."""
Operation = Literal["read", "write"]


class Outage:
    """Of one database, of which many at a time ask again. `timer` gives seconds.

    A lock that somebody else holds refuses writes only: then a read that is answered ends nothing. A full disk refuses
    some writes and takes others, in turns: what is over sooner than half a minute after the last line gets none.
    """

    def __init__(self, timer: Callable[[], float] = perf_counter) -> None:
        self._timer = timer
        self._log = structlog.get_logger(__name__)
        self._failed: set[Operation] = set()
        self._failures = 0
        self._since = self._last = 0.0
        self._said = -inf
        self._told = False

    @property
    def away(self) -> bool:
        return self._failures > 0

    def failed(self, operation: Operation, error: str) -> None:
        """`error` is what the database, or its driver, says."""
        now = self._timer()
        if not self.away:
            self._since, self._told = now, False
        self._last = now
        self._failed.add(operation)
        self._failures += 1
        if now - self._said < STILL:
            self._log.debug("store does not answer", error=error)
        elif not self._told:
            self._log.error("store does not answer", error=error, **self._numbers())
            self._said, self._told = now, True
        else:
            self._log.error("store still does not answer", error=error, **self._numbers())
            self._said = now

    def answered(self, operation: Operation, began: float) -> None:
        """To what was asked at `began`, of the same timer: an answer to what was asked before the last failure may be
        one from before the outage."""
        if not self.away or began <= self._last or (operation == "read" and "write" in self._failed):
            return
        if self._told:
            self._log.warning("store answers again", **self._numbers())
            self._said = self._timer()
        self._failed.clear()
        self._failures = 0

    def _numbers(self) -> dict[str, float]:
        return {"seconds": round(self._timer() - self._since, 1), "failures": self._failures}
