"""The Splunk source keeps the contract: by pages and by stream on the emulator, and on a real Splunk if any."""

import os
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from contract.log_source import LogSourceContract, Make, Row
from fakes import splunk
from logverdict.adapters.sources.splunk import SplunkSource
from logverdict.adapters.sources.splunk_session import Secret
from logverdict.domain.profile import SourceSpec
from logverdict.verify.ports import LogSource
from servers.splunk.real import MISSING, RealSplunk
from servers.splunk.server import SplunkServer


class TestPages(LogSourceContract):
    """HTTPS with a CA of our own, a password, the second version of the interface."""

    @pytest.fixture
    def make(self, tmp_path: Path, certificates: Path) -> Iterator[Make]:
        with SplunkServer(certificates) as server:
            source = splunk.source(server, tmp_path, certificates=certificates)

            def make(rows: Sequence[Row]) -> tuple[LogSource, SourceSpec]:
                splunk.fill(server, rows)
                return source, splunk.SPEC

            yield make
            source.close()
            assert server.jobs == {}


class TestStream(LogSourceContract):
    """HTTP, a token, everything exported."""

    @pytest.fixture
    def make(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
        monkeypatch.setenv("SPLUNK_TEST_TOKEN", splunk.TOKEN)
        with SplunkServer() as server:
            access = splunk.access(server, tmp_path, kind="token", secret=Secret("SPLUNK_TEST_TOKEN"), username="")
            source = SplunkSource(access, most_paged=0)

            def make(rows: Sequence[Row]) -> tuple[LogSource, SourceSpec]:
                splunk.fill(server, rows)
                return source, splunk.SPEC

            yield make
            source.close()


@pytest.mark.skipif("SPLUNK_URL" not in os.environ, reason=MISSING)
class TestRealSplunk(LogSourceContract):
    """The same on a real server; what the emulator only assumes is proved here."""

    @pytest.fixture
    def make(self) -> Iterator[Make]:
        server = RealSplunk()

        def make(rows: Sequence[Row]) -> tuple[LogSource, SourceSpec]:
            name = f"contract-{uuid.uuid4().hex}"
            server.send([(row[0], splunk.in_json(row)) for row in rows], name)
            server.await_entries(name, len(rows))
            return server.source, SourceSpec("app", "splunk", f'source="{name}"', options={"index": server.index})

        yield make
        server.source.close()
