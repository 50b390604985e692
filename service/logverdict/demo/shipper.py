"""A log shipper, a process: `python -m logverdict.demo.shipper FOLDER URL INDEX` brings log lines to Elasticsearch."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from elasticsearch import ApiError, AsyncElasticsearch, TransportError
from elasticsearch.helpers import BulkIndexError, async_bulk

from logverdict.demo.checkout import told_to_stop

PAUSE = 0.25
"""Seconds between two looks at the files; what came meanwhile is one bulk."""
MAPPINGS: dict[str, Any] = {
    "dynamic": False,
    "properties": {
        "@timestamp": {"type": "date"},
        "event.ingested": {"type": "date"},
        "message": {"type": "text"},
        "log.offset": {"type": "long"},
        **{
            name: {"type": "keyword"}
            for name in ("log.level", "log.file.path", "service.name", "service.version", "kubernetes.pod.name")
        },
    },
}


@dataclass(frozen=True, slots=True)
class Line:
    """A whole line, and where in which file it begins."""

    path: Path
    offset: int
    text: bytes

    def document(self, now: datetime) -> dict[str, Any]:
        """In the Elastic Common Schema. `now` is when it is sent on: `event.ingested`."""
        entry = json.loads(self.text)
        return {
            "@timestamp": entry["@timestamp"],
            "event": {"ingested": now.isoformat(timespec="milliseconds")},
            "message": entry["message"],
            "log": {"level": entry["level"], "offset": self.offset, "file": {"path": self.path.name}},
            "service": {"name": entry["service"], "version": entry["version"]},
            "kubernetes": {"pod": {"name": entry["instance"]}},
        }


class Tail:
    """What is added to the files of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, int] = {}

    def new(self) -> Iterator[Line]:
        """The lines that were ended since the last call, each once."""
        for path in sorted(self._folder.glob("*.jsonl")):
            offset = self._read.get(path, 0)
            with path.open("rb") as file:
                file.seek(offset)
                for text in file:
                    if text.endswith(b"\n"):
                        yield Line(path, offset, text)
                        offset += len(text)
            self._read[path] = offset


def client(url: str) -> AsyncElasticsearch:
    """As whom ELASTICSEARCH_API_KEY says, trusting ELASTICSEARCH_CA_FILE; without them nobody, and whom all trust."""
    authority = os.environ.get("ELASTICSEARCH_CA_FILE")
    trusted: dict[str, Any] = {"ca_certs": authority} if authority else {}
    key = os.environ.get("ELASTICSEARCH_API_KEY") or None
    return AsyncElasticsearch(url, api_key=key, retry_on_timeout=True, request_timeout=10, **trusted)


async def ship(lines: Iterator[Line], to: AsyncElasticsearch, index: str, now: Callable[[], datetime]) -> None:
    """A line keeps its id: a bulk that is sent twice makes no entry twice."""
    actions = (
        {"_index": index, "_id": f"{line.path.stem}-{line.offset}", "_source": line.document(now())} for line in lines
    )
    await async_bulk(to, actions, max_retries=5, initial_backoff=0.2, max_backoff=2)


async def run(folder: Path, url: str, index: str) -> None:
    stop = asyncio.create_task(told_to_stop())
    tail, to = Tail(folder), client(url)
    try:
        while not stop.done():
            await ship(tail.new(), to, index, lambda: datetime.now(UTC))
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(stop), PAUSE)
        await ship(tail.new(), to, index, lambda: datetime.now(UTC))
    finally:
        await to.close()


if __name__ == "__main__":
    try:
        asyncio.run(run(Path(sys.argv[1]), *sys.argv[2:4]))
    except (ApiError, TransportError, BulkIndexError) as fault:
        sys.exit(f"shipper: Elasticsearch does not take the logs: {fault}")
