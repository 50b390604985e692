"""How deployments turned out: appended to, never changed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from logverdict.adapters.stores.codec import Codec
from logverdict.adapters.stores.tables import verifications
from logverdict.adapters.stores.tables_after import outcomes
from logverdict.adapters.stores.writes import lock, not_found
from logverdict.domain.afterwards import RecordedOutcome
from logverdict.domain.errors import NotFound

OUTCOMES = Codec(RecordedOutcome)
MOST = 1000


async def append(connection: AsyncConnection, outcome: RecordedOutcome) -> RecordedOutcome:
    await lock(connection, outcome.verification)
    mine = outcomes.c.verification_id == outcome.verification
    last = (await connection.execute(sa.select(sa.func.max(outcomes.c.number)).where(mine))).scalar_one() or 0
    made = replace(outcome, number=last + 1)
    row = {
        "verification_id": made.verification,
        "number": made.number,
        "outcome": made.outcome.value,
        "time": made.time,
        "document": OUTCOMES.write(made),
    }
    await connection.execute(sa.insert(outcomes), row)
    newest = sa.update(verifications).where(verifications.c.id == made.verification)
    await connection.execute(newest.values(outcome=made.outcome.value))
    return made


async def recorded(connection: AsyncConnection, verification_id: str) -> Sequence[RecordedOutcome]:
    query = sa.select(outcomes).where(outcomes.c.verification_id == verification_id)
    rows = list(await connection.execute(query.order_by(outcomes.c.number.desc()).limit(MOST)))
    if not rows:
        known = sa.select(verifications.c.id).where(verifications.c.id == verification_id)
        if (await connection.execute(known)).first() is None:
            raise not_found(verification_id)
    return [OUTCOMES.read(row.document, f"verifications/{verification_id} outcome {row.number}") for row in rows]


async def newest(connection: AsyncConnection, service: str, environment: str, version: str, at: datetime | None) -> str:
    table = verifications.c
    where = [table.service == service, table.environment == environment, table.version == version]
    if at is not None:
        where.append(table.rollout_start <= at)
    order = (table.create_time.desc(), table.id.desc())
    row = (await connection.execute(sa.select(table.id).where(*where).order_by(*order).limit(1))).first()
    if row is None:
        until = f" with a rollout at {at.isoformat()} or before" if at else ""
        raise NotFound(f"there is no verification of {service} {version} in {environment}{until}")
    return str(row.id)
