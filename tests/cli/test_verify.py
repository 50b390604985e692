"""`logverdict verify` against a real gRPC server whose verifications are scripted."""

import json

import pytest

from fakes.scripted_server import (
    DONE,
    Script,
    ScriptedServer,
    V,
    endless,
    failing,
    passing,
    revision,
    served,
    verification,
)  # fmt: skip
from logverdict.v1 import policy_pb2

VERIFY = ("verify", "checkout@1.1", "-e", "prod", "--timeout", "20s")


def ending(**fields):
    return Script([revision(1, verification(state=DONE, **fields))])


@pytest.mark.parametrize(("decision", "code"), [("PROCEED", 0), ("STOP", 1), ("ASK", 3)])
async def test_the_exit_code_is_the_decision(call, decision, code):
    """0 PROCEED, 1 STOP, 3 ASK, whatever the verdict."""
    script = ending(verdict=V.INCONCLUSIVE, decision=policy_pb2.Decision.Value(decision), reason="CANDIDATE_TOO_SMALL")
    async with served(ScriptedServer({"checkout": script})) as server:
        ended = await call(*VERIFY, server=server)
    assert ended.code == code
    assert decision in ended.out
    assert "UNVERIFIED" not in ended.out


async def test_a_bad_deployment_is_explained(call):
    """The result names decision, verdict, and the events with expected and seen; progress goes to stderr."""
    async with served(ScriptedServer({"checkout": failing()})) as server:
        ended = await call(*VERIFY, server=server)
    assert ended.code == 1
    for word in ("STOP", "verdict FAIL", "score 12", "EncryptionError", "expected 4, seen 40", "10 × as often"):
        assert word in ended.out
    assert "PASS so far" in ended.err
    assert "\x1b" not in ended.out + ended.err


async def test_json_is_one_document(call):
    """--json gives exactly one document on stdout, with all that a script needs."""
    async with served(ScriptedServer({"checkout": failing(), "payments": passing()})) as server:
        ended = await call("verify", "checkout", "payments", "--version", "1.1", "-e", "prod", "--json", server=server)
    told = json.loads(ended.out)
    assert (told["decision"], told["exit_code"], told["unverified"]) == ("STOP", ended.code, False)
    bad, good = told["verifications"]
    assert (bad["name"], bad["verdict"], bad["decision"]) == ("verifications/checkout", "FAIL", "STOP")
    assert (bad["reason"], bad["score"], bad["unverified"]) == ("NEW_ERRORS", 12, False)
    assert [(event["expected"], event["seen"]) for event in bad["events"]] == [(0.0, 41.0), (4.0, 40.0)]
    assert (good["verdict"], good["decision"], good["events"]) == ("PASS", "PROCEED", [])


async def test_two_services_one_bad(call):
    """One STOP stops all, and both services are explained."""
    async with served(ScriptedServer({"checkout": failing(), "payments": passing()})) as server:
        ended = await call("verify", "checkout@1.1", "payments@1.1", "-e", "prod", server=server)
    assert ended.code == 1
    assert "1 new error, and 1 message 10 × as often." in ended.out
    assert "Nothing departs from the baseline." in ended.out
    assert "STOP: checkout 1.1; PROCEED: payments 1.1" in ended.out


async def test_fail_fast_cancels_the_rest(call):
    """With --fail-fast the first STOP cancels the other verifications, and the call ends at once."""
    scripted = ScriptedServer({"checkout": failing(), "payments": endless()})
    async with served(scripted) as server:
        ended = await call("verify", "checkout@1.1", "payments@1.1", "-e", "prod", "--fail-fast", server=server)
    assert ended.code == 1
    assert scripted.cancelled == ["verifications/payments"]
    assert "--fail-fast ends the rest" in ended.out


async def test_a_wrong_request_is_wrong_usage(call):
    """What the server refuses is told in one sentence with the option's name, exit code 2, no trace."""
    async with served(ScriptedServer({})) as server:
        ended = await call("verify", "nope@1", "-e", "prod", "--profile", "nope", server=server)
    assert (ended.code, ended.out) == (2, "")
    assert "error: verification.profile: no profile is named so; known: checkout, payments" in ended.err
    assert "--profile" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    "args",
    [
        ("verify",),
        ("verify", "a@1"),
        ("verify", "a", "-e", "p"),
        ("verify", "a@1", "-e", "p", "--timeout", "10"),
        ("verify", "a@1", "-e", "p", "--on-error", "perhaps"),
        ("verify", "a@1", "-e", "p", "--server", "nowhere"),
        ("verify", "a@1", "-e", "p", "--frobnicate"),
    ],
)
async def test_wrong_usage_is_told_at_once(call, args):
    """Bad arguments end with exit code 2 before anything is sent."""
    ended = await call(*args)
    assert (ended.code, ended.out) == (2, "")
    assert "rror: " in ended.err
    assert "Traceback" not in ended.err


async def test_quiet_says_only_the_result(call):
    """--quiet keeps progress away."""
    async with served(ScriptedServer({"checkout": failing()})) as server:
        ended = await call(*VERIFY, "--quiet", server=server)
    assert ended.err == ""
    assert "STOP" in ended.out


async def test_observe_mode_says_what_it_would_have_been(call):
    """A FAIL in mode OBSERVE proceeds and names the enforced decision."""
    known = verification(
        state=DONE,
        verdict=V.FAIL,
        decision=policy_pb2.PROCEED,
        enforced_decision=policy_pb2.STOP,
        sentence="1 new error.",
    )
    known.policy.mode = policy_pb2.OBSERVE
    async with served(ScriptedServer({"checkout": Script([revision(1, known)])})) as server:
        ended = await call(*VERIFY, server=server)
    assert ended.code == 0
    assert "mode OBSERVE: in mode ENFORCE it would be STOP" in ended.out


async def test_progress_is_told_between_revisions(call):
    """Progress of the server appears on stderr, the first of it at once."""
    script = failing()
    script.progress = True
    async with served(ScriptedServer({"checkout": script})) as server:
        ended = await call("watch", "checkout", server=server)
    assert "checkout: reading" in ended.err


async def test_a_timeout_that_is_too_short_is_told_at_once(call):
    """When the window to judge ends after the timeout, the call says so from the start."""
    async with served(ScriptedServer({"checkout": passing("checkout")})) as server:
        window = ("--candidate", "2026-01-01T00:00:00Z/2999-01-01T00:00:00Z")
        ended = await call(*VERIFY, *window, server=server)
    assert "after the timeout of 20s: give a longer --timeout" in ended.err.splitlines()[0]
