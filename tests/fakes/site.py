"""A site of its own for a test: log files, settings, profiles, and server processes that can be killed."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc

from logverdict.v1 import verification_service_pb2 as v1
from logverdict.v1.verification_service_pb2_grpc import VerificationServiceStub

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
START_SECONDS = 90

SETTINGS = """\
listen: 127.0.0.1:0
store: logverdict.db
profiles: profiles.yaml
workers: 1
log: {format: json}
connections:
  logs: {kind: file, root: logs}
"""
PROFILES = """\
profiles:
  shop:
    sources:
      app: {connection: logs, query: "shop/*.jsonl"}
  search:
    sources:
      app: {connection: logs, query: "search/*.jsonl"}
"""


def entry(at: datetime, message: str, level: str = "info", instance: str = "a") -> str:
    return json.dumps({"timestamp": at.isoformat(), "message": message, "level": level, "instance": instance})


def ordinary(start: datetime, seconds: int, instances: Sequence[str] = ("a", "b"), seed: int = 1) -> list[str]:
    """Some kinds of ordinary entries each second and instance."""
    chance, lines = random.Random(seed), []
    for second in range(seconds):
        for instance in instances:
            for place in range(chance.randint(2, 5)):
                at = start + timedelta(seconds=second, milliseconds=place * 100)
                order = chance.randint(10_000, 99_999)
                lines.append(entry(at, f"order {order} stored in {chance.randint(1, 90)} ms", instance=instance))
            if chance.random() < 0.3:
                lines.append(entry(start + timedelta(seconds=second), "cache refreshed", "debug", instance))
            if chance.random() < 0.05:
                text = f"payment gateway slow, retry {chance.randint(1, 3)}"
                lines.append(entry(start + timedelta(seconds=second), text, "warn", instance))
    return lines


def broken(start: datetime, seconds: int, instances: Sequence[str] = ("a", "b"), every: int = 4) -> list[str]:
    """What a defect adds: an exception every few seconds."""
    text = (
        "order {} failed: java.security.InvalidKeyException: no key for tenant\n\tat shop.Vault.encrypt(Vault.java:41)"
    )
    return [
        entry(start + timedelta(seconds=second), text.format(70_000 + second), "error", instance)
        for second in range(0, seconds, every)
        for instance in instances
    ]


@dataclass
class Server:
    process: "subprocess.Popen[str]"
    address: str

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    def stub(self) -> VerificationServiceStub:
        return VerificationServiceStub(grpc.insecure_channel(self.address))


@dataclass
class Site:
    root: Path
    servers: list[Server] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.root / "logverdict.yaml").write_text(SETTINGS)
        (self.root / "profiles.yaml").write_text(PROFILES)
        for service in ("shop", "search"):
            (self.root / "logs" / service).mkdir(parents=True)

    def settle(self, store: str, lease: str = "15s") -> None:
        """Another store, which servers may share."""
        text = SETTINGS.replace("store: logverdict.db", f"store: {store}\nlease: {lease}")
        self.config.write_text(text)

    @property
    def config(self) -> Path:
        return self.root / "logverdict.yaml"

    def write(self, service: str, lines: Sequence[str], file: str = "a.jsonl") -> None:
        with (self.root / "logs" / service / file).open("a") as out:
            out.writelines(line + "\n" for line in lines)

    def past(self, service: str, bad: bool) -> None:
        """Ten minutes before NOON and five after it."""
        lines = ordinary(NOON - timedelta(minutes=10), 900)
        if bad:
            lines += broken(NOON, 300)
        self.write(service, sorted(lines))

    def serve(self, *options: str, config: Path | None = None, program: Sequence[str] = ("-m", "logverdict")) -> Server:
        """A server that answers. Its log is kept beside the settings. `program` is what Python runs."""
        log = self.root / f"server-{len(self.servers)}.log"
        command = [sys.executable, *program, "serve", "--config", str(config or self.config), *options]
        with log.open("w") as out:
            process = subprocess.Popen(command, stderr=out, stdout=out, text=True, env={**os.environ, "COLUMNS": "100"})
        server = Server(process, _address(process, log))
        self.servers.append(server)
        return server

    def stop_all(self) -> None:
        for server in self.servers:
            server.kill()


def _address(process: "subprocess.Popen[str]", log: Path) -> str:
    """What the server says where it listens. Polled, as a file does not tell."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        for line in log.read_text().splitlines():
            if '"listening"' in line:
                return str(json.loads(line)["address"])
        time.sleep(0.05)
    raise AssertionError(f"the server did not start:\n{log.read_text()}")


def a_past_request(service: str = "shop", **fields: object) -> v1.VerifyRequest:
    """The five minutes after NOON against the ten before."""
    verification = v1.Verification(
        deployment=v1.Deployment(service=service, environment="prod", version="1.1"),
        baseline=v1.Baseline(windows=[window(-600, 0)]),
        candidate_window=window(0, 300),
    )
    for name, value in fields.items():
        getattr(verification, name).CopyFrom(value)
    return v1.VerifyRequest(verification=verification)


def window(start: float, end: float) -> v1.Window:
    found = v1.Window()
    found.start_time.FromDatetime(NOON + timedelta(seconds=start))
    found.end_time.FromDatetime(NOON + timedelta(seconds=end))
    return found


def revisions(steps: Iterator[v1.WatchVerificationResponse]) -> list[v1.WatchVerificationResponse.Revision]:
    return [step.revision for step in steps if step.HasField("revision")]
