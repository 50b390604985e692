"""What is stored beside a verification: its slices and template rows."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from logverdict.adapters.stores.codec import COVERAGES
from logverdict.adapters.stores.tables import slices, templates
from logverdict.adapters.stores.writes import lock
from logverdict.verify.ports import StoredSlice, TemplateRow


async def put_slice(
    connection: AsyncConnection, verification_id: str, piece: StoredSlice, epoch: int | None = None
) -> None:
    await lock(connection, verification_id, epoch)
    mine = (slices.c.verification_id == verification_id, slices.c.key == piece.key)
    row = {
        "verification_id": verification_id,
        "key": piece.key,
        "counts": piece.counts,
        "coverage": COVERAGES.write(piece.coverage),
    }
    await connection.execute(sa.delete(slices).where(*mine))
    await connection.execute(sa.insert(slices), row)


async def put_templates(
    connection: AsyncConnection, verification_id: str, rows: Sequence[TemplateRow], epoch: int | None = None
) -> None:
    await lock(connection, verification_id, epoch)
    await connection.execute(sa.delete(templates).where(templates.c.verification_id == verification_id))
    if rows:
        values = [_template(verification_id, number, row) for number, row in enumerate(rows)]
        await connection.execute(sa.insert(templates), values)


def _template(verification_id: str, number: int, row: TemplateRow) -> dict[str, object]:
    return {
        "verification_id": verification_id,
        "number": number,
        "template_id": row.template_id,
        "template": row.template,
        "side": row.side,
        "severity": row.severity,
        "count": row.count,
        "rate": row.rate,
        "first_time": row.first,
        "last_time": row.last,
    }
