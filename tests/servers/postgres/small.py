"""A PostgreSQL whose disk is small enough to be filled."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from servers.postgres.install import USER, as_root, programs
from servers.postgres.server import START_SECONDS, Server, make

SIZE = "96m"
"""Fresh data have 30 MB."""
SEGMENT = "--wal-segsize=1"
"""MB: where new ones can't be made, that is noticed soon."""
CHUNK = b"\0" * 65_536


@dataclass(frozen=True)
class Small:
    """`disk` is where the small disk is; `wal` says that only the write-ahead log is on it."""

    server: Server
    disk: Path
    wal: bool

    def fill(self) -> None:
        """To the last byte; and what is written ahead goes on to segments that there is no room for."""
        self._write()
        with contextlib.suppress(psycopg.OperationalError):  # its end, where it can write ahead no more
            for _ in range(32 if self.wal else 0):
                self.server.do("SELECT pg_switch_wal(), txid_current()")
                self._write()

    def free(self, wanted_by: int) -> bool:
        """As an operator does: makes room, and starts it again where it has ended; whether it had."""
        (self.disk / "ballast").unlink()
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if (self.server.run / "ended").exists():
                (self.server.run / "data" / "postmaster.pid").unlink(missing_ok=True)
                self.server.start(wanted_by)
                return True
            with contextlib.suppress(psycopg.OperationalError):
                self.server.do("SELECT 1")
                return False
            time.sleep(0.1)
        raise AssertionError("PostgreSQL neither answers nor ended")

    def _write(self) -> None:
        with contextlib.suppress(OSError), (self.disk / "ballast").open("ab", buffering=0) as out:
            while out.write(CHUNK):
                pass


@contextlib.contextmanager
def a_small_postgres(wal: bool) -> Iterator[Small]:
    """Either all of it or only its write-ahead log is on the small disk. Skips where a disk can't be mounted."""
    programs()
    run = Path(tempfile.gettempdir()) / f"logverdict-postgres-small-{os.getpid()}"
    disk = run / ("wal" if wal else "data")
    with _mounted(run, disk):
        server = make(run, os.getpid(), SEGMENT, *([f"--waldir={disk / 'log'}"] if wal else []))
        server.do("ALTER SYSTEM SET max_wal_size = '8MB'")
        server.do("ALTER SYSTEM SET min_wal_size = '2MB'")
        server.do("SELECT pg_reload_conf()")
        try:
            yield Small(server, disk, wal)
        finally:
            with contextlib.suppress(OSError):  # where it has ended by itself
                server.stop()


@contextlib.contextmanager
def _mounted(run: Path, disk: Path) -> Iterator[None]:
    if not as_root():
        pytest.skip("a full disk is tried with one of 96 MB, and only root may mount it")
    disk.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "tmpfs", str(disk)],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        if mounted.returncode:
            pytest.skip(
                f"a full disk is tried with one of 96 MB, which can't be mounted here: {mounted.stderr.strip()}"
            )
        shutil.chown(disk, USER)
        yield
    finally:
        subprocess.run(["umount", "-l", str(disk)], capture_output=True, check=False)
        shutil.rmtree(run, ignore_errors=True)
