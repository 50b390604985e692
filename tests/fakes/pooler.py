"""Stands between a client and PostgreSQL as a pooler in transaction mode does: what others tell is not passed on."""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator

NOTIFICATION = b"A"
"""The type of PostgreSQL's message to a client that listens."""


@contextlib.asynccontextmanager
async def deaf_pooler(host: str, port: int) -> AsyncIterator[int]:
    """Its port, on loopback."""
    links: set[asyncio.Task[None]] = set()

    def link(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        links.add(asyncio.create_task(_link(reader, writer, host, port)))

    server = await asyncio.start_server(link, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for one in links:
            one.cancel()
        await asyncio.gather(*links, return_exceptions=True)


async def _link(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int) -> None:
    """One connection, until either side ends it."""
    there, back = await asyncio.open_connection(host, port)
    both = [asyncio.create_task(_copy(reader, back)), asyncio.create_task(_without_notifications(there, writer))]
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in both:
            one.cancel()
        await asyncio.gather(*both, return_exceptions=True)
        for end in (writer, back):
            end.close()
            with contextlib.suppress(OSError):
                await end.wait_closed()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()


async def _without_notifications(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Each message is a letter, a length that counts itself, and a body; TLS is not spoken here."""
    while True:
        head = await reader.readexactly(5)
        body = await reader.readexactly(struct.unpack(">i", head[1:])[0] - 4)
        if head[:1] != NOTIFICATION:
            writer.write(head + body)
            await writer.drain()
