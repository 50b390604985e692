"""The database's disk is full in the middle of the work: nothing that was acknowledged is lost."""

import itertools
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
from grpc_status import rpc_status

from e2e.replicas import Pair, Watcher, a_short_one, insist
from fakes.site import Site, ordinary
from logverdict.v1 import verification_service_pb2 as v1
from servers.postgres.small import Small, a_small_postgres

FULL = 6.0
"""Seconds."""
MANY = 120
"""Verifications for which there is room in memory; their rows need more than is left on a full disk."""
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(params=[False, True], ids=["data", "wal"])
def database(request: pytest.FixtureRequest) -> Iterator[Small]:
    """The disk of all of it, or of what is written ahead: without room for that the server ends itself."""
    with a_small_postgres(wal=request.param) as small:
        yield small


@pytest.fixture
def pair(database: Small, tmp_path: Path) -> Iterator[Pair]:
    site = Site(tmp_path)
    site.settle(store=database.server.fresh("full"), lease="2s")
    site.write("shop", sorted(ordinary(datetime.now(UTC) - timedelta(seconds=60), 200)))
    pair = Pair(site)
    pair.start()
    yield pair
    site.stop_all()


def until_refused(pair: Pair, acknowledged: list[str], wal: bool) -> v1.CreateVerificationRequest:
    """Creates for as long as there is room; the first request that was refused, with UNAVAILABLE and advice."""
    for number in itertools.count(len(acknowledged)):
        assert number < MANY, "the disk is not full"
        wanted = a_short_one(number, FULL)
        try:
            acknowledged.append(pair.stub(number).CreateVerification(wanted, timeout=30).name)
        except grpc.RpcError as error:
            status = rpc_status.from_call(error)  # type: ignore[arg-type]
            assert error.code() is grpc.StatusCode.UNAVAILABLE, error  # type: ignore[attr-defined]
            assert status is not None
            assert "all that was acknowledged is kept" in status.message and "try again" in status.message
            assert wal or "its database has no disk space left" in status.message
            return wanted
    raise AssertionError


def test_work_pauses_and_goes_on(pair: Pair, database: Small) -> None:
    """Meanwhile calls are UNAVAILABLE, with advice; once there is room each verification ends, and a repeated request
    gets what it asked for, once."""
    acknowledged = [
        pair.stub(number).CreateVerification(a_short_one(number, FULL), timeout=30).name for number in range(4)
    ]
    watchers = [Watcher(pair, name, turn) for turn, name in enumerate(acknowledged)]
    for watcher in watchers:
        watcher.start()
    while not all(watcher.revisions for watcher in watchers):
        time.sleep(0.1)
    database.fill()
    refused = until_refused(pair, acknowledged, database.wal)
    time.sleep(FULL)
    assert database.free(os.getpid()) is database.wal
    names = {insist(pair, turn, refused).name for turn in range(2)}
    for watcher in watchers:
        watcher.join(120)
        assert watcher.fault == ""
        numbers = [revision.number for revision in watcher.revisions]
        assert numbers == list(range(2, 2 + len(numbers)))
        assert watcher.revisions[-1].verification.state == v1.Verification.SUCCEEDED
        assert {part.share for part in watcher.revisions[-1].verification.coverage} == {1.0}
    listed = pair.stub(0).ListVerifications(v1.ListVerificationsRequest(page_size=1000)).verifications
    assert sorted(one.name for one in listed) == sorted([*acknowledged, *names])
    assert len(names) == 1
