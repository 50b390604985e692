"""The Elasticsearch source on a real server: what indices, mappings and documents can be like."""

import json
import urllib.error

import pytest

from contract.log_source import at, read, results, window
from logverdict.domain.errors import QueryRejected
from logverdict.domain.verification import Coverage
from servers.elasticsearch.fixtures import bulk
from servers.elasticsearch.logs import FIELDS, KEYWORD, Logs, document

pytestmark = pytest.mark.timeout(400)


async def test_all_pages_of_all_slices_are_read_once(logs: Logs) -> None:
    """12,000 documents on three shards, many pages: each is read once, and as many as were counted."""
    logs.index("a", [document(number / 20, f"order {number}") for number in range(12_000)], shards=3)
    *frames, coverage = await results((logs.source, logs.spec(page_size="700")), window(0, 1_000))
    assert coverage == Coverage(expected=12_000, read=12_000)
    assert len({text for frame in frames for text in frame["message"]}) == 12_000  # type: ignore[union-attr,index]
    assert len(frames) > 12


async def test_a_query_and_filters_narrow(logs: Logs) -> None:
    """Query string, keyword filter, text filter with and without a keyword twin: all have to hold."""
    text = {"type": "text", "fields": {"keyword": KEYWORD}}
    fields = {**FIELDS, "app": text, "team": {"type": "text"}}
    right = {"level": "ERROR", "app": "web shop", "team": "red team"}
    wrongs = [{"level": "INFO"}, {"app": "web shop old"}, {"team": "blue team"}]
    rows = [document(1, "disk full", **right), *(document(2, "disk full", **{**right, **wrong}) for wrong in wrongs)]
    logs.index("a", [*rows, document(3, "ready", **right)], fields)
    filters = {"filter.level": "ERROR", "filter.app": "web shop", "filter.team": "red team"}
    assert await logs.messages('"disk full"', **filters) == ["disk full"]
    assert await logs.messages("disk AND level:(ERROR OR FATAL)", **filters) == ["disk full"]
    assert await logs.messages("re*", **filters) == ["ready"]


async def test_text_of_a_query_stays_text(logs: Logs) -> None:
    """Quotes and braces in a query or filter never become part of the request around them."""
    logs.index("a", [document(1, level='"}}],"x":[{"')])
    assert await logs.messages('"}}],"script_fields":{"x":{"script":"y"}},"a":[{"b":{"c":"') == []
    assert await logs.messages(**{"filter.level": '"}}],"x":[{"'}) == ["ready"]


async def test_data_streams_aliases_and_patterns_are_read(logs: Logs) -> None:
    """A data stream, an alias with a filter of its own, and a pattern less a part of it."""
    call, prefix = logs.server.call, logs.prefix
    body = {
        "index_patterns": [f"{prefix}-stream*"],
        "data_stream": {},
        "priority": 900,
        "template": {"settings": {"number_of_replicas": 0}, "mappings": {"properties": FIELDS}},
    }
    call("PUT", f"/_index_template/{prefix}", body)
    bulk(logs.server, f"{prefix}-stream", [json.dumps(document(1, "in the stream"))], create=True)
    index = logs.index("plain", [document(2, "plain", level="INFO"), document(3, "odd", level="WARN")])
    alias = {"add": {"index": index, "alias": f"{prefix}-alias", "filter": {"term": {"level": "WARN"}}}}
    call("POST", "/_aliases", {"actions": [alias]})
    try:
        assert await logs.messages(index=f"{prefix}-stream") == ["in the stream"]
        assert await logs.messages(index=f"{prefix}-alias") == ["odd"]
        assert await logs.messages(index=f"{prefix}-*,-{prefix}-plain") == ["in the stream"]
    finally:
        drop_stream(logs)


def drop_stream(logs: Logs) -> None:
    """The server that the tests start can make data streams, but has no interface to delete them."""
    try:
        logs.server.call("DELETE", f"/_data_stream/{logs.prefix}-stream")
        logs.server.call("DELETE", f"/_index_template/{logs.prefix}")
    except urllib.error.HTTPError as fault:
        assert fault.code == 405


@pytest.mark.parametrize("name", ["none", "none-*", "a,{prefix}-none-*"])
async def test_a_name_that_means_nothing_is_refused(logs: Logs, name: str) -> None:
    """A missing index, and a pattern that matches none, even beside one that does, never read as silence."""
    logs.index("a", [document(1)])
    index = f"{logs.prefix}-{name.format(prefix=logs.prefix)}"
    with pytest.raises(QueryRejected, match=r"options\.index: no such index"):
        await logs.messages(index=index)


async def test_fields_are_looked_up_in_each_index(logs: Logs) -> None:
    """Where indices name things differently, each document gives the first of the candidates that it has."""
    logs.index("a", [document(1, "old", level="INFO", host="web-1")])
    fields = {"ts": {"type": "date_nanos"}, "msg": {"type": "text"}, "severity": {"type": "long"}, "pod": KEYWORD}
    logs.index("b", [{"ts": at(2.5).isoformat(), "msg": "new", "severity": 3, "pod": ["web-2", "web-3"]}], fields)
    rows = await read((logs.source, logs.spec()), window(0, 10))
    assert rows == [(at(1), "old", "INFO", "web-1", ""), (at(2.5), "new", "3", "web-2", "")]


async def test_without_a_time_or_a_message_nothing_is_read(logs: Logs) -> None:
    """Indices without a date or a text are refused with what was tried and what is there."""
    logs.index("a", [{"ts": 5, "message": "x"}], {"ts": {"type": "long"}, "message": {"type": "text"}})
    with pytest.raises(QueryRejected, match=r"fields\.time: .*@timestamp \(missing\).*ts \(long\)"):
        await logs.messages()
    logs.index("b", [document(1)], {"@timestamp": {"type": "date"}, "message": {"type": "binary"}})
    with pytest.raises(QueryRejected, match=r"fields\.message: .*message \(binary\), msg \(missing\)"):
        await logs.messages(index=f"{logs.prefix}-b")


