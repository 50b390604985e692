"""`get`, `events`, `watch`, `list` and `cancel` against a scripted server."""

import json

import pytest

from fakes.scripted_server import (
    CANCELLED,
    DONE,
    RUNNING,
    Script,
    ScriptedServer,
    V,
    endless,
    event,
    failing,
    passing,
    revision,
    served,
    verification,
)
from logverdict.v1 import policy_pb2

LONG = "java.lang.IllegalStateException: cannot open the vault of tenant <id> with " + "a reason that goes on " * 40


def crowded(**fields):
    """A verification with as much to say as can be."""
    known = verification(
        verdict=V.FAIL, reason="NEW_ERRORS", sentence=LONG, comparison_used=2, superseded_by="verifications/b", **fields
    )
    known.policy.mode = policy_pb2.OBSERVE
    known.candidate_window.start_time.FromJsonString("2026-11-03T23:55:00Z")
    known.candidate_window.end_time.FromJsonString("2026-11-04T00:05:00Z")
    for name, side in (("baseline", known.baseline_side), ("candidate", known.candidate_side)):
        side.entries, side.instances = 12_345_678_901, 1_000
        known.coverage.add(source="app", side=name, share=0.5, broken=12, late=3, faults=[LONG])
    known.event_counts.add(kind=2, count=4_000)
    events = [event(f"e{at}", LONG, expected=123456.7, seen=1234567, weight=9 - at) for at in range(9)]
    return Script([revision(1, known)], events=events)


@pytest.mark.parametrize(
    "fields",
    [{"state": RUNNING}, {"state": DONE, "decision": policy_pb2.PROCEED, "enforced_decision": policy_pb2.STOP}],
)
async def test_get_fits_a_small_terminal(call, fields):
    """Whatever there is to say, `get` fits 80 × 24 with the prompt's line: three events, then what to type next."""
    async with served(ScriptedServer({"checkout": crowded(**fields)})) as server:
        ended = await call("get", "checkout", server=server)
    lines = ended.out.splitlines()
    assert ended.code == 0
    assert len(lines) <= 23
    assert max(map(len, lines)) <= 80
    assert ended.out.count("expected 123,457, seen 1,234,567") == 3
    assert "3,997 more" in ended.out
    assert lines[-1].endswith("logverdict events checkout")


async def test_get_names_what_to_type_with_the_server(call):
    """Suggested commands reach the same server."""
    async with served(ScriptedServer({"checkout": failing()})) as server:
        ended = await call("get", "verifications/checkout", "--server", server, server="")
    assert f"logverdict events checkout --server {server}" in ended.out


async def test_words_of_a_newer_server_are_shown_as_they_came(call):
    """Unknown enum values are shown as their numbers, in text and JSON."""
    known = verification(state=7, verdict=8, decision=9)
    strange = event("a1", "one of a new kind", kind=42, impact=43, severity=44)
    async with served(ScriptedServer({"checkout": Script([revision(1, known)], events=[strange])})) as server:
        text = await call("get", "checkout", server=server)
        told = json.loads((await call("get", "checkout", "--json", server=server)).out)
    for word in (" 9 ", "verdict 8", "43 42 (level 44)"):
        assert word in text.out
    assert (told["state"], told["verdict"], told["decision"]) == (7, 8, 9)
    assert told["strongest_events"][0]["kind"] == 42


async def test_control_characters_never_reach_the_terminal(call):
    """Log messages cannot paint, move or clear the reader's terminal."""
    script = failing()
    script.events = [event("a1", "\x1b[2Jboom\x07 \u202eevil\nsecond line [bold]x[/bold]")]
    async with served(ScriptedServer({"checkout": script})) as server:
        ended = await call("get", "checkout", server=server)
    assert r"\x1b[2Jboom\x07 \x202eevil second line [bold]x[/bold]" in ended.out
    assert "\x1b" not in ended.out


@pytest.mark.parametrize("command", [("get", "x", "--events"), ("events", "x")])
async def test_all_events_are_paged_through(call, command):
    """`events`, and `get --events`, show every event of every page."""
    events = [event(f"e{at}", f"message {at:04}", weight=1) for at in range(450)]
    script = Script([revision(1, verification("x", state=DONE, verdict=V.FAIL, decision=2))], events=events)
    async with served(ScriptedServer({"x": script})) as server:
        text = await call(*command, server=server)
        told = json.loads((await call(*command, "--json", server=server)).out)
    assert text.out.count("message ") == len(told["events"]) == 450


async def test_known_events_are_left_out_unless_asked_for(call):
    """`events` shows what departs from the baseline; --all shows the rest too."""
    script = failing()
    script.events = [*script.events, event("k", "as ever", kind=1, impact=1)]
    async with served(ScriptedServer({"checkout": script})) as server:
        some = await call("events", "checkout", server=server)
        every = await call("events", "checkout", "--all", server=server)
    assert ("as ever" in some.out, "as ever" in every.out) == (False, True)


