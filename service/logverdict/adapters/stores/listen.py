"""One connection of a replica that hears what other replicas store."""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import structlog

from logverdict.adapters.stores import changes
from logverdict.adapters.stores.outage import Outage
from logverdict.adapters.stores.postgres import Access, connect, need_driver
from logverdict.domain.errors import StoreUnavailable
from logverdict.verify.leases import Change

if TYPE_CHECKING:
    import psycopg

LOOK = 2.0
"""Seconds after which watchers look for themselves: a pooler between may swallow what is told."""
AGAIN = 1.0
"""Seconds until a lost connection is made anew."""
WORK = Change("", 0)


async def heard(access: Access, outage: Outage) -> AsyncGenerator[Change | None]:
    """Never ends; None at the beginning, after each loss, and every two seconds. Where nothing is heard work is looked
    for as often, as it may have been given up."""
    driver, loss = need_driver(), _Loss(outage)
    while True:
        try:
            async with await connect(access, autocommit=True) as connection:
                await connection.execute(f"LISTEN {changes.CHANNEL}")
                loss.ended()
                yield WORK  # it may have been given up before we listened
                yield None
                async with aclosing(_told(connection, await _proof(access))) as told:
                    async for change in told:
                        yield change
        except (driver.Error, StoreUnavailable, OSError) as fault:
            loss.told(str(fault).strip())
        await asyncio.sleep(AGAIN)
        yield None


class _Loss:
    """What the log says of a listening connection that is lost: once, and when it is back. Nothing where it is made
    anew at once, nor while the store is away, which is told already."""

    def __init__(self, outage: Outage) -> None:
        self._outage = outage
        self._log = structlog.get_logger(__name__)
        self._failures = 0
        self._said = False

    def told(self, error: str) -> None:
        self._failures += 1
        if self._failures == 1 or self._said or self._outage.away:
            self._log.debug("changes are not heard; looking instead", error=error)
            return
        self._said = True
        self._log.warning("changes are not heard; looking instead", error=error)

    def ended(self) -> None:
        if self._said:
            self._log.warning("changes are heard again")
        self._failures, self._said = 0, False


async def _told(connection: "psycopg.AsyncConnection[Any]", proof: str) -> AsyncGenerator[Change | None]:
    """Never ends by itself. Whoever does not hear the proof hears nobody."""
    deaf, told = True, False
    while True:
        async for notice in connection.notifies(timeout=LOOK):
            deaf = deaf and notice.payload != proof
            change = changes.read(notice.payload)
            if change is not None:
                yield change
        if deaf:
            if not told:
                structlog.get_logger(__name__).warning(
                    "changes are not heard; looking instead",
                    error="what is told does not arrive: is there a pooler in transaction mode between?",
                )
            told = True
            yield WORK
        yield None


async def _proof(access: Access) -> str:
    """Told by another connection: on its own, a listener hears itself through any pooler. It is no change."""
    proof = f"proof-{secrets.token_hex(8)}"
    async with await connect(access, autocommit=True) as other:
        await other.execute("SELECT pg_notify(%s, %s)", (changes.CHANNEL, proof))
    return proof
