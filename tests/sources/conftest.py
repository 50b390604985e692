"""An emulated Splunk with ten entries, and sources on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina

from fakes import splunk
from logverdict.adapters.sources.splunk import SplunkSource
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
