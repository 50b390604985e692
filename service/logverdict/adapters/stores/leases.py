"""Leases on verifications: a column names the replica, and a row of that replica says until when it holds."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from logverdict.adapters.stores.changes import tell
from logverdict.adapters.stores.tables import replicas, verifications
from logverdict.verify.leases import Lease, Versions

FORGOTTEN = timedelta(hours=1)
"""After that long, the row of a replica that died is deleted."""
OPEN = verifications.c.end_time.is_(None)


@dataclass(frozen=True, slots=True)
class Replica:
    """`alone`: no other process can have the store, so whatever another owned is free."""

    id: str
    alone: bool

    def owned(self) -> sa.ColumnElement[bool]:
        return sa.and_(OPEN, verifications.c.owner == self.id)


async def live(
    connection: AsyncConnection, me: Replica, span: timedelta, now: datetime, says: Mapping[str, str]
) -> int:
    """`says`: what else is in its row, by column."""
    here = await _now(connection, now)
    row = {"expire_time": here + span, **says}
    renewed = await connection.execute(sa.update(replicas).where(replicas.c.id == me.id).values(row))
    if not renewed.rowcount:
        await connection.execute(sa.insert(replicas).values(row | {"id": me.id}))
        await connection.execute(sa.delete(replicas).where(replicas.c.expire_time < here - FORGOTTEN))
    if me.alone:
        return 1
    others = (
        sa.select(sa.func.count()).select_from(replicas).where(replicas.c.id != me.id, replicas.c.expire_time > here)
    )
    return 1 + int((await connection.execute(others)).scalar_one())


async def held(connection: AsyncConnection, me: Replica) -> Mapping[str, int]:
    query = sa.select(verifications.c.id, verifications.c.epoch).where(me.owned())
    return {row.id: row.epoch for row in await connection.execute(query)}


async def claim(connection: AsyncConnection, me: Replica, most: int, wanted: sa.ColumnElement[bool]) -> Sequence[Lease]:
    """Rows that another replica is about to claim are skipped, not waited for."""
    table = verifications.c
    query = (
        sa.select(table.id, table.owner, table.epoch, table.takeovers)
        .where(OPEN, wanted)
        .order_by(table.create_time, table.id)
        .limit(most)
        .with_for_update(skip_locked=True, of=verifications)
    )
    found = [_lease(row, me) for row in await connection.execute(query)]
    if found:
        changed = sa.update(verifications).where(table.id == sa.bindparam("claimed"))
        values = {"epoch": sa.bindparam("now_epoch"), "takeovers": sa.bindparam("now_takeovers"), "owner": me.id}
        rows = [
            {"claimed": one.verification_id, "now_epoch": one.epoch, "now_takeovers": one.takeovers} for one in found
        ]
        await connection.execute(changed.values(values), rows)
    return found


def unowned(me: Replica, mine: Collection[str]) -> sa.ColumnElement[bool]:
    """Nobody's, or this replica's without its knowing."""
    table = verifications.c
    return sa.or_(table.owner.is_(None), sa.and_(table.owner == me.id, table.id.not_in(mine)))


def begun(rules: Collection[str]) -> sa.ColumnElement[bool]:
    """What began by one of those rules, or by none that is known; without rules, all."""
    return verifications.c.rules.in_(["", *rules]) if rules else sa.true()


async def judged(connection: AsyncConnection, me: Replica, now: datetime) -> sa.ColumnElement[bool]:
    """What is under this replica's judge, or under one that no other living replica has."""
    if me.alone:
        return sa.true()
    table = replicas.c
    own = sa.select(table.judge).where(table.id == me.id).scalar_subquery()
    living = sa.select(table.judge).where(
        table.id != me.id, table.judge != "", table.expire_time > await _now(connection, now)
    )
    return sa.or_(verifications.c.judge == own, verifications.c.judge.not_in(living))


async def versions(connection: AsyncConnection, me: Replica, now: datetime) -> Versions:
    """Where no other process can have the store, rows of others are of those that died."""
    living = replicas.c.id == me.id if me.alone else replicas.c.expire_time > await _now(connection, now)
    known = await connection.execute(sa.select(replicas.c.rules).where(living, replicas.c.rules != ""))
    found = await connection.execute(sa.select(verifications.c.rules).where(OPEN).distinct())
    return Versions(tuple(frozenset(row.rules.split()) for row in known), frozenset(row.rules for row in found))


async def free(connection: AsyncConnection, me: Replica, now: datetime) -> sa.ColumnElement[bool]:
    """Which verifications of other replicas nobody works on any more."""
    if me.alone:
        return sa.and_(verifications.c.owner.is_not(None), verifications.c.owner != me.id)
    living = sa.select(replicas.c.id).where(replicas.c.expire_time > await _now(connection, now))
    return verifications.c.owner.not_in(living)


async def release(connection: AsyncConnection, me: Replica) -> None:
    """An orderly end is no sign of trouble: it does not count as taken over."""
    await connection.execute(sa.update(verifications).where(me.owned()).values(owner=None, takeovers=0))
    await connection.execute(sa.delete(replicas).where(replicas.c.id == me.id))
    await tell(connection)


async def newest(connection: AsyncConnection, verification_ids: Collection[str]) -> Mapping[str, int]:
    table = verifications.c
    query = sa.select(table.id, table.revision).where(table.id.in_(verification_ids))
    return {row.id: row.revision for row in await connection.execute(query)}


def _lease(row: Any, me: Replica) -> Lease:
    """What was this replica's all the time stays under its epoch; what nobody had was not taken over from anybody."""
    if row.owner == me.id:
        return Lease(row.id, row.epoch, row.takeovers)
    return Lease(row.id, row.epoch + 1, row.takeovers + (row.owner is not None))


async def _now(connection: AsyncConnection, now: datetime) -> datetime:
    """The database's clock where replicas share it: theirs may differ."""
    if connection.dialect.name != "postgresql":
        return now
    found: datetime = (await connection.execute(sa.select(sa.func.clock_timestamp()))).scalar_one()
    return found
