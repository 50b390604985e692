"""How every command runs: an event loop, one place where faults become words and exit codes."""

import asyncio
import os
import signal
import traceback
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

import grpc
import typer

from logverdict.cli.exits import INTERRUPTED, TERMINATED, UNREACHABLE
from logverdict.cli.faults import Fault, fault_of
from logverdict.cli.screen import Screen

Body = Callable[[], Coroutine[Any, Any, int]]


def execute(
    body: Body, screen: Screen, interrupted: Callable[[], Sequence[str]] = lambda: (), on_bug: int = UNREACHABLE
) -> None:
    """Raises typer.Exit with the body's exit code, or with that of what went wrong.

    `on_bug` is the code for faults of our own: Python's usual 1 would say STOP.
    """
    try:
        code = asyncio.run(_terminable(body))
    except Fault as fault:
        screen.fault(fault)
        code = fault.code
    except KeyboardInterrupt:
        code = _say(interrupted(), screen, INTERRUPTED)
    except asyncio.CancelledError:
        code = _say(interrupted(), screen, TERMINATED)
    except Exception as bug:
        screen.fault(Fault(f"UNVERIFIED: logverdict itself failed: {type(bug).__name__}: {bug}", *_trace(bug)))
        code = on_bug
    raise typer.Exit(code)


def _trace(bug: Exception) -> list[str]:
    if not os.environ.get("LOGVERDICT_DEBUG"):
        return ["Please report it, with the trace that LOGVERDICT_DEBUG=1 shows."]
    return "".join(traceback.format_exception(bug)).splitlines()


async def _terminable(body: Body) -> int:
    """SIGTERM, by which CI systems cancel a job, ends the call in order."""
    task = asyncio.current_task()
    assert task is not None
    # Not on every platform and thread: there the default ends the process.
    with suppress(NotImplementedError, RuntimeError, ValueError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await body()


def _say(lines: Sequence[str], screen: Screen, code: int) -> int:
    for line in lines:
        screen.note(line)
    return code


async def answered(server: str, call: Coroutine[Any, Any, int]) -> int:
    """For commands that ask once: grpc's errors as faults."""
    try:
        return await call
    except grpc.aio.AioRpcError as error:
        raise fault_of(error, server) from None
