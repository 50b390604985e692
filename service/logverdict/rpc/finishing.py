"""Work that is finished once it is begun, whatever becomes of the call that asked for it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

Result = TypeVar("Result")


class Finishing:
    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    async def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """The work's result; cancelled, the work itself goes on, and its error then goes to the log."""
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_log_error)
            raise

    async def drain(self, seconds: float) -> None:
        """Until all that was begun is done, or that time is over."""
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)


def _log_error(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()):
        structlog.get_logger("logverdict.rpc").warning("failed after its caller had gone", error=error)
