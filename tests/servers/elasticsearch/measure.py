"""How fast a window is pulled: `PYTHONPATH=tests python tests/servers/elasticsearch/measure.py [DOCUMENTS]`."""

import asyncio
import json
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from elasticsearch import AsyncElasticsearch
from elasticsearch.helpers import async_scan

from logverdict.adapters.sources.elasticsearch import ElasticsearchSource
from logverdict.adapters.sources.elasticsearch_access import Access
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Coverage
from logverdict.domain.window import Window
from servers.elasticsearch.fixtures import bulk
from servers.elasticsearch.node import Node, start

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SPAN = Window(START, START + timedelta(hours=1))
INDEX = "measured"
KEYWORD = {"type": "keyword"}
FIELDS = {
    "@timestamp": {"type": "date"},
    "message": {"type": "text"},
    **{name: KEYWORD for name in ("log.level", "kubernetes.pod.name", "service.version")},
}
RUNS = 3


def fill(node: Node, number: int) -> None:
    chance = random.Random(1)
    settings = {"number_of_shards": 2, "number_of_replicas": 0, "refresh_interval": "-1"}
    node.call("PUT", f"/{INDEX}", {"settings": settings, "mappings": {"properties": FIELDS}})
    for at in range(0, number, 50_000):
        bulk(node, INDEX, [document(chance, one, number) for one in range(at, min(number, at + 50_000))])
    node.call("POST", f"/{INDEX}/_forcemerge?max_num_segments=1")


def document(chance: random.Random, number: int, of: int) -> str:
    """Messages of about 60 characters."""
    time = START + timedelta(seconds=3_599 * number / of)
    entry = {
        "@timestamp": time.isoformat(),
        "message": f"order {chance.randint(1, 10**9)} of {chance.randint(1, 10**6)} was stored in {number % 90} ms",
        "log": {"level": chance.choice(["INFO", "INFO", "INFO", "WARN"])},
        "kubernetes": {"pod": {"name": f"shop-{chance.randint(1, 8)}"}},
        "service": {"version": "1.2.3"},
    }
    return json.dumps(entry)


async def pulled(url: str) -> int:
    source = ElasticsearchSource(Access(urls=(url,)))
    spec = SourceSpec("app", "logs", "*", options={"index": INDEX})
    *_, last = [one if isinstance(one, Coverage) else one.height async for one in source.read(spec, SPAN)]
    await source.aclose()
    assert isinstance(last, Coverage) and last.complete, last
    return last.read


async def scanned(url: str) -> int:
    names = ["@timestamp", "message", "log.level", "kubernetes.pod.name", "service.version"]
    query = {"_source": names, "query": {"range": {"@timestamp": {"gte": "2026-11-22T03:00:00Z"}}}}
    async with AsyncElasticsearch(url) as client:
        hits: AsyncIterator[object] = async_scan(client, query, index=INDEX, size=5_000)
        return sum([1 async for _ in hits])


async def rates(url: str) -> None:
    for name, way in (("helpers.async_scan", scanned), ("source elasticsearch", pulled)):
        await way(url)
        seconds = []
        for _ in range(RUNS):
            begun = time.perf_counter()
            number = await way(url)
            seconds.append(time.perf_counter() - begun)
        print(f"{name}: {number / statistics.median(seconds):,.0f} documents/s, median of {RUNS}", flush=True)
    print(f"greatest memory of the reader: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


def main() -> None:
    given = os.environ.get("ELASTICSEARCH_URL", "")
    run = Path(tempfile.mkdtemp(prefix="logverdict-elasticsearch-"))
    node = Node(given, run) if given else start(run, os.getpid())
    fill(node, int(sys.argv[1]) if sys.argv[1:] else 500_000)
    try:
        asyncio.run(rates(node.url))
    finally:
        node.call("DELETE", f"/{INDEX}")


if __name__ == "__main__":
    main()
