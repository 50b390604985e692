"""Ways back from templates to the entries of an emulated Splunk."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from contract.log_source import at, read, window
from fakes import splunk
from fakes.messages import JAPANESE, MESSAGES, NUMBER, TEMPLATES, of_template, template
from logverdict.adapters.sources.splunk import SplunkSource
from logverdict.adapters.sources.splunk_guard import guarded
from logverdict.domain.profile import SourceSpec
from servers.splunk.server import SplunkServer

SPAN = window(0, 1_000)
OWN = replace(splunk.SPEC, query="level=ERROR OR level=FATAL", options={"index": "app", "filter.app": "web shop"})
ANY = splunk.SPEC
# In these templates nothing is certain that Splunk finds: no word of ASCII letters, or one of many.
BESIDE = {
    NUMBER: [text for text in MESSAGES if template(text) != NUMBER],
    JAPANESE: [text for text in MESSAGES if template(text) != JAPANESE],
    template("ready"): ["2026-01-02 11:30:00,001 | INFO     | app.db:connect:55 - pool is ready"],
}
Write = Callable[[dict[str, str]], str]


@pytest.fixture
def server() -> Iterator[SplunkServer]:
    with SplunkServer() as server:
        yield server


def escaped(record: dict[str, str]) -> str:
    """As writers do that escape whatever could mean something in HTML."""
    text = json.dumps(record)
    signs = {
        '\\"': "\\u0022",
        "<": "\\u003c",
        ">": "\\u003e",
        "&": "\\u0026",
        "'": "\\u0027",
        "=": "\\u003d",
        "/": "\\/",
    }
    message = json.dumps(record["message"])[1:-1]
    for sign, escape in signs.items():
        message = message.replace(sign, escape)
    return text.replace(json.dumps(record["message"])[1:-1], message)


def unescaped(record: dict[str, str]) -> str:
    return json.dumps(record, ensure_ascii=False)


async def found(source: SplunkSource, spec: SourceSpec, wanted: str) -> list[str]:
    way = source.way_back(spec, wanted, SPAN)
    assert way is not None
    rows = await read((source, replace(spec, query=way.query)), way.span)
    return sorted(row[1] for row in rows)


@pytest.mark.parametrize("write", [json.dumps, unescaped, escaped])
async def test_a_template_finds_its_entries(server: SplunkServer, tmp_path: Path, write: Write) -> None:
    """All of them, of the source's own query and filters only, however the JSON around the message is written."""
    for number, text in enumerate(MESSAGES):
        for level, app in (("ERROR", "web shop"), ("INFO", "web shop"), ("ERROR", "other")):
            server.indexes.add(at(number), write({"message": text, "level": level, "app": app}))
    source = splunk.source(server, tmp_path)
    for wanted in TEMPLATES:
        assert await found(source, OWN, wanted) == sorted([*of_template(wanted), *BESIDE.get(wanted, ())]), wanted
    source.close()


async def test_plain_text_is_found(server: SplunkServer, tmp_path: Path) -> None:
    """Where the entry is the message and nothing else."""
    for number, text in enumerate(MESSAGES):
        server.indexes.add(at(number), text)
    source = splunk.source(server, tmp_path)
    for wanted in TEMPLATES:
        assert await found(source, ANY, wanted) == sorted([*of_template(wanted), *BESIDE.get(wanted, ())]), wanted
    source.close()


def test_the_query_fits_below_the_guards_limits(server: SplunkServer, tmp_path: Path) -> None:
    """However long template and source's own query are; in the end the source's own query is left."""
    source = splunk.source(server, tmp_path)
    long = " ".join(f"word{'x' * number}" for number in range(400))
    for own in ["*", "level=ERROR", f'"{"x" * 3_990}"']:
        way = source.way_back(replace(ANY, query=own), long, SPAN)
        assert way is not None
        assert guarded("query", way.query) == way.query
    assert way.query == own


def test_signs_of_the_language_stay_out(server: SplunkServer, tmp_path: Path) -> None:
    """Only words are taken over, so nothing in a message can end a quote or add a command."""
    source = splunk.source(server, tmp_path)
    way = source.way_back(ANY, 'x") | delete [ `macro` \\" index=secret earliest=0', SPAN)
    assert way is not None
    assert not set(way.query) & set("|[]`\\=")
