"""Two replicas on one PostgreSQL, one of which is killed again and again: each verification ends once, and rightly."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from google.protobuf.duration_pb2 import Duration

from e2e.replicas import TOO_LONG, Pair, Watcher, a_postgres, assert_told_once, essence, insist
from fakes.site import Server, Site, broken, ordinary
from logverdict.v1 import policy_pb2
from logverdict.v1 import verification_service_pb2 as v1
from servers.postgres.server import Server as Postgres


@dataclass(frozen=True)
class Chaos:
    """Seconds, but for the number of verifications. `lasts`: how long a deployment is watched."""

    verifications: int
    lasts: int
    interval: int
    every: float
    kills: int
    lease: int


CHAOS = {
    "short": Chaos(verifications=20, lasts=40, interval=8, every=6.0, kills=5, lease=2),
    "long": Chaos(verifications=50, lasts=270, interval=30, every=20.0, kills=15, lease=15),
}[os.environ.get("LOGVERDICT_CHAOS", "short")]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def database() -> Iterator[Postgres]:
    with a_postgres() as server:
        yield server


@pytest.fixture
def pair(database: Postgres, tmp_path: Path) -> Iterator[Pair]:
    site = Site(tmp_path)
    site.settle(store=database.fresh("chaos"), lease=f"{CHAOS.lease}s")
    pair = Pair(site)
    yield pair
    site.stop_all()


def verdict(server: Server, request: v1.CreateVerificationRequest) -> v1.Verification:
    steps = server.stub().Verify(v1.VerifyRequest(verification=request.verification), timeout=TOO_LONG * 3)
    return list(steps)[-1].revision.verification


def write_logs(site: Site, start: datetime) -> None:
    """All that will have happened: `shop` gets a defect, `search` does not."""
    for service, lines in (("shop", broken(start, CHAOS.lasts)), ("search", [])):
        usual = ordinary(start - timedelta(seconds=60), CHAOS.lasts + 60)
        site.write(service, sorted(usual + lines))


def requests(start: datetime) -> list[v1.CreateVerificationRequest]:
    made = []
    for number in range(CHAOS.verifications):
        deployment = v1.Deployment(service=("shop", "search")[number % 2], environment=f"e{number}", version="1.1")
        deployment.rollout_start_time.FromDatetime(start)
        verification = v1.Verification(
            deployment=deployment,
            policy=policy_pb2.Policy(early_stop=False),
            timing=policy_pb2.Timing(
                settle=Duration(),
                ingest_lag=Duration(nanos=400_000_000),
                interval=Duration(seconds=CHAOS.interval),
                duration=Duration(seconds=CHAOS.lasts),
                baseline=Duration(seconds=50),
            ),
        )
        made.append(v1.CreateVerificationRequest(verification=verification, request_id=f"run-{number}"))
    return made


def test_each_verification_ends_once_with_the_verdict_of_an_undisturbed_run(pair: Pair, database: Postgres, calm: Site):
    """While a replica is killed every few seconds, and the database is restarted; and no watcher misses a revision."""
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    write_logs(pair.site, start)
    write_logs(calm, start)
    pair.start()
    wanted = requests(start)
    undisturbed = [ThreadPoolExecutor(1).submit(verdict, calm.servers[0], one) for one in wanted[:2]]
    with ThreadPoolExecutor(2 * len(wanted)) as pool:
        both = [[pool.submit(insist, pair, turn, one) for turn in (0, 1)] for one in wanted]
        names = [[found.result().name for found in answers] for answers in both]
    assert all(one == two for one, two in names)
    watchers = [Watcher(pair, name, turn) for turn, (name, _) in enumerate(names)]
    for watcher in watchers:
        watcher.start()
    for kill in range(CHAOS.kills):
        time.sleep(CHAOS.every)
        if all(watcher.ended for watcher in watchers):
            break
        if kill == CHAOS.kills // 2:
            database.stop()
            database.start(os.getpid())
        pair.kill(kill % 2)
    for watcher in watchers:
        watcher.join(240)
    for watcher in watchers:
        assert_told_once(watcher)
    assert len(pair.stub(0).ListVerifications(v1.ListVerificationsRequest(page_size=1000)).verifications) == len(wanted)
    found = [watcher.revisions[-1].verification for watcher in watchers]
    print("reconnects:", sum(watcher.reconnects for watcher in watchers), "takeovers:", takeovers(database))
    assert {essence(one) for one in found} == {essence(one.result()) for one in undisturbed}
    assert {one.verdict for one in found} == {v1.Verification.FAIL, v1.Verification.PASS}


def takeovers(database: Postgres) -> int:
    return int(str(database.do("SELECT sum(epoch - 1) FROM verifications", "chaos")[0][0]))
