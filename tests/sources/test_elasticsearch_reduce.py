"""Counts that a real Elasticsearch makes: always what a read gives, grouped here."""

import random
import re
from datetime import timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from contract.log_source import START, at, window
from fakes.tricky import EXAMPLES, PLACED
from logverdict.adapters.sources import elasticsearch_cells, elasticsearch_sweep
from logverdict.analysis.key import MAX_KEYED, UNREDUCED, key
from logverdict.analysis.key_words import CODE_WORDS, SAID_WORDS, STATUS_WORDS
from logverdict.domain.errors import CannotReduce
from logverdict.domain.profile import FieldNames, SourceSpec
from logverdict.domain.window import Grid
from servers.elasticsearch.logs import FIELDS, KEYWORD, Logs, document
from servers.elasticsearch.reduced import CELL, GRID, SPAN, entries, equal, grouped

pytestmark = pytest.mark.timeout(400)
WORDS = """status error exit return response code rc errno returned S Exit_Code statuscode exception exceptions errors
    Failures: failed warning ERROR http/ HTTP/1.1 http/2 http 0 1 5 12 503 1234 9_ _9 x9 a m % _ . / - ; # ["""
TOKENS = (
    *re.findall(r"\S+", WORDS),
    *('http/1.1" 200 ', "0 errors", " 0 ", ": ", "= ", '"', "'", " ", " ", "=", ":", "\n", "\t", "at ", "\x1b[31m"),
    *("\x1b[0;1", "\x1b", "İ", "\u212a", "ſ", "é", "😀", "١", "exit code: 137", "status_code=503", "\x00"),
    "response status 404",
    *("1/2/3/4/5 503 ", "/7/-1/", "/+3", "8/a1/0/0/0 ", " 200/1/2/3/4 502 7", "GET /a ", "404 ", "- ", "-> "),
    *("tcp_hit/", "NONE_x/503"),
    *CODE_WORDS[::11],
    *(f"{word}{sign}" for word in (*STATUS_WORDS, *SAID_WORDS) for sign in (" ", ": ", " 503", ": 404")),
    *("http_response_code=503", "with", "os error 111", "http error", "exited with", " a ", " is "),
    *("GET /a/17 ", "POST /x -> ", "GET ", " /orders/9 ", "Completed ", "200", " OK", " Conflict", "HEAD /http/1.1 "),
    *("Completed 404 Not Found", ' PUT "https://a.b/c7" (', "503", " - ", " | ", "retry ", "signal", "\x01"),
    *PLACED,
)


def tricky(number: int) -> list[str]:
    chance = random.Random(number)
    short = ["".join(chance.choices(TOKENS, k=chance.randint(1, 12))) for _ in range(number)]
    before = [sign * chance.randint(MAX_KEYED - 25, MAX_KEYED + 2) for sign in ("-", "😀") for _ in range(60)]
    ends = [f"{one}exit 503 0 errors" for one in before]
    return short + ends + ["".join(chance.choices(TOKENS, k=1_500)) for _ in range(60)]


async def test_keys_are_the_same_for_every_message(logs: Logs) -> None:
    """Thousands of messages made of all that the key looks at: colours, quotes, numbers that stay, signs beyond 16
    bits, letters that only look like ours, messages that are cut in the middle."""
    chance = random.Random(5)
    messages = [*tricky(6_000), *(message for message, _ in EXAMPLES)]
    assert len({key(message) for message in messages}) > 3_000
    labels = {"level": ("INFO", "ERROR", ""), "host": ("web-1", "web-2", ""), "version": ("1.0", "")}
    documents = []
    for number, message in enumerate(messages):
        chosen = {name: value for name, values in labels.items() if (value := chance.choice(values))}
        documents.append(document(number % 990 + chance.randint(0, 999) / 1_000, message, **chosen))
    logs.index("a", documents, {**FIELDS, "version": KEYWORD}, shards=2)
    reduced = await logs.source.reduce(logs.spec(), SPAN, GRID)
    read = await entries(logs.source, logs.spec(), SPAN, GRID)
    assert_frame_equal(reduced.rows.sort(CELL), grouped(read))
    assert read["bin"][0] > 30_000
    await equal(logs)


