"""An Elasticsearch that stops and starts again in the middle of a read, or has no room for our searches."""

import asyncio
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import stamina
from aiohttp import web

from fakes.judged import AFTER, BEFORE, LAST_MINUTE, NAME, court, honest, stopped
from fakes.proxy import Passing, Proxy, drop
from fakes.site import broken, ordinary
from logverdict.adapters.sources.elasticsearch import ElasticsearchSource
from logverdict.adapters.sources.elasticsearch_access import Access
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Verification
from servers.elasticsearch.fixtures import bulk
from servers.elasticsearch.node import Node, launch, start, tell

pytestmark = [pytest.mark.slow, pytest.mark.timeout(500)]
FIELDS = {"timestamp": {"type": "date"}, "message": {"type": "text"}, "level": {"type": "keyword"}}
FEW = "thread_pool.search: {size: 1, queue_size: 2}\n"
"""Room for three searches at a time."""
SPEC = SourceSpec("app", NAME, "*", options={"index": "shop"})


@pytest.fixture
def server() -> Iterator[Node]:
    """A node of its own, with a bad deployment whose errors lie in the last minute."""
    run = Path(tempfile.mkdtemp(prefix="logverdict-elasticsearch-outage-"))
    made = start(run, os.getpid(), more=FEW)
    try:
        fields = {**FIELDS, "instance": {"type": "keyword"}}
        settings = {"number_of_shards": 2, "number_of_replicas": 0}
        made.call("PUT", "/shop", {"settings": settings, "mappings": {"properties": fields}})
        lines = ordinary(BEFORE.start, int((AFTER.end - BEFORE.start).total_seconds()))
        bulk(made, "shop", [*lines, *broken(LAST_MINUTE.start, 60)])
        made.call("POST", "/shop/_flush")
        yield made
    finally:
        tell(made, signal.SIGKILL)
        _wait_for_the_end(run)
        shutil.rmtree(run, ignore_errors=True)


def _wait_for_the_end(run: Path) -> None:
    """Polled: whoever watches the node leaves a file."""
    end = time.monotonic() + 20
    while time.monotonic() < end and not (run / "ended").exists():
        time.sleep(0.1)


@pytest.fixture
async def proxy(server: Node) -> AsyncIterator[Proxy]:
    async with Proxy(server.url) as proxy:
        yield proxy


async def judged(url: str, folder: Path, retry_for: float, timeout: float = 30.0) -> Verification:
    source = ElasticsearchSource(Access(urls=(url,), timeout=timeout))
    try:
        async with court(source, SPEC, folder=folder, retry_for=retry_for, gates={NAME: 16}) as at_work:
            return await at_work.judge()
    finally:
        await source.aclose()


def whole(found: Verification) -> bool:
    return all(part.share == 1 and part.coverage.read == part.coverage.expected for part in found.coverage)


async def test_a_node_that_stands_still_for_a_while_is_waited_for(server: Node, proxy: Proxy, tmp_path: Path) -> None:
    """Stopped until we have lost patience once, then going on: the errors are found, each entry once."""

    async def freeze(passing: Passing) -> web.StreamResponse:
        tell(server, signal.SIGSTOP)
        try:
            return await passing.forward()  # given up when our side does
        finally:
            tell(server, signal.SIGCONT)

    rule = proxy.rule(freeze, span=LAST_MINUTE, times=1)
    found = await judged(proxy.url, tmp_path, retry_for=200, timeout=3.0)
    assert rule.happened == 1
    assert stopped(found), found.judgement and found.judgement.sentence
    assert whole(found)


async def test_a_node_that_is_killed_and_comes_back_is_read_to_the_end(
    server: Node, proxy: Proxy, tmp_path: Path
) -> None:
    """Its points in time are gone, its entries are not: the slices that were under way are read again."""
    back: list[asyncio.Task[None]] = []

    async def kill(passing: Passing) -> web.StreamResponse:
        tell(server, signal.SIGKILL)
        back.append(asyncio.create_task(_again(server)))
        return await drop(passing)

    proxy.rule(kill, span=LAST_MINUTE, times=1)
    found = await judged(proxy.url, tmp_path, retry_for=300)
    await asyncio.gather(*back)
    assert len(back) == 1
    assert stopped(found), found.judgement and found.judgement.sentence
    assert whole(found)


async def _again(server: Node) -> None:
    """Once whoever watches the old process has seen its end: it would take the new one's sign of life for it."""
    while not (server.run / "ended").exists():
        await asyncio.sleep(0.1)
    await asyncio.to_thread(launch, server, os.getpid())


async def test_a_node_that_stays_away_is_inconclusive(server: Node, proxy: Proxy, tmp_path: Path) -> None:
    """All but the last minute was read, and it looked well: still no PASS."""

    async def kill(passing: Passing) -> web.StreamResponse:
        tell(server, signal.SIGKILL)
        return await drop(passing)

    proxy.rule(kill, span=LAST_MINUTE)
    with stamina.set_testing(True, attempts=2):
        found = await judged(proxy.url, tmp_path, retry_for=0.01)
    assert honest(found, "could be read"), found.judgement


async def test_searches_that_find_no_room_are_tried_again(server: Node, tmp_path: Path) -> None:
    """The node rejects what its queue can't hold (429), and says so of itself: the read is whole in the end."""
    found = await judged(server.url, tmp_path, retry_for=200)
    assert stopped(found), found.judgement and found.judgement.sentence
    assert whole(found)
    stats = server.call("GET", "/_nodes/stats/thread_pool?filter_path=nodes.*.thread_pool.search.rejected")
    (rejected,) = (node["thread_pool"]["search"]["rejected"] for node in stats["nodes"].values())  # type: ignore[attr-defined]
    assert rejected > 0
