"""`make demo-elasticsearch`: the demo with its logs in an Elasticsearch."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from logverdict.demo.shipper import Tail
from servers.elasticsearch import demo
from servers.elasticsearch.fixtures import node
from servers.elasticsearch.install import elasticsearch, java_home

SCRIPT = [sys.executable, "-u", demo.__file__]
DEMO = [sys.executable, "-m", "logverdict.cli.main", "demo", "--elasticsearch"]
LINE = {"@timestamp": "2026-11-20T12:00:00.000Z", "level": "WARN", "message": "slow", "logger": "checkout"}
SERVICE = {"service": "checkout", "version": "1.0", "instance": "checkout-1"}


def line(message: str) -> bytes:
    return json.dumps({**LINE, **SERVICE, "message": message}).encode() + b"\n"


def test_each_line_is_shipped_once_and_whole(tmp_path: Path) -> None:
    """What is half written waits for its end; what was given is not given again; files may come later."""
    tail, first = Tail(tmp_path), tmp_path / "a.jsonl"
    first.write_bytes(line("one") + line("two")[:20])
    assert [json.loads(new.text)["message"] for new in tail.new()] == ["one"]
    assert list(tail.new()) == []
    with first.open("ab") as file:
        file.write(line("two")[20:] + line("three"))
    (tmp_path / "b.jsonl").write_bytes(line("four"))
    found = [(new.path.name, new.offset, json.loads(new.text)["message"]) for new in tail.new()]
    at = len(line("one"))
    assert found == [("a.jsonl", at, "two"), ("a.jsonl", at + len(line("two")), "three"), ("b.jsonl", 0, "four")]


def test_a_line_becomes_a_document_of_the_common_schema(tmp_path: Path) -> None:
    """With where it was, who wrote it, and when it was sent on."""
    (tmp_path / "a.jsonl").write_bytes(line("slow"))
    (new,) = Tail(tmp_path).new()
    assert new.document(datetime(2026, 11, 20, 12, 0, 1, tzinfo=UTC)) == {
        "@timestamp": "2026-11-20T12:00:00.000Z",
        "event": {"ingested": "2026-11-20T12:00:01.000+00:00"},
        "message": "slow",
        "log": {"level": "WARN", "offset": 0, "file": {"path": "a.jsonl"}},
        "service": {"name": "checkout", "version": "1.0"},
        "kubernetes": {"pod": {"name": "checkout-1"}},
    }


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:9", "Elasticsearch at http://127.0.0.1:9"),
        ("elastic", "is no address of an Elasticsearch"),
        ("http://127.0.0.1:9'}, x: {", "is no address of an Elasticsearch"),
    ],
)
def test_a_place_that_is_none_is_told_in_a_sentence(tmp_path: Path, url: str, said: str) -> None:
    """Nobody there, or no address: one sentence, and the exit code is 1."""
    command = [*DEMO, url, "--keep", str(tmp_path / "kept")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=50)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_both_versions_are_judged_by_what_elasticsearch_holds(tmp_path: Path) -> None:
    """FAIL and PASS as by files, read completely; at the end no index of the demo is left."""
    server = node()
    ran = subprocess.run(
        [*SCRIPT, "--quick", "--keep", str(tmp_path / "kept")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "ELASTICSEARCH_URL": server.url},
        timeout=200,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stderr == ""
    bad, _, good = ran.stdout.partition("checkout 1.2 is deployed")
    assert "of them are in Elasticsearch by now" in bad
    assert "STOP  checkout 1.1" in bad
    assert "PROCEED  checkout 1.2" in good
    assert (bad + good).count("100 % read") == 4
    assert server.call("GET", "/_resolve/index/logverdict-demo-*")["indices"] == []


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_ctrl_c_stops_the_node_too() -> None:
    """The node that was started for the demo ends with it, and its folder goes."""
    java_home()
    elasticsearch()  # fetched where it is not there yet: not what is tested here
    environment = {name: value for name, value in os.environ.items() if name != "ELASTICSEARCH_URL"}
    script = await asyncio.create_subprocess_exec(
        *SCRIPT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=environment
    )
    assert script.stdout is not None
    while b"instances under load" not in await script.stdout.readline():
        assert not script.stdout.at_eof()
    (run,) = Path(tempfile.gettempdir()).glob(f"logverdict-demo-elasticsearch-{script.pid}-*")
    script.send_signal(signal.SIGINT)
    rest = await script.stdout.read()
    assert await script.wait() == 130
    assert b"stopped" in rest
    assert b"Traceback" not in rest
    async with asyncio.timeout(60):
        while run.exists():
            await asyncio.sleep(0.1)
