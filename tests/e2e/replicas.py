"""Two servers on one PostgreSQL, killed and started again, and clients that hold on to whichever answers."""

import itertools
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import grpc
from google.protobuf.duration_pb2 import Duration

from fakes.site import Server as Replica
from fakes.site import Site
from logverdict.v1 import policy_pb2
from logverdict.v1 import verification_service_pb2 as v1
from servers.postgres.server import Server as Postgres
from servers.postgres.server import make

PASSING = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
TOO_LONG = 240.0
"""Seconds after which a client gives up: something hangs."""
COUNT = itertools.count()


@contextmanager
def a_postgres() -> Iterator[Postgres]:
    """One of its own, which may be stopped. Below the folder for temporary files, which its user may enter."""
    run = Path(tempfile.gettempdir()) / f"logverdict-postgres-{os.getpid()}-{next(COUNT)}"
    server = make(run, os.getpid())
    try:
        yield server
    finally:
        server.end()


@dataclass
class Pair:
    """Two replicas of a site, either of which may be killed."""

    site: Site
    replicas: list[Replica] = field(default_factory=list)

    def start(self) -> None:
        self.replicas = [self.site.serve(), self.site.serve()]

    def kill(self, place: int) -> None:
        """With kill -9, and another one in its place."""
        self.replicas[place].kill()
        self.replicas[place] = self.site.serve()

    def stub(self, turn: int):  # type: ignore[no-untyped-def]
        return self.replicas[turn % 2].stub()


class Watcher(threading.Thread):
    """Follows one verification to its end, wherever that can be seen; what it saw is in `revisions`."""

    def __init__(self, pair: Pair, name: str, turn: int) -> None:
        super().__init__(daemon=True)
        self.name_watched = name
        self.revisions: list[v1.WatchVerificationResponse.Revision] = []
        self.fault = ""
        self.reconnects = 0
        self._pair = pair
        self._turn = turn

    @property
    def ended(self) -> bool:
        return bool(self.revisions) and self.revisions[-1].verification.HasField("end_time")

    @property
    def looks(self) -> int:
        """The newest that it saw."""
        return self.revisions[-1].verification.looks if self.revisions else 0

    def run(self) -> None:
        end = time.monotonic() + TOO_LONG * 3
        while not self.ended and time.monotonic() < end:
            after = self.revisions[-1].number if self.revisions else 1
            request = v1.WatchVerificationRequest(name=self.name_watched, after_revision=after)
            try:
                for step in self._pair.stub(self._turn).WatchVerification(request, timeout=TOO_LONG):
                    if step.HasField("revision"):
                        self.revisions.append(step.revision)
                return
            except grpc.RpcError as error:
                if error.code() not in PASSING:  # type: ignore[attr-defined]
                    self.fault = str(error)
                    return
            self._turn += 1
            self.reconnects += 1
            time.sleep(0.2)


def insist(pair: Pair, turn: int, request: v1.CreateVerificationRequest) -> v1.Verification:
    """Creates; asks again, also the other one, as long as nobody answers."""
    end = time.monotonic() + TOO_LONG
    while True:
        try:
            found: v1.Verification = pair.stub(turn).CreateVerification(request, timeout=20)
        except grpc.RpcError as error:
            if error.code() not in PASSING or time.monotonic() > end:  # type: ignore[attr-defined]
                raise
            turn += 1
            time.sleep(0.2)
        else:
            return found


def assert_told_once(watcher: Watcher) -> None:
    """Each revision once, in order, and one end."""
    assert watcher.fault == ""
    numbers = [revision.number for revision in watcher.revisions]
    assert numbers == list(range(2, 2 + len(numbers)))
    assert [revision.verification.HasField("end_time") for revision in watcher.revisions].count(True) == 1
    assert watcher.ended


def essence(found: v1.Verification) -> tuple[object, ...]:
    """What has to be the same, however often the work was interrupted."""
    return (
        found.deployment.service,
        found.state,
        found.verdict,
        found.decision,
        found.reason,
        found.score,
        found.sentence,
        found.looks,
        found.candidate_side.entries,
        found.baseline_side.entries,
        tuple((part.source, part.side, part.share) for part in found.coverage),
    )


def a_short_one(number: int, more: float) -> v1.CreateVerificationRequest:
    """Looks every two seconds, for twelve seconds and `more`."""
    return v1.CreateVerificationRequest(
        verification=v1.Verification(
            deployment=v1.Deployment(service="shop", environment=f"e{number}", version="1.1"),
            policy=policy_pb2.Policy(early_stop=False),
            timing=policy_pb2.Timing(
                settle=Duration(),
                ingest_lag=Duration(nanos=400_000_000),
                interval=Duration(seconds=2),
                duration=Duration(seconds=12 + int(more)),
                baseline=Duration(seconds=30),
            ),
        ),
        request_id=f"run-{number}",
    )
