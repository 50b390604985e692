"""A bad deployment in a real Elasticsearch whose errors lie where something goes wrong: never a PASS."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import stamina
from aiohttp import web

from fakes.judged import AFTER, BEFORE, LAST_MINUTE, court, honest, stopped
from fakes.proxy import Body, Happening, Passing, Proxy, after, changed, cut, drop
from fakes.site import broken, ordinary
from logverdict.adapters.sources.elasticsearch import ElasticsearchSource
from logverdict.adapters.sources.elasticsearch_access import Access
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Verification
from logverdict.domain.words import PushDown, Verdict
from servers.elasticsearch.fixtures import bulk, node
from servers.elasticsearch.node import Node

pytestmark = pytest.mark.timeout(400)
FIELDS = {
    "timestamp": {"type": "date"},
    "message": {"type": "text"},
    "level": {"type": "keyword"},
    "instance": {"type": "keyword"},
}
WAYS = pytest.mark.parametrize("push_down", [PushDown.NEVER, PushDown.ALWAYS])


@dataclass
class Deployed:
    """All is well but in the last minute. The errors are in an index of their own."""

    server: Node
    prefix: str

    def spec(self, push_down: PushDown, index: str = "*") -> SourceSpec:
        return SourceSpec("app", "", "*", options={"index": f"{self.prefix}-{index}"}, push_down=push_down)

    def call(self, method: str, index: str, path: str = "", body: object = None) -> dict[str, object]:
        return self.server.call(method, f"/{self.prefix}-{index}{path}", body)


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployed]:
    made = Deployed(node(), f"faults-{secrets.token_hex(6)}")
    settings = {"number_of_shards": 1, "number_of_replicas": 0}
    seconds = int((AFTER.end - BEFORE.start).total_seconds())
    for name, lines in (
        ("good", ordinary(BEFORE.start, seconds)),
        ("bad", broken(LAST_MINUTE.start, 60)),
    ):
        made.call("PUT", name, body={"settings": settings, "mappings": {"properties": FIELDS}})
        bulk(made.server, f"{made.prefix}-{name}", lines)
    yield made
    made.call("DELETE", "*")


@pytest.fixture
async def proxy(deployed: Deployed) -> AsyncIterator[Proxy]:
    async with Proxy(deployed.server.url) as proxy:
        yield proxy


async def judged(url: str, spec: SourceSpec, folder: Path, attempts: int, timeout: float = 30.0) -> Verification:
    """What is tried again is tried again at once, so often."""
    source = ElasticsearchSource(Access(urls=(url,), timeout=timeout))
    try:
        with stamina.set_testing(True, attempts=attempts):
            async with court(source, spec, folder=folder) as at_work:
                return await at_work.judge()
    finally:
        await source.aclose()


def halved(answer: Body) -> None:
    """What a server gives that ran out of time: what it had by then, with a flag and without an error."""
    answer["timed_out"] = True
    hits = answer.get("hits", {}).get("hits")
    if hits:
        del hits[len(hits) // 2 :]
    for found in answer.get("aggregations", {}).values():
        if found.get("buckets"):
            del found["buckets"][len(found["buckets"]) // 2 :]


async def stall(passing: Passing) -> web.StreamResponse:
    """Nothing, as long as anybody waits."""
    await asyncio.Event().wait()
    raise AssertionError


async def rejected(passing: Passing) -> web.StreamResponse:
    """As a node says it whose queue is full."""
    cause = {"type": "es_rejected_execution_exception", "reason": "rejected execution, queue capacity 1000"}
    error = {"error": {"root_cause": [cause], **cause}, "status": 429}
    return web.json_response(error, status=429, headers={"X-Elastic-Product": "Elasticsearch"})


TROUBLES: dict[str, tuple[Happening, str]] = {
    "cut in mid-body": (cut, "connection broke"),
    "dropped": (drop, "connection broke"),
    "timed out": (changed(halved), "timed_out"),
    "slow": (stall, "did not answer in time"),
    "rejected": (rejected, "queue capacity"),
}


@WAYS
async def test_undisturbed_it_fails_and_without_the_lost_part_it_would_pass(
    deployed: Deployed, tmp_path: Path, push_down: PushDown
) -> None:
    """So each verdict below is one that nobody can get by reading less."""
    assert stopped(await judged(deployed.server.url, deployed.spec(push_down), tmp_path, 6))
    (tmp_path / "less").mkdir()
    less = await judged(deployed.server.url, deployed.spec(push_down, "good"), tmp_path / "less", 6)
    assert less.judgement and less.judgement.verdict is Verdict.PASS


@WAYS
@pytest.mark.parametrize("name", TROUBLES)
async def test_a_passing_trouble_changes_nothing(
    deployed: Deployed, proxy: Proxy, tmp_path: Path, push_down: PushDown, name: str
) -> None:
    """What went wrong twice is asked again: the verdict is that of an undisturbed read."""
    happening, _ = TROUBLES[name]
    rule = proxy.rule(happening, span=LAST_MINUTE, times=2)
    found = await judged(proxy.url, deployed.spec(push_down), tmp_path, 6, timeout=3.0 if name == "slow" else 30.0)
    assert rule.happened == 2
    assert stopped(found)
    assert {part.share for part in found.coverage} == {1.0}


@WAYS
@pytest.mark.parametrize("name", TROUBLES)
async def test_a_lasting_trouble_is_inconclusive(
    deployed: Deployed, proxy: Proxy, tmp_path: Path, push_down: PushDown, name: str
) -> None:
    """The minute of the errors can't be read: no PASS, and the reason is the server's."""
    happening, said = TROUBLES[name]
    proxy.rule(happening, span=LAST_MINUTE)
    found = await judged(proxy.url, deployed.spec(push_down), tmp_path, 2, timeout=1.0 if name == "slow" else 30.0)
    assert honest(found, said), found.judgement
    (candidate,) = (part for part in found.coverage if part.side == "candidate")
    assert not candidate.coverage.complete
    assert candidate.share < 1


@WAYS
async def test_a_lost_point_is_opened_again(
    deployed: Deployed, proxy: Proxy, tmp_path: Path, push_down: PushDown
) -> None:
    """Somebody, or a restart, deleted the point in time under the read: nothing is lost and nothing counted twice."""
    rule = proxy.rule(after(_delete_point(deployed)), span=LAST_MINUTE, times=2)
    found = await judged(proxy.url, deployed.spec(push_down), tmp_path, 6)
    assert rule.happened == 2
    assert stopped(found)
    assert all(part.coverage.read == part.coverage.expected for part in found.coverage)


@WAYS
async def test_a_point_that_is_lost_each_time_is_inconclusive(
    deployed: Deployed, proxy: Proxy, tmp_path: Path, push_down: PushDown
) -> None:
    """Then the read can't come to its end, and says so."""
    rule = proxy.rule(after(_delete_point(deployed)), span=LAST_MINUTE)
    found = await judged(proxy.url, deployed.spec(push_down), tmp_path, 2)
    assert rule.happened
    assert stopped(found) or honest(found, "point in time"), found.judgement


