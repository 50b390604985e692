"""The emulator's SPL, asked by the real SDK: commands, functions, and the texts of what is wrong."""

from collections.abc import Iterator
from typing import Any

import pytest
from splunklib import client
from splunklib.binding import HTTPError
from splunklib.results import JSONResultsReader

from contract.log_source import at
from fakes.splunk import PASSWORD
from servers.splunk.functions import Dialect
from servers.splunk.server import SplunkServer


@pytest.fixture
def server() -> Iterator[SplunkServer]:
    with SplunkServer() as server:
        for number in range(6):
            server.indexes.add(
                at(10 * number), f"level={'ERROR' if number % 3 == 0 else 'INFO'} n={number} took 1{number} ms"
            )
        server.indexes.add(
            at(61), '{"a": {"b": "x\\ny"}, "tags": ["p", "q"], "k": null, "t": true, "f": 1.50}', host="h2"
        )
        yield server


@pytest.fixture
def service(server: SplunkServer) -> Any:
    where = {"host": "127.0.0.1", "port": server.port, "scheme": "http", "owner": "nobody", "app": "search"}
    return client.connect(username="verifier", password=PASSWORD, **where)


def ask(service: Any, search: str) -> list[dict[str, Any]]:
    found = service.jobs.oneshot(search, output_mode="json", count=0)
    return [row for row in JSONResultsReader(found) if isinstance(row, dict)]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3 / 2", "4.5"),
        ("-7 % 4", "1"),
        ("1 / 0", None),
        ('"a" . 1 . "b"', "a1b"),
        ('n . ""', "3"),
        ("n + 1", "4"),
        ("nosuch + 1", None),
        ('if(n=3 AND NOT level="ERROR", "no", "yes")', "yes"),
        ('case(n<2, "low", n<4, "mid", true(), "high")', "mid"),
        ('coalesce(nosuch, null(), level, "z")', "ERROR"),
        ('if(isnull(nosuch) AND isnotnull(level), "y", "n")', "y"),
        ('if(match(_raw, "took\\s\\d+ ms$"), "y", "n")', "y"),
        ('if(nosuch="x", "y", "n")', "n"),
        ('if(NOT nosuch="x", "y", "n")', "y"),
        ('if("10" > "9", "numbers", "texts")', "numbers"),
        ('if("10" > "9a", "numbers", "texts")', "texts"),
        ('if(level LIKE "ERR%", "y", "n")', "y"),
        ('replace("2026-11-22", "(\\d+)-(\\d+)-(\\d+)", "\\3.\\2.\\1")', "22.11.2026"),
        ('replace("a1", "(x)?[0-9]", "<\\1>")', "a<>"),
        ('substr("größe", 3, 2)', "öß"),
        ('len("größe")', "5"),
        ('substr("abc", -2)', "bc"),
        ("floor(7.9) + ceiling(7.1) + round(2.5) + abs(-1)", "19"),
        ('mvcount(level) . "," . mvindex(level, 0) . mvindex(level, 1)', None),
        ('if(json_valid("{\\"a\\": 1}") AND NOT json_valid("{a}"), "y", "n")', "y"),
        ('"a\\"b\\\\c\\d"', 'a"b\\c\\d'),
        ('"a | b [c]"', "a | b [c]"),
    ],
)
def test_expressions_mean_what_they_say(service: Any, expression: str, value: str | None) -> None:
    """Nothing is made of null; texts that look like numbers are numbers; unknown escapes stand."""
    (row,) = ask(service, f"search index=app n=3 | eval v={expression} | table v")
    assert row.get("v") == value


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ('search index=app n=1 | eval a=1, b=a+1, "c d"=b . "x" | table b "c d"', [{"b": "2", "c d": "2x"}]),
        ("search index=app n>3 | eval n=null() | table n, level", [{"level": "INFO"}, {"level": "INFO"}]),
        ('search index=app | where n>=4 OR level="nosuch" | table n', [{"n": "5"}, {"n": "4"}]),
        ('search index=app n=3 | rex "took (?<ms>\\d+) ms" | table ms', [{"ms": "13"}]),
        (
            'search index=app n=3 | rex field=_raw mode=sed "s/(took) \\d+/\\1 #/" | table _raw',
            [{"_raw": "level=ERROR n=3 took # ms"}],
        ),
        ('search index=app n=3 | rex field=level mode=sed "s/[A-Z]/x/g" | table level', [{"level": "xxxxx"}]),
        ('search index=app n=3 | rex field=level mode=sed "s/[A-Z]/x/" | table level', [{"level": "xRROR"}]),
        (
            "search index=app level=* | stats count min(n) AS low max(n) AS high dc(n) sum(n) avg(n) by level",
            [
                {"level": "ERROR", "count": "2", "low": "0", "high": "3", "dc(n)": "2", "sum(n)": "3", "avg(n)": "1.5"},
                {"level": "INFO", "count": "4", "low": "1", "high": "5", "dc(n)": "4", "sum(n)": "12", "avg(n)": "3"},
            ],
        ),
        (
            "search index=app n<3 | stats list(n) values(level) p95(n)",
            [{"list(n)": ["2", "1", "0"], "values(level)": ["ERROR", "INFO"], "p95(n)": "2"}],
        ),
        ("search index=app | stats count by nosuch", []),
        (
            "search index=app | fillnull value=none level | stats count by level",
            [{"level": "ERROR", "count": "2"}, {"level": "INFO", "count": "4"}, {"level": "none", "count": "1"}],
        ),
        (
            'search index=app host=h2 | stats count by "tags{}"',
            [{"tags{}": "p", "count": "1"}, {"tags{}": "q", "count": "1"}],
        ),
        (
            "search index=app n<2 | eventstats count AS all | table n all",
            [{"n": "1", "all": "2"}, {"n": "0", "all": "2"}],
        ),
        ("search index=app | dedup level | table n", [{"n": "5"}, {"n": "3"}]),
        ("search index=app | dedup 2 level | table n", [{"n": "5"}, {"n": "4"}, {"n": "3"}, {"n": "0"}]),
        (
            "search index=app n<4 | bin _time span=20s | stats count by _time | table count",
            [{"count": "2"}, {"count": "2"}],
        ),
        ("search index=app host=h2 | table a.b k t f", [{"a.b": "x\ny", "k": "null", "t": "true", "f": "1.50"}]),
        ("search index=app host=h2 | fields _raw | spath | table a.b", [{"a.b": "x\ny"}]),
        ("search index=app host=h2 | spath input=_raw path=a.b output=c | table c", [{"c": "x\ny"}]),
        ("search index=app n=1 | rename n AS number | table number", [{"number": "1"}]),
        (
            "| tstats count max(_indextime) AS last where index=app by host, _time span=60s | table host count last",
            [{"host": "h2", "count": "1", "last": "1795316462"}, {"host": "web-1", "count": "6", "last": "1795316451"}],
        ),
    ],
)
def test_commands_do_what_they_say(service: Any, search: str, expected: list[dict[str, Any]]) -> None:
    """Rows without a field are in no group; a field of several values is in several."""
    assert ask(service, search) == expected


