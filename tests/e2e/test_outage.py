"""A database that is away for several looks, while the trouble in the logs comes and goes: each look is judged."""

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from google.protobuf.duration_pb2 import Duration

from e2e.replicas import TOO_LONG, Pair, Watcher, a_postgres, assert_told_once, essence, insist
from fakes.site import Server, Site, broken, entry, ordinary, revisions
from logverdict.v1 import policy_pb2
from logverdict.v1 import verification_service_pb2 as v1
from servers.postgres.server import Server as Postgres

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
LASTS, INTERVAL, BEFORE = 75, 5, 60
"""Seconds: for which a deployment is watched, between its looks, and of logs before it."""
GONE, FROZEN = (2, 7), (9, 12)
"""Looks: the database stands still from when all have judged the one until the other has become due."""
Revisions = Sequence[v1.WatchVerificationResponse.Revision]
PROFILE = """\
  {service}:
    sources:
      app: {{connection: logs, query: "{service}/*.jsonl"}}
"""


def refused(start: datetime, begin: int, end: int, times: int) -> list[str]:
    """An ordinary error, which between those seconds is not so any more: it comes so many times more."""
    return [
        entry(
            start + timedelta(seconds=second, milliseconds=30 * turn), f"upstream {second % 7} refused", "error", name
        )
        for second in range(-BEFORE, LASTS)
        for turn in range(1 + times * (begin <= second < end))
        for name in ("a", "b")
    ]


def defect(start: datetime, begin: int, end: int, every: int) -> list[str]:
    return broken(start + timedelta(seconds=begin), end - begin, every=every)


def troubles(start: datetime) -> dict[str, list[str]]:
    """By service. Each look for itself would give PASS, but for what is said here; two FAIL in a row end it."""
    return {
        "sound": [],
        "burst": refused(start, 8, 18, 20),  # FAIL at looks 3, 4, and 5: of fewer looks it would pass
        "flash": refused(start, 8, 20, 12),  # FAIL at look 5
        "spell": defect(start, 12, 27, 1),  # WARN at looks 3 and 4, FAIL from the next on
        "late": defect(start, 27, LASTS, 4),  # WARN from look 6 on, FAIL from look 11 on
    }


def settle(site: Site, start: datetime) -> None:
    """All that will have happened, and how to read it."""
    text = "profiles:\n"
    for service, lines in troubles(start).items():
        text += PROFILE.format(service=service)
        (site.root / "logs" / service).mkdir()
        usual = ordinary(start - timedelta(seconds=BEFORE), LASTS + BEFORE)
        site.write(service, sorted(usual + lines))
    (site.root / "profiles.yaml").write_text(text)


def requests(start: datetime) -> list[v1.CreateVerificationRequest]:
    """Two of each service."""
    made = []
    for number, service in enumerate([*troubles(start)] * 2):
        deployment = v1.Deployment(service=service, environment=f"e{number}", version="1.1")
        deployment.rollout_start_time.FromDatetime(start)
        timing = policy_pb2.Timing(
            settle=Duration(),
            ingest_lag=Duration(nanos=400_000_000),
            interval=Duration(seconds=INTERVAL),
            duration=Duration(seconds=LASTS),
            baseline=Duration(seconds=50),
        )
        verification = v1.Verification(deployment=deployment, timing=timing)
        made.append(v1.CreateVerificationRequest(verification=verification, request_id=f"run-{number}"))
    return made


@pytest.fixture
def database() -> Iterator[Postgres]:
    with a_postgres() as server:
        yield server


@pytest.fixture
def pair(database: Postgres, tmp_path: Path) -> Iterator[Pair]:
    site = Site(tmp_path)
    site.settle(store=database.fresh("outage"), lease="2s")
    pair = Pair(site)
    pair.start()
    yield pair
    site.stop_all()


def undisturbed(server: Server, wanted: v1.CreateVerificationRequest) -> Revisions:
    return revisions(server.stub().Verify(v1.VerifyRequest(verification=wanted.verification), timeout=TOO_LONG))


def story(seen: Revisions) -> list[tuple[object, ...]]:
    """What each look said, and how it ended: the same, whatever happened to those who looked."""
    looks = [one.verification for one in seen if one.verification.looks]
    told = [(one.looks, one.verdict, one.score, one.sentence, one.candidate_side.entries) for one in looks]
    last = looks[-1]
    coverage = tuple(part.SerializeToString(deterministic=True) for part in last.coverage)
    return [*told, (*essence(last), tuple(last.notes), coverage)]


def until(moment: datetime) -> None:
    time.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()))


def all_judged(number: int, watchers: Sequence[Watcher]) -> None:
    """Returns when each has seen that look, or the end."""
    while not all(watcher.ended or watcher.looks >= number for watcher in watchers):
        assert [watcher.fault for watcher in watchers if watcher.fault] == []
        time.sleep(0.05)


def overdue(number: int, start: datetime) -> None:
    """Returns when the entries of that look have arrived, and at least two looks from now."""
    due = start + timedelta(seconds=number * INTERVAL + 0.4)
    until(max(due, datetime.now(UTC) + timedelta(seconds=2 * INTERVAL + 1)))


def disturb(pair: Pair, database: Postgres, start: datetime, watchers: Sequence[Watcher]) -> None:
    """The database goes, and a replica dies meanwhile; later the database hangs."""
    all_judged(GONE[0], watchers)
    database.stop()
    pair.replicas[0].kill()
    overdue(GONE[1], start)
    database.start(os.getpid())
    all_judged(FROZEN[0], watchers)
    with database.frozen():
        overdue(FROZEN[1], start)
    pair.replicas[0] = pair.site.serve()


def test_an_outage_of_several_looks_changes_no_verdict(pair: Pair, database: Postgres, calm: Site) -> None:
    """Also where a look more or fewer would: what became due meanwhile is judged in order; no watcher misses any."""
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=5)
    for site in (pair.site, calm):
        settle(site, start)
    wanted = requests(start)
    with ThreadPoolExecutor(2 * len(wanted)) as pool:
        names = [pool.submit(insist, pair, turn, one) for turn, one in enumerate(wanted)]
        truth = [pool.submit(undisturbed, calm.servers[0], one) for one in wanted]
        watchers = [Watcher(pair, name.result().name, turn) for turn, name in enumerate(names)]
        for watcher in watchers:
            watcher.start()
        disturb(pair, database, start, watchers)
        for watcher in watchers:
            watcher.join(TOO_LONG)
            assert_told_once(watcher)
        for watcher, seen in zip(watchers, truth, strict=True):
            assert story(watcher.revisions) == story(seen.result())
    assert {watcher.revisions[-1].verification.verdict for watcher in watchers} == {
        v1.Verification.FAIL,
        v1.Verification.PASS,
    }
    listed = pair.stub(0).ListVerifications(v1.ListVerificationsRequest(page_size=1000)).verifications
    assert len(listed) == len(wanted)
