"""The threads in which a synchronous client works, and how often a request is sent again."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

import stamina
import structlog

from logverdict.adapters.sources.splunk_errors import Passing
from logverdict.domain.errors import VerifyError

ATTEMPTS = 5
RETRY_FOR = 60.0
Of = TypeVar("Of")
Given = ParamSpec("Given")
log = structlog.get_logger(__name__)


def _wait(fault: Exception) -> bool | float:
    if not isinstance(fault, Passing):
        return False
    return True if fault.wait is None else min(fault.wait, RETRY_FOR)


class Threads:
    """A bounded pool: what does not fit waits its turn, and the event loop is never blocked."""

    def __init__(self, most: int) -> None:
        self._pool = ThreadPoolExecutor(most, thread_name_prefix="splunk")

    async def call(self, work: Callable[Given, Of], *args: Given.args, **kwargs: Given.kwargs) -> Of:
        return await asyncio.wrap_future(self._pool.submit(copy_context().run, partial(work, *args, **kwargs)))

    async def insist(self, work: Callable[Given, Of], *args: Given.args, **kwargs: Given.kwargs) -> Of:
        """As `call`, several times while the fault is a passing one."""
        async for attempt in stamina.retry_context(
            on=_wait, attempts=ATTEMPTS, timeout=RETRY_FOR, wait_initial=0.5, wait_max=10.0
        ):
            with attempt:
                return await self.call(work, *args, **kwargs)
        raise AssertionError("stamina gives an attempt or raises")

    async def obtain(self, work: Callable[[], Of], give_back: Callable[[Of], None]) -> Of:
        """As `insist`; what `work` obtained after we were cancelled is given back."""

        def settle(future: "Future[Of]") -> None:
            if not future.cancelled() and future.exception() is None:
                self.later(give_back, future.result())

        async for attempt in stamina.retry_context(
            on=_wait, attempts=ATTEMPTS, timeout=RETRY_FOR, wait_initial=0.5, wait_max=10.0
        ):
            with attempt:
                future = self._pool.submit(copy_context().run, work)
                try:
                    return await asyncio.wrap_future(future)
                except asyncio.CancelledError:
                    future.add_done_callback(settle)
                    raise
        raise AssertionError("stamina gives an attempt or raises")

    def later(self, work: Callable[Given, object], *args: Given.args, **kwargs: Given.kwargs) -> "Future[None]":
        """Done even when nobody waits for it; a fault is only logged."""

        def quietly() -> None:
            try:
                work(*args, **kwargs)
            except VerifyError as fault:
                log.debug("not given back", fault=fault.message)

        try:
            return self._pool.submit(copy_context().run, quietly)
        except RuntimeError:  # the pool is closed: the process ends
            done: Future[None] = Future()
            quietly()
            done.set_result(None)
            return done

    def close(self) -> None:
        """Returns when all is done that was asked for."""
        self._pool.shutdown(wait=True)
