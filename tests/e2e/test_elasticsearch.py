"""A window of the past, judged by a real logverdict server on a real Elasticsearch."""

import secrets
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote

import pytest

from fakes.site import NOON, SETTINGS, Site, a_past_request, broken, ordinary, revisions
from logverdict.v1 import policy_pb2
from logverdict.v1 import verification_service_pb2 as v1
from servers.elasticsearch.fixtures import bulk, node

pytestmark = pytest.mark.timeout(400)
PROFILES = """\
profiles:
  shop:
    sources:
      app:
        connection: logs
        query: "NOT level:trace"
        options: {{index: "{index}-*", filter.service.name: shop}}
"""


@pytest.fixture
def index(site: Site) -> Iterator[str]:
    """Empty, and all that the site needs to know of it."""
    server, index = node(), f"e2e-{secrets.token_hex(6)}"
    fields = {
        "timestamp": {"type": "date"},
        "message": {"type": "text"},
        **{name: {"type": "keyword"} for name in ("level", "instance", "service.name")},
    }
    server.call("PUT", f"/{index}-1", {"settings": {"number_of_shards": 2}, "mappings": {"properties": fields}})
    settings = SETTINGS.replace("{kind: file, root: logs}", f"{{kind: elasticsearch, urls: {server.url}}}")
    site.config.write_text(settings)
    (site.root / "profiles.yaml").write_text(PROFILES.format(index=index))
    yield index
    server.call("DELETE", f"/{index}-*")


def verified(site: Site, index: str, lines: list[str]) -> v1.Verification:
    bulk(node(), f"{index}-1", [line.replace("{", '{"service.name": "shop", ', 1) for line in lines])
    steps = site.serve().stub().Verify(a_past_request(), timeout=60)
    return revisions(steps)[-1].verification


def test_a_bad_deployment_is_stopped_with_the_exception_named(site: Site, index: str) -> None:
    """Read from Elasticsearch completely, the verdict is FAIL, and says which exception is new."""
    found = verified(site, index, ordinary(NOON - timedelta(minutes=10), 900) + broken(NOON, 300))
    assert (found.verdict, found.decision) == (v1.Verification.FAIL, policy_pb2.STOP)
    assert "InvalidKeyException" in found.sentence
    assert {part.share for part in found.coverage} == {1.0}
    assert site.servers[-1].stop() == 0


def test_an_event_leads_to_its_raw_entries(site: Site, index: str) -> None:
    """The query of the new exception finds as many documents in its span as the candidate had; the link holds it."""
    connection = f"urls: {node().url}"
    site.config.write_text(site.config.read_text().replace(connection, f"{connection}, kibana: 'https://kibana'"))
    found = verified(site, index, ordinary(NOON - timedelta(minutes=10), 900) + broken(NOON, 300))
    events = site.servers[-1].stub().ListEvents(v1.ListEventsRequest(parent=found.name, filter="kind = UNKNOWN")).events
    (way,) = events[0].ways_back
    times = {"gte": way.start_time.ToJsonString(), "lt": way.end_time.ToJsonString()}
    clauses = [{"query_string": {"query": way.query, "fields": ["message"]}}, {"range": {"timestamp": times}}]
    answer = node().call("POST", f"/{index}-*/_count", {"query": {"bool": {"filter": clauses}}})
    assert answer["count"] == events[0].candidate_count > 0
    assert way.link.startswith("https://kibana/app/discover#/")
    assert quote(way.query, safe=",:") in way.link


def test_a_good_deployment_proceeds(site: Site, index: str) -> None:
    """Ordinary entries on both sides: PASS."""
    found = verified(site, index, ordinary(NOON - timedelta(minutes=10), 900))
    assert (found.verdict, found.decision) == (v1.Verification.PASS, policy_pb2.PROCEED)


def test_a_typo_in_the_index_is_no_quiet_service(site: Site, index: str) -> None:
    """A pattern that matches nothing is INCONCLUSIVE with the reason, never PASS."""
    (site.root / "profiles.yaml").write_text(PROFILES.format(index=f"{index}-typo"))
    found = verified(site, index, ordinary(NOON - timedelta(minutes=10), 900))
    assert found.verdict == v1.Verification.INCONCLUSIVE
    assert "no such index" in found.sentence
