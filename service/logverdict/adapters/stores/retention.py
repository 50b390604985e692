"""Deleting what is old, in small steps, never what an unfinished verification has or needs."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from logverdict.adapters.stores.postgres import alone
from logverdict.adapters.stores.tables import baselines, calls, events, revisions, slices, templates, verifications
from logverdict.adapters.stores.tables_after import pins

STEP = 1000
"""Rows that one call deletes, or one verification with all that belongs to it where that alone is more."""
CANDIDATES = 200
"""Verifications that one call looks at."""


async def step(connection: AsyncConnection, slices_before: datetime, verifications_before: datetime) -> int:
    """One step; how many slices and verifications it deleted. Nothing while another replica is at it."""
    if not await alone(connection, "retention"):
        return 0
    done = await delete_slices(connection, slices_before)
    if done == STEP:
        return done
    return done + await delete_verifications(connection, verifications_before, done)


async def delete_slices(connection: AsyncConnection, before: datetime) -> int:
    query = (
        sa.select(slices.c.verification_id, slices.c.key)
        .join(verifications, verifications.c.id == slices.c.verification_id)
        .where(_over(before))
        .order_by(verifications.c.end_time, slices.c.verification_id, slices.c.key)
        .limit(STEP)
    )
    found = [{"owner": row.verification_id, "piece": row.key} for row in await connection.execute(query)]
    if found:
        mine = (slices.c.verification_id == sa.bindparam("owner"), slices.c.key == sa.bindparam("piece"))
        await connection.execute(sa.delete(slices).where(*mine), found)
    return len(found)


async def delete_verifications(connection: AsyncConnection, before: datetime, done: int) -> int:
    """`done` rows of this step are used up already."""
    query = (
        sa.select(verifications.c.id, _belongings())
        .where(_over(before))
        .order_by(verifications.c.end_time, verifications.c.id)
        .limit(min(CANDIDATES, STEP - done))
    )
    rows, doomed = done, list[str]()
    for verification_id, belongings in await connection.execute(query):
        rows += 1 + belongings
        if rows > STEP and (doomed or done):
            break
        doomed.append(verification_id)
    if doomed:
        await connection.execute(sa.delete(verifications).where(verifications.c.id.in_(doomed)))
    return len(doomed)


def _over(before: datetime) -> sa.ColumnElement[bool]:
    """Ended before that time, not pinned, and not the baseline of one that has not ended."""
    user = verifications.alias()
    needed = (
        sa.select(baselines.c.baseline_id)
        .join(user, user.c.id == baselines.c.verification_id)
        .where(user.c.end_time.is_(None))
    )
    kept = sa.select(pins.c.verification_id)
    mine = verifications.c
    return sa.and_(mine.end_time < before, mine.id.not_in(needed), mine.id.not_in(kept))


def _belongings() -> sa.ColumnElement[int]:
    """How many rows go with a verification."""
    zero: sa.ColumnElement[int] = sa.literal(0)
    return sum((_count(table) for table in (events, revisions, slices, templates, baselines, calls)), zero)


def _count(table: sa.Table) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).where(table.c.verification_id == verifications.c.id).scalar_subquery()
