"""From an event to its raw entries, on the command line."""

import io
import json

from rich.console import Console

from fakes.scripted_server import Script, ScriptedServer, event, failing, served
from logverdict.cli.render import event_lines
from logverdict.cli.screen import Screen
from logverdict.v1 import event_pb2

LINK = "https://kibana.example/app/discover#/?_a=" + "x" * 200
QUERY = '"cannot open" AND ' + " AND ".join(f'"word{number}"' for number in range(30))


def script(*ways: event_pb2.Event.WayBack) -> Script:
    script = failing()
    script.events = [event("a1", "cannot open the vault", ways_back=ways)]
    return script


def way(source: str = "app", link: str = LINK) -> event_pb2.Event.WayBack:
    return event_pb2.Event.WayBack(source=source, query=QUERY, link=link)


async def test_a_link_is_shown_in_full(call):
    """`get` and `events` show the link below the event, in one line however long it is, once."""
    async with served(ScriptedServer({"checkout": script(way())})) as server:
        for command in ("get", "events"):
            ended = await call(command, "checkout", server=server)
            assert ended.out.splitlines().count(f"    raw entries: {LINK}") == 1
            assert QUERY not in ended.out


async def test_without_a_link_the_query_is_shown(call):
    """By `events`, for each source that the event names; what a browser does not open is no link."""
    ways = [way("app", ""), way("db", "javascript:alert(1)")]
    async with served(ScriptedServer({"checkout": script(*ways)})) as server:
        page = await call("get", "checkout", server=server)
        ended = await call("events", "checkout", server=server)
    lines = ended.out.splitlines()
    assert [line.strip() for line in lines if QUERY in line] == [f"app, query: {QUERY}", f"db, query: {QUERY}"]
    assert "javascript" not in ended.out + page.out
    assert QUERY not in page.out


async def test_verify_says_where_to_look(call):
    """The end of `verify` shows the link, its JSON all ways."""
    async with served(ScriptedServer({"checkout": script(way())})) as server:
        text = await call("watch", "checkout", server=server)
        told = await call("watch", "checkout", "--json", server=server)
    assert f"    raw entries: {LINK}" in text.out.splitlines()
    assert told.code == text.code


async def test_json_has_the_whole_way(call):
    """Source, query, link and span."""
    async with served(ScriptedServer({"checkout": script(way())})) as server:
        told = json.loads((await call("events", "checkout", "--json", server=server)).out)
    (shown,) = told["events"][0]["ways_back"]
    assert shown == {"source": "app", "query": QUERY, "link": LINK, "start_time": None, "end_time": None}


def test_a_terminal_has_the_link_behind_the_message():
    """One click, and no line of its own."""
    out = io.StringIO()
    screen = Screen(out=Console(file=out, width=80, force_terminal=True, color_system="standard", soft_wrap=True))
    screen.lines(event_lines(event("a1", "cannot open the vault", ways_back=[way()]), 1, 80))
    assert f";{LINK}\x1b\\cannot open the vault" in out.getvalue()
    assert "raw entries" not in out.getvalue()
