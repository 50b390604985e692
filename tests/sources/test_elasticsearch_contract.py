"""The Elasticsearch source keeps the contract on a real server."""

import json
import secrets
from collections.abc import AsyncIterator, Sequence

import pytest

from contract.log_source import LogSourceContract, Make, Row
from logverdict.adapters.sources.elasticsearch import ElasticsearchSource
from logverdict.adapters.sources.elasticsearch_access import Access
from logverdict.domain.profile import SourceSpec
from logverdict.verify.ports import LogSource
from servers.elasticsearch.fixtures import bulk, node

pytestmark = pytest.mark.timeout(400)
MAPPING = {
    "settings": {"number_of_shards": 2, "number_of_replicas": 0, "refresh_interval": "-1"},
    "mappings": {
        "properties": {
            "@timestamp": {"type": "date_nanos"},
            "message": {"type": "text"},
            "log": {"properties": {"level": {"type": "keyword"}}},
            "kubernetes": {"properties": {"pod": {"properties": {"name": {"type": "keyword"}}}}},
            "service": {"properties": {"version": {"type": "keyword"}}},
        }
    },
}


def nested(row: Row) -> str:
    time, message, level, instance, version = row
    document = {
        "@timestamp": time.isoformat().replace("+00:00", "Z"),
        "message": message,
        "log": {"level": level},
        "kubernetes": {"pod": {"name": instance}},
        "service": {"version": version},
    }
    return json.dumps(document)


def flat(row: Row) -> str:
    time, message, level, instance, version = row
    document = {
        "@timestamp": time.isoformat().replace("+00:00", "Z"),
        "message": message,
        "log.level": level,
        "kubernetes.pod.name": instance,
        "service.version": version,
    }
    return json.dumps(document)


class ElasticsearchContract(LogSourceContract):
    write = staticmethod(nested)

    @pytest.fixture
    async def make(self) -> AsyncIterator[Make]:
        server = node()
        sources: list[ElasticsearchSource] = []
        indices: list[str] = []

        def make(rows: Sequence[Row]) -> tuple[LogSource, SourceSpec]:
            index = f"test-{secrets.token_hex(6)}"
            server.call("PUT", f"/{index}", MAPPING)
            indices.append(index)
            bulk(server, index, [type(self).write(row) for row in rows])
            sources.append(ElasticsearchSource(Access(urls=(server.url,))))
            return sources[-1], SourceSpec("app", "logs", "*", options={"index": index})

        yield make
        for source in sources:
            await source.aclose()
        for index in indices:
            server.call("DELETE", f"/{index}")


class TestNestedDocuments(ElasticsearchContract):
    """As shippers write them."""


class TestFlatDocuments(ElasticsearchContract):
    """Dots in the names."""

    write = staticmethod(flat)
    many = 66_000
