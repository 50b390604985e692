"""What a real Elasticsearch counts without keys, and what comes along with counts and entries."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from contract.log_source import START, at, window
from logverdict.analysis.counts import EDGE
from logverdict.domain.errors import CannotReduce
from logverdict.domain.window import Grid
from servers.elasticsearch.logs import FIELDS, KEYWORD, Logs, document
from servers.elasticsearch.reduced import GRID, SPAN, entries, equal

pytestmark = pytest.mark.timeout(400)


async def test_a_message_that_documents_do_not_hold(logs: Logs) -> None:
    """An alias of a field is unknown to the script: the entries have to be read. They can be surveyed."""
    fields = {"@timestamp": {"type": "date"}, "text": {"type": "text"}, "message": {"type": "alias", "path": "text"}}
    logs.index("a", [{"@timestamp": at(1).isoformat(), "text": "by alias"}], fields)
    with pytest.raises(CannotReduce, match="its field is an alias"):
        await logs.source.reduce(logs.spec(), SPAN, GRID)
    survey = await logs.source.survey(logs.spec(), SPAN, GRID)
    assert survey is not None
    assert survey.rows["count"].to_list() == [1]


async def test_bins_of_parts_of_a_millisecond(logs: Logs) -> None:
    """The server does not know them: neither counted nor surveyed."""
    logs.index("a", [document(1)])
    grid = Grid(START, timedelta(microseconds=1_500))
    with pytest.raises(CannotReduce, match="parts of a millisecond"):
        await logs.source.reduce(logs.spec(), SPAN, grid)
    assert await logs.source.survey(logs.spec(), SPAN, grid) is None


async def test_the_last_entries_come_along(logs: Logs) -> None:
    """As they are read; with all that have the same time as the first of them, so that whoever reads it chooses."""
    busy = [document(5 + number / 10, f"tick {number}", host="web-1") for number in range(900)]
    end = [document(99, f"end {number}", host="job") for number in range(EDGE + 9)]
    logs.index("a", [*busy, *end, *(document(100 + number, "bye", host="job") for number in range(2))], shards=2)
    read = (await entries(logs.source, logs.spec(), SPAN, GRID)).drop("bin")
    last = (await logs.source.reduce(logs.spec(), SPAN, GRID)).last
    assert sorted(last.rows()) == sorted(read.filter(pl.col("time") >= at(99)).rows())
    last = (await logs.source.reduce(logs.spec(), window(0, 90), GRID)).last
    assert last.sort("time")["message"].to_list() == [f"tick {number}" for number in range(850 - EDGE, 850)]


async def test_an_empty_span(logs: Logs) -> None:
    """No rows, complete."""
    logs.index("a", [document(1)])
    reduced = await equal(logs, span=window(500, 600))
    assert (reduced.rows.height, reduced.last.height, reduced.coverage.expected) == (0, 0, 0)


async def test_when_entries_arrived(logs: Logs) -> None:
    """The survey gives the latest time of arrival of each bin and instance where the index knows it."""
    fields = {**FIELDS, "event": {"properties": {"ingested": {"type": "date"}}}}
    times = [(1, 3.5), (2, 4.25), (30, 31)]
    documents = [document(one, host="a", event={"ingested": at(two).isoformat()}) for one, two in times]
    logs.index("a", [*documents, document(60, host="b")], fields)
    survey = await logs.source.survey(logs.spec(), SPAN, Grid(START, timedelta(seconds=10)))
    assert survey is not None
    assert sorted(survey.rows.rows()) == [(0, "a", 2, at(4.25)), (3, "a", 1, at(31)), (6, "b", 1, None)]


async def test_evidence_is_surveyed_by_its_own_query(logs: Logs) -> None:
    """Where the query wants errors only, the evidence shows that the service logs; without one there is none."""
    logs.index("a", [document(1, level="INFO"), document(2, level="ERROR"), document(3, level="INFO", host="x")])
    spec = replace(logs.spec("level:ERROR"), evidence="*")
    query, evidence = [await logs.source.survey(spec, SPAN, GRID, evidence=wanted) for wanted in (False, True)]
    assert query is not None and evidence is not None
    assert (query.rows["count"].sum(), evidence.rows["count"].sum()) == (1, 3)
    assert await logs.source.survey(logs.spec(), SPAN, GRID, evidence=True) is None


async def test_what_is_lost_is_told(logs: Logs) -> None:
    """An index with matching entries but no time makes both incomplete."""
    logs.index("a", [document(1)])
    logs.index("b", [{"message": "lost"}], {"message": {"type": "text"}})
    told = (f"{logs.prefix}-b: 1 entries have no time in any field of fields.time",)
    reduced, survey = [await count(logs.spec(), SPAN, GRID) for count in (logs.source.reduce, logs.source.survey)]
    assert (reduced.coverage.complete, reduced.coverage.faults) == (False, told)
    assert survey is not None
    assert survey.faults == told


async def test_labels_that_the_index_did_not_keep(logs: Logs) -> None:
    """As in a read: the entries come without them, and that is said."""
    fields = {**FIELDS, "host": {"type": "keyword", "ignore_above": 5}}
    logs.index("a", [document(1, host="web-12345"), document(2, host="web-1")], fields)
    reduced = await equal(logs)
    assert reduced.coverage.faults == ("1 entries have a host too long for the index, and come without it",)


async def test_half_a_sign_is_read_and_counted(logs: Logs) -> None:
    """The server stores the first half of a cut emoji, and gives it back in a way that is no text."""
    logs.index("a", [document(1, "cut \ud83d"), document(2, "whole \U0001f600 \\ud83d")])
    reduced = await equal(logs)
    assert sorted(reduced.rows["key"]) == ["cut \ufffd", "whole \U0001f600 \\#"]


async def test_order_of_entries_is_read(logs: Logs) -> None:
    """Log file and offset come along where the index has them by column."""
    fields = {**FIELDS, "log": {"properties": {"offset": {"type": "long"}, "file": {"properties": {"path": KEYWORD}}}}}
    logs.index("a", [document(1, log={"offset": 77, "file": {"path": "/a"}}), document(2)], fields)
    read = await entries(logs.source, logs.spec(), SPAN, GRID)
    assert read.select("stream", "offset").rows() == [("/a", 77), ("", None)]
