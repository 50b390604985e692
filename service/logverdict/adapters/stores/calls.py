"""The audit of what sources were asked: calls alike are one row, and the rows are bounded."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from logverdict.adapters.stores.pages import Rows, checked
from logverdict.adapters.stores.paging import read_token, write_token
from logverdict.adapters.stores.tables import calls
from logverdict.adapters.stores.writes import lock
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.verification import SourceCall

MOST = 2_000
"""Rows that a verification has; what goes beyond is only counted, by source and status."""
REST = "(further calls)"
"""The method of those."""
BATCH = 500


async def put_calls(
    connection: AsyncConnection, verification_id: str, told: Sequence[SourceCall], epoch: int | None = None
) -> None:
    await lock(connection, verification_id, epoch)
    alike = _alike(told)
    for start in range(0, len(alike), BATCH):
        await _put(connection, verification_id, alike[start : start + BATCH])


class CallPages:
    """Ordered by number, which only ever grows."""

    def __init__(self, verification_id: str, after: str, limit: int) -> None:
        self._question = f"verifications/{verification_id}/calls"
        self._limit = checked(limit)
        self._where = [calls.c.verification_id == verification_id]
        if after:
            number, _ = read_token(self._question, after)
            if not isinstance(number, float):
                raise InvalidRequest("page_token", "is no page token")
            self._where.append(calls.c.number > int(number))

    def query(self) -> sa.Select[Any]:
        return sa.select(calls).where(*self._where).order_by(calls.c.number).limit(self._limit + 1)

    def cut(self, rows: Rows) -> tuple[Rows, str]:
        page = rows[: self._limit]
        if len(rows) <= self._limit:
            return page, ""
        return page, write_token(self._question, (float(page[-1].number), ""))


def read_call(row: sa.Row[Any]) -> SourceCall:
    return SourceCall(row.time, row.source, row.method, row.query, row.status, row.size, row.seconds, row.times)


async def _put(connection: AsyncConnection, verification_id: str, told: Sequence[SourceCall]) -> None:
    """Those that have a row are added to it; of the others as many get one as there is room for."""
    mine = calls.c.verification_id == verification_id
    count, last = (await connection.execute(sa.select(sa.func.count(), sa.func.max(calls.c.number)).where(mine))).one()
    known = await _known(connection, verification_id, told)
    new = [call for call in told if mark(call) not in known]
    room = max(0, MOST - count)
    rest = _alike(replace(call, method=REST, query="") for call in new[room:])
    known |= await _known(connection, verification_id, rest)
    again = [call for call in [*told, *rest] if mark(call) in known]
    fresh = [*new[:room], *(call for call in rest if mark(call) not in known)]
    if again:
        await connection.execute(_adding(verification_id), [_added(call) for call in again])
    if fresh:
        rows = [_row(verification_id, (last or 0) + number, call) for number, call in enumerate(fresh, 1)]
        await connection.execute(sa.insert(calls), rows)


async def _known(connection: AsyncConnection, verification_id: str, told: Sequence[SourceCall]) -> set[str]:
    marks = [mark(call) for call in told]
    query = sa.select(calls.c.mark).where(calls.c.verification_id == verification_id, calls.c.mark.in_(marks))
    return set((await connection.execute(query)).scalars())


def _adding(verification_id: str) -> sa.Update:
    table = calls.c
    return (
        sa.update(calls)
        .where(table.verification_id == verification_id, table.mark == sa.bindparam("known"))
        .values(
            size=table.size + sa.bindparam("more_size"),
            seconds=table.seconds + sa.bindparam("more_seconds"),
            times=table.times + sa.bindparam("more_times"),
        )
    )


def _added(call: SourceCall) -> dict[str, object]:
    return {"known": mark(call), "more_size": call.size, "more_seconds": call.seconds, "more_times": call.times}


def _row(verification_id: str, number: int, call: SourceCall) -> dict[str, object]:
    return {
        "verification_id": verification_id,
        "number": number,
        "mark": mark(call),
        "time": call.time,
        "source": call.source,
        "method": call.method,
        "query": call.query,
        "status": call.status,
        "size": call.size,
        "seconds": call.seconds,
        "times": call.times,
    }


def _alike(told: Iterable[SourceCall]) -> list[SourceCall]:
    """One for all that are alike, in the order of the first of them."""
    found: dict[tuple[str, ...], SourceCall] = {}
    for call in told:
        before = found.get(_shared(call))
        found[_shared(call)] = call if before is None else before + call
    return list(found.values())


def _shared(call: SourceCall) -> tuple[str, ...]:
    return call.source, call.method, call.status, call.query


def mark(call: SourceCall) -> str:
    parts = "\n".join(_shared(call))
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:32]