async def test_what_is_no_text_is_left_to_be_read(logs: Logs) -> None:
    """Numbers, several values, objects and lines that may go on with a trace give their bin a row that says so."""
    odd: list[object] = [42, ["one", "two"], "\tat a.B(C.java:1)", "Caused by: x", True]
    rows = [document(20 * number, message) for number, message in enumerate(odd)]
    logs.index("a", [*rows, *(document(20 * number + 5, "ready in 5 ms") for number in range(9))])
    reduced = await equal(logs, grid=Grid(START, timedelta(seconds=20)))
    assert sorted(reduced.rows.filter(pl.col("key") == UNREDUCED)["bin"]) == [0, 1, 2, 3, 4]
    assert sorted(reduced.rows.filter(pl.col("key") == "ready in # ms")["bin"]) == list(range(9))


async def test_entries_without_a_message_are_broken(logs: Logs) -> None:
    """They are in the coverage and in the survey, and are no row."""
    logs.index("a", [document(1), {"@timestamp": at(2).isoformat()}, document(3, "")])
    reduced = await equal(logs)
    coverage = reduced.coverage
    assert (coverage.expected, coverage.read, coverage.broken) == (3, 1, 2)
    assert coverage.faults == ("2 entries have no text in message",)


async def test_nested_flat_and_text_fields(logs: Logs) -> None:
    """Where the server made texts of levels and instances, and however documents write dotted names."""
    text = {"type": "text", "fields": {"keyword": KEYWORD}}
    fields = {"@timestamp": {"type": "date"}, "message": text, "version": {"type": "long"}} | {
        name: {"properties": {part: text}} for name, part in (("log", "level"), ("host", "name"))
    }
    stack = {"error": {"stack_trace": "E: 5\n\tat a.B"}}
    documents = [
        document(1, "a 1", log={"level": "INFO"}, host={"name": "web-1"}, version=3),
        document(2, "a 2", **{"log.level": "INFO", "host.name": "web-1"}, version=[3, 4]),
        document(3, "a 3", log=[{"level": "WARN"}], host={"name": ["web-2", "web-3"]}),
        document(4, "failed", **{"log.level": "ERROR\nand more"}, **stack),
        document(5, "failed", **{"error.stack_trace": "E: 6\n\tat a.C"}, host={"name": "web-1"}),
        document(6, "failed E: 5\n\tat a.B", **stack),
        document(7, "short", **{"error.stack_trace": "no lines"}),
    ]
    fields["error"] = {"properties": {"stack_trace": {"type": "text"}}}
    logs.index("a", documents, fields)
    grid = Grid(START, timedelta(seconds=1))
    reduced = await equal(logs, grid=grid)
    assert reduced.rows.sort("bin")["level"].to_list() == ["INFO", "INFO", "WARN", "ERROR", "", "", ""]
    assert "failed\nE: #\n\tat a.B" in reduced.rows["key"]


async def test_fields_are_looked_up_in_each_index(logs: Logs) -> None:
    """Indices that name things differently, of several types, some without the field at all."""
    fields = {"ts": {"type": "date_nanos"}, "msg": {"type": "text"}, "severity": {"type": "long"}, "pod": KEYWORD}
    other = [{"ts": at(2.5).isoformat(), "msg": "new 5", "severity": 3, "pod": ["web-3", "web-2"]}]
    logs.index("a", [document(1, "old 7", level="INFO", host="web-1"), document(2, "old 8")])
    logs.index("b", [*other, {"ts": at(3).isoformat(), "msg": "new 6"}], fields)
    logs.index("c", [{"@timestamp": at(4).isoformat(), "message": "bare"}], {"message": {"type": "text"}})
    reduced = await equal(logs)
    assert reduced.rows.sort("first")["instance"].to_list() == ["web-1", "", "web-2", "", ""]
    await equal(logs, logs.spec(index=f"{logs.prefix}-a,{logs.prefix}-c"))


