"""One connection of a replica that hears what other replicas store."""

import asyncio
from collections.abc import AsyncGenerator

import structlog

from logverdict.adapters.stores import changes
from logverdict.adapters.stores.postgres import Access, connect, need_driver
from logverdict.domain.errors import StoreUnavailable
from logverdict.verify.leases import Change

LOOK = 2.0
"""Seconds after which watchers look for themselves: a pooler between may swallow what is told."""
AGAIN = 1.0
"""Seconds until a lost connection is made anew."""


async def heard(access: Access) -> AsyncGenerator[Change | None]:
    """Never ends; None at the beginning, after each loss, and every two seconds."""
    driver = need_driver()
    while True:
        try:
            async with await connect(access, autocommit=True) as connection:
                await connection.execute(f"LISTEN {changes.CHANNEL}")
                yield Change("", 0)  # work may have been given up before we listened
                yield None
                while True:
                    async for notice in connection.notifies(timeout=LOOK):
                        change = changes.read(notice.payload)
                        if change is not None:
                            yield change
                    yield None
        except (driver.Error, StoreUnavailable, OSError) as fault:
            structlog.get_logger(__name__).warning("changes are not heard; looking instead", error=str(fault).strip())
        await asyncio.sleep(AGAIN)
        yield None