async def test_watch_gives_each_revision_once_as_a_line_of_json(call):
    """`watch --json` gives a line a revision, each once, through lost connections, and exits by the decision."""
    script = failing()
    script.drops = [1, 2]
    async with served(ScriptedServer({"checkout": script})) as server:
        ended = await call("watch", "checkout", "--json", server=server)
    lines = [json.loads(line) for line in ended.out.splitlines()]
    assert [line["number"] for line in lines] == [1, 2, 3]
    assert lines[-1]["verification"]["decision"] == "STOP"
    assert lines[1]["changed_events"][0]["template"].startswith("EncryptionError")
    assert ended.code == 1


async def test_watch_goes_on_after_a_revision(call):
    """--after-revision gives only what is newer, also when that is nothing."""
    async with served(ScriptedServer({"checkout": failing()})) as server:
        two = await call("watch", "checkout", "--json", "--after-revision", "1", server=server)
        none = await call("watch", "checkout", "--json", "--after-revision", "3", server=server)
    assert [json.loads(line)["number"] for line in two.out.splitlines()] == [2, 3]
    assert (none.out, none.code) == ("", 1)


async def test_watch_ends_at_its_timeout_unverified(call):
    """A watch that times out ends by --on-error, and its last line of JSON says so."""
    async with served(ScriptedServer({"payments": endless()})) as server:
        ended = await call("watch", "payments", "--json", "--timeout", "1s", "--on-error", "ask", server=server)
    last = json.loads(ended.out.splitlines()[-1])
    assert (ended.code, last["unverified"], last["decision"]) == (3, True, "ASK")


@pytest.mark.parametrize("command", ["get", "events", "watch", "cancel"])
async def test_what_is_not_there_is_wrong_usage(call, command):
    """An unknown name ends with exit code 2 and one sentence."""
    async with served(ScriptedServer({})) as server:
        ended = await call(command, "nix", server=server)
    assert (ended.code, ended.out) == (2, "")
    assert "there is no verification 'verifications/nix'" in ended.err


@pytest.mark.parametrize("command", [("get", "x"), ("events", "x"), ("list",), ("cancel", "x")])
async def test_an_unreachable_server_is_told(call, command):
    """Commands that ask once end with exit code 4, never with one that is a decision."""
    ended = await call(*command)
    assert (ended.code, ended.out) == (4, "")
    assert "error: server 127.0.0.1:1 is unreachable" in ended.err
    assert "LOGVERDICT_SERVER" in ended.err


async def test_cancel_gives_the_callers_decision(call):
    """`cancel --decision stop` tells the server what to answer whoever waits."""
    scripted = ScriptedServer({"checkout": failing()})
    async with served(scripted) as server:
        ended = await call("cancel", "checkout", "--decision", "STOP", server=server)
    assert ended.code == 0
    assert scripted.cancelled == ["verifications/checkout"]
    assert ended.out == "verifications/checkout: CANCELLED, decision STOP\n"


async def test_a_cancelled_verification_is_unverified(call):
    """Whoever waits for a verification that somebody cancels gets the decision given, marked UNVERIFIED."""
    known = verification(state=CANCELLED, verdict=V.INCONCLUSIVE, decision=policy_pb2.STOP, sentence="Cancelled.")
    async with served(ScriptedServer({"checkout": Script([revision(1, known)])})) as server:
        ended = await call("watch", "checkout", server=server)
    assert ended.code == 1
    assert "UNVERIFIED" in ended.out


async def test_list_is_a_table(call):
    """`list` gives a line each, in columns, running ones marked as such."""
    scripts = {"checkout": failing(), "payments": passing(), "slow": endless("slow")}
    async with served(ScriptedServer(scripts)) as server:
        ended = await call("list", server=server)
    head, *rows = ended.out.splitlines()
    assert head.split()[:2] == ["CREATED", "(UTC)"]
    assert [row.split()[1] for row in rows] == ["checkout", "payments", "slow"]
    assert "fail so far" in rows[2]


async def test_list_says_that_there_are_more(call):
    """A cut list says so, and how to get the rest."""
    async with served(ScriptedServer({"checkout": failing(), "payments": passing()})) as server:
        ended = await call("list", "--limit", "1", server=server)
    assert len(ended.out.splitlines()) == 2
    assert "there are more: --limit 10" in ended.err


async def test_list_filters_at_the_server(call):
    """Options become one filter of the protocol, quoted; relative times become absolute."""
    scripted = ScriptedServer({})
    options = ("--service", 'a "b"', "--verdict", "fail", "--since", "7d", "--filter", "state = SUCCEEDED")
    async with served(scripted) as server:
        ended = await call("list", *options, server=server)
    assert ended.code == 0
    service, verdict, since, state = scripted.filters[0].split(" AND ")
    assert (service, verdict, state) == (r'service = "a \"b\""', "verdict = FAIL", "state = SUCCEEDED")
    assert since.startswith('create_time >= "20')
    assert "no verification with" in ended.err
