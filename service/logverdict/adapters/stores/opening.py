"""Databases of a store: made, or brought to this version's schema, and ready."""

import asyncio
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from logverdict.adapters.stores import postgres, schema, sqlite
from logverdict.adapters.stores.database import Database, translated
from logverdict.adapters.stores.lock import WriterLock
from logverdict.domain.errors import StoreUnavailable


async def sqlite_file(path: Path, now: datetime) -> tuple[Database, WriterLock]:
    """Raises StoreBusy while another process has it, StoreBroken, StoreUnavailable."""
    lock = await asyncio.to_thread(_take_lock, path, now)
    try:
        await _migrate(sqlite.open_engine(path, foreign_keys=False))
    except BaseException:
        lock.release()
        raise
    return Database(sqlite.open_engine(path)), lock


async def postgres_database(access: postgres.Access) -> Database:
    """Raises FailedPrecondition (no driver), StoreBroken, StoreUnavailable."""
    await _migrate(postgres.open_engine(access))
    return Database(postgres.open_engine(access), one_writer=False)


def _take_lock(path: Path, now: datetime) -> WriterLock:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("ab").close()  # SQLite says of a folder, or of what is forbidden, no more than that it cannot
        return WriterLock.take(path, now)
    except OSError as fault:
        raise StoreUnavailable(f"store {path} cannot be opened: {fault.strerror}", store=str(path)) from fault


async def _migrate(engine: AsyncEngine) -> None:
    try:
        with translated():
            async with engine.execution_options(writes=True).begin() as connection:
                await connection.run_sync(schema.upgrade)
    finally:
        await engine.dispose()
