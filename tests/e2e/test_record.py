"""Past windows recorded by the command, judged by backtest; and what is kept of the calls for it."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fakes import splunk
from fakes.command import Call, called
from fakes.site import Site, broken, entry, ordinary
from logverdict.v1 import verification_service_pb2 as v1
from servers.splunk import tls
from servers.splunk.server import SplunkServer

pytestmark = pytest.mark.timeout(300)
SECRET = "hunter2-hunter2"
DAY = timedelta(days=1)
START = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - 8 * DAY
"""When the first case is as if deployed: eight days ago."""
WINDOWS = ("--baseline", "10m", "--settle", "1m", "--duration", "5m")

SPLUNK = """\
listen: 127.0.0.1:0
store: logverdict.db
profiles: profiles.yaml
workers: 1
log: {{format: json}}
connections:
  prod-splunk: {{kind: splunk, url: "{url}", username: verifier, password_file: password, ca_file: "{ca_file}"}}
"""
PROFILE = """\
profiles:
  shop:
    sources:
      app: {connection: prod-splunk, query: "level=*", options: {index: app, sourcetype: json}}
"""


@pytest.fixture
def call() -> Call:
    return called


@pytest.fixture
def server(tmp_path: Path, site: Site) -> Iterator[SplunkServer]:
    certificates = tls.make(tmp_path)
    with SplunkServer(certificates) as server:
        (tmp_path / "password").write_text(splunk.PASSWORD)
        (tmp_path / "profiles.yaml").write_text(PROFILE)
        site.config.write_text(SPLUNK.format(url=server.url, ca_file=certificates / "ca.pem"))
        yield server


def around(start: datetime, bad: bool = False, seed: int = 1) -> list[str]:
    """Ten minutes before a time and six after it, with a secret in each window."""
    lines = ordinary(start - timedelta(minutes=10), 960, instances=("a",), seed=seed)
    for minute in (-5, 3):
        lines.append(entry(start + timedelta(minutes=minute), f"login of bob@example.org password={SECRET} ok"))
    return sorted(lines + (broken(start, 360) if bad else []))


def stamp(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def verdicts(predictions: Path) -> list[str]:
    return [json.loads(line)["true_verdict"] for line in predictions.read_text().splitlines()]


async def test_a_good_week_tells_the_alarms_to_expect(site: Site, call: Call, tmp_path: Path) -> None:
    """Seven windows of a week, recorded from files without secrets, and judged at each sensitivity: seven good cases,
    no alarm, and how little seven cases say."""
    for day in range(7):
        site.write("shop", around(START + day * DAY, seed=day), f"day-{day}.jsonl")
    local = ("--local", "--config", str(site.config))
    first, last = stamp(START - timedelta(minutes=10)), stamp(START + 6 * DAY + timedelta(minutes=6))
    when = ("--every", "1d", "--from", first, "--to", last, *WINDOWS)
    out = tmp_path / "good"
    made = await call("record", "shop", "-e", "prod", *when, "--out", str(out), *local)
    assert (made.code, "7 cases (7 new" in made.out) == (0, True), made.err
    kept = b"".join(gzip.decompress(path.read_bytes()) for path in out.rglob("*.gz")).decode()
    assert SECRET not in kept and "bob@example.org" not in kept
    assert kept.count("login of <email> password=<secret> ok") == 14
    predictions = tmp_path / "p.jsonl"
    judged = await call(
        "backtest", str(out), "--out", str(predictions), "--sensitivity", "all", "--jobs", "1", COLUMNS="120"
    )
    assert verdicts(predictions) == ["PASS"] * 7
    for word in ("LOW", "MEDIUM", "HIGH"):
        (row,) = (line.replace("│", " ").split() for line in judged.err.splitlines() if f"│ {word} " in line)
        assert row == [word, "7", "7", "0", "0", "0.0%", "34.8%"], judged.err


async def test_a_bad_deployment_in_splunk_is_recorded_and_found(
    server: SplunkServer, site: Site, call: Call, tmp_path: Path
) -> None:
    """Through a server: a deployment of the past with its truth; backtest judges it as a verification would."""
    for line in around(START, bad=True):
        server.indexes.add(datetime.fromisoformat(json.loads(line)["timestamp"]), line)
    address, out, predictions = site.serve().address, tmp_path / "cases", tmp_path / "p.jsonl"
    when = ("--at", stamp(START), "--truth", "fail", *WINDOWS)
    made = await call("record", "shop@1.2", "-e", "prod", *when, "--out", str(out), server=address)
    assert made.code == 0, made.err
    (folder,) = out.iterdir()
    record = json.loads((folder / "record.json").read_text())
    entries = sum(
        START + timedelta(minutes=1) <= moment(line) < START + timedelta(minutes=6) for line in around(START, True)
    )
    assert (record["complete"], record["entries"]["candidate"]) == (True, entries)
    assert SECRET.encode() not in b"".join(gzip.decompress(path.read_bytes()) for path in out.rglob("*.gz"))
    assert server.jobs == {}
    await call("backtest", str(out), "--out", str(predictions), "--jobs", "1")
    assert verdicts(predictions) == ["FAIL"]


def moment(line: str) -> datetime:
    return datetime.fromisoformat(json.loads(line)["timestamp"])


async def test_the_calls_of_a_verification_are_kept_without_secrets(
    server: SplunkServer, site: Site, call: Call, tmp_path: Path
) -> None:
    """Each search that was made is in the audit, by gRPC and by the command; the store's file holds no secret."""
    for line in around(START):
        server.indexes.add(datetime.fromisoformat(json.loads(line)["timestamp"]), line)
    at_work = site.serve()
    verification = v1.Verification(deployment=v1.Deployment(service="shop", environment="prod", version="1.1"))
    verification.deployment.rollout_start_time.FromDatetime(START)
    verification.timing.baseline.FromSeconds(600)
    verification.timing.duration.FromSeconds(240)
    *_, last = at_work.stub().Verify(v1.VerifyRequest(verification=verification), timeout=200)
    found = at_work.stub().ListSourceCalls(v1.ListSourceCallsRequest(parent=last.name, page_size=1000)).calls
    assert {one.source for one in found} == {"app"}
    searches = [json.loads(one.query)["search"] for one in found if '"search":' in one.query]
    assert {text[:1_000] for text in searches} == {form["search"][:1_000] for form in server.searches()}
    assert sum(one.times for one in found) == len(server.seen)
    ended = await call("calls", last.name, "--json", server=at_work.address)
    assert [one["query"] for one in json.loads(ended.out)["calls"]] == [one.query for one in found]
    at_work.stop()
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("logverdict.db*"))
    assert b"earliest_time" in stored
    for secret in (splunk.PASSWORD, SECRET, *server.access.sessions):
        assert secret.encode() not in stored
