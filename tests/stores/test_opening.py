"""Opening a store: one process at a time, whatever became of the one before, and only what can be read."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from fakes.clock import FakeClock
from fakes.verifications import a_verification
from logverdict.adapters.stores.sql import SqlStore
from logverdict.domain.errors import StoreBusy, StoreUnavailable, VerifyError

TESTS = Path(__file__).parents[1]
WRITER = """
import asyncio, sys
from pathlib import Path
from fakes.clock import FakeClock
from fakes.verifications import a_verification
from logverdict.adapters.stores.sql import SqlStore

async def main():
    store = await SqlStore.open(Path(sys.argv[1]), FakeClock())
    for number in range(10**6):
        await store.create(a_verification(id=f"v{number}"))
        print(number, flush=True)

asyncio.run(main())
"""


def start_writer(path: Path) -> "subprocess.Popen[str]":
    """Another process that writes for ever and prints the number of each verification it has stored."""
    command = [sys.executable, "-c", WRITER, str(path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(TESTS), *sys.path))}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


async def test_a_second_process_is_refused_until_the_first_is_killed(tmp_path: Path) -> None:
    """The refusal names file and holder; a kill -9 in mid-write frees the store, and all that was stored is there."""
    path = tmp_path / "logverdict.db"
    with start_writer(path) as writer:
        assert writer.stdout is not None
        for _ in range(20):
            assert await asyncio.to_thread(writer.stdout.readline)
        with pytest.raises(StoreBusy, match=f"{path} is held by process {writer.pid} since") as fault:
            await SqlStore.open(path, FakeClock())
        assert fault.value.details == {"store": str(path), "pid": str(writer.pid)}
        writer.send_signal(signal.SIGKILL)
        told = [*range(20), *(int(line) for line in writer.stdout if line.endswith("\n"))]
    store = await SqlStore.open(path, FakeClock())
    assert {f"v{number}" for number in told} <= {one.id for one in await store.unfinished()}
    assert (await store.create(a_verification(id="after")))[1]
    await store.close()


async def test_a_store_is_opened_once_in_a_process(tmp_path: Path) -> None:
    """A second opening is refused until the first is closed, and again after a failure."""
    store = await SqlStore.open(tmp_path / "a.db", FakeClock())
    with pytest.raises(StoreBusy, match=f"process {os.getpid()}"):
        await SqlStore.open(tmp_path / "a.db", FakeClock())
    await store.create(a_verification())
    await store.close()
    store = await SqlStore.open(tmp_path / "a.db", FakeClock())
    assert (await store.get("v1")).id == "v1"
    await store.close()


async def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    """A schema of a later version is named and left alone; the lock is given back."""
    path = tmp_path / "a.db"
    await (await SqlStore.open(path, FakeClock())).close()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    for _ in range(2):
        with pytest.raises(VerifyError, match="a newer logverdict wrote the store \\(schema 9999\\)") as fault:
            await SqlStore.open(path, FakeClock())
        assert fault.value.reason == "STORE_TOO_NEW"


async def test_a_newer_store_to_which_was_only_added_is_used(tmp_path: Path) -> None:
    """As during a rolling upgrade, and after it was rolled back; its schema is left as it is."""
    path = tmp_path / "a.db"
    store = await SqlStore.open(path, FakeClock())
    await store.create(a_verification())
    await store.close()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.execute("INSERT INTO schema_readers VALUES ('9999')")
        database.execute("ALTER TABLE verifications ADD COLUMN later TEXT DEFAULT ''")
    for _ in range(2):
        store = await SqlStore.open(path, FakeClock())
        assert (await store.get("v1")).id == "v1"
        await store.close()
    with closing(sqlite3.connect(path)) as database:
        assert list(database.execute("SELECT version_num FROM alembic_version")) == [("9999",)]


async def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    """What is no database, and a place where no file can be, are errors in words."""
    (tmp_path / "text").write_text("not a database, " * 99)
    with pytest.raises(VerifyError, match="damaged") as fault:
        await SqlStore.open(tmp_path / "text", FakeClock())
    assert fault.value.reason == "STORE_DAMAGED"
    with pytest.raises(VerifyError, match="cannot be opened") as fault:
        await SqlStore.open(tmp_path / "text" / "a.db", FakeClock())
    assert fault.value.reason == "STORE_UNAVAILABLE"


async def test_a_folder_is_no_store(tmp_path: Path) -> None:
    """It is named, with what is wrong; nobody is sent to look for a full disk."""
    with pytest.raises(StoreUnavailable, match=f"{tmp_path} cannot be opened: Is a directory"):
        await SqlStore.open(tmp_path, FakeClock())


async def test_folders_are_made(tmp_path: Path) -> None:
    """The folder of a new store need not be there, and its name may hold any sign."""
    await (await SqlStore.open(tmp_path / "50 % new?" / "a.db", FakeClock())).close()
    assert (tmp_path / "50 % new?" / "a.db").exists()
