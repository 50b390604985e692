"""Counts per key that Splunk makes: the same as grouping what a read gives, or the bin is to be read."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from contract.log_source import START, at, row, window
from fakes import splunk
from fakes.counted import agree, entries
from fakes.splunk import SPAN, SPEC
from logverdict.adapters.sources.records import STACKS
from logverdict.adapters.sources.splunk import SplunkSource
from logverdict.adapters.sources.splunk_spl import STACK_WORDS
from logverdict.analysis.counts import EDGE
from logverdict.analysis.entries import SCHEMA
from logverdict.analysis.key import UNREDUCED
from logverdict.domain.errors import CannotReduce, InvalidRequest
from logverdict.domain.window import Grid
from servers.splunk.functions import Dialect
from servers.splunk.knobs import PEER_DOWN, Rule
from servers.splunk.server import SplunkServer

pytestmark = pytest.mark.usefixtures("no_pauses")

GRID = Grid(START, timedelta(seconds=1))


@pytest.fixture
def server() -> Iterator[SplunkServer]:
    with SplunkServer() as server:
        yield server


async def test_times_are_those_of_the_entries(server: SplunkServer, paged: SplunkSource) -> None:
    """First and last to the microsecond, and bins cut where the grid cuts them."""
    grid = Grid(at(0.3), timedelta(seconds=0.7))
    for seconds in (0.3, 0.999999, 1.0, 1.699999, 1.7, 2.399999, 2.4):
        server.indexes.add(at(seconds), "ready")
    found = (await paged.reduce(SPEC, window(0.3, 9), grid)).rows.sort("bin")
    assert found.select("bin", "count", "first", "last").rows() == [
        (0, 2, at(0.3), at(0.999999)),
        (1, 2, at(1.0), at(1.699999)),
        (2, 2, at(1.7), at(2.399999)),
        (3, 1, at(2.4), at(2.4)),
    ]


async def test_the_last_entries_come_too(server: SplunkServer, paged: SplunkSource) -> None:
    """Whoever wrote them; all that have the time of the first of them too, however many."""
    for number in range(200):
        server.indexes.add(at(number), splunk.in_json(row(number, f"message {number}", instance=f"web-{number % 5}")))
    reduced = await paged.reduce(SPEC, window(0, 200), Grid(START, timedelta(seconds=60)))
    assert reduced.last.schema == SCHEMA
    assert set(reduced.last["time"]) == {at(number) for number in range(200 - EDGE, 200)}
    for number in range(5 * EDGE):
        server.indexes.add(at(201), f"together {number}")
    reduced = await paged.reduce(SPEC, window(0, 210), Grid(START, timedelta(seconds=60)))
    assert set(reduced.last["message"]) == {f"together {number}" for number in range(5 * EDGE)}


async def test_nothing_is_reduced_to_nothing(paged: SplunkSource) -> None:
    """An empty span: complete, without rows."""
    reduced = await paged.reduce(SPEC, SPAN, GRID)
    assert (reduced.rows.height, reduced.last.height, reduced.coverage.expected) == (0, 0, 0)
    assert reduced.coverage.complete


@pytest.mark.parametrize("missing", ["rex", "json_valid", "head"])
async def test_a_splunk_that_lacks_what_is_needed_is_read(server: SplunkServer, paged: SplunkSource, missing) -> None:
    """With its own words."""
    splunk.fill(server, splunk.TEN)
    server.dialect = Dialect(missing=frozenset({missing}))
    with pytest.raises(CannotReduce, match=rf"does not group the entries itself: Splunk refuses .*{missing}"):
        await paged.reduce(SPEC, SPAN, GRID)


async def test_groups_that_were_not_kept_are_missed(server: SplunkServer, paged: SplunkSource) -> None:
    """A server that keeps fewer rows than there are: counts are never too small unsaid."""
    splunk.fill(server, splunk.TEN)
    server.knobs.kept = 3
    with pytest.raises(CannotReduce, match="counts 10 entries, and in groups 3 of them"):
        await paged.reduce(SPEC, SPAN, GRID)


async def test_groups_that_come_twice_are_not_counted_twice(server: SplunkServer, paged: SplunkSource) -> None:
    """For them others are missing, and the sum may be right by chance."""
    splunk.fill(server, splunk.TEN)
    server.knobs.page, server.knobs.repeated_rows = 4, 1
    with pytest.raises(CannotReduce, match="gave a group that came twice"):
        await paged.reduce(SPEC, SPAN, GRID)


@pytest.mark.parametrize(
    ("where", "action"),
    [
        ("/results$", "reset"),
        ("/results$", "cut"),
        ("/results$", "answer"),
        (r"GET .*/\d+\.\d+$", "reset"),
        (r"GET .*/\d+\.\d+$", "cut"),
        ("POST .*/jobs$", "answer"),
    ],
)
async def test_what_passes_is_tried_again(server: SplunkServer, paged: SplunkSource, where: str, action) -> None:
    """A connection that breaks, a 503: the counts are those of an undisturbed search."""
    splunk.fill(server, splunk.TEN)
    quiet = await paged.reduce(SPEC, SPAN, GRID)
    for skip in range(0, 4):
        server.knobs.rules = [Rule(re.compile(where), action, body=b"busy", skip=skip)]
        found = await paged.reduce(SPEC, SPAN, GRID)
        assert sorted(found.rows.rows()) == sorted(quiet.rows.rows())
        assert found.coverage == quiet.coverage


async def test_a_part_is_said_to_be_a_part(server: SplunkServer, paged: SplunkSource) -> None:
    """With an indexer down counts are incomplete whoever makes them: as for a read."""
    splunk.fill(server, splunk.TEN)
    server.knobs.messages = [PEER_DOWN]
    reduced = await paged.reduce(SPEC, SPAN, GRID)
    assert (reduced.coverage.expected, reduced.coverage.complete) == (None, False)
    assert any("idx2" in fault for fault in reduced.coverage.faults)


async def test_a_search_that_fails_is_read(server: SplunkServer, paged: SplunkSource) -> None:
    """A job that Splunk gives up, for its size or time, is no outage: entries may still be read."""
    splunk.fill(server, splunk.TEN)
    server.knobs.failing = "rex"
    with pytest.raises(CannotReduce, match="a search failed"):
        await paged.reduce(SPEC, SPAN, GRID)
    assert (await entries(paged, SPEC, SPAN)).height == 10


async def test_an_index_that_is_not_there_is_told(paged: SplunkSource) -> None:
    """A forbidden one too: nothing expected, nothing complete."""
    reduced = await paged.reduce(replace(SPEC, options={"index": "nosuch"}), SPAN, GRID)
    assert (reduced.coverage.expected, reduced.coverage.complete) == (None, False)


async def test_a_bad_query_is_refused_before_anything_is_sent(server: SplunkServer, paged: SplunkSource) -> None:
    """As for a read."""
    with pytest.raises(InvalidRequest, match="pipe"):
        await paged.reduce(replace(SPEC, query="x | delete"), SPAN, GRID)
    assert server.seen == []


def test_each_name_of_a_stack_trace_has_one_of_its_words() -> None:
    """Entries without them are not looked at for stack traces."""
    assert all(any(word in name for word in STACK_WORDS.split("|")) for name in STACKS)


@pytest.mark.parametrize("message", ["200", "1.50", "007", "-3", "1e5", "0x1F"])
async def test_a_message_that_is_only_a_number_is_to_be_read(
    server: SplunkServer, paged: SplunkSource, message: str
) -> None:
    """Splunk may write a number in another way."""
    server.indexes.add(at(1), message)
    assert (await paged.reduce(SPEC, SPAN, GRID)).rows["key"].to_list() == [UNREDUCED]


async def test_json_that_splunk_does_not_extract_is_to_be_read(server: SplunkServer, paged: SplunkSource) -> None:
    """Nothing is guessed: the fields may be there."""
    for number in range(5):
        server.indexes.add(at(number), splunk.in_json(row(number, f"took {number} ms")), sourcetype="bare")
    reduced = await paged.reduce(SPEC, SPAN, GRID)
    assert agree(reduced, await entries(paged, SPEC, SPAN), GRID) == set(range(5))
