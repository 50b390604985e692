"""Pages of feedback, newest first, and of the history of one, oldest first."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from logverdict.adapters.stores.filters import ORDER, Field, Fields, conditions, time_of, word_of
from logverdict.adapters.stores.pages import Rows, checked
from logverdict.adapters.stores.paging import read_token, write_token
from logverdict.adapters.stores.tables import feedback, feedback_history
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.feedback import FeedbackLevel

FIELDS: Fields = {
    "service": Field(feedback.c.service),
    "environment": Field(feedback.c.environment),
    "level": Field(feedback.c.level, word_of(FeedbackLevel)),
    "create_time": Field(feedback.c.create_time, time_of, ORDER),
}


class FeedbackPages:
    """Ordered by (create_time, id), falling: one that is said later never moves a page that comes."""

    def __init__(self, filter: str, after: str, limit: int) -> None:
        self._question = f"feedback\n{filter.strip()}"
        self._limit = checked(limit)
        self._where = conditions(filter, FIELDS)
        if after:
            self._where.append(_behind(*read_token(self._question, after)))

    def query(self) -> sa.Select[Any]:
        """One row more than the page has, to see whether there is a next one."""
        table = feedback.c
        query = sa.select(table.id, table.create_time, table.document).where(*self._where)
        return query.order_by(table.create_time.desc(), table.id.desc()).limit(self._limit + 1)

    def cut(self, rows: Rows) -> tuple[Rows, str]:
        """The page's rows, and the token of the next page."""
        page = rows[: self._limit]
        if len(rows) <= self._limit:
            return page, ""
        return page, write_token(self._question, (page[-1].create_time.isoformat(), page[-1].id))


def _behind(order: float | str, tie: str) -> sa.ColumnElement[bool]:
    try:
        time = datetime.fromisoformat(str(order))
    except ValueError:
        raise InvalidRequest("page_token", "is no page token") from None
    here = sa.tuple_(sa.literal(time, feedback.c.create_time.type), sa.literal(tie, sa.String()))
    return sa.tuple_(feedback.c.create_time, feedback.c.id) < here


class HistoryPages:
    """Ordered by number, which only ever grows."""

    def __init__(self, feedback_id: str, after: str, limit: int) -> None:
        self._question = f"feedback/{feedback_id}/history"
        self._limit = checked(limit)
        self._where = [feedback_history.c.feedback_id == feedback_id]
        if after:
            number, _ = read_token(self._question, after)
            if not isinstance(number, float):
                raise InvalidRequest("page_token", "is no page token")
            self._where.append(feedback_history.c.number > int(number))

    def query(self) -> sa.Select[Any]:
        table = feedback_history.c
        return sa.select(table.number, table.document).where(*self._where).order_by(table.number).limit(self._limit + 1)

    def cut(self, rows: Rows) -> tuple[Rows, str]:
        page = rows[: self._limit]
        if len(rows) <= self._limit:
            return page, ""
        return page, write_token(self._question, (float(page[-1].number), ""))
