"""The programs of a PostgreSQL on this machine."""

import os
import shutil
import signal
import subprocess
from functools import cache
from pathlib import Path

from filelock import FileLock

from needs import missing

INSTALL = "apt-get install -y postgresql"
APT = "apt-get -qq -o DPkg::Lock::Timeout=120"
COMMAND_SECONDS = 300
DEBIAN = Path("/usr/lib/postgresql")
"""Where Debian keeps the programs of each version, which are not on the path."""
USER = "postgres"
"""PostgreSQL refuses to run as root; its package makes this user."""


def as_root() -> bool:
    return os.geteuid() == 0


def programs() -> Path:
    """The folder with initdb and postgres. Skips the test, or fails in CI, where it cannot be had."""
    found, fault = _found(), ""
    if found is None and as_root() and shutil.which("apt-get"):
        # It takes longer than a test may, and pytest-timeout counts by this timer; each command has its own limit.
        signal.setitimer(signal.ITIMER_REAL, 0)
        with FileLock("/tmp/logverdict-postgresql-install.lock"):
            fault = _install()
        found = _found()
    return found or missing("postgres", INSTALL + fault)


@cache
def _install() -> str:
    """Without asking, and without a server of the system's own. What went wrong, "" where nothing did; tried once in
    each process."""
    if _found():  # by another one, meanwhile
        return ""
    fault = ""
    for command in (
        f"{APT} update",
        f"{APT} install -y --no-install-recommends postgresql-common",
        "sed -i s/^#*create_main_cluster.*/create_main_cluster=false/ /etc/postgresql-common/createcluster.conf",
        f"{APT} install -y --no-install-recommends postgresql",
    ):
        fault = _said(command)
    return f" (which was tried: {fault})" if fault else ""


def _said(command: str) -> str:
    """Its last words where it fails."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        ran = subprocess.run(
            command.split(), env=quiet, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
            timeout=COMMAND_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"{command} took longer than {COMMAND_SECONDS} s"
    return " ".join(ran.stderr.split())[-300:] or f"exit code {ran.returncode}" if ran.returncode else ""


def _found() -> Path | None:
    versions = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if versions:
        return versions[-1].parent
    named = shutil.which("initdb")
    return Path(named).resolve().parent if named and (Path(named).resolve().parent / "postgres").exists() else None