def _delete_point(deployed: Deployed):  # type: ignore[no-untyped-def]
    async def delete(passing: Passing) -> None:
        point = passing.asked.get("pit")
        if point:
            await asyncio.to_thread(deployed.server.call, "DELETE", "/_pit", {"id": point["id"]})

    return delete


@WAYS
@pytest.mark.parametrize("index", ["none-*", "good,{prefix}-bda*"])
async def test_a_pattern_that_matches_nothing_is_inconclusive(
    deployed: Deployed, tmp_path: Path, push_down: PushDown, index: str
) -> None:
    """Also beside a name that is right: the server gives no error for it, we do."""
    spec = deployed.spec(push_down, index.format(prefix=deployed.prefix))
    assert honest(await judged(deployed.server.url, spec, tmp_path, 2), "no such index")


@WAYS
async def test_an_index_that_is_deleted_under_the_read_is_no_pass(
    deployed: Deployed, proxy: Proxy, tmp_path: Path, push_down: PushDown
) -> None:
    """What was there when the read began and can't be read any more is missing, not zero."""
    deployed.call("PUT", "gone", body={"mappings": {"properties": FIELDS}})
    bulk(deployed.server, f"{deployed.prefix}-gone", broken(LAST_MINUTE.start, 60))

    async def delete(passing: Passing) -> None:
        await asyncio.to_thread(deployed.call, "DELETE", "gone", "?ignore_unavailable=true")

    proxy.rule(after(delete), span=LAST_MINUTE, times=1)
    spec = deployed.spec(push_down, f"good,{deployed.prefix}-gone")
    found = await judged(proxy.url, spec, tmp_path, 2)
    assert stopped(found) or honest(found, "no such index"), found.judgement


@WAYS
async def test_a_missing_shard_is_inconclusive_until_it_is_back(
    deployed: Deployed, tmp_path: Path, push_down: PushDown
) -> None:
    """A shard that no node may hold is not searched, and the others do not answer for it."""
    nowhere = {"index.routing.allocation.require._name": "nobody", "index.number_of_replicas": 0}
    body = {"settings": nowhere, "mappings": {"properties": FIELDS}}
    deployed.call("PUT", "away", "?wait_for_active_shards=0", body)
    spec = deployed.spec(push_down, f"good,{deployed.prefix}-away")
    try:
        (tmp_path / "away").mkdir()
        away = await judged(deployed.server.url, spec, tmp_path / "away", 2)
        assert honest(away, "overloaded or not whole"), away.judgement
        deployed.call("PUT", "away", "/_settings", {"index.routing.allocation.require._name": None})
        bulk(deployed.server, f"{deployed.prefix}-away", broken(LAST_MINUTE.start, 60))
        assert stopped(await judged(deployed.server.url, spec, tmp_path, 6))
    finally:
        deployed.call("DELETE", "away")


@WAYS
async def test_a_closed_index_is_no_pass(deployed: Deployed, tmp_path: Path, push_down: PushDown) -> None:
    """Its entries are there and can't be searched: where it is named, the read is refused."""
    deployed.call("POST", "bad", "/_close")
    try:
        spec = deployed.spec(push_down, f"good,{deployed.prefix}-bad")
        found = await judged(deployed.server.url, spec, tmp_path, 2)
    finally:
        deployed.call("POST", "bad", "/_open?wait_for_active_shards=1")
    assert honest(found, "closed"), found.judgement
