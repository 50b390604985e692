"""A real Splunk, for the tests that can run on one."""

import os
import ssl
import time
import urllib.parse
import urllib.request
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import orjson

from logverdict.adapters.sources.splunk import SplunkSource
from logverdict.adapters.sources.splunk_session import Access, Secret

MISSING = "no real Splunk: SPLUNK_URL is not set"


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

    def send(self, entries: Sequence[tuple[datetime, str]], name: str, sourcetype: str = "_json") -> None:
        common = {"source": name, "sourcetype": sourcetype, "index": self.index}
        events = [orjson.dumps({"time": f"{at.timestamp():.6f}", "event": raw, **common}) for at, raw in entries]
        for start in range(0, len(events), 1_000):
            request = urllib.request.Request(
                f"{os.environ['SPLUNK_HEC_URL']}/services/collector/event",
                b"\n".join(events[start : start + 1_000]),
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
