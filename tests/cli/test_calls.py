"""`logverdict calls` against a scripted server."""

import json

from fakes.scripted_server import Script, ScriptedServer, revision, served, verification
from logverdict.v1 import verification_service_pb2 as pb


def call_of(number: int, **fields: object) -> pb.SourceCall:
    given = {"source": "app", "method": "POST /logs/_search", "query": f"query {number}", "status": "200", "size": 10}
    made = pb.SourceCall(**(given | {"times": 1} | fields))  # type: ignore[arg-type]
    made.time.FromJsonString(f"2026-11-20T12:00:0{number}Z")
    made.took.FromMilliseconds(1_500)
    return made


def server_with(*calls: pb.SourceCall) -> ScriptedServer:
    return ScriptedServer({"checkout": Script([revision(1, verification())], calls=calls)})


async def test_calls_are_a_table(call):
    """Each call with its query below, from all pages; the number of calls counts those that were folded."""
    made = [call_of(0, times=1_200, size=3_400_000), call_of(1), call_of(2, status="timeout", query="")]
    async with served(server_with(*made)) as server:
        ended = await call("calls", "checkout", server=server)
    lines = ended.out.splitlines()
    assert ended.code == 0
    assert lines[0].split() == ["TIME", "(UTC)", "SOURCE", "STATUS", "TIMES", "BYTES", "TOOK", "CALL"]
    assert lines[1].split() == [
        "11-20",
        "12:00:00",
        "app",
        "200",
        "1,200",
        "3,400,000",
        "1.50",
        "s",
        "POST",
        "/logs/_search",
    ]
    assert [line.strip() for line in lines[2::2]] == ["query 0", "query 1"]
    assert "timeout" in lines[5] and len(lines) == 6
    assert "1,202 calls" in ended.err


async def test_a_long_query_is_cut_to_the_screen_and_whole_in_json(call):
    """Text fits the terminal and holds no control characters; scripts get the query as it is kept."""
    query = "error\x1b[31m " + "x" * 500
    async with served(server_with(call_of(0, query=query, method="POST /" + "y" * 400))) as server:
        text = await call("calls", "verifications/checkout", server=server)
        told = await call("calls", "checkout", "--json", server=server)
    assert max(map(len, text.out.splitlines())) <= 80
    assert "\x1b" not in text.out and "\\x1b[31m" in text.out
    (found,) = json.loads(told.out)["calls"]
    assert (found["query"], found["times"], found["took"]) == (query, 1, 1.5)


async def test_a_long_path_shows_its_end(call):
    """There is where calls differ; what follows the path is left out first."""
    made = [
        call_of(0, method="POST /servicesNS/nobody/search/search/v2/jobs"),
        call_of(1, method="POST /_search?allow_partial_search_results=false"),
    ]
    async with served(server_with(*made)) as server:
        ended = await call("calls", "checkout", server=server)
    lines = ended.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[1].endswith("v2/jobs") and " POST …" in lines[1]
    assert lines[3].endswith("POST /_search")


async def test_no_calls_are_told(call):
    """A verification without an audit is no fault; an unknown one is."""
    async with served(server_with()) as server:
        none = await call("calls", "checkout", server=server)
        unknown = await call("calls", "nosuch", server=server)
    assert (none.code, none.out, none.err.strip()) == (0, "", "no calls were kept")
    assert (unknown.code, "nosuch" in unknown.err) == (2, True)
