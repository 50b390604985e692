"""What an entry is made of: the profile's fields, else the raw text and Splunk's own host."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from contract.log_source import Row, at, read, window
from fakes import splunk
from logverdict.adapters.sources.splunk_rows import Rows
from logverdict.analysis.entries import SCHEMA
from logverdict.domain.profile import FieldNames, SourceSpec
from servers.splunk.server import SplunkServer


@pytest.fixture
def server() -> Iterator[SplunkServer]:
    with SplunkServer() as server:
        yield server


async def one(server: SplunkServer, folder: Path, raw: str, spec: SourceSpec = splunk.SPEC, **more: str) -> Row:
    source = splunk.source(server, folder)
    server.indexes.add(at(1), raw, **more)
    (found,) = await read((source, spec), window(0, 10))
    source.close()
    return found


def fields(**names: tuple[str, ...]) -> SourceSpec:
    return replace(splunk.SPEC, fields=replace(FieldNames(), **names))


async def test_plain_text_is_its_own_message(server: SplunkServer, tmp_path: Path) -> None:
    """msg= in the middle of a text is a word of it, not the message; the instance is Splunk's host."""
    raw = "2026-11-22 03:00:01 ERROR disk full msg=retry later"
    assert await one(server, tmp_path, raw, host="db-7") == (at(1), raw, "", "db-7", "")


async def test_a_field_that_the_profile_names_is_the_message(server: SplunkServer, tmp_path: Path) -> None:
    """In plain text too, where Splunk extracts it."""
    found = await one(server, tmp_path, 'level=WARN text="disk full" pod=a', fields(message=("text",)))
    assert found == (at(1), "disk full", "WARN", "a", "")


async def test_the_first_candidate_that_hits_counts(server: SplunkServer, tmp_path: Path) -> None:
    """In the profile's order; where none does, the host and the raw text stay."""
    raw = "sev=3 level=INFO node=n1"
    spec = fields(level=("sev", "level"), instance=("pod", "node"), message=("nix",))
    assert await one(server, tmp_path, raw, spec) == (at(1), raw, "3", "n1", "")


async def test_json_has_its_usual_fields(server: SplunkServer, tmp_path: Path) -> None:
    """Nested or dotted, and also where Splunk was not told to extract them."""
    raw = '{"log": {"level": "error"}, "msg": "boom", "service": {"version": "2.0"}, "host": {"name": "h9"}}'
    assert await one(server, tmp_path, raw) == (at(1), "boom", "error", "h9", "2.0")


async def test_json_without_a_message_is_its_own(server: SplunkServer, tmp_path: Path) -> None:
    """Nothing is left out."""
    raw = '{"event": "login", "level": "info"}'
    assert (await one(server, tmp_path, raw))[1] == raw


async def test_a_stack_trace_of_its_own_field_follows_the_message(server: SplunkServer, tmp_path: Path) -> None:
    """As in files."""
    raw = '{"message": "failed", "stack_trace": "java.io.IOException: gone\\n\\tat a.B.c(B.java:7)"}'
    assert (await one(server, tmp_path, raw))[1] == "failed\njava.io.IOException: gone\n\tat a.B.c(B.java:7)"


async def test_filters_and_fragments_narrow(server: SplunkServer, tmp_path: Path) -> None:
    """All conditions hold together; * stands for any text in values."""
    source = splunk.source(server, tmp_path)
    for number, raw in enumerate(["level=ERROR user=ann x", "level=ERROR user=bob x", "level=INFO user=ann x"]):
        server.indexes.add(at(number), raw, sourcetype="kv")
        server.indexes.add(at(number), raw, sourcetype="other")
    options = {"index": "app", "sourcetype": "kv", "filter.user": "an*"}
    found = await read(
        (source, replace(splunk.SPEC, query="level=ERROR OR level=FATAL", options=options)), window(0, 9)
    )
    assert [row[1] for row in found] == ["level=ERROR user=ann x"]
    source.close()


async def test_several_indexes_are_one_source(server: SplunkServer, tmp_path: Path) -> None:
    """Named one by one or by a part of the name."""
    source = splunk.source(server, tmp_path)
    for index in ("web_a", "web_b", "main", "secret"):
        server.indexes.add(at(1), f"in {index}", index=index)
    found = await read((source, replace(splunk.SPEC, options={"index": "web_*, main"})), window(0, 9))
    assert [row[1] for row in found] == ["in main", "in web_a", "in web_b"]
    source.close()


def test_several_values_give_the_first() -> None:
    """A field extracted twice is a list of texts."""
    rows = Rows(FieldNames(), window(0, 10))
    (frame,) = rows.take([{"_time": "1795316401.5", "_raw": "x", "level": ["", "WARN", "WARN"], "host": ["a", "b"]}])
    assert frame.select(SCHEMA.names()).rows() == [(at(1.5), "x", "WARN", "a", "")]


def test_what_has_no_time_is_broken() -> None:
    """Counted, and told."""
    rows = Rows(FieldNames(), window(0, 10))
    assert list(rows.take([{"_raw": "x"}, {"_raw": "y", "_time": "yesterday"}])) == []
    assert (rows.read, rows.broken.total()) == (0, 2)
    assert list(rows.sentences()) == ["2 entries came without a time"]


def test_very_long_entries_are_cut_and_told() -> None:
    """65,536 characters are kept."""
    rows = Rows(FieldNames(), window(0, 10))
    (frame,) = rows.take([{"_time": "1795316401", "_raw": "x" * 70_000}])
    assert len(frame["message"][0]) == 65_536
    assert "the rest of them was cut" in next(rows.sentences())


def ordered(row: dict[str, str], **names: tuple[str, ...]) -> tuple[object, object]:
    """Stream and offset of one row."""
    rows = Rows(replace(FieldNames(), **names), window(0, 10))
    (frame,) = rows.take([{"_time": "1795316401", "_raw": "x", "host": "h", "source": "/var/log/a", **row}])
    return frame["stream"][0], frame["offset"][0]


def test_lines_are_ordered_by_their_place_in_the_index() -> None:
    """Per file: the bucket's number, then the address in it; without either there is no offset."""
    assert ordered({}) == ("/var/log/a", None)
    places = [ordered({"_cd": place})[1] for place in ("9:11", "9:102", "10:5")]
    assert places == sorted(places)  # type: ignore[type-var]
    assert ordered({"_cd": "odd"}) == ("/var/log/a", None)


def test_a_record_may_name_its_stream_and_offset() -> None:
    """In JSON by the usual names; in plain text `offset=` is a word of many, unless the profile names it."""
    raw = '{"log": {"file": {"path": "/b"}, "offset": 77}}'
    assert ordered({"_raw": raw, "_cd": "1:2"}) == ("/b", 77)
    kafka = {"_raw": "consumed offset=12", "offset": "12", "stream": "s"}
    assert ordered(kafka) == ("/var/log/a", None)
    assert ordered(kafka, offset=("offset",), stream=("stream",)) == ("s", 12)
