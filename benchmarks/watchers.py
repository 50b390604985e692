"""How soon many watchers of one verification have each of its revisions: `benchmarks/watchers.py [--watchers 500]`.

Real servers, real gRPC clients, on this machine: on SQLite at the one process that works, on PostgreSQL (the one of the
tests) at another replica than the one that works. Delay is counted from the revision's update_time, which is taken
before it is stored.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
from google.protobuf.duration_pb2 import Duration

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from e2e.replicas import a_postgres
from fakes.site import Server, Site, broken, ordinary
from logverdict.v1 import policy_pb2
from logverdict.v1 import verification_service_pb2 as v1

METHOD = "/logverdict.v1.VerificationService/WatchVerification"
CHANNELS = 10
"""Connections that the watchers share."""
LASTS = 30
"""Seconds; a look each second."""
Arrival = tuple[float, bytes]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--watchers", type=int, default=500)
    options.add_argument("--kinds", type=int, default=0, help="new kinds of messages: events of each revision")
    given = options.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {given.watchers} watchers, {given.kinds} new kinds")
    for name, servers in (("SQLite, one process", on_sqlite), ("PostgreSQL, another replica", on_postgres)):
        with servers(given.kinds) as (works, watched):
            before = spent(watched), time.process_time()
            seen = asyncio.run(follow(works, watched, given.watchers))
            after = spent(watched), time.process_time()
        report(name, seen)
        server, clients = (1000 * (now - then) / LASTS for now, then in zip(after, before, strict=True))
        print(f"  processor ms for each revision: {server:.0f} of the server, {clients:.0f} of the clients")


def spent(server: Server) -> float:
    """Seconds of processor time of a server, without its workers."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def on_sqlite(kinds: int) -> Iterator[tuple[Server, Server]]:
    with tempfile.TemporaryDirectory() as folder:
        site = a_site(Path(folder), kinds)
        try:
            server = site.serve()
            yield server, server
        finally:
            site.stop_all()


@contextmanager
def on_postgres(kinds: int) -> Iterator[tuple[Server, Server]]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        database = stack.enter_context(a_postgres())
        site = a_site(Path(folder), kinds)
        site.settle(store=database.fresh("watchers"))
        stack.callback(site.stop_all)
        yield site.serve(), site.serve()


def a_site(folder: Path, kinds: int) -> Site:
    """Its log holds what will be written, too."""
    site = Site(folder)
    start = datetime.now(UTC) - timedelta(seconds=60)
    lines = ordinary(start, 240) + broken(datetime.now(UTC), 180)
    for kind in range(kinds):
        name = "".join(chr(97 + int(digit)) for digit in f"{kind:03}")
        lines += [line.replace("order", f"{name} {name}{name}") for line in broken(datetime.now(UTC), 180)]
    site.write("shop", sorted(lines))
    return site


def a_request() -> v1.CreateVerificationRequest:
    return v1.CreateVerificationRequest(
        verification=v1.Verification(
            deployment=v1.Deployment(service="shop", environment="prod", version="1.1"),
            policy=policy_pb2.Policy(early_stop=False),
            timing=policy_pb2.Timing(
                settle=Duration(seconds=10),
                ingest_lag=Duration(nanos=100_000_000),
                interval=Duration(seconds=1),
                duration=Duration(seconds=LASTS),
                baseline=Duration(seconds=30),
            ),
        )
    )


async def follow(works: Server, watched: Server, count: int) -> list[list[Arrival]]:
    """What each watcher got, and when."""
    name = (await asyncio.to_thread(works.stub().CreateVerification, a_request())).name
    request = v1.WatchVerificationRequest(name=name, after_revision=1)
    own = (("grpc.use_local_subchannel_pool", 1),)
    channels = [grpc.aio.insecure_channel(watched.address, options=own) for _ in range(CHANNELS)]
    methods = [
        channel.unary_stream(METHOD, v1.WatchVerificationRequest.SerializeToString, lambda data: (time.time(), data))
        for channel in channels
    ]
    try:
        return await asyncio.gather(*(one(methods[number % CHANNELS], request) for number in range(count)))
    finally:
        for channel in channels:
            await channel.close()


async def one(method, request: v1.WatchVerificationRequest) -> list[Arrival]:  # type: ignore[no-untyped-def]
    """Nothing is taken apart before the end: that would be the clients' time, on the same cores."""
    return [arrival async for arrival in method(request, timeout=300)]


def report(name: str, seen: list[list[Arrival]]) -> None:
    parsed: dict[bytes, v1.WatchVerificationResponse] = {}
    delays: dict[int, list[float]] = {}
    for arrivals in seen:
        numbers = []
        for at, data in arrivals:
            step = parsed.get(data) or parsed.setdefault(data, v1.WatchVerificationResponse.FromString(data))
            if step.HasField("revision"):
                numbers.append(step.revision.number)
                stored = step.revision.verification.update_time.ToDatetime(UTC).timestamp()
                delays.setdefault(step.revision.number, []).append(1000 * (at - stored))
        assert numbers == list(range(2, 2 + len(numbers))), numbers
    _, *looks = [delays[number] for number in sorted(delays)]
    every = sorted(delay for look in looks for delay in look)
    worst = max(looks, key=max)
    size = max(len(data) for data in parsed)
    print(
        f"{name}: {len(looks)} revisions of up to {size / 1000:.0f} kB to {len(seen)} watchers; ms: "
        f"half {every[len(every) // 2]:.0f}, 99 % {every[int(0.99 * len(every))]:.0f}, last {max(worst):.0f}; "
        f"revisions of which 99 % came within 250 ms: "
        f"{sum(sorted(look)[int(0.99 * len(look))] <= 250 for look in looks)}"
    )


if __name__ == "__main__":
    main()
