"""Samples leave what is stored of a verification, and its verdict stays."""

import asyncio
import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from logverdict.adapters.stores.tables import events, revisions, slices, verifications
from logverdict.analysis.counts import TemplateCounts, empty


async def forget(connection: AsyncConnection, verification_ids: Sequence[str]) -> None:
    """From events, revisions and counts; all else of them is as it was."""
    await _rewrite(connection, events.c.id, events.c.document, verification_ids, _of_event)
    await _rewrite(connection, revisions.c.number, revisions.c.document, verification_ids, _of_revision)
    await _rewrite(connection, slices.c.key, slices.c.counts, verification_ids, _of_counts)
    mine = verifications.c.id.in_(verification_ids)
    await connection.execute(sa.update(verifications).where(mine).values(samples=0))


async def _rewrite(
    connection: AsyncConnection,
    key: sa.Column[Any],
    value: sa.Column[Any],
    verification_ids: Sequence[str],
    change: Callable[[Any], Any],
) -> None:
    table = value.table
    owner = table.c.verification_id
    query = sa.select(owner.label("owner"), key.label("part"), value.label("was"))
    rows = (await connection.execute(query.where(owner.in_(verification_ids), value.is_not(None)))).all()
    changed = await asyncio.to_thread(
        lambda: [{"mine": row.owner, "at": row.part, "now": change(row.was)} for row in rows]
    )
    if changed:
        where = (owner == sa.bindparam("mine"), key == sa.bindparam("at"))
        await connection.execute(sa.update(table).where(*where).values({value.name: sa.bindparam("now")}), changed)


def _of_event(document: str) -> str:
    """Not by way of the value: what an older version wrote is not to be lost with its samples."""
    return _written(json.loads(document) | {"samples": []})


def _of_revision(document: str) -> str:
    revision = json.loads(document)
    revision["changed"] = [event | {"samples": []} for event in revision.get("changed", [])]
    return _written(revision)


def _written(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _of_counts(data: bytes) -> bytes:
    """What can't be read any more is left: who needs it will say so."""
    try:
        return replace(TemplateCounts.from_bytes(data), samples=empty().samples).to_bytes()
    except (pl.exceptions.PolarsError, OSError, ValueError, struct.error):
        return data
