"""Samples leave what is stored of a verification, and its verdict stays."""

import asyncio
import json
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from logverdict.adapters.stores.tables import events, revisions, slices, verifications
from logverdict.analysis.counts import TemplateCounts, empty
from logverdict.analysis.quoting import quoted

_QUOTED = re.compile("“([^”]*)”")


async def forget(connection: AsyncConnection, verification_ids: Sequence[str]) -> None:
    """From events, revisions and counts; a sentence that quotes one quotes the template instead. All else is as it
    was."""
    quotations = await _quotations(connection, verification_ids)
    await _rewrite(connection, events.c.id, events.c.document, verification_ids, _of_event)
    of_revision = partial(_of_revision, quotations=quotations)
    await _rewrite(connection, revisions.c.number, revisions.c.document, verification_ids, of_revision)
    await _rewrite(connection, slices.c.key, slices.c.counts, verification_ids, _of_counts)
    mine = verifications.c.id.in_(verification_ids)
    # Locked, as somebody may say at this moment what became of it.
    whole = sa.select(verifications.c.id, verifications.c.document).where(mine).with_for_update()
    for name, document in (await connection.execute(whole)).all():
        now = _written(_requoted(json.loads(document), quotations))
        its = verifications.c.id == name
        await connection.execute(sa.update(verifications).where(its).values(samples=0, document=now))


async def _quotations(connection: AsyncConnection, verification_ids: Sequence[str]) -> dict[str, str]:
    """What sentences may quote of samples, each with what they would quote of its event's template."""
    documents: list[str] = []
    for column in (events.c.document, revisions.c.document):
        query = sa.select(column).where(column.table.c.verification_id.in_(verification_ids))
        documents += (await connection.scalars(query)).all()
    return await asyncio.to_thread(_pairs, documents)


def _pairs(documents: Sequence[str]) -> dict[str, str]:
    """A sentence quotes the first sample of an event."""
    found: dict[str, str] = {}
    for its in map(json.loads, documents):
        for event in its.get("changed", [its]):
            found |= {quoted(one): quoted(event["template"]) for one in event.get("samples", [])[:1]}
    return found


def _requoted(value: Any, quotations: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_requoted(one, quotations) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _QUOTED.sub(lambda hit: f"“{quotations.get(hit[1], hit[1])}”", one)
        if name == "sentence"
        else _requoted(one, quotations)
        for name, one in value.items()
    }


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


def _of_revision(document: str, quotations: Mapping[str, str]) -> str:
    revision = _requoted(json.loads(document), quotations)
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
