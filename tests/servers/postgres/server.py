"""A PostgreSQL of its own: fresh data, a free port, on loopback; it ends with the test run."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from needs import tool
from servers.postgres.install import USER, as_root, programs

START_SECONDS = 60.0
SETTINGS = """\
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
max_connections = 200
shared_buffers = 64MB
log_min_messages = warning
"""
"""Without fsync it loses nothing when its processes are killed, only when the machine is."""
ACCESS = """\
host all locked 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
"""
"""The user `locked` needs a password."""


@dataclass(frozen=True)
class Server:
    """Where it answers. `run` holds its data; of a server that was given it is not there."""

    address: str
    """postgresql://USER@HOST:PORT/DATABASE, of a database that is there; it may have options."""
    run: Path

    def url(self, database: str) -> str:
        return urlsplit(self.address)._replace(path=f"/{database}").geturl()

    def do(self, statement: str, database: str = "") -> list[tuple[object, ...]]:
        """One statement, by no store of ours, in the database of its address or in another one."""
        with psycopg.connect(self.url(database) if database else self.address, autocommit=True) as connection:
            found = connection.execute(statement.encode())
            return found.fetchall() if found.description else []

    def fresh(self, name: str) -> str:
        """An empty database of that name; its address."""
        self.drop(name)
        self.do(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Where there is one of that name."""
        self.do(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    @property
    def pid(self) -> int:
        return int((self.run / "data" / "postmaster.pid").read_text().split("\n")[0])

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Meanwhile it answers nobody and hangs up on nobody, as when its disk or its machine stands still."""
        self._each(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            self._each(self._parent(), signal.SIGCONT)  # `runuser` stops with what it runs
            self._each(self.pid, signal.SIGCONT)

    def _each(self, pid: int, number: int) -> None:
        """The process and those that it started, of which some may just end."""
        os.kill(pid, number)
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(child), number)

    def _parent(self) -> int:
        return int(Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[1])

    def stop(self) -> None:
        """At once, as an operator's restart does: running transactions are undone."""
        os.kill(self.pid, signal.SIGINT)
        end = time.monotonic() + START_SECONDS
        while not (self.run / "ended").exists():  # as its supervisor saw it
            assert time.monotonic() < end, "PostgreSQL did not stop"
            time.sleep(0.05)

    def end(self) -> None:
        """For good."""
        self.stop()
        shutil.rmtree(self.run, ignore_errors=True)

    def start(self, wanted_by: int) -> None:
        """Also again, where it was, with what it held; it stops when the process `wanted_by` is gone."""
        (self.run / "ended").unlink(missing_ok=True)
        command = [*as_user(), str(programs() / "postgres"), "-D", str(self.run / "data")]
        supervise = str(Path(__file__).parents[1] / "supervise.py")
        watcher = [sys.executable, supervise, str(wanted_by), str(self.run), *command]
        subprocess.run(watcher, cwd=self.run, start_new_session=True, stdin=subprocess.DEVNULL, check=True)
        self._wait()

    def _wait(self) -> None:
        """Polled: a server does not say when it is up."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and not (self.run / "ended").exists():
            try:
                self.do("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        log = self.run / "log"
        raise AssertionError(f"PostgreSQL did not start:\n{log.read_text()[-4_000:] if log.exists() else ''}")


def make(run: Path, wanted_by: int, *more: str) -> Server:
    """A server in that folder, which answers. `more` are options of initdb."""
    bin = programs()
    run.mkdir(exist_ok=True)
    run.chmod(0o755)
    if as_root():
        subprocess.run(["chown", USER, str(run)], check=True)
    command = [*as_user(), str(bin / "initdb"), "-D", str(run / "data"), "-U", USER, "--auth=trust", "--no-sync"]
    ran = subprocess.run(
        [*command, "--encoding=UTF8", "--locale=C", *more],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, cwd=run,
    )  # fmt: skip
    assert ran.returncode == 0, f"initdb failed:\n{ran.stdout[-2_000:]}{ran.stderr[-2_000:]}"
    port = free_port()
    with (run / "data" / "postgresql.conf").open("a") as settings:
        settings.write(f"{SETTINGS}port = {port}\n")
    (run / "data" / "pg_hba.conf").write_text(ACCESS)
    server = Server(f"postgresql://{USER}@127.0.0.1:{port}/postgres", run)
    server.start(wanted_by)
    return server


def as_user() -> list[str]:
    return [tool("runuser", "apt-get install -y util-linux"), "-u", USER, "--"] if as_root() else []


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
