"""An emulated Splunk with ten entries, an imitated Elasticsearch with many, and sources on them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import stamina

from fakes import splunk
from fakes.elastic import Elastic
from fakes.elastic_reads import MANY
from logverdict.adapters.sources.elasticsearch import ElasticsearchSource
from logverdict.adapters.sources.elasticsearch_access import Access
from logverdict.adapters.sources.splunk import SplunkSource
from servers.elasticsearch.fixtures import node
from servers.elasticsearch.logs import Logs
from servers.splunk import tls
from servers.splunk.server import SplunkServer


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tls.make(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def no_pauses() -> Iterator[None]:
    """What is tried again is tried again at once."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def server() -> Iterator[SplunkServer]:
    with SplunkServer() as server:
        splunk.fill(server, splunk.TEN)
        yield server


@pytest.fixture
def paged(server: SplunkServer, tmp_path: Path, no_pauses: None) -> Iterator[SplunkSource]:
    """No search may be left behind."""
    source = splunk.source(server, tmp_path)
    yield source
    source.close()
    assert server.jobs == {}


@pytest.fixture
def streamed(server: SplunkServer, tmp_path: Path, no_pauses: None) -> Iterator[SplunkSource]:
    """Everything comes by export."""
    source = splunk.source(server, tmp_path, most_paged=0)
    yield source
    source.close()


@pytest.fixture
def six_attempts() -> Iterator[None]:
    """What is tried again is tried again at once, six times at most."""
    with stamina.set_testing(True, attempts=6):
        yield


@pytest.fixture
async def elastic() -> AsyncIterator[Elastic]:
    async with Elastic(MANY) as server:
        yield server


@pytest.fixture
async def elastic_source(elastic: Elastic) -> AsyncIterator[ElasticsearchSource]:
    source = ElasticsearchSource(Access(urls=(elastic.url,), timeout=5.0))
    yield source
    await source.aclose()


@pytest.fixture
async def logs() -> AsyncIterator[Logs]:
    """Indices of one test on a real Elasticsearch, gone after it."""
    logs = Logs(node())
    yield logs
    await logs.source.aclose()
    logs.server.call("DELETE", f"/{logs.prefix}-*")
