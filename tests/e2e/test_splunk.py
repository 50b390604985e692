"""A window of the past in Splunk, judged by a real server."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fakes import splunk
from fakes.site import NOON, Site, a_past_request, broken, ordinary, revisions
from logverdict.v1 import policy_pb2
from logverdict.v1 import verification_service_pb2 as v1
from servers.splunk import tls
from servers.splunk.knobs import PEER_DOWN
from servers.splunk.server import SplunkServer

SETTINGS = """\
listen: 127.0.0.1:0
store: logverdict.db
profiles: profiles.yaml
workers: 1
log: {{format: json}}
connections:
  prod-splunk:
    kind: splunk
    url: {url}
    username: verifier
    password_file: password
    ca_file: {ca_file}
"""
PROFILES = """\
profiles:
  shop:
    sources:
      app:
        connection: prod-splunk
        query: level=* NOT logger=audit
        options: {index: app, sourcetype: json}
"""


@pytest.fixture
def server(tmp_path: Path, site: Site) -> Iterator[SplunkServer]:
    certificates = tls.make(tmp_path)
    with SplunkServer(certificates) as server:
        (tmp_path / "password").write_text(splunk.PASSWORD)
        (tmp_path / "profiles.yaml").write_text(PROFILES)
        site.config.write_text(SETTINGS.format(url=server.url, ca_file=certificates / "ca.pem"))
        yield server


def fill(server: SplunkServer, bad: bool) -> None:
    lines = ordinary(NOON - timedelta(minutes=10), 900) + (broken(NOON, 300) if bad else [])
    for line in lines:
        server.indexes.add(datetime.fromisoformat(json.loads(line)["timestamp"]), line)


def verified(site: Site) -> v1.Verification:
    return revisions(site.serve().stub().Verify(a_past_request(), timeout=60))[-1].verification


def test_a_bad_deployment_is_stopped_with_the_exception_named(site: Site, server: SplunkServer):
    """FAIL, from entries that came over TLS from Splunk, each counted and read; no search is left behind."""
    fill(server, bad=True)
    found = verified(site)
    assert (found.verdict, found.decision) == (v1.Verification.FAIL, policy_pb2.STOP)
    assert "InvalidKeyException" in found.sentence
    assert [(part.share, list(part.faults)) for part in found.coverage] == [(1.0, [])] * 2
    assert all(part.read == part.expected > 0 for part in found.coverage)
    assert server.jobs == {}
    assert splunk.PASSWORD not in (site.root / "server-0.log").read_text()


def test_a_good_deployment_proceeds(site: Site, server: SplunkServer):
    """Ordinary entries on both sides: PASS."""
    fill(server, bad=False)
    assert verified(site).verdict == v1.Verification.PASS


def test_an_indexer_that_is_down_is_no_pass(site: Site, server: SplunkServer):
    """All entries that came are fine, but nobody knows how many did not: INCONCLUSIVE, and why."""
    fill(server, bad=False)
    server.knobs.messages = [PEER_DOWN]
    found = verified(site)
    assert found.verdict == v1.Verification.INCONCLUSIVE
    assert any("idx2" in fault for part in found.coverage for fault in part.faults)
