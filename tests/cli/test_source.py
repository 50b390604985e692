"""`logverdict source test` and `logverdict profile init`, against a scripted server and against files."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fakes.inspection import ScriptedInspection, a_report
from fakes.verifications_usecase import MemoryVerifications
from logverdict.domain.errors import NotFound, SourceUnavailable
from logverdict.domain.words import Readable
from logverdict.rpc.server import GrpcServer
from logverdict.verify.inspect import DraftWish, Wish

pytestmark = pytest.mark.timeout(400)


@asynccontextmanager
async def served(use: ScriptedInspection) -> AsyncIterator[str]:
    server = GrpcServer(MemoryVerifications(), inspection=use)
    port = await server.start("127.0.0.1:0")
    yield f"127.0.0.1:{port}"
    await server.stop(0)


async def test_a_readable_source_on_one_screen(call):
    """Who, where, how many, per minute, lag, fields, entries, request, warning: in 80 columns, no control signs."""
    async with served(ScriptedInspection(a_report())) as server:
        ended = await call("source", "test", "shop", "-e", "prod", server=server)
    text = ended.out
    assert ended.code == 0
    assert text.startswith("✓ readable  source app on connection logs, Elasticsearch 8.19.8")
    assert "as         reader (roles logs)" in text and "✓ read on logs-shop" in text
    assert "30 in 3m, counted by the source" in text and "per minute ▄·█  most 20" in text
    assert re.search(r"^  window     2026-\d\d-\d\d [\d:]+ to [\d:]+ UTC$", text, re.MULTILINE)
    assert "2: web-2 20, web-1 10" in text and "95 % within 1.5 s, at most 1m30s" in text
    assert "version     0 %  none of no.version" in text
    assert "disk \\x1b[31mfull" in text and "\x1b" not in text
    assert "searches sent (1 requests: --json)" in text and '- {"match_all": {}}' in text
    assert "! the query lets every entry through" in text
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(
    ("state", "code", "head"),
    [(Readable.REFUSED, 2, "✗ refused"), (Readable.UNREACHABLE, 4, "✗ does not answer")],
)
async def test_a_fault_is_said_and_exits_by_it(call, state, code, head):
    """The sentence stands at the top; a pipeline sees the code."""
    report = a_report(state, faults=("the server does not accept the connection's credentials (HTTP 401)",))
    async with served(ScriptedInspection(report)) as server:
        ended = await call("source", "test", "shop", server=server)
    assert ended.code == code
    assert ended.out.startswith(head) and "credentials (HTTP 401)" in " ".join(ended.out.split())


async def test_json_has_every_field(call):
    """Names as in the protocol."""
    async with served(ScriptedInspection(a_report())) as server:
        ended = await call("source", "test", "shop", "--json", server=server)
    (report,) = json.loads(ended.out)["reports"]
    assert (report["state"], report["entry_count"], report["lag_max"]) == ("READABLE", 30, 90.0)


async def test_a_file_is_sent_as_text_and_a_name_as_name(call, tmp_path: Path):
    """--profile takes both; the window is --last back from now, or --window."""
    file = tmp_path / "shop.yaml"
    file.write_text("profiles: {}\n")
    use = ScriptedInspection(a_report())
    async with served(use) as server:
        await call("source", "test", "shop", "--profile", str(file), "--last", "1h", server=server)
        await call("source", "test", "--profile", "web", "--window", "-2h/-1h", "--source", "app", server=server)
    text, name = use.asked
    assert isinstance(text, Wish) and isinstance(name, Wish)
    assert (text.text, text.profile) == ("profiles: {}\n", "")
    assert (name.profile, name.service, name.source_name, name.text) == ("web", "web", "app", "")
    assert [wish.window.length for wish in (text, name) if wish.window] == [timedelta(hours=1)] * 2


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["source", "test", "-e", "prod"], "no service is given"),
        (["source", "test", "x", "--last", "0s"], "--last: '0s' is no span to look at"),
        (["source", "test", "x", "--profile", "none.yaml"], "none.yaml cannot be read"),
        (["source", "test", "x", "--config", "c.yaml"], "--config is given without --local"),
        (["profile", "init", "--connection", "c", "--option", "x"], "--option: 'x' is no option"),
    ],
)
async def test_wrong_usage_is_2(call, args, said):
    """Nothing is asked of any server."""
    ended = await call(*args)
    assert ended.code == 2 and said in ended.err


async def test_no_server_is_4_and_an_unknown_profile_2(call):
    """As with the other commands."""
    assert (await call("source", "test", "shop")).code == 4
    async with served(ScriptedInspection(fault=NotFound("unknown profile 'shop'"))) as server:
        ended = await call("source", "test", "shop", server=server)
    assert ended.code == 2 and "unknown profile 'shop'" in ended.err


async def test_a_draft_goes_to_stdout_or_to_a_new_file(call, tmp_path: Path):
    """Notes go to stderr; a file that is there is never overwritten."""
    use, file = ScriptedInspection(), tmp_path / "new.yaml"
    args = ("profile", "init", "--connection", "logs", "--index", "logs-shop", "--service", "shop")
    async with served(use) as server:
        printed = await call(*args, server=server)
        written = await call(*args, "-o", str(file), server=server)
        again = await call(*args, "-o", str(file), server=server)
    assert (printed.code, printed.out) == (0, "profiles: {}\n") and "Note: no entries" in printed.err
    assert written.code == 0 and file.read_text() == "profiles: {}\n"
    assert again.code == 2 and "is there already" in again.err
    assert isinstance(use.asked[0], DraftWish) and use.asked[0].spec.options == {"index": "logs-shop"}


async def test_a_source_that_does_not_answer_is_not_called_the_server(call):
    """A draft then fails with the source's sentence and exit code 4."""
    async with served(ScriptedInspection(fault=SourceUnavailable("the connection to Splunk failed"))) as server:
        ended = await call("profile", "init", "--connection", "logs", server=server)
    assert ended.code == 4
    assert "the connection to Splunk failed" in ended.err and "is unreachable" not in ended.err
    assert "in 15 s or later" in ended.err


async def test_from_nothing_to_a_tested_profile(call, tmp_path: Path):
    """init drafts, check finds no mistake, test reads the entries: with the server inside the call."""
    (tmp_path / "logs").mkdir()
    now = datetime.now(UTC)
    (tmp_path / "logs" / "web.jsonl").write_text(
        "".join(
            json.dumps({"timestamp": (now - timedelta(seconds=at)).isoformat(), "message": f"order {at}"}) + "\n"
            for at in range(50, 0, -1)
        )
    )
    settings, profile = tmp_path / "logverdict.yaml", tmp_path / "shop.yaml"
    settings.write_text("store: x.db\nworkers: 1\nconnections:\n  logs: {kind: file, root: logs}\n")
    local = ("--local", "--config", str(settings))
    made = await call(
        "profile", "init", "--connection", "logs", "--query", "*.jsonl", "--service", "shop", *local, "-o", str(profile)
    )
    checked = await call("profile", "check", str(profile), "--config", str(settings))
    tested = await call("source", "test", "shop", "--profile", str(profile), "--last", "1h", *local)
    assert (made.code, checked.code, tested.code) == (0, 0, 0), made.err + checked.err + tested.err
    assert "50 in 1h, read and counted here" in tested.out
    assert "have no field" not in tested.out and "fields.instance" in tested.out
