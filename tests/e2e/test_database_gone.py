"""The database goes away in the middle of the work and comes back: nothing that was acknowledged is lost."""

import json
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
from grpc_status import rpc_status

from e2e.replicas import Pair, Watcher, a_postgres, a_short_one
from fakes.site import Site, ordinary
from logverdict.v1 import verification_service_pb2 as v1
from servers.postgres.server import Server as Postgres

AWAY = float(os.environ.get("LOGVERDICT_AWAY", "6"))
"""Seconds."""
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture
def database() -> Iterator[Postgres]:
    with a_postgres() as server:
        yield server


@pytest.fixture
def pair(database: Postgres, tmp_path: Path) -> Iterator[Pair]:
    site = Site(tmp_path)
    site.settle(store=database.fresh("gone"), lease="2s")
    site.write("shop", sorted(ordinary(datetime.now(UTC) - timedelta(seconds=60), 200)))
    pair = Pair(site)
    pair.start()
    yield pair
    site.stop_all()


def warnings(log: Path) -> list[str]:
    """The events of those lines that a person is to see."""
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return [line["event"] for line in lines if line["level"] not in ("debug", "info")]


def test_work_pauses_and_goes_on(pair: Pair, database: Postgres):
    """Meanwhile calls are UNAVAILABLE, with advice; a repeated request then gets what it asked for, once."""
    acknowledged = [
        pair.stub(number).CreateVerification(a_short_one(number, AWAY), timeout=30).name for number in range(4)
    ]
    watchers = [Watcher(pair, name, turn) for turn, name in enumerate(acknowledged)]
    for watcher in watchers:
        watcher.start()
    while not all(watcher.revisions for watcher in watchers):
        time.sleep(0.1)
    database.stop()
    gone = time.monotonic()
    for turn in range(2):
        with pytest.raises(grpc.RpcError) as caught:
            pair.stub(turn).CreateVerification(a_short_one(9, AWAY), timeout=30)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE  # type: ignore[attr-defined]
        status = rpc_status.from_call(caught.value)  # type: ignore[arg-type]
        assert "all that was acknowledged is kept" in status.message
        assert "try again" in status.message
    time.sleep(max(0.0, AWAY - (time.monotonic() - gone)))
    database.start(os.getpid())
    names = {pair.stub(turn).CreateVerification(a_short_one(9, AWAY), timeout=30).name for turn in range(2)}
    for watcher in watchers:
        watcher.join(120)
        assert watcher.fault == ""
        numbers = [revision.number for revision in watcher.revisions]
        assert numbers == list(range(2, 2 + len(numbers)))
        assert watcher.revisions[-1].verification.state == v1.Verification.SUCCEEDED
        assert {part.share for part in watcher.revisions[-1].verification.coverage} == {1.0}
    listed = pair.stub(0).ListVerifications(v1.ListVerificationsRequest()).verifications
    assert sorted(one.name for one in listed) == sorted([*acknowledged, *names])
    assert len(names) == 1
    for log in sorted(pair.site.root.glob("server-*.log")):
        told = warnings(log)
        assert (told[0], told[-1]) == ("store does not answer", "store answers again")
        assert len(told) <= 6 + AWAY / 30, "what waits for the store does not say it again and again"
