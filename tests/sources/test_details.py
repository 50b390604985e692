"""What stands beside the message is judged with it, whatever the source, read or counted there."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from contract.log_source import START, at, read, window
from fakes import beside, splunk
from fakes.beside import Beside
from fakes.counted import agree, entries
from fakes.messages import template
from logverdict.adapters.sources import elasticsearch_way, file_way, splunk_way
from logverdict.adapters.sources.file import FileSource
from logverdict.adapters.sources.splunk import SplunkSource
from logverdict.adapters.sources.splunk_search import Namespace
from logverdict.analysis.key import UNREDUCED
from logverdict.domain.profile import FieldNames, SourceSpec
from logverdict.domain.window import Grid
from servers.elasticsearch.logs import FIELDS, KEYWORD, Logs, document
from servers.elasticsearch.reduced import equal
from servers.splunk.server import SplunkServer

pytestmark = pytest.mark.timeout(400)
SPAN = window(0, 1_000)
GRID = Grid(START, timedelta(seconds=1))


async def of_file(folder: Path, records: Sequence[Beside], **names: tuple[str, ...]) -> list[str]:
    lines = [beside.line(record, at(second).isoformat()) for second, (record, _) in enumerate(records)]
    (folder / "a.jsonl").write_text("\n".join([*lines, ""]))
    spec = SourceSpec("app", "files", "a.jsonl", replace(FieldNames(), **names))
    return [found[1] for found in await read((FileSource(folder), spec), SPAN)]


@pytest.mark.parametrize("records", [beside.ALL, beside.FLAT, (*beside.FLAT, *beside.LINES), beside.FRACTIONS])
async def test_records_of_a_file(tmp_path: Path, records: Sequence[Beside]) -> None:
    """Each thing that a record says, in the profile's order and by one name whatever its logger calls it, at the end of
    the message's first line; as columns and line by line alike."""
    assert await of_file(tmp_path, records) == [said for _, said in records]


async def test_a_profile_names_its_own(tmp_path: Path) -> None:
    """They replace the usual ones or come beside them, and a name that no record has leaves the message alone."""
    records = [({"message": "served", "status": 503, "upstream": {"host": "a"}, "cached": True}, "")]
    assert await of_file(tmp_path, records, details=("cached", "upstream.host")) == [
        "served cached=true upstream.host=a"
    ]
    assert await of_file(tmp_path, records, details=("usual", "upstream.host")) == ["served status=503 upstream.host=a"]
    assert await of_file(tmp_path, records, details=("none",)) == ["served"]


async def test_logfmt_has_them_too(tmp_path: Path) -> None:
    """Values in quotes without their quotes."""
    (tmp_path / "a.log").write_text('time=2026-11-22T03:00:01Z level=info msg=served status=503 err="no route"\n')
    (found,) = await read((FileSource(tmp_path), SourceSpec("app", "files", "a.log")), SPAN)
    assert found[1:3] == ("served error=no route status=503", "info")


@pytest.mark.parametrize("records", [beside.FLAT, beside.LINES, beside.NESTED, beside.FRACTIONS])
async def test_documents_of_elasticsearch(logs: Logs, records: Sequence[Beside]) -> None:
    """Of a real server: read, and counted there by the same keys, but for fractions, which are read."""
    for second, (record, _) in enumerate(records):
        logs.index(f"{second}", [document(second, **record)], {**FIELDS, "reason": KEYWORD})
    assert await logs.messages() == [said for _, said in records]
    reduced = await equal(logs, grid=GRID)
    assert (UNREDUCED in reduced.rows["key"]) == (records is beside.FRACTIONS)


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize("sourcetype", ["app", "bare"])
async def test_events_of_splunk(server: SplunkServer, paged: SplunkSource, sourcetype: str) -> None:
    """Of the emulator: read, and counted there by the same keys where no lines and no fields that Splunk does not
    extract make it doubtful. Of lists nothing is taken."""
    span = window(100, 1_000)
    for second, (record, _) in enumerate(beside.ALL):
        server.indexes.add(at(100 + second), beside.line(record, at(100 + second).isoformat()), sourcetype=sourcetype)
    found = await entries(paged, splunk.SPEC, span)
    wanted = ["failed" if isinstance(record.get("reason"), list) else said for record, said in beside.ALL]
    assert found.sort("time")["message"].to_list() == wanted
    unread = agree(await paged.reduce(splunk.SPEC, span, GRID), found, GRID)
    assert sourcetype == "bare" or len(unread) == len(beside.LINES)


def test_the_way_back_asks_for_the_field_or_for_the_words() -> None:
    """The message may have said it by itself. Of a detail of several words nothing is asked, as only its first line is
    known; a line of a file or an event of Splunk holds the value wherever it stood."""
    spec = SourceSpec("app", "logs", "*", options={"index": "app"})
    wanted = template("not served today reason=no host 7 status=503")
    words, beside_it = '"not served today reason=no host"', '"not served today"'
    way = elasticsearch_way.way_back(spec, wanted, SPAN, None).query
    assert f'({beside_it}) OR not*served*today*) AND (http.response.status_code:"503" OR http' in way
    assert words in way.partition(" OR (")[2]
    assert splunk_way.way_back(spec, wanted, SPAN, Namespace("nobody", "search"), None).query.endswith(
        '("no" OR "u003dno") ("host" OR "thost") ("503" OR "u003d503")'
    )
    assert file_way.way_back(replace(spec, options={}), wanted, SPAN, None).query.endswith(
        "-e 'not.*served.*today' {} + | grep -E -e 'no.*host' | grep -E -e 503"
    )
