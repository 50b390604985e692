"""Logs that arrive as time goes by, in servers of two kinds; time jumps to whenever somebody waits for."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from fakes import splunk
from fakes.clock import NOON
from logverdict.adapters.sources.elasticsearch import ElasticsearchSource
from logverdict.adapters.sources.elasticsearch_access import Access
from logverdict.domain.profile import SourceSpec
from logverdict.domain.words import PushDown
from logverdict.verify.ports import LogSource
from servers.elasticsearch.fixtures import bulk, node
from servers.splunk.server import SplunkServer

IDLE = timedelta(minutes=30)
"""Who sleeps so long tidies up, and is not waited for."""


@dataclass(frozen=True)
class Entry:
    """`late`: seconds until the server has it. `offset`: its place in the instance's log file."""

    at: datetime
    message: str
    level: str = "info"
    instance: str = "a"
    late: float = 1.0
    offset: int = 0

    @property
    def arrives(self) -> datetime:
        return self.at + timedelta(seconds=self.late)

    def record(self) -> dict[str, object]:
        return {
            "timestamp": self.at.isoformat(),
            "message": self.message,
            "level": self.level,
            "instance": self.instance,
            "log": {"offset": self.offset, "file": {"path": f"/var/log/{self.instance}.log"}},
        }


class FlowClock:
    """Time stands still until somebody sleeps; then what arrives until that time is brought first."""

    def __init__(self, bring: Callable[[datetime], Awaitable[None]], now: datetime = NOON) -> None:
        self._bring = bring
        self._now = now

    def now(self) -> datetime:
        return self._now

    async def sleep(self, span: timedelta) -> None:
        if span >= IDLE:
            await asyncio.Event().wait()
        wake = self._now + span
        await self._bring(wake)
        self._now = max(self._now, wake)


class Logs(Protocol):
    """A server with the entries of one test. `errors` is a query for errors only."""

    source: LogSource
    errors: str

    def spec(self, query: str = "*", push_down: PushDown = PushDown.AUTO, evidence: str = "") -> SourceSpec: ...

    async def bring(self, until: datetime) -> None:
        """What arrives until then is there."""
        ...


@dataclass
class InElasticsearch:
    source: LogSource
    index: str
    waiting: list[Entry]
    errors: str = "level:(error OR fatal)"

    def spec(self, query: str = "*", push_down: PushDown = PushDown.AUTO, evidence: str = "") -> SourceSpec:
        options = {"index": self.index}
        return SourceSpec("app", "", query, options=options, push_down=push_down, evidence=evidence)

    async def bring(self, until: datetime) -> None:
        now = [entry for entry in self.waiting if entry.arrives <= until]
        self.waiting = [entry for entry in self.waiting if entry.arrives > until]
        documents = [json.dumps({**entry.record(), "event": {"ingested": entry.arrives.isoformat()}}) for entry in now]
        if documents:
            await asyncio.to_thread(bulk, node(), self.index, documents)


FIELDS = {
    **{name: {"type": "date"} for name in ("timestamp", "event.ingested")},
    **{name: {"type": "keyword"} for name in ("level", "instance", "log.file.path")},
    "message": {"type": "text"},
    "log.offset": {"type": "long"},
}


@asynccontextmanager
async def in_elasticsearch(entries: Sequence[Entry], folder: Path) -> AsyncIterator[Logs]:
    server, index = await asyncio.to_thread(node), f"flow-{secrets.token_hex(6)}"
    settings = {"number_of_shards": 2, "number_of_replicas": 0}
    body = {"settings": settings, "mappings": {"properties": FIELDS}}
    await asyncio.to_thread(server.call, "PUT", f"/{index}", body)
    source = ElasticsearchSource(Access(urls=(server.url,)))
    try:
        yield InElasticsearch(source, index, list(entries))
    finally:
        await source.aclose()
        await asyncio.to_thread(server.call, "DELETE", f"/{index}")


@dataclass
class InSplunk:
    source: LogSource
    server: SplunkServer
    errors: str = "level=error OR level=fatal"

    def spec(self, query: str = "*", push_down: PushDown = PushDown.AUTO, evidence: str = "") -> SourceSpec:
        return replace(splunk.SPEC, query=query, push_down=push_down, evidence=evidence)

    async def bring(self, until: datetime) -> None:
        self.server.indexes.now = until.timestamp()


@asynccontextmanager
async def in_splunk(entries: Sequence[Entry], folder: Path) -> AsyncIterator[Logs]:
    with SplunkServer() as server:
        for entry in entries:
            more = {"arrived": round(entry.arrives.timestamp()), "source": f"/var/log/{entry.instance}.log"}
            server.indexes.add(entry.at, json.dumps(entry.record()), **more)  # type: ignore[arg-type]
        source = splunk.source(server, folder)
        try:
            yield InSplunk(source, server)
        finally:
            await source.aclose()


PLACES = {"elasticsearch": in_elasticsearch, "splunk": in_splunk}
