"""What is said of a Splunk to who writes a profile for it."""

from dataclasses import replace
from pathlib import Path

import pytest

from contract.log_source import at, row, window
from fakes import splunk
from fakes.inspecting import inspection, report_on
from logverdict.adapters.sources.splunk import SplunkSource
from logverdict.adapters.sources.splunk_session import Secret
from logverdict.domain.probe import SourceReport
from logverdict.domain.words import Readable
from logverdict.verify.inspect import DraftWish, Wish
from servers.splunk.server import SplunkServer

SPAN = window(0, 60)


async def told_of(source: SplunkSource, **options: str) -> SourceReport:
    spec = replace(splunk.SPEC, options={"index": "app", **options})
    return await report_on(source, spec, SPAN, at(60))


async def test_a_good_source_is_told(paged: SplunkSource, server: SplunkServer) -> None:
    """Version, user, index, fields of JSON entries, counts, lag, the searches."""
    report = await told_of(paged)
    found = {one.what: (one.name, one.share) for one in report.fields}
    assert (report.state, report.faults) == (Readable.READABLE, ())
    assert (report.probe.server, report.probe.user) == ("Splunk 10.4.2", "verifier")
    assert [(one.name, one.granted) for one in report.probe.privileges] == [("search in app", True)]
    assert found["time"] == ("_time", 1.0) and found["message"] == ("message", 1.0)
    assert found["instance"] == ("kubernetes.pod.name", 1.0)
    assert report.counts.total == len(splunk.TEN) and report.counts.counted
    assert report.entries[0].message == "message 9"
    assert any("search" in call.query for call in report.calls)
    assert splunk.PASSWORD not in str(report)
    assert any("every entry of the index" in text for text in report.warnings)


async def test_wrong_credentials_are_refused_with_what_to_do(
    server: SplunkServer, tmp_path: Path, no_pauses: None
) -> None:
    """The sentence says where to look, and never what was sent."""
    wrong = tmp_path / "wrong"
    wrong.write_text("opensesame")
    source = splunk.source(server, tmp_path, secret=Secret(file=wrong))
    report = await told_of(source)
    source.close()
    assert report.state is Readable.REFUSED
    assert "401" in report.faults[0] and "opensesame" not in str(report)


async def test_an_index_that_may_not_be_searched(paged: SplunkSource, server: SplunkServer) -> None:
    """Splunk answers a search there with nothing at all: the report says that it is no silence."""
    user = server.access.users["verifier"]
    server.access.users["verifier"] = replace(user, forbidden=frozenset({"app"}))
    report = await told_of(paged)
    assert report.state is Readable.REFUSED
    assert "lists no index app" in report.faults[0]
    assert [(one.name, one.granted) for one in report.probe.privileges] == [("search in app", False)]


async def test_nobody_answers(tmp_path: Path, no_pauses: None) -> None:
    """A server that is not there is told at once."""
    with SplunkServer() as gone:
        source = splunk.source(gone, tmp_path)
    report = await told_of(source)
    source.close()
    assert report.state is Readable.UNREACHABLE
    assert "connection to Splunk" in report.faults[0]


async def test_an_empty_window(paged: SplunkSource) -> None:
    """It can be read, holds nothing, and the warning says so."""
    report = await report_on(paged, splunk.SPEC, window(1_000, 1_060), at(1_060))
    assert report.state is Readable.READABLE and report.counts.total == 0
    assert any(text.startswith("no entries in the window") for text in report.warnings)


async def test_a_draft_reads_the_entries_that_it_was_made_from(paged: SplunkSource, server: SplunkServer) -> None:
    """Fields and index of the draft are those of the sample; it has no mistakes."""
    server.indexes.add(at(20), splunk.in_json(row(20, "secret=hunter2hunter2")))
    use = inspection({"splunk": paged}, now=at(60))
    draft = await use.draft(DraftWish(splunk.SPEC, "shop", SPAN))
    assert "hunter2" not in draft.text
    assert "instance: [kubernetes.pod.name, host]" in draft.text
    assert (await use.check(draft.text, "", "")).faults == ()
    (report,) = await use.test(Wish("shop", text=draft.text, window=SPAN))
    assert report.counts.total == len(splunk.TEN) + 1


@pytest.mark.parametrize("query", ["* | delete", "index=main"])
async def test_the_guard_holds_here_too(paged: SplunkSource, server: SplunkServer, query: str) -> None:
    """A query that would be refused elsewhere is refused in a test, before anything is sent."""
    report = await report_on(paged, replace(splunk.SPEC, query=query), SPAN, at(60))
    assert report.state is Readable.REFUSED
    assert server.searches() == []
