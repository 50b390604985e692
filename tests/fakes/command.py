"""`logverdict` in a process of its own, as a pipeline calls it: no terminal, no CI variables but those given."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


Call = Callable[..., Awaitable[Ended]]


async def called(*args: str, server: str = "127.0.0.1:1", **environ: str) -> Ended:
    process = await start(*args, server=server, **environ)
    out, err = await process.communicate()
    return Ended(process.returncode or 0, out.decode(), err.decode())


async def start(*args: str, server: str, **environ: str) -> asyncio.subprocess.Process:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "logverdict", *args,
        env={**kept, "LOGVERDICT_SERVER": server, **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
