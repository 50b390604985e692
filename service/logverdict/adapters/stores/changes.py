"""Telling other replicas: that a revision was stored, or that work was given up."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from logverdict.verify.leases import Change

CHANNEL = "logverdict"


async def tell(connection: AsyncConnection, verification_id: str = "", revision: int = 0) -> None:
    """Once the transaction is committed, and only then. SQLite has no other replicas."""
    if connection.dialect.name == "postgresql":
        message = f"{verification_id} {revision}"
        await connection.execute(sa.select(sa.func.pg_notify(CHANNEL, message)))


def read(message: str) -> Change | None:
    """None for what is not ours: anybody may write to a channel."""
    verification_id, _, revision = message.partition(" ")
    return Change(verification_id, int(revision)) if revision.isascii() and revision.isdigit() else None
