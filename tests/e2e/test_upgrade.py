"""A rolling upgrade to another mask table and judge, and back, while verifications run: no verdict differs."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from google.protobuf.duration_pb2 import Duration

from e2e.replicas import TOO_LONG, Pair, Watcher, a_postgres, insist
from fakes.site import Server, Site, broken, ordinary
from logverdict.analysis.rules import RULES_VERSION, key_of
from logverdict.v1 import policy_pb2
from logverdict.v1 import verification_service_pb2 as v1

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
LASTS, INTERVAL = 75, 15
"""Seconds for which a deployment is watched, and between its looks."""
NEXT = (str(Path(__file__).parents[1] / "servers" / "next_version.py"),)
NEXT_RULES = f"{key_of(RULES_VERSION)}.next"
TODAY = ("-m", "logverdict")
SERVICES = ("shop", "search")


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """Two replicas of today's version on one database."""
    with a_postgres() as database:
        site = Site(tmp_path)
        site.settle(store=database.fresh("upgrade"), lease="2s")
        pair = Pair(site)
        yield pair
        site.stop_all()


@pytest.fixture
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Site]]:
    """For each version a server that nobody disturbs, on a store of its own."""
    sites = {rules: Site(tmp_path_factory.mktemp("calm")) for rules in (RULES_VERSION, NEXT_RULES)}
    sites[RULES_VERSION].serve()
    sites[NEXT_RULES].serve(program=NEXT)
    yield sites
    for site in sites.values():
        site.stop_all()


def request(service: str, environment: str, start: datetime) -> v1.CreateVerificationRequest:
    deployment = v1.Deployment(service=service, environment=environment, version="1.1")
    deployment.rollout_start_time.FromDatetime(start)
    timing = v1.Verification().timing
    timing.settle.CopyFrom(Duration())
    timing.ingest_lag.CopyFrom(Duration(nanos=400_000_000))
    timing.interval.CopyFrom(Duration(seconds=INTERVAL))
    timing.duration.CopyFrom(Duration(seconds=LASTS))
    timing.baseline.CopyFrom(Duration(seconds=50))
    policy = policy_pb2.Policy(early_stop=False, history=0)
    made = v1.Verification(deployment=deployment, policy=policy, timing=timing)
    return v1.CreateVerificationRequest(verification=made, request_id=f"{service}-{environment}")


def essence(found: v1.Verification, server: Server) -> tuple[object, ...]:
    """What has to be the same, whoever worked on it."""
    events = server.stub().ListEvents(v1.ListEventsRequest(parent=found.name, page_size=100)).events
    return (
        found.mask_version,
        found.state,
        found.verdict,
        found.reason,
        found.score,
        found.sentence,
        found.looks,
        found.candidate_side.entries,
        found.baseline_side.entries,
        tuple((event.id, event.template, event.kind, event.impact) for event in events),
    )


def undisturbed(site: Site, wanted: v1.CreateVerificationRequest) -> tuple[object, ...]:
    (server,) = site.servers
    steps = server.stub().Verify(v1.VerifyRequest(verification=wanted.verification), timeout=TOO_LONG)
    return essence(list(steps)[-1].revision.verification, server)


def replace(pair: Pair, place: int, program: tuple[str, ...], kill: bool) -> None:
    """One replica by another version's: stopped in order, or killed."""
    old = pair.replicas[place]
    old.kill() if kill else old.stop()
    pair.replicas[place] = pair.site.serve(program=program)


@dataclass
class Trial:
    """The replicas of a test, and beside them servers that nobody disturbs; what both make of the same requests."""

    pair: Pair
    calm: dict[str, Site]
    pool: ThreadPoolExecutor
    begun: list[tuple[str, Watcher, "Future[tuple[object, ...]]"]] = field(default_factory=list)

    def begin(self, turn: int, start: datetime, environment: str, rules: str = RULES_VERSION) -> list[Watcher]:
        """A verification of each service, created at one replica and watched; to be judged by `rules`."""
        watchers = []
        for service in SERVICES:
            wanted = request(service, environment, start)
            truth = self.pool.submit(undisturbed, self.calm[rules], wanted)
            watchers.append(Watcher(self.pair, insist(self.pair, turn, wanted).name, turn))
            self.begun.append((rules, watchers[-1], truth))
            watchers[-1].start()
        return watchers

    def write_logs(self, start: datetime) -> None:
        """All that will have happened: `shop` gets a defect, `search` does not."""
        for site in (self.pair.site, *self.calm.values()):
            for service in SERVICES:
                lines = ordinary(start - timedelta(seconds=60), 2 * LASTS + 60)
                site.write(service, sorted(lines + (broken(start, 2 * LASTS) if service == "shop" else [])))


def told_of_judges(watcher: Watcher) -> bool:
    """Whether a note tells of two judges exactly where looks were judged by two."""
    last = watcher.revisions[-1].verification
    judges = {one.verification.judge_version for one in watcher.revisions if one.verification.judge_version}
    return (len(judges) > 1) == any("judged by judge version" in note for note in last.notes)


def until(moment: datetime) -> None:
    time.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()))


def test_a_rolling_upgrade_and_its_rollback_change_no_verdict(pair: Pair, calm: dict[str, Site]) -> None:
    """What begins while both versions work is judged by the table that both know, by whichever replica; what begins
    among new ones only, by theirs to its end."""
    pair.replicas = [pair.site.serve(), pair.site.serve()]
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=30)
    with ThreadPoolExecutor(8) as pool:
        trial = Trial(pair, calm, pool)
        trial.write_logs(start)
        trial.begin(0, start, "before")
        replace(pair, 0, NEXT, kill=False)
        trial.begin(0, start, "mixed")
        replace(pair, 1, NEXT, kill=True)
        time.sleep(3)  # the lease of the one that was killed
        after = trial.begin(1, start, "after", NEXT_RULES)
        until(start + timedelta(seconds=INTERVAL + 5))
        replace(pair, 0, TODAY, kill=True)
        trial.begin(0, start + timedelta(seconds=50), "back")
        replace(pair, 1, NEXT, kill=True)
        for watcher in after:  # as the manual says of a rollback once all were new
            watcher.join(TOO_LONG)
        replace(pair, 1, TODAY, kill=False)
        for rules, watcher, truth in trial.begun:
            watcher.join(TOO_LONG)
            assert watcher.ended, watcher.fault
            found = essence(watcher.revisions[-1].verification, pair.replicas[0])
            assert found == truth.result()
            assert found[0] == rules
            assert told_of_judges(watcher)
    verdicts = {truth.result()[2] for _, _, truth in trial.begun}
    assert verdicts == {v1.Verification.FAIL, v1.Verification.PASS}
    by_table = {
        rules: truth.result()[5] for rules, _, truth in trial.begun[::-1] if truth.result()[2] == v1.Verification.FAIL
    }
    assert by_table[RULES_VERSION] != by_table[NEXT_RULES]
