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


async def test_calls_are_summed_up(call):
    """A line for each source, method and path, and status, the slowest first, from all pages; folded calls count."""
    made = [
        call_of(0),
        call_of(1, times=3, size=3_400_000, method="POST /logs/_search?timeout=5s"),
        call_of(2, status="timeout"),
        call_of(3, source="web", times=4),
        call_of(4),
    ]
    async with served(server_with(*made)) as server:
        ended = await call("calls", "checkout", server=server)
    assert ended.code == 0
    assert [" ".join(line.split()) for line in ended.out.splitlines()] == [
        "SOURCE STATUS TIMES SIZE TOTAL MEAN CALL",
        "app 200 5 3.4 MB 4.50 s 0.90 s POST /logs/_search",
        "app timeout 1 10 B 1.50 s 1.50 s POST /logs/_search",
        "web 200 4 10 B 1.50 s 0.38 s POST /logs/_search",
    ]
    assert "10 calls, 3.4 MB, 7.50 s" in ended.err
    assert "logverdict calls checkout --queries" in ended.err


async def test_queries_are_shown_whole(call):
    """Each different one once, wrapped to the screen and without control characters; JSON has it as it is kept."""
    query = "error\x1b[31m " + "x" * 500 + " last"
    made = [call_of(0, query=query, method="POST /" + "y" * 400), call_of(1), call_of(2, query="query 1")]
    async with served(server_with(*made)) as server:
        text = await call("calls", "verifications/checkout", "--queries", server=server)
        told = await call("calls", "checkout", "--json", server=server)
    lines = [line.strip() for line in text.out.splitlines()]
    assert max(map(len, text.out.splitlines())) <= 80
    assert "\x1b" not in text.out and "\\x1b[31m" in text.out
    assert text.out.count("x" * 10) and sum(line.count("x") for line in lines[2:-2]) >= 500
    assert [line for line in lines if line.startswith("11-20")][1:] == ["11-20 12:00:01 UTC  query 1"]
    assert "…" not in "".join(lines[2:-2]) and "last" in text.out
    found = json.loads(told.out)["calls"]
    assert (found[0]["query"], found[0]["times"], found[0]["took"], len(found)) == (query, 1, 1.5, 3)


async def test_a_long_path_shows_its_end(call):
    """There is where calls differ; what follows the path is left out."""
    made = [
        call_of(0, method="POST /servicesNS/nobody/search/search/v2/jobs", status="timed out"),
        call_of(1, method="POST /_search?allow_partial_search_results=false"),
    ]
    async with served(server_with(*made)) as server:
        ended = await call("calls", "checkout", server=server)
    lines = ended.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[1].endswith("v2/jobs") and " POST …" in lines[1]
    assert lines[2].endswith("POST /_search")


async def test_no_calls_are_told(call):
    """A verification without an audit is no fault; an unknown one is."""
    async with served(server_with()) as server:
        none = await call("calls", "checkout", server=server)
        unknown = await call("calls", "nosuch", server=server)
    assert (none.code, none.out, none.err.strip()) == (0, "", "no calls were kept")
    assert (unknown.code, "nosuch" in unknown.err) == (2, True)