async def test_what_has_no_time_is_told(logs: Logs) -> None:
    """An index without any of the time fields makes the read incomplete once it holds matching entries."""
    logs.index("a", [document(1)])
    logs.index("b", fields={"message": {"type": "text"}})
    assert (await logs.coverage()).complete
    bulk(logs.server, f"{logs.prefix}-b", ['{"message": "lost"}'])
    coverage = await logs.coverage()
    assert not coverage.complete
    assert coverage.faults == (f"{logs.prefix}-b: 1 entries have no time in any field of fields.time",)


async def test_entries_without_a_message_are_broken(logs: Logs) -> None:
    """They are counted and said, not read as empty ones."""
    logs.index("a", [document(1), {"@timestamp": at(2).isoformat()}, document(3, "")])
    coverage = await logs.coverage()
    assert (coverage.expected, coverage.read, coverage.broken, coverage.complete) == (3, 1, 2, True)
    assert coverage.faults == ("2 entries have no text in message",)


async def test_messages_of_several_values_or_parts(logs: Logs) -> None:
    """Several values are lines; numbers are texts; an object in place of a text is its JSON."""
    logs.index("a", [document(1, ["one", "two"]), document(2, 42)])
    assert await logs.messages() == ["one\ntwo", "42"]
    fields = {"@timestamp": {"type": "date"}, "body": {"type": "object"}}
    logs.index("b", [{"@timestamp": at(1).isoformat(), "body": {"b": [1], "a": "x"}}], fields)
    assert await logs.messages(index=f"{logs.prefix}-b") == ['{"a":"x","b":[1]}']
    logs.index("c", [{"@timestamp": at(1).isoformat(), "body": {"text": "by OpenTelemetry"}}], fields)
    assert await logs.messages(index=f"{logs.prefix}-c") == ["by OpenTelemetry"]


async def test_a_message_by_another_name_or_made_up(logs: Logs) -> None:
    """An alias of a field and a runtime field are not in the source of a document, and are read all the same."""
    fields = {"@timestamp": {"type": "date"}, "text": {"type": "text"}, "message": {"type": "alias", "path": "text"}}
    logs.index("a", [{"@timestamp": at(1).isoformat(), "text": "by alias"}], fields)
    assert await logs.messages() == ["by alias"]
    logs.index("0", [document(second / 100) for second in range(90)])
    assert (await logs.messages()).count("by alias") == 1


async def test_a_stack_trace_of_its_own_follows_the_message(logs: Logs) -> None:
    """As in files: error.stack_trace is joined to the message, whether nested or flat."""
    fields = {**FIELDS, "error": {"properties": {"stack_trace": {"type": "text"}}}}
    nested = document(1, "failed", error={"stack_trace": "E: x\n\tat a.B"})
    logs.index("a", [nested, document(2, "failed", **{"error.stack_trace": "E: y\n\tat a.C"})], fields)
    assert await logs.messages() == ["failed\nE: x\n\tat a.B", "failed\nE: y\n\tat a.C"]


async def test_an_entry_of_two_times_counts_once(logs: Logs) -> None:
    """It belongs to the first of its times, so that adjoining spans give it once."""
    times = [at(1).isoformat(), at(50).isoformat()]
    logs.index("a", [{"@timestamp": times, "message": "twice"}, document(60)])
    made = (logs.source, logs.spec())
    assert len(await read(made, window(0, 30)) + await read(made, window(30, 90))) == 2
    *_, coverage = await results(made, window(30, 90))
    assert coverage == Coverage(expected=1, read=1)


async def test_long_values_and_messages_are_told(logs: Logs) -> None:
    """A label that the index did not keep, and a message that was cut, are said."""
    fields = {**FIELDS, "host": {"type": "keyword", "ignore_above": 5}}
    logs.index("a", [document(1, host="web-12345"), document(2, "x" * 70_000, host="web-1")], fields)
    coverage = await logs.coverage()
    assert coverage.read == 2
    assert sorted(coverage.faults) == [
        "1 entries are longer than 65,536 characters; the rest of them was cut",
        "1 entries have a host too long for the index, and come without it",
    ]


async def test_a_slip_in_a_field_name_is_told(logs: Logs) -> None:
    """A query for a field that no index has matches nothing: its coverage says so."""
    logs.index("a", [document(1)])
    coverage = await logs.coverage("levle:ERROR", **{"filter.hots": "x"})
    assert coverage.complete
    assert coverage.faults == ("no index has the field levle, hots, which the query or a filter names",)


@pytest.mark.parametrize("query", ["@timestamp:abc", "level:[a TO", "message:(a OR)"])
async def test_a_query_that_the_server_does_not_understand(logs: Logs, query: str) -> None:
    """It is refused, by the guard or by the server with its reason."""
    logs.index("a", [document(1)])
    with pytest.raises(Exception, match=r"query: |the server refuses the query \(HTTP 400\): ") as refused:
        await logs.messages(query)
    assert len(str(refused.value)) < 600


async def test_a_closed_index_is_named(logs: Logs) -> None:
    """Searches pass over a closed index that only a pattern matches: that its entries are not read is said."""
    logs.index("open", [document(1)])
    closed = logs.index("closed", [document(2, "failed")])
    logs.server.call("POST", f"/{closed}/_close")
    last = await logs.coverage()
    assert (last.read, last.complete) == (1, True)
    assert last.faults == (f"closed indices match options.index and were not read: {closed}",)
