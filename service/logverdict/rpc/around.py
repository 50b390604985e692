"""What is put around each call: the log line, the status of errors, limits, and the end when the server stops."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import structlog
from grpc import StatusCode
from grpc.aio import AbortError

from logverdict.domain.errors import LimitReached, VerifyError
from logverdict.rpc.errors import UNEXPECTED, ServerStopping, code_of, status_of
from logverdict.rpc.interceptors import Call

QUIET = "/grpc."
"""Health checks and reflection come often and say nothing."""
OUR_FAULT = frozenset({StatusCode.INTERNAL, StatusCode.DATA_LOSS})
STOPPING = "The server is stopping; watch again from the last revision."


Tell = Callable[[str, str, float, bool], None]
"""Is told of a call: method, code, seconds, and whether it was a stream."""


class Answered:
    """Tells all of `tells` of each call once it has ended, however it did; never what was sent."""

    def __init__(self, *tells: Tell, timer: Callable[[], float] = time.monotonic) -> None:
        self._tells = tells
        self._timer = timer

    @asynccontextmanager
    async def __call__(self, call: Call) -> AsyncIterator[None]:
        begin, code = self._timer(), None
        try:
            yield
        except asyncio.CancelledError:
            code = _gone(call)
            raise
        finally:
            seconds = self._timer() - begin
            for tell in self._tells:
                tell(call.method, code or _code(call), seconds, call.streaming)


def logged(log: Any = None) -> Tell:
    """One line a call: method, code and seconds."""
    log = log or structlog.get_logger("logverdict.rpc")

    def tell(method: str, code: str, seconds: float, streaming: bool) -> None:
        say = log.debug if method.startswith(QUIET) else log.info
        say("call", method=method, code=code, seconds=round(seconds, 3))

    return tell


class Told:
    """Errors of the family become their status; others are logged with their trace and leave without text."""

    def __init__(self, log: Any = None) -> None:
        self._log = log or structlog.get_logger("logverdict.rpc")

    @asynccontextmanager
    async def __call__(self, call: Call) -> AsyncIterator[None]:
        try:
            yield
        except AbortError:
            raise
        except VerifyError as error:
            if code_of(type(error)) in OUR_FAULT:
                self._log.exception("internal error", method=call.method)
            await call.context.abort_with_status(status_of(error))
        except Exception:
            if call.context.done():  # the caller is gone: what was raised says no more than that
                raise asyncio.CancelledError from None
            self._log.exception("unexpected error", method=call.method)
            await call.context.abort_with_status(status_of(UNEXPECTED))


class InFlight:
    """Counts the calls of a service and refuses what is too many; `idle` is set while there is none."""

    def __init__(self, service: str, unary: int, streams: int) -> None:
        self._service = service
        self._most = {False: unary, True: streams}
        self._now = {False: 0, True: 0}
        self.idle = asyncio.Event()
        self.idle.set()

    @asynccontextmanager
    async def __call__(self, call: Call) -> AsyncIterator[None]:
        if not call.of(self._service):
            yield
            return
        self._enter(call.streaming)
        try:
            yield
        finally:
            self._now[call.streaming] -= 1
            if not any(self._now.values()):
                self.idle.set()

    def _enter(self, streaming: bool) -> None:
        most = self._most[streaming]
        if self._now[streaming] >= most:
            kind = "streams" if streaming else "calls"
            raise LimitReached(
                f"{most} {kind} are being served, which is the limit; come back later",
                reason="TOO_MANY_CALLS",
                limit=str(most),
            )
        self._now[streaming] += 1
        self.idle.clear()


class Stopping:
    """Ends streams when the server stops, so that their callers go on elsewhere or later, from their revision."""

    def __init__(self) -> None:
        self._ends: dict[asyncio.Timeout, Call] = {}
        self._ended: list[str] = []

    @asynccontextmanager
    async def __call__(self, call: Call) -> AsyncIterator[None]:
        if not call.streaming:
            yield
            return
        if any(_of(call, service) for service in self._ended):
            raise ServerStopping(STOPPING)
        end = asyncio.timeout(None)
        try:
            async with end:
                self._ends[end] = call
                yield
        except TimeoutError:
            if end.expired():
                raise ServerStopping(STOPPING) from None
            raise
        finally:
            self._ends.pop(end, None)

    def end(self, service: str = "") -> None:
        """End the streams of that service, or all, and take no more of them."""
        self._ended.append(service)
        for end, call in list(self._ends.items()):
            if _of(call, service):
                del self._ends[end]
                end.reschedule(asyncio.get_running_loop().time())


def _of(call: Call, service: str) -> bool:
    return not service or call.of(service)


def _code(call: Call) -> str:
    """The code that the call ended with, as a word."""
    code: Any = call.context.code()
    for known in StatusCode:
        if code in (known, known.value[0]):
            return known.name
    return StatusCode.OK.name


def _gone(call: Call) -> str:
    left = call.context.time_remaining()
    return (StatusCode.DEADLINE_EXCEEDED if left is not None and left <= 0 else StatusCode.CANCELLED).name
