"""Deleting what is old, in small steps, never what an unfinished verification has or needs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from logverdict.adapters.stores.postgres import alone
from logverdict.adapters.stores.samples import forget
from logverdict.adapters.stores.tables import baselines, calls, events, revisions, slices, templates, verifications
from logverdict.adapters.stores.tables_after import pins
from logverdict.verify.ports import Expiry

STEP = 1000
"""Rows that one call deletes, or one verification with all that belongs to it where that alone is more."""
CANDIDATES = 200
"""Verifications that one call looks at."""
BELONGINGS = (events, revisions, slices, templates, baselines, calls)
"""What goes with a verification."""
HOLDERS = (events, revisions, slices)
"""What holds samples."""


async def step(connection: AsyncConnection, due: Expiry) -> int:
    """One step; of how many slices, calls and verifications something was deleted. Nothing while another replica is at
    it."""
    if not await alone(connection, "retention"):
        return 0
    done = await delete_parts(connection, slices.c.key, due.slices, STEP)
    if done < STEP and due.calls is not None:
        done += await delete_parts(connection, calls.c.number, due.calls, STEP - done)
    if done < STEP and due.samples is not None:
        done += await delete_samples(connection, due.samples, done)
    if done < STEP:
        done += await delete_verifications(connection, due.verifications, done)
    return done


def kept() -> Sequence[sa.Select[tuple[str]]]:
    """The ids of verifications that must stay as they are, however old: baselines of what has not ended, and pins."""
    user = verifications.alias()
    needed = (
        sa.select(baselines.c.baseline_id)
        .join(user, user.c.id == baselines.c.verification_id)
        .where(user.c.end_time.is_(None))
    )
    return needed, sa.select(pins.c.verification_id)


async def delete_parts(connection: AsyncConnection, part: sa.Column[Any], before: datetime, most: int) -> int:
    """Rows of the table of `part`, which tells those of one verification apart."""
    table, owner = part.table, part.table.c.verification_id
    query = (
        sa.select(owner.label("owner"), part.label("part"))
        .select_from(table.join(verifications, verifications.c.id == owner))
        .where(_over(before))
        .order_by(verifications.c.end_time, owner, part)
        .limit(most)
    )
    found = [{"mine": row.owner, "at": row.part} for row in await connection.execute(query)]
    if found:
        where = (owner == sa.bindparam("mine"), part == sa.bindparam("at"))
        await connection.execute(sa.delete(table).where(*where), found)
    return len(found)


async def delete_samples(connection: AsyncConnection, before: datetime, done: int) -> int:
    """Their number is that of the verifications."""
    doomed = await _doomed(connection, sa.and_(verifications.c.samples == 1, _over(before)), done, HOLDERS)
    if doomed:
        await forget(connection, doomed)
    return len(doomed)


async def delete_verifications(connection: AsyncConnection, before: datetime, done: int) -> int:
    doomed = await _doomed(connection, _over(before), done, BELONGINGS)
    if doomed:
        await connection.execute(sa.delete(verifications).where(verifications.c.id.in_(doomed)))
    return len(doomed)


def _over(before: datetime) -> sa.ColumnElement[bool]:
    """Ended before that time, and nothing needs it."""
    return sa.and_(verifications.c.end_time < before, *(verifications.c.id.not_in(ids) for ids in kept()))


async def _doomed(
    connection: AsyncConnection, where: sa.ColumnElement[bool], done: int, tables: Sequence[sa.Table]
) -> list[str]:
    """Those that come first, as far as their rows fit into the step, of which `done` are used up already."""
    query = (
        sa.select(verifications.c.id, _rows(tables))
        .where(where)
        .order_by(verifications.c.end_time, verifications.c.id)
        .limit(min(CANDIDATES, STEP - done))
    )
    rows, doomed = done, list[str]()
    for verification_id, belongings in await connection.execute(query):
        rows += 1 + belongings
        if rows > STEP and (doomed or done):
            break
        doomed.append(verification_id)
    return doomed


def _rows(tables: Sequence[sa.Table]) -> sa.ColumnElement[int]:
    """How many rows of these a verification has."""
    zero: sa.ColumnElement[int] = sa.literal(0)
    return sum((_count(table) for table in tables), zero)


def _count(table: sa.Table) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).where(table.c.verification_id == verifications.c.id).scalar_subquery()
