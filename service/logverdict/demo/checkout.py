"""The example service itself, a process an instance: `python -m logverdict.demo.checkout VERSION INSTANCE FOLDER`."""

import asyncio
import json
import logging
import signal
import sys
import time
from pathlib import Path

from logverdict.demo.jsonlines import open_log
from logverdict.demo.shop import RELEASES, Shop

DRAIN_SECONDS = 0.3
"""From leaving the load balancer to the last request."""


class Server:
    """HTTP/1.1, one request a connection: as much as the example needs."""

    def __init__(self, shop: Shop, log: logging.Logger) -> None:
        self._shop = shop
        self._log = log
        self._running: set[asyncio.Task[None]] = set()
        self.served = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._handle(reader, writer))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await task

    async def drained(self) -> None:
        """Returns when no request is being answered."""
        while self._running:
            await asyncio.wait(self._running)

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        started = time.monotonic()
        try:
            method, path, body = await self._read(reader)
            status = await self._answer(method, path, body)
            took = (time.monotonic() - started) * 1000
            self._log.info("%s %s status=%d in %.1f ms", method, path, status, took)
            self.served += 1
            writer.write(f"HTTP/1.1 {status} -\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError) as fault:
            self._log.debug("client went away: %s", type(fault).__name__)
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> tuple[str, str, bytes]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
        method, path, _ = head.split(" ", 2)
        lines = (line.partition(":") for line in head.lower().split("\r\n")[1:])
        length = next((int(value) for name, _, value in lines if name == "content-length"), 0)
        return method, path, await reader.readexactly(length)

    async def _answer(self, method: str, path: str, body: bytes) -> int:
        kind, _, wanted = path.strip("/").partition("/")
        if (method, kind) == ("GET", "carts"):
            return await self._shop.cart(wanted)
        if (method, kind) == ("POST", "orders"):
            order = json.loads(body)
            return await self._shop.order(wanted, order["scheme"], order["card"])
        return 404


async def report_pool(log: logging.Logger) -> None:
    while True:
        log.info("database pool: %d of %d connections in use", 4, 10)
        await asyncio.sleep(1)


async def told_to_stop() -> None:
    """Returns on SIGTERM, and when the process that started us is gone (it holds our standard input)."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    loop.add_reader(sys.stdin.fileno(), stop.set)
    await stop.wait()
    loop.remove_reader(sys.stdin.fileno())


async def run(version: str, instance: str, folder: Path) -> None:
    log = open_log(folder / "logs", instance, version)
    log.info("checkout %s starts, instance %s", version, instance)
    server = Server(Shop(RELEASES[version], instance, log), log)
    listener = await asyncio.start_server(server.handle, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    endpoint = folder / "endpoints" / instance
    endpoint.with_name(f".{instance}").write_text(str(port))
    endpoint.with_name(f".{instance}").rename(endpoint)
    log.info("listening on port %d", port)
    pool = asyncio.create_task(report_pool(log))
    await told_to_stop()
    endpoint.unlink(missing_ok=True)
    await asyncio.sleep(DRAIN_SECONDS)
    pool.cancel()
    listener.close()
    await server.drained()
    log.info("checkout %s stops, %d requests served", version, server.served)


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
