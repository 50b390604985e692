"""The PostgreSQL that a whole test run shares, its workers too: started by the first test that needs it."""

import os
import tempfile
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock

from servers.postgres.install import programs
from servers.postgres.server import Server, make

made: set[str] = set()
"""Databases, by name."""


@cache
def server() -> Server:
    """One of its own, or the one that DATABASE_URL names, whose user may make databases."""
    if given():
        return Server(given(), Path("/nowhere"))
    programs()  # before anything is made: a machine without it skips here
    run = Path(tempfile.gettempdir()) / f"logverdict-postgres-{controller()}"
    with FileLock(f"{run}.lock"):
        told, failed = Path(f"{run}.url"), Path(f"{run}.failed")
        if told.exists() and run.exists():
            return Server(told.read_text(), run)
        assert not failed.exists(), failed.read_text()
        try:
            started = make(run, controller())
        except AssertionError as fault:  # told once more to each test, not tried again for each
            failed.write_text(str(fault))
            raise
        told.write_text(started.address)
        return started


def given() -> str:
    """The address of a server that others keep: nothing may be left there. "" where there is none."""
    return os.environ.get("DATABASE_URL", "")


def database(name: str) -> str:
    """An empty database of this worker's own; its address."""
    full = f"logverdict_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}_{name}"
    made.add(full)
    return server().fresh(full)


def tidy() -> None:
    """Drops what this worker made, where the server outlives the run."""
    if given():
        for name in made:
            server().drop(name)


def name_of(url: str) -> str:
    """The database's."""
    return urlsplit(url).path.removeprefix("/")


def controller() -> int:
    """The process that ends with the test run: pytest's own, or what started this worker."""
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
