"""Feedback in a SQL database, and the history of it, to which rows are only ever added."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from logverdict.adapters.stores.codec import Codec
from logverdict.adapters.stores.database import Database
from logverdict.adapters.stores.feedback_pages import FeedbackPages, HistoryPages
from logverdict.adapters.stores.tables import feedback, feedback_history
from logverdict.domain.errors import AlreadyExists, FailedPrecondition, NotFound, QuotaReached
from logverdict.domain.feedback import Feedback, FeedbackChange, FeedbackRevision
from logverdict.verify.feedback_ports import MAX_IN_SCOPE

FEEDBACK = Codec(Feedback)
REVISION = Codec(FeedbackRevision)


class SqlFeedback:
    """`verify.feedback_ports.FeedbackStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def change(self, wanted: Sequence[FeedbackRevision]) -> Sequence[Feedback]:
        async def work(connection: AsyncConnection) -> Sequence[Feedback]:
            return [await _change(connection, one) for one in wanted]

        return await self._database.write(work)

    async def get(self, feedback_id: str) -> Feedback:
        rows = await self._database.rows(sa.select(feedback).where(feedback.c.id == feedback_id))
        if not rows:
            raise _not_found(feedback_id)
        return _read(rows[0])

    async def list(self, filter: str, after: str, limit: int) -> tuple[Sequence[Feedback], str]:
        pages = FeedbackPages(filter, after, limit)
        rows, token = pages.cut(await self._database.rows(pages.query()))
        return [_read(row) for row in rows], token

    async def history(self, feedback_id: str, after: str, limit: int) -> tuple[Sequence[FeedbackRevision], str]:
        pages = HistoryPages(feedback_id, after, limit)
        rows, token = pages.cut(await self._database.rows(pages.query()))
        if not rows and not after:
            raise _not_found(feedback_id)
        return [REVISION.read(row.document, f"feedback/{feedback_id} revision {row.number}") for row in rows], token

    async def standing(self, service: str, environment: str, at: datetime) -> Sequence[Feedback]:
        table = feedback.c
        scopes = [("", ""), (service, ""), (service, environment)]
        covers = sa.or_(*(sa.and_(table.service == one, table.environment == other) for one, other in scopes))
        rows = await self._database.rows(sa.select(table.id, table.document).where(covers, _holds(at)))
        # Sorted here: databases differ in how they order texts.
        return sorted(map(_read, rows), key=lambda one: one.id)

    async def number(self, at: datetime) -> int:
        (row,) = await self._database.rows(sa.select(sa.func.count()).select_from(feedback).where(_holds(at)))
        return int(row[0])


def _holds(at: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(feedback.c.expire_time.is_(None), feedback.c.expire_time > at)


def _read(row: sa.Row[Any]) -> Feedback:
    return FEEDBACK.read(row.document, f"feedback/{row.id}")


async def _change(connection: AsyncConnection, wanted: FeedbackRevision) -> Feedback:
    mine = feedback.c.id == wanted.feedback.id
    stored = (await connection.execute(sa.select(feedback).where(mine).with_for_update())).one_or_none()
    _check(wanted, stored)
    if wanted.change is FeedbackChange.CREATED:
        await _check_room(connection, wanted.feedback)
    made = replace(wanted.feedback, revision=await _last_number(connection, wanted.feedback.id) + 1)
    match wanted.change:
        case FeedbackChange.CREATED:
            await connection.execute(sa.insert(feedback), _row(made))
        case FeedbackChange.UPDATED:
            await connection.execute(sa.update(feedback).where(mine), _row(made))
        case FeedbackChange.DELETED:
            await connection.execute(sa.delete(feedback).where(mine))
    kept = replace(wanted, number=made.revision, feedback=made)
    await connection.execute(sa.insert(feedback_history), _history_row(kept))
    return made


def _check(wanted: FeedbackRevision, stored: sa.Row[Any] | None) -> None:
    name = wanted.feedback.name
    if wanted.change is FeedbackChange.CREATED:
        if stored is not None:
            raise AlreadyExists(f"{name} exists already; update it, or give another id", name=name)
    elif stored is None:
        raise _not_found(wanted.feedback.id)
    elif stored.revision != wanted.feedback.revision:
        raise FailedPrecondition(
            f"{name} is at revision {stored.revision}, not at {wanted.feedback.revision}; read it again",
            name=name,
            revision=str(stored.revision),
        )


async def _check_room(connection: AsyncConnection, new: Feedback) -> None:
    scope = (feedback.c.service == new.scope.service, feedback.c.environment == new.scope.environment)
    count = (await connection.execute(sa.select(sa.func.count()).select_from(feedback).where(*scope))).scalar_one()
    if count >= MAX_IN_SCOPE:
        raise QuotaReached(
            f"{count:,} are said of {new.scope}, as many as are allowed; delete some, or those that have expired",
            limit=str(MAX_IN_SCOPE),
        )


async def _last_number(connection: AsyncConnection, feedback_id: str) -> int:
    query = sa.select(sa.func.max(feedback_history.c.number)).where(feedback_history.c.feedback_id == feedback_id)
    return (await connection.execute(query)).scalar_one() or 0


def _row(one: Feedback) -> dict[str, object]:
    return {
        "id": one.id,
        "service": one.scope.service,
        "environment": one.scope.environment,
        "level": one.level.value,
        "create_time": one.created,
        "expire_time": one.expires,
        "revision": one.revision,
        "document": FEEDBACK.write(one),
    }


def _history_row(one: FeedbackRevision) -> dict[str, object]:
    return {
        "feedback_id": one.feedback.id,
        "number": one.number,
        "time": one.time,
        "change": one.change.value,
        "author": one.author.name,
        "document": REVISION.write(one),
    }


def _not_found(feedback_id: str) -> NotFound:
    return NotFound(f"there is no feedback/{feedback_id}", name=f"feedback/{feedback_id}")