async def test_the_first_candidate_that_holds_something(logs: Logs) -> None:
    """Some documents name a pod and a host, some only one of them, or an empty pod."""
    fields = {**FIELDS, "pod": KEYWORD, "kubernetes": {"properties": {"pod": {"properties": {"name": KEYWORD}}}}}
    names = [{"pod": "p", "host": "h"}, {"host": "h"}, {"pod": "", "host": "h"}, {}, {"kubernetes.pod.name": "k"}]
    documents = [document(number, f"order {number}", **names[number % 5]) for number in range(100)]
    logs.index("a", documents, fields)
    reduced = await equal(logs)
    assert set(reduced.rows["instance"]) == {"p", "h", "", "k"}
    logs.index("b", [document(number, "x", pod=("p", "")[number == 7], host="h") for number in range(9)], fields)
    await equal(logs, logs.spec(index=f"{logs.prefix}-b"))


async def test_an_entry_of_several_times_or_instances_counts_once(logs: Logs) -> None:
    """It belongs to the first of its times and values, wherever the others lie."""
    twice = [at(1).isoformat(), at(50).isoformat()]
    documents = [
        {"@timestamp": twice, "message": "twice", "host": ["b", "a"], "level": ["WARN", "INFO"]},
        {"@timestamp": [at(60).isoformat(), at(60.5).isoformat()], "message": "near"},
        *(document(70 + number, "ready", host="a") for number in range(9)),
    ]
    logs.index("a", documents)
    assert (await equal(logs)).coverage.read == 11
    assert (await equal(logs, span=window(0, 30))).coverage.read == 1
    assert (await equal(logs, span=window(30, 90))).coverage.read == 10


async def test_a_span_that_holds_more_than_an_answer(logs: Logs, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is cut, in the middle of bins too, and the parts add up."""
    documents = [
        document(number % 50 / 7, f"order {'abcdefg'[number % 7]}", host=f"h{number % 3}") for number in range(300)
    ]
    logs.index("a", documents, shards=2)
    monkeypatch.setattr(elasticsearch_cells, "BUCKETS", 4)
    monkeypatch.setattr(elasticsearch_sweep, "FIRST", 50)
    await equal(logs)
    await equal(logs, grid=Grid(START, timedelta(hours=1)))


async def test_more_kinds_than_the_smallest_part_may_hold(logs: Logs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the entries have to be read."""
    logs.index("a", [document(1, text) for text in "abcdefg"])
    monkeypatch.setattr(elasticsearch_cells, "BUCKETS", 4)
    with pytest.raises(CannotReduce, match="limits are too low even for the entries of"):
        await logs.source.reduce(logs.spec(), SPAN, GRID)


async def test_entries_that_are_all_different_are_not_counted(logs: Logs, monkeypatch: pytest.MonkeyPatch) -> None:
    """A count for each of them would be no less than the entries themselves."""
    words = ("".join(random.Random(number).choices("abcdefgh", k=9)) for number in range(500))
    logs.index("a", [document(number, word) for number, word in enumerate(words)])
    monkeypatch.setattr(elasticsearch_sweep, "ENOUGH", 400)
    with pytest.raises(CannotReduce, match="500 entries are of 500 kinds"):
        await logs.source.reduce(logs.spec(), SPAN, GRID)


@pytest.mark.parametrize(
    ("kind", "says"), [("double", r"can't sort entries by level \(double\)"), ("keyword", "read as a message and as")]
)
async def test_fields_that_the_server_can_not_sort_by(logs: Logs, kind: str, says: str) -> None:
    """A level with fractions, or one that is the message as well, is refused with the field's name."""
    logs.index("a", [document(1, level=5)], {**FIELDS, "level": {"type": kind}})
    fields = FieldNames(message=("message", "level") if kind == "keyword" else ("message",))
    with pytest.raises(CannotReduce, match=says):
        await logs.source.reduce(
            SourceSpec("app", "logs", "*", fields, options={"index": f"{logs.prefix}-a"}), SPAN, GRID
        )
