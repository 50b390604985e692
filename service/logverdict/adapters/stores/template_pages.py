"""Pages of templates of the newest verifications."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from logverdict.adapters.stores.filters import VERIFICATION_FIELDS, conditions
from logverdict.adapters.stores.pages import checked
from logverdict.adapters.stores.paging import read_token, write_token
from logverdict.adapters.stores.tables import UtcTime, templates, verifications
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.words import Severity
from logverdict.verify.history_ports import TemplateSeen

LOOKED_AT = 200
"""Verifications: each has some hundred templates, and all of them are gone over for a page."""
T, V = templates.c, verifications.c
FIRST, LAST = sa.func.min(T.first_time, type_=UtcTime()), sa.func.max(T.last_time, type_=UtcTime())


async def template_page(
    connection: AsyncConnection, filter: str, text: str, after: str, limit: int
) -> tuple[Sequence[TemplateSeen], str]:
    """Ordered by the last entry, falling, then id. The token keeps which verification was the newest one, so that those
    that arrive later move nothing."""
    question = f"templates\n{filter.strip()}\n{text}"
    newest, behind = _position(question, after)
    if newest is None:
        newest = (await connection.execute(sa.select(sa.func.max(V.create_time, type_=UtcTime())))).scalar_one()
        if newest is None:
            return [], ""
    mine = sa.select(V.id).where(V.create_time <= newest, *conditions(filter, VERIFICATION_FIELDS))
    mine = mine.order_by(V.create_time.desc(), V.id.desc()).limit(LOOKED_AT)
    query = _query().where(T.verification_id.in_(mine.subquery().select()), *_holds(text))
    if behind is not None:
        query = query.having(behind)
    rows = list(await connection.execute(query.limit(checked(limit) + 1)))
    token = ""
    if len(rows) > limit:
        end = rows[limit - 1]
        token = write_token(question, (f"{newest.isoformat()}|{end.last.isoformat()}", end.template_id))
    return [_read(row) for row in rows[:limit]], token


def _query() -> sa.Select[Any]:
    return (
        sa.select(
            T.template_id,
            sa.func.min(T.template).label("template"),
            sa.func.max(T.severity).label("severity"),
            FIRST.label("first"),
            LAST.label("last"),
            sa.func.count(sa.distinct(T.verification_id)).label("verifications"),
        )
        .group_by(T.template_id)
        .order_by(LAST.desc(), T.template_id)
    )


def _holds(text: str) -> list[sa.ColumnElement[bool]]:
    return [sa.func.lower(T.template).contains(text.lower(), autoescape=True)] if text else []


def _position(question: str, after: str) -> tuple[datetime | None, sa.ColumnElement[bool] | None]:
    if not after:
        return None, None
    order, tie = read_token(question, after)
    newest, _, last = str(order).partition("|")
    try:
        times = datetime.fromisoformat(newest), datetime.fromisoformat(last)
    except ValueError:
        raise InvalidRequest("page_token", "is no page token") from None
    here = sa.literal(times[1], UtcTime())
    return times[0], sa.or_(here > LAST, sa.and_(here == LAST, T.template_id > tie))


def _read(row: sa.Row[Any]) -> TemplateSeen:
    severity = Severity(row.severity)
    return TemplateSeen(row.template_id, row.template, severity, row.first, row.last, row.verifications)
