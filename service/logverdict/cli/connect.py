"""From an address, or none (`--local`), to a channel."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc

from logverdict.cli.client import Client
from logverdict.cli.faults import Fault

MEGABYTE = 1 << 20
STOPPING_SECONDS = 4.0


@asynccontextmanager
async def connected(server: str) -> AsyncIterator[Client]:
    """A client of that server. Nothing is sent before the first call, so this never waits."""
    channel = grpc.aio.insecure_channel(checked(server), options=_options(server))
    try:
        yield Client(channel, server)
    finally:
        await channel.close()


@asynccontextmanager
async def reached(server: str, local: bool, config: Path | None) -> AsyncIterator[Client]:
    """A client of the named server, or with `local` of one that lives as long as this block."""
    if not local:
        async with connected(server) as client:
            yield client
        return
    async with _embedded(config) as address, connected(address) as client:
        yield client


@asynccontextmanager
async def _embedded(config: Path | None) -> AsyncIterator[str]:
    from logverdict.adapters.importing import importing
    from logverdict.domain.errors import VerifyError

    try:
        with importing():
            from logverdict.adapters.workers import WorkerAnalyst
            from logverdict.cli.serve import set_up_logging
            from logverdict.settings import load

            settings = load(config)
            analyst = WorkerAnalyst(settings.workers)  # its processes start while the rest is imported
            from logverdict import app

        set_up_logging("error", "text")
        embedded = app.embedded(settings, analyst)
        address = await embedded.__aenter__()
    except ImportError as fault:
        raise Fault(
            f"--local needs the server's packages ({fault.name} is missing)", "pip install 'logverdict[service]'"
        ) from None
    except VerifyError as fault:
        raise Fault(f"--local: {fault.message}") from None
    try:
        yield address
    finally:
        # The result is out: a server that is slow to stop must not hold up the pipeline.
        stop = asyncio.ensure_future(embedded.__aexit__(None, None, None))
        await asyncio.wait({stop}, timeout=STOPPING_SECONDS)


def checked(server: str) -> str:
    host, colon, port = server.rpartition(":")
    if server.startswith(("unix:", "dns:", "ipv4:", "ipv6:")):
        return server
    if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise Fault(f"--server: {server!r} is no address", "Write HOST:PORT, such as logverdict.tools.svc:50051.")
    return server


def _options(server: str) -> list[tuple[str, int]]:
    options = [
        ("grpc.max_receive_message_length", 64 * MEGABYTE),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 500),
        ("grpc.max_reconnect_backoff_ms", 5000),
    ]
    # A proxy set for the internet by the environment has no way to this machine.
    return [*options, ("grpc.enable_http_proxy", 0)] if _here(server) else options


def _here(server: str) -> bool:
    host = server.rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or server.startswith("unix:")
