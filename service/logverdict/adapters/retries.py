"""What the log says of what is tried again."""

from collections.abc import Callable
from time import perf_counter

import stamina.instrumentation
import structlog
from stamina.instrumentation import RetryDetails
from structlog.contextvars import get_contextvars

from logverdict.domain.errors import StoreBusy, StoreUnavailable

STILL = 30.0
"""Seconds between two lines on one connection, whose slices are read several at a time."""


class Retries:
    """Names the source by what is bound to the context. The store tells for itself that it does not answer, once."""

    def __init__(self, timer: Callable[[], float] = perf_counter) -> None:
        self._timer = timer
        self._log = structlog.get_logger(__name__)
        self._said: dict[str, float] = {}

    def __call__(self, details: RetryDetails) -> None:
        if isinstance(details.caused_by, StoreBusy | StoreUnavailable):
            return
        connection, now = str(get_contextvars().get("connection", "")), self._timer()
        told = {"error": str(details.caused_by), "attempt": details.retry_num, "wait": round(details.wait_for, 1)}
        if connection in self._said and now - self._said[connection] < STILL:
            self._log.debug("source is asked again", **told)
            return
        self._said[connection] = now
        self._log.warning("source is asked again", **told)


def tell_retries() -> None:
    """From now on, in this process."""
    stamina.instrumentation.set_on_retry_hooks([Retries()])
