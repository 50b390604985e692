"""Indices of one test on the shared server, and a source that reads them."""

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from contract.log_source import at, read, results, window
from logverdict.adapters.sources.elasticsearch import ElasticsearchSource
from logverdict.adapters.sources.elasticsearch_access import Access
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Coverage
from servers.elasticsearch.fixtures import bulk
from servers.elasticsearch.node import Node

Document = Mapping[str, Any]
KEYWORD = {"type": "keyword"}
FIELDS = {"@timestamp": {"type": "date"}, "message": {"type": "text"}, "level": KEYWORD, "host": KEYWORD}


class Logs:
    """Indices of one test on the shared server."""

    def __init__(self, server: Node) -> None:
        self.server, self.prefix = server, f"real-{secrets.token_hex(6)}"
        self.source = ElasticsearchSource(Access(urls=(server.url,)))

    def index(self, name: str, documents: Sequence[Document] = (), fields: Document = FIELDS, shards: int = 1) -> str:
        index = f"{self.prefix}-{name}"
        settings = {"number_of_shards": shards, "number_of_replicas": 0}
        self.server.call("PUT", f"/{index}", {"settings": settings, "mappings": {"properties": fields}})
        if documents:
            bulk(self.server, index, [json.dumps(document) for document in documents])
        return index

    def spec(self, query: str = "*", **options: str) -> SourceSpec:
        return SourceSpec(self.prefix, "logs", query, options={"index": f"{self.prefix}-*", **options})

    async def messages(self, query: str = "*", **options: str) -> list[str]:
        return [row[1] for row in await read((self.source, self.spec(query, **options)), window(0, 1_000))]

    async def coverage(self, query: str = "*", **options: str) -> Coverage:
        *_, coverage = await results((self.source, self.spec(query, **options)), window(0, 1_000))
        assert isinstance(coverage, Coverage)
        return coverage


def document(second: float, message: object = "ready", **more: object) -> Document:
    return {"@timestamp": at(second).isoformat(), "message": message, **more}
