"""Pages of verifications, newest first, and of events, strongest first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from logverdict.adapters.stores.filters import EVENT_FIELDS, VERIFICATION_FIELDS, conditions
from logverdict.adapters.stores.paging import Position, read_token, write_token
from logverdict.adapters.stores.tables import events, verifications
from logverdict.domain.errors import InvalidRequest

Rows = Sequence[sa.Row[Any]]


class VerificationPages:
    """Ordered by (create_time, id), falling: one that arrives later never moves a page that comes."""

    def __init__(self, filter: str, after: str, limit: int) -> None:
        self._question = f"verifications\n{filter.strip()}"
        self._limit = checked(limit)
        self._where = conditions(filter, VERIFICATION_FIELDS)
        if after:
            self._where.append(self._behind(*read_token(self._question, after)))

    def query(self) -> sa.Select[Any]:
        """One row more than the page has, to see whether there is a next one."""
        table = verifications.c
        return (
            sa.select(table.id, table.create_time, table.document, table.outcome)
            .where(*self._where)
            .order_by(table.create_time.desc(), table.id.desc())
            .limit(self._limit + 1)
        )

    def cut(self, rows: Rows) -> tuple[Rows, str]:
        """The page's rows, and the token of the next page."""
        page = rows[: self._limit]
        if len(rows) <= self._limit:
            return page, ""
        return page, write_token(self._question, (page[-1].create_time.isoformat(), page[-1].id))

    @staticmethod
    def _behind(order: float | str, tie: str) -> sa.ColumnElement[bool]:
        try:
            time = datetime.fromisoformat(str(order))
        except ValueError:
            raise InvalidRequest("page_token", "is no page token") from None
        here = sa.tuple_(sa.literal(time, verifications.c.create_time.type), sa.literal(tie, sa.String()))
        return sa.tuple_(verifications.c.create_time, verifications.c.id) < here


class EventPages:
    """Ordered by weight, falling, then id."""

    def __init__(self, verification_id: str, filter: str, after: str, limit: int) -> None:
        self._question = f"verifications/{verification_id}/events\n{filter.strip()}"
        self._limit = checked(limit)
        self._where = [events.c.verification_id == verification_id, *conditions(filter, EVENT_FIELDS)]
        if after:
            self._where.append(self._behind(read_token(self._question, after)))

    def query(self) -> sa.Select[Any]:
        table = events.c
        return (
            sa.select(table.id, table.weight, table.document)
            .where(*self._where)
            .order_by(table.weight.desc(), table.id)
            .limit(self._limit + 1)
        )

    def cut(self, rows: Rows) -> tuple[Rows, str]:
        page = rows[: self._limit]
        if len(rows) <= self._limit:
            return page, ""
        return page, write_token(self._question, (page[-1].weight, page[-1].id))

    @staticmethod
    def _behind(position: Position) -> sa.ColumnElement[bool]:
        weight, tie = position
        if not isinstance(weight, float):
            raise InvalidRequest("page_token", "is no page token")
        table = events.c
        return sa.or_(table.weight < weight, sa.and_(table.weight == weight, table.id > tie))


def checked(limit: int) -> int:
    if limit < 1:
        raise InvalidRequest("page_size", f"{limit} is no size of a page; allowed: 1 and more")
    return limit
