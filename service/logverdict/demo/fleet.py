"""The example's instances and the load on them: started, replaced by another version, and stopped."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from zlib import crc32

INSTANCES = 3
REQUESTS_PER_SECOND = 120.0
START_SECONDS = 20.0
"""How long an instance may take to listen."""


class FleetError(Exception):
    """An instance did not start or died."""


@dataclass(frozen=True, slots=True)
class Rollout:
    version: str
    start: datetime
    end: datetime
    instances: int


def instance_name(version: str, number: int) -> str:
    """As a replica set would name its pods."""
    return f"checkout-{crc32(version.encode()):08x}-{crc32(f'{version}/{number}'.encode()):08x}"[:24]


class Fleet:
    """Logs go to FOLDER/logs. A context manager: at its end every process is stopped."""

    def __init__(self, folder: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.logs = folder / "logs"
        self._endpoints = folder / "endpoints"
        self._folder = folder
        self._now = now
        self._instances: dict[str, Process] = {}
        self._beside: dict[str, Process] = {}

    async def __aenter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        self._endpoints.mkdir(parents=True, exist_ok=True)
        for left in self._endpoints.iterdir():
            left.unlink()
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await asyncio.gather(*(_stop(process) for process in (*self._instances.values(), *self._beside.values())))
        self._instances, self._beside = {}, {}

    async def deploy(self, version: str) -> Rollout:
        """Replaces every instance: the new ones listen before the old ones leave, so no request is lost."""
        start, old = self._now(), dict(self._instances)
        names = [instance_name(version, number) for number in range(INSTANCES)]
        for name in names:
            self._instances[name] = await _start("logverdict.demo.checkout", version, name, str(self._folder))
        await asyncio.gather(*(self._listening(name) for name in names))
        await asyncio.gather(*(_stop(process) for process in old.values()))
        for name in old:
            del self._instances[name]
        return Rollout(version, start, self._now(), len(names))

    async def load(self, rate: float = REQUESTS_PER_SECOND) -> None:
        """Starts the load, which goes on until the fleet is left."""
        self._beside["load"] = await _start("logverdict.demo.load", str(self._folder), str(rate))

    async def ship(self, url: str, index: str) -> None:
        """Starts the log shipper, which brings what the instances log to Elasticsearch until the fleet is left."""
        self._beside["shipper"] = await _start("logverdict.demo.shipper", str(self.logs), url, index)

    def check(self) -> None:
        """Raises FleetError when a process has died."""
        for name, process in {**self._instances, **self._beside}.items():
            if process.returncode is not None:
                raise FleetError(f"{name} of the example ended by itself with code {process.returncode}")

    def lines(self) -> int:
        """Log lines written so far."""
        return sum(path.read_bytes().count(b"\n") for path in self.logs.glob("*.jsonl"))

    async def _listening(self, name: str) -> None:
        for _ in range(int(START_SECONDS / 0.02)):
            if (self._endpoints / name).exists():
                return
            self.check()
            await asyncio.sleep(0.02)
        raise FleetError(f"{name} of the example did not listen within {START_SECONDS:.0f} s")


async def _start(module: str, *arguments: str) -> Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-m", module, *arguments, stdin=PIPE)


async def _stop(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 5)
    except TimeoutError:
        process.kill()
        await process.wait()
