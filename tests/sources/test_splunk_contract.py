"""The Splunk source keeps the contract: by pages and by stream on the emulator, and on a real Splunk if any."""

import os
import ssl
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson
import pytest

from contract.log_source import LogSourceContract, Make, Row
from fakes import splunk
from logverdict.adapters.sources.splunk import SplunkSource
from logverdict.adapters.sources.splunk_session import Access, Secret
from logverdict.domain.profile import SourceSpec
from logverdict.verify.ports import LogSource
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


class RealSplunk:
    """SPLUNK_URL with SPLUNK_TOKEN, and an event collector: SPLUNK_HEC_URL, SPLUNK_HEC_TOKEN; SPLUNK_CA_FILE if needed.

    Entries go into SPLUNK_INDEX (default main), each test's under a source of its own."""

    def __init__(self) -> None:
        self.index = os.environ.get("SPLUNK_INDEX", "main")
        ca_file = os.environ.get("SPLUNK_CA_FILE")
        self.source = SplunkSource(
            Access(
                os.environ["SPLUNK_URL"], "token", Secret("SPLUNK_TOKEN"), ca_file=Path(ca_file) if ca_file else None
            )
        )
        self._tls = ssl.create_default_context(cafile=ca_file)

    def send(self, rows: Sequence[Row], name: str) -> None:
        events = [
            orjson.dumps(
                {
                    "time": f"{row[0].timestamp():.6f}",
                    "event": splunk.in_json(row),
                    "source": name,
                    "sourcetype": "_json",
                    "index": self.index,
                }
            )
            for row in rows
        ]
        for at in range(0, len(events), 1_000):
            request = urllib.request.Request(
                f"{os.environ['SPLUNK_HEC_URL']}/services/collector/event",
                b"\n".join(events[at : at + 1_000]),
                {"Authorization": f"Splunk {os.environ['SPLUNK_HEC_TOKEN']}"},
            )
            urllib.request.urlopen(request, timeout=30, context=self._tls).read()

    def await_entries(self, name: str, count: int) -> None:
        """Polled: a real server indexes when it likes."""
        from splunklib.client import Service
        from splunklib.results import JSONResultsReader

        url = urllib.parse.urlsplit(os.environ["SPLUNK_URL"])
        service = Service(host=url.hostname, port=url.port or 8089, splunkToken=os.environ["SPLUNK_TOKEN"])
        end = time.monotonic() + 120
        while time.monotonic() < end:
            found = service.jobs.oneshot(
                f'search index="{self.index}" source="{name}" | stats count', earliest_time=0, output_mode="json"
            )
            if any(isinstance(row, dict) and int(row["count"]) >= count for row in JSONResultsReader(found)):
                return
            time.sleep(0.5)
        raise AssertionError(f"{count} entries were not indexed in two minutes")


@pytest.mark.skipif("SPLUNK_URL" not in os.environ, reason="no real Splunk: SPLUNK_URL is not set")
class TestRealSplunk(LogSourceContract):
    """The same on a real server; what the emulator only assumes is proved here."""

    @pytest.fixture
    def make(self) -> Iterator[Make]:
        server = RealSplunk()

        def make(rows: Sequence[Row]) -> tuple[LogSource, SourceSpec]:
            name = f"contract-{uuid.uuid4().hex}"
            server.send(rows, name)
            server.await_entries(name, len(rows))
            return server.source, SourceSpec("app", "splunk", f'source="{name}"', options={"index": server.index})

        yield make
        server.source.close()
