"""The programs of a PostgreSQL on this machine."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from filelock import FileLock

from needs import missing

INSTALL = "apt-get install -y postgresql"
DEBIAN = Path("/usr/lib/postgresql")
"""Where Debian keeps the programs of each version, which are not on the path."""
USER = "postgres"
"""PostgreSQL refuses to run as root; its package makes this user."""


def as_root() -> bool:
    return os.geteuid() == 0


@cache
def programs() -> Path:
    """The folder with initdb and postgres. Skips the test, or fails in CI, where it cannot be had."""
    found = _found()
    if found is None and as_root() and shutil.which("apt-get"):
        with FileLock("/tmp/logverdict-postgresql-install.lock"):
            found = _found() or _install()
    return found or missing("postgres", INSTALL)


def _install() -> Path | None:
    """Without asking, and without a server of the system's own."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        "apt-get update -qq",
        "apt-get install -y -qq --no-install-recommends postgresql-common",
        "sed -i s/^#*create_main_cluster.*/create_main_cluster=false/ /etc/postgresql-common/createcluster.conf",
        "apt-get install -y -qq --no-install-recommends postgresql",
    ):
        subprocess.run(command.split(), env=quiet, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    return _found()


def _found() -> Path | None:
    versions = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if versions:
        return versions[-1].parent
    named = shutil.which("initdb")
    return Path(named).resolve().parent if named and (Path(named).resolve().parent / "postgres").exists() else None
