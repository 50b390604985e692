"""The PostgreSQL that a whole test run shares, its workers too: started by the first test that needs it."""

import os
import tempfile
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock

from servers.postgres.install import programs
from servers.postgres.server import Server, make


@cache
def server() -> Server:
    """One of its own, or the one that DATABASE_URL names, whose user may make databases."""
    given = os.environ.get("DATABASE_URL", "")
    if given:
        return Server(given.removesuffix(urlsplit(given).path), Path("/nowhere"))
    programs()  # before anything is made: a machine without it skips here
    run = Path(tempfile.gettempdir()) / f"logverdict-postgres-{controller()}"
    with FileLock(f"{run}.lock"):
        told, failed = Path(f"{run}.url"), Path(f"{run}.failed")
        if told.exists() and run.exists():
            return Server(told.read_text(), run)
        assert not failed.exists(), failed.read_text()
        try:
            made = make(run, controller())
        except AssertionError as fault:  # told once more to each test, not tried again for each
            failed.write_text(str(fault))
            raise
        told.write_text(made.address)
        return made


def database(name: str) -> str:
    """An empty database of this worker's own; its address."""
    return server().fresh(f"logverdict_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}_{name}")


def controller() -> int:
    """The process that ends with the test run: pytest's own, or what started this worker."""
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
