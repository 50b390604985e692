"""The Splunk source on an emulated Splunk."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from contract.log_source import Row, results, row, window
from logverdict.adapters.sources.splunk import MOST_PAGED, SplunkSource
from logverdict.adapters.sources.splunk_session import Access, Secret
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Coverage
from servers.splunk.server import SplunkServer

PASSWORD = "s3cret-pa55"
TOKEN = "eyJ.bearer.t0ken"
SPEC = SourceSpec("app", "splunk", "*", options={"index": "app"})


TEN = [row(second, f"message {second}") for second in range(10)]
SPAN = window(0, 10)


def access(server: SplunkServer, folder: Path, certificates: Path | None = None, **more: object) -> Access:
    """With a password in a file of `folder`."""
    secret = folder / "password"
    secret.write_text(PASSWORD + "\n")
    given = Access(
        server.url,
        "password",
        Secret(file=secret),
        "verifier",
        ca_file=certificates and certificates / "ca.pem",
        timeout=10.0,
        search_timeout=20.0,
    )
    return replace(given, **more)  # type: ignore[arg-type]


def source(server: SplunkServer, folder: Path, most_paged: int = MOST_PAGED, **more: object) -> SplunkSource:
    return SplunkSource(access(server, folder, **more), most_paged)  # type: ignore[arg-type]


def in_json(row: Row) -> str:
    time, message, level, instance, version = row
    record = {
        "time": time.isoformat(),
        "level": level,
        "message": message,
        "kubernetes": {"pod": {"name": instance}},
        "service.version": version,
    }
    return json.dumps(record, ensure_ascii=False)


def fill(server: SplunkServer, rows: Sequence[Row]) -> None:
    for entry in rows:
        server.indexes.add(entry[0], in_json(entry))


async def coverage(source: SplunkSource) -> Coverage:
    *_, last = await results((source, SPEC), SPAN)
    assert isinstance(last, Coverage)
    return last


async def refused(source: SplunkSource, error: type[Exception], text: str) -> str:
    """The text of the error that a read ends with."""
    with pytest.raises(error, match=text) as caught:
        await results((source, SPEC), SPAN)
    return str(caught.value)
