"""How fast a window is read and counted: `PYTHONPATH=tests python tests/servers/elasticsearch/measure.py [NUMBER]`."""

import asyncio
import importlib
import json
import multiprocessing
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from elastic_transport import AiohttpHttpNode
from elasticsearch import AsyncElasticsearch
from elasticsearch.helpers import async_scan

from logverdict.adapters.sources.elasticsearch import ElasticsearchSource
from logverdict.adapters.sources.elasticsearch_access import Access
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Coverage
from logverdict.domain.window import Grid, Window
from logverdict.verify.audit import hearing
from servers.elasticsearch.fixtures import bulk
from servers.elasticsearch.node import Node, start

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SPAN = Window(START, START + timedelta(hours=1))
GRID = Grid(START, timedelta(minutes=1))
FEW, MANY = "measured-few", "measured-many"
KINDS = {FEW: 1, MANY: 104}
"""Templates of an index. With 2 levels, 8 pods and 60 bins: 960 cells, and 99,840."""
KEYWORD = {"type": "keyword"}
FIELDS = {
    "@timestamp": {"type": "date"},
    "message": {"type": "text"},
    **{name: KEYWORD for name in ("log.level", "kubernetes.pod.name", "service.version")},
}
WARM, RUNS = 3, 3
"""Turns that warm up (a Java server compiles what it does often), and those that count."""


@dataclass(frozen=True)
class Run:
    documents: int
    cells: int
    seconds: float
    size: int
    """Bytes of the answers."""
    memory: int
    """Greatest of the process, in KiB."""


def fill(node: Node, index: str, number: int) -> None:
    chance = random.Random(1)
    settings = {"number_of_shards": 2, "number_of_replicas": 0, "refresh_interval": "-1"}
    node.call("PUT", f"/{index}", {"settings": settings, "mappings": {"properties": FIELDS}})
    words = ["".join(chance.choices("abcdefghij", k=6)) for _ in range(KINDS[index])]
    for at in range(0, number, 50_000):
        bulk(node, index, [document(chance, words, one, number) for one in range(at, min(number, at + 50_000))])
    node.call("POST", f"/{index}/_forcemerge?max_num_segments=1")


def document(chance: random.Random, words: list[str], number: int, of: int) -> str:
    """Messages of about 60 characters."""
    time = START + timedelta(seconds=3_599 * number / of)
    what = f"{chance.randint(1, 10**9)} of {chance.randint(1, 10**6)}"
    entry = {
        "@timestamp": time.isoformat(),
        "message": f"order {what} stored by {chance.choice(words)} in {number % 90} ms, status=200",
        "log": {"level": chance.choice(["INFO", "WARN"])},
        "kubernetes": {"pod": {"name": f"shop-{chance.randint(1, 8)}"}},
        "service": {"version": "1.2.3"},
    }
    return json.dumps(entry)


async def pulled(url: str, index: str) -> tuple[int, int, int]:
    """Documents, cells, bytes."""
    source, sizes = ElasticsearchSource(Access(urls=(url,))), list[int]()
    with hearing(lambda call: sizes.append(call.size)):
        *_, last = [one if isinstance(one, Coverage) else one.height async for one in source.read(spec(index), SPAN)]
    await source.aclose()
    assert isinstance(last, Coverage)
    assert last.complete, last
    return last.read, 0, sum(sizes)


async def reduced(url: str, index: str) -> tuple[int, int, int]:
    source, sizes = ElasticsearchSource(Access(urls=(url,))), list[int]()
    with hearing(lambda call: sizes.append(call.size)):
        found = await source.reduce(spec(index), SPAN, GRID)
    await source.aclose()
    assert found.coverage.complete, found.coverage
    return found.coverage.read, found.rows.height, sum(sizes)


async def surveyed(url: str, index: str) -> tuple[int, int, int]:
    source, sizes = ElasticsearchSource(Access(urls=(url,))), list[int]()
    with hearing(lambda call: sizes.append(call.size)):
        found = await source.survey(spec(index), SPAN, GRID)
    await source.aclose()
    assert found is not None
    assert not found.faults
    return int(found.rows["count"].sum()), found.rows.height, sum(sizes)


async def scanned(url: str, index: str) -> tuple[int, int, int]:
    sizes: list[int] = []

    class Counting(AiohttpHttpNode):
        async def perform_request(self, *given: Any, **named: Any) -> Any:
            answer = await super().perform_request(*given, **named)
            sizes.append(len(answer.body))
            return answer

    names = ["@timestamp", "message", "log.level", "kubernetes.pod.name", "service.version"]
    query = {"_source": names, "query": {"range": {"@timestamp": {"gte": "2026-11-22T03:00:00Z"}}}}
    async with AsyncElasticsearch(url, node_class=Counting) as client:
        hits: AsyncIterator[object] = async_scan(client, query, index=index, size=5_000)
        return sum([1 async for _ in hits]), 0, sum(sizes)


def spec(index: str) -> SourceSpec:
    return SourceSpec("app", "logs", "*", options={"index": index})


WAYS: dict[str, Callable[[str], Awaitable[tuple[int, int, int]]]] = {
    "helpers.async_scan": partial(scanned, index=FEW),
    "read": partial(pulled, index=FEW),
    "reduce, few cells": partial(reduced, index=FEW),
    "survey": partial(surveyed, index=FEW),
    "helpers.async_scan, many kinds": partial(scanned, index=MANY),
    "reduce, many cells": partial(reduced, index=MANY),
}


def timed(way: str, url: str) -> Run:
    """In a process of its own, once all that it imports is there."""
    importlib.import_module("logverdict.adapters.sources.elasticsearch_json")
    importlib.import_module("logverdict.adapters.sources.elasticsearch_audit")
    begun = time.perf_counter()
    documents, cells, size = asyncio.run(WAYS[way](url))  # type: ignore[arg-type]
    seconds = time.perf_counter() - begun
    return Run(documents, cells, seconds, size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def rates(url: str) -> None:
    """Ways take turns, so that other work on the machine hinders all of them alike."""
    runs: dict[str, list[Run]] = {way: [] for way in WAYS}
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for _ in range(WARM + RUNS):
            for way, made in runs.items():
                made.append(pool.apply(timed, (way, url)))
    for way, made in runs.items():
        seconds, one = statistics.median(run.seconds for run in made[WARM:]), made[-1]
        told = f"{one.documents / seconds:,.0f} documents/s, {one.cells:,} cells, {one.size / 1e6:,.2f} MB received"
        print(f"{way}: {told}, {max(run.memory for run in made) / 1024:,.0f} MiB at most", flush=True)


def main() -> None:
    given = os.environ.get("ELASTICSEARCH_URL", "")
    run = Path(tempfile.mkdtemp(prefix="logverdict-elasticsearch-"))
    node = Node(given, run) if given else start(run, os.getpid())
    try:
        for index in KINDS:
            fill(node, index, int(sys.argv[1]) if sys.argv[1:] else 1_000_000)
        rates(node.url)
    finally:
        node.call("DELETE", f"/{FEW},{MANY}")


if __name__ == "__main__":
    main()