@pytest.mark.parametrize(
    ("search", "text"),
    [
        ("search index=app | eval x=nosuch(1)", "The 'nosuch' function is unsupported or undefined"),
        ("search index=app | eval x=if(1=1,2)", "arguments to the 'if' function are invalid"),
        ("search index=app | eval x=(1", "malformed"),
        ('search index=app | eval x=match(_raw,"a")', "Fields cannot be assigned a boolean result"),
        ('search index=app | rex "(no name)"', "It should specify a named group"),
        ('search index=app | rex field=_raw mode=sed "x/a/b/"', "Failed to initialize sed"),
        ('search index=app | rex "(?<a>["', "error while compiling"),
        ("search index=app | stats nosuch(n)", "The argument 'nosuch\\(n\\)' is invalid"),
        ("| tstats count where index=app by level", "not emulated as an indexed one"),
    ],
)
def test_wrong_commands_are_refused(service: Any, search: str, text: str) -> None:
    """Status 400 (wordings unverified)."""
    with pytest.raises(HTTPError, match=text) as caught:
        service.jobs.create(search)
    assert caught.value.status == 400


def test_a_server_may_see_bytes(server: SplunkServer, service: Any) -> None:
    """Lengths and expressions then count those."""
    server.dialect = Dialect(in_bytes=True)
    search = 'search index=app n=3 | eval a=len("ö"), b=replace("ö1", "[^0-9]", "x"), c=replace("ö1", "1", "é")'
    assert ask(service, f"{search} | table a b c") == [{"a": "2", "b": "xx1", "c": "öé"}]
