"""Pinned baselines."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from logverdict.adapters.stores.codec import Codec
from logverdict.adapters.stores.postgres import wait_alone
from logverdict.adapters.stores.tables_after import pins
from logverdict.adapters.stores.writes import lock
from logverdict.domain.afterwards import MAX_PINS, Pin
from logverdict.domain.errors import NotFound, QuotaReached

PINS = Codec(Pin)
MOST = 1000


async def put(connection: AsyncConnection, pin: Pin) -> None:
    await connection.run_sync(wait_alone, "pins")  # two at once would both find room
    await lock(connection, pin.verification)
    await connection.execute(sa.delete(pins).where(pins.c.verification_id == pin.verification))
    place = (pins.c.service == pin.service, pins.c.environment == pin.environment)
    count = (await connection.execute(sa.select(sa.func.count()).select_from(pins).where(*place))).scalar_one()
    if count >= MAX_PINS:
        raise QuotaReached(
            f"{count} are pinned for {pin.service} in {pin.environment}, as many as are allowed; unpin one first",
            limit=str(MAX_PINS),
        )
    row = {
        "verification_id": pin.verification,
        "service": pin.service,
        "environment": pin.environment,
        "time": pin.time,
        "document": PINS.write(pin),
    }
    await connection.execute(sa.insert(pins), row)


async def remove(connection: AsyncConnection, verification_id: str) -> None:
    gone = await connection.execute(sa.delete(pins).where(pins.c.verification_id == verification_id))
    if not gone.rowcount:
        raise NotFound(f"verifications/{verification_id} is not pinned", name=f"verifications/{verification_id}")


async def found(connection: AsyncConnection, service: str, environment: str) -> Sequence[Pin]:
    given = {"service": service, "environment": environment}
    query = sa.select(pins).where(*(pins.c[name] == value for name, value in given.items() if value))
    rows = await connection.execute(query.order_by(pins.c.time.desc(), pins.c.verification_id).limit(MOST))
    return [PINS.read(row.document, f"the pin of verifications/{row.verification_id}") for row in rows]
