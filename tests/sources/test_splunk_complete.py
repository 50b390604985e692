"""A read says what was expected, what came, and what is missing."""

from dataclasses import replace
from pathlib import Path

import pytest

from contract.log_source import read, results, row
from fakes import splunk
from fakes.splunk import SPAN, TEN, coverage
from logverdict.adapters.sources.splunk import SplunkSource
from logverdict.domain.verification import Coverage
from servers.splunk.knobs import FIELD_EXTRACTION, FINALIZED, PEER_DOWN
from servers.splunk.server import SplunkServer

pytestmark = pytest.mark.usefixtures("no_pauses")


async def test_a_count_is_expected(paged: SplunkSource) -> None:
    """The entries are counted by a search of its own, and all of them came."""
    assert await coverage(paged) == Coverage(expected=10, read=10)


async def test_a_job_cut_short_is_incomplete(server: SplunkServer, paged: SplunkSource) -> None:
    """The server keeps fewer rows than were asked for: what came is used, what is missing is said."""
    server.knobs.kept = 3
    found = await coverage(paged)
    assert (found.expected, found.read, found.complete) == (10, 3, False)
    assert "Splunk kept 3 of 10 entries of a search" in found.faults


@pytest.mark.parametrize("message", [PEER_DOWN, FINALIZED, {"type": "ERROR", "text": "disk quota"}])
async def test_a_warning_makes_the_read_incomplete(server: SplunkServer, paged: SplunkSource, message) -> None:
    """With an indexer down the count is of a part too, so nobody knows what to expect."""
    server.knobs.messages = [message]
    found = await coverage(paged)
    assert (found.expected, found.read, found.complete) == (None, 10, False)
    assert any(message["text"] in fault for fault in found.faults)


async def test_a_warning_in_a_stream_counts_too(server: SplunkServer, streamed: SplunkSource) -> None:
    """An export says it in a line of its own."""
    server.knobs.messages = [PEER_DOWN]
    found = await coverage(streamed)
    assert not found.complete
    assert any("idx2" in fault for fault in found.faults)


async def test_a_harmless_warning_is_only_told(server: SplunkServer, paged: SplunkSource) -> None:
    """A slow field extraction takes nothing away."""
    server.knobs.messages = [FIELD_EXTRACTION]
    found = await coverage(paged)
    assert (found.expected, found.complete) == (10, True)
    assert "unusually slow" in found.faults[0]


async def test_a_search_ended_by_splunk_is_incomplete(server: SplunkServer, paged: SplunkSource) -> None:
    """isFinalized, not by us."""
    server.knobs.finalized = True
    assert not (await coverage(paged)).complete


async def test_fewer_entries_than_counted_is_incomplete(server: SplunkServer, paged: SplunkSource) -> None:
    """Both numbers are told."""
    server.knobs.late_events = 2
    found = await coverage(paged)
    assert (found.expected, found.read, found.complete) == (10, 8, False)
    assert found.faults == ("Splunk counts 10 entries and gave 8 of them",)


@pytest.mark.parametrize("most_paged", [100_000, 0])
async def test_rows_that_come_twice_are_given_once(server: SplunkServer, tmp_path: Path, most_paged: int) -> None:
    """Doubles are left out, counted, and make the read incomplete: others may be missing for them."""
    source = splunk.source(server, tmp_path, most_paged)
    server.knobs.page, server.knobs.repeated_rows = 8, 1
    found = await results((source, splunk.SPEC), SPAN)
    last = found[-1]
    assert isinstance(last, Coverage)
    assert (last.duplicate, last.complete) == (1, False)
    messages = [message for frame in found[:-1] for message in frame["message"]]  # type: ignore[index]
    assert len(messages) == len(set(messages)) == last.read
    source.close()


@pytest.mark.parametrize("index", ["secret", "nosuch", "app, nosuch"])
async def test_an_index_that_is_forbidden_or_missing_is_told(server: SplunkServer, paged: SplunkSource, index) -> None:
    """Splunk answers 200 and no rows; that is no quiet service."""
    server.indexes.add(row(1)[0], "hidden", index="secret")
    user = server.access.users["verifier"]
    server.access.users["verifier"] = replace(user, forbidden=frozenset({"secret"}))
    *_, found = await results((paged, replace(splunk.SPEC, options={"index": index})), SPAN)
    assert isinstance(found, Coverage)
    assert (found.expected, found.complete) == (None, False)
    assert found.faults[0].startswith(f"Splunk lists no index {index.rpartition(' ')[2]}: it does not exist, or")


async def test_times_without_microseconds_are_taken(server: SplunkServer, paged: SplunkSource) -> None:
    """A server that does not heed the format of times gives milliseconds with a zone."""
    server.knobs.honours_time_format = False
    assert await read((paged, splunk.SPEC), SPAN) == TEN


async def test_times_outside_the_window_are_broken(server: SplunkServer, paged: SplunkSource) -> None:
    """Whoever made them: they belong nowhere."""
    server.knobs.time_shift = 5_500_000
    found = await coverage(paged)
    assert (found.read, found.broken, found.complete) == (5, 5, False)
    assert "5 entries came with a time outside of the window" in found.faults
