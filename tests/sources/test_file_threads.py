"""Files are read beside the event loop, and let go when the reader leaves."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

from contract.log_source import results, window
from logverdict.adapters.sources.file import FileSource
from logverdict.domain.profile import SourceSpec

HOUR = window(0, 3600)
GOOD = b'{"ts":1795316401,"msg":"a"}\n'
SPEC = SourceSpec("app", "files", "*")


async def test_the_event_loop_goes_on_during_a_read(tmp_path: Path) -> None:
    """Files are read in threads: other tasks run while nothing of a large file is in the span."""
    (tmp_path / "app.log").write_bytes(GOOD * 100_000)
    reading = asyncio.ensure_future(results((FileSource(tmp_path), SPEC), window(9_000, 9_001)))
    turns = 0
    while not reading.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 5


async def test_leaving_a_read_closes_its_file(tmp_path: Path) -> None:
    """After a reader has left no file stays open."""
    (tmp_path / "app.log").write_bytes(GOOD * 100_000)
    reading = FileSource(tmp_path).read(SPEC, HOUR)
    await anext(reading)
    await reading.aclose()  # type: ignore[attr-defined]
    async with asyncio.timeout(10):  # the thread may be in the middle of a batch
        while str(tmp_path / "app.log") in _open_files():
            await asyncio.sleep(0)


def _open_files() -> list[str]:
    files = []
    for number in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # closed since it was listed
            files.append(os.readlink(f"/proc/self/fd/{number}"))
    return files
