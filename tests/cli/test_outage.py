"""`logverdict verify` when the server, the network or the caller goes away: our outage never decides by accident."""

import asyncio
import io
import json
import shlex
import signal
import socket
import sys
from datetime import UTC, datetime, timedelta

import grpc
import pytest
import typer
from rich.console import Console

from fakes.command import start
from fakes.scripted_server import (
    BROKEN,
    DONE,
    RUNNING,
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
from logverdict.cli.client import Client, Silence
from logverdict.cli.command import execute
from logverdict.cli.request import Wish
from logverdict.cli.screen import Screen
from logverdict.cli.track import Follower, Track
from logverdict.cli.verify import on_bug
from logverdict.v1 import policy_pb2
from logverdict.v1 import verification_service_pb2 as pb

VERIFY = ("verify", "checkout@1.1", "-e", "prod", "--timeout", "20s")


async def test_a_lost_stream_is_taken_up_again(call):
    """After each loss the watch goes on behind the last revision: none is missed, none comes twice."""
    script = failing()
    script.drops = [1, 2]
    scripted = ScriptedServer({"checkout": script})
    async with served(scripted) as server:
        ended = await call(*VERIFY, server=server)
    assert ended.code == 1
    assert [watch.after_revision for watch in scripted.watches] == [0, 1, 2]
    assert [ended.err.count(word) for word in ("PASS so far", "FAIL so far", "decision STOP")] == [1, 1, 1]
    assert ended.err.count("waiting for the server") == ended.err.count("connected again") == 2


async def test_creating_is_repeated_with_the_same_id(call):
    """A create that fails in passing is sent again with the same request id and body."""
    script = passing("checkout")
    script.refusals = [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED]
    scripted = ScriptedServer({"checkout": script})
    async with served(scripted) as server:
        ended = await call(*VERIFY, server=server, GITHUB_RUN_ID="7", GITHUB_RUN_ATTEMPT="1", GITHUB_JOB="j")
        await call(*VERIFY, server=server, GITHUB_RUN_ID="7", GITHUB_RUN_ATTEMPT="1", GITHUB_JOB="j")
    assert ended.code == 0
    assert len(scripted.requests) == 4
    assert len({request.SerializeToString(deterministic=True) for request in scripted.requests}) == 1


async def test_a_server_without_room_is_not_called_away(call):
    """Until the timeout it was there, and said why it took nothing."""
    script = passing("checkout")
    script.refusals = [grpc.StatusCode.RESOURCE_EXHAUSTED] * 99
    async with served(ScriptedServer({"checkout": script})) as server:
        ended = await call("verify", "checkout@1.1", "-e", "prod", "--timeout", "1s", server=server)
    assert ended.code == 3
    assert "had no room within the timeout of 1s" in " ".join(ended.out.split())


async def test_what_waits_for_a_place_says_so_at_its_timeout(call):
    """Who finds no verdict learns that the work had not begun, and how many were before."""
    script = Script(stalls=True, progress=True)
    async with served(ScriptedServer({"checkout": script})) as server:
        ended = await call("verify", "checkout@1.1", "-e", "prod", "--timeout", "1s", server=server)
    assert ended.code == 1
    assert "it had not begun: " in " ".join(ended.out.split())


async def test_a_server_that_comes_late_is_waited_for(call):
    """A server that is not there yet is tried again until it is."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await start(*VERIFY, server=f"127.0.0.1:{port}")
    assert process.stderr
    assert b"waiting for the server" in await process.stderr.readline()
    async with served(ScriptedServer({"checkout": passing("checkout")}), port):
        await process.communicate()
    assert process.returncode == 0


@pytest.mark.parametrize(("choice", "code"), [("proceed", 0), ("stop", 1), ("ask", 3)])
async def test_an_unreachable_server_gives_the_choice(call, choice, code):
    """With no server at all, --on-error decides within 5 s of the timeout, in JSON too."""
    clock = asyncio.get_running_loop()
    begun = clock.time()
    ended = await call("verify", "a@1", "b@1", "-e", "p", "--timeout", "1s", "--on-error", choice, "--json")
    assert clock.time() - begun < 6
    told = json.loads(ended.out)
    assert (ended.code, told["unverified"], told["decision"]) == (code, True, choice.upper())
    assert [each["unverified"] for each in told["verifications"]] == [True, True]
    assert "could not be reached within the timeout of 1s" in told["verifications"][0]["sentence"]


async def test_a_server_that_stalls_gives_the_policys_choice(call):
    """At the timeout the policy's on_error decides when the call does not; the provisional verdict never does."""
    async with served(ScriptedServer({"payments": endless()})) as server:
        ended = await call("verify", "payments@1.1", "-e", "prod", "--timeout", "1s", server=server)
    assert ended.code == 1
    for word in ("UNVERIFIED", "the policy's on_error", "the verdict so far was FAIL", "logverdict watch payments"):
        assert word in ended.out


async def test_a_server_killed_in_mid_stream_gives_the_choice(call):
    """A server that goes away during a verification leaves the choice, not the provisional FAIL."""
    async with served(ScriptedServer({"payments": endless()})) as server:
        process = await start(
            "verify", "payments@1.1", "-e", "prod", "--timeout", "3s", "--on-error", "proceed", server=server
        )
        assert process.stderr
        while b"FAIL so far" not in await process.stderr.readline():
            pass
    out, _ = await process.communicate()
    assert process.returncode == 0
    assert b"UNVERIFIED" in out
    assert b"was lost" in out


async def test_observe_mode_never_stops_by_an_outage(call):
    """In mode OBSERVE an outage gives PROCEED, and says what it would have been."""
    ended = await call("verify", "a@1", "-e", "p", "--timeout", "1s", "--on-error", "stop", "--mode", "observe")
    assert ended.code == 0
    assert "UNVERIFIED" in ended.out
    assert "mode OBSERVE (else STOP, by --on-error)" in ended.out


async def test_what_could_not_be_judged_is_unverified(call):
    """State FAILED brings the server's decision, its error, and UNVERIFIED."""
    script = Script([revision(1, verification(state=BROKEN, decision=policy_pb2.ASK, error="The worker died."))])
    async with served(ScriptedServer({"checkout": script})) as server:
        ended = await call(*VERIFY, server=server)
    assert ended.code == 3
    assert "UNVERIFIED" in ended.out
    assert "The worker died." in ended.out


async def test_what_the_server_has_lost_is_its_outage(call):
    """A verification that was created and is gone is UNVERIFIED, not a wrong call."""
    async with served(ScriptedServer({"checkout": Script(forgotten=True)})) as server:
        ended = await call(*VERIFY, "--on-error", "ask", server=server)
    assert ended.code == 3
    assert "UNVERIFIED" in ended.out


async def test_an_unknown_decision_is_no_decision(call):
    """A decision of a newer server is shown as it came, and --on-error decides; never PROCEED by accident."""
    known = verification(state=DONE, verdict=V.PASS, decision=9)
    async with served(ScriptedServer({"checkout": Script([revision(1, known)])})) as server:
        ended = await call(*VERIFY, server=server)
    assert ended.code == 1
    assert "decision 9" in ended.out
    assert "UNVERIFIED" in ended.out


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_an_interrupted_call_leaves_the_work_going(number, code):
    """After Ctrl-C or SIGTERM the work goes on, and the output says how to watch and cancel it."""
    scripted = ScriptedServer({"payments": endless()})
    async with served(scripted) as server:
        process = await start("verify", "payments@1.1", "-e", "prod", server=server)
        assert process.stderr
        while b"FAIL so far" not in await process.stderr.readline():
            pass
        process.send_signal(number)
        out, err = await process.communicate()
    assert (process.returncode, out, scripted.cancelled) == (code, b"", [])
    assert b"logverdict watch payments" in err
    assert b"logverdict cancel payments" in err


async def test_a_running_state_is_not_an_end(call):
    """A stream that closes while the verification runs is taken up again, not believed."""
    known = verification(state=RUNNING, verdict=V.PASS)
    scripted = ScriptedServer({"checkout": Script([revision(1, known)])})
    async with served(scripted) as server:
        ended = await call(
            "verify", "checkout@1.1", "-e", "prod", "--timeout", "2s", "--on-error", "ask", server=server
        )
    assert ended.code == 3
    assert len(scripted.watches) > 1


class LateClient:
    """A client whose server was away until now, and has the request of an earlier call when `known`."""

    def __init__(self, known=False):
        self.known = known
        self.requests = []

    async def create(self, request):
        self.requests.append(request)
        if self.known and request.verification.deployment.HasField("rollout_start_time"):
            raise grpc.aio.AioRpcError(grpc.StatusCode.ALREADY_EXISTS, grpc.aio.Metadata(), grpc.aio.Metadata())
        return verification(state=DONE, verdict=V.PASS, decision=policy_pb2.PROCEED)


async def created_after(seconds, client):
    begun = datetime(2026, 11, 3, 14, 0, tzinfo=UTC)
    wish = Wish("checkout", "1.1", "prod", pb.CreateVerificationRequest(request_id="r"))
    follower = Follower(client, lambda track, what: None, begun, now=lambda: begun + timedelta(seconds=seconds))
    await follower.follow(Track(wish=wish))
    return [request.verification.deployment.rollout_start_time.ToJsonString() for request in client.requests]


async def test_an_outage_does_not_shift_the_rollout():
    """After an outage the rollout's start is sent as the call's time, not left to the server's now."""
    assert await created_after(60, LateClient()) == ["2026-11-03T14:00:00Z"]
    assert await created_after(1, LateClient()) == ["1970-01-01T00:00:00Z"]


async def test_what_was_stored_before_the_outage_is_found_again():
    """Where the first try was stored, the request is sent once more as it was then."""
    assert await created_after(60, LateClient(known=True)) == ["2026-11-03T14:00:00Z", "1970-01-01T00:00:00Z"]


async def test_silence_is_a_lost_stream():
    """A stream without even heartbeats is given up, so that it can be taken up again."""
    async with (
        served(ScriptedServer({"payments": endless()})) as server,
        grpc.aio.insecure_channel(server) as channel,
    ):
        steps = Client(channel, server, silence=0.2).watch("verifications/payments", 0)
        assert (await anext(steps)).revision.number == 1
        with pytest.raises(Silence):
            await anext(steps)


@pytest.mark.parametrize("form", [(), ("--json",)])
async def test_a_reader_that_goes_away_changes_no_decision(form):
    """`logverdict verify … | true` still ends by the decision."""
    async with served(ScriptedServer({"checkout": failing()})) as server:
        command = shlex.join([sys.executable, "-m", "logverdict", *VERIFY, "--server", server, *form])
        pipeline = f"{command} | true; exit ${{PIPESTATUS[0]}}"
        process = await asyncio.create_subprocess_exec("bash", "-c", pipeline)
        await process.wait()
    assert process.returncode == 1


def test_a_fault_of_the_client_is_an_outage_too():
    """A fault of our own never ends with Python's exit code 1, which would say STOP."""

    async def broken():
        raise ZeroDivisionError("oops")

    screen = Screen(err=Console(file=io.StringIO()))
    with pytest.raises(typer.Exit) as ended:
        execute(broken, screen, on_bug=on_bug("ask"))
    assert ended.value.exit_code == 3
    assert "UNVERIFIED" in screen.err.file.getvalue()


async def test_a_timeout_before_the_server_of_local_is_up_is_told_so(call, tmp_path):
    """Nothing was out of reach: the embedded server had no time to start."""
    (tmp_path / "settings.yaml").write_text(f"store: {tmp_path / 'store.db'}\n")
    given = ("--local", "--config", str(tmp_path / "settings.yaml"), "--timeout", "0.001s", "--json")
    ended = await call("verify", "a@1", "-e", "p", *given)
    told = json.loads(ended.out)
    assert (ended.code, told["unverified"]) == (3, True)
    assert "was still starting at the timeout of" in told["verifications"][0]["sentence"]
