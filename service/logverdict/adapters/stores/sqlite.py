"""SQLite as the store's database: how its connections are set up."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

READERS = 8
SETTINGS = ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000")
"""Readers never wait for the writer; a killed process loses nothing that was committed."""


def open_engine(path: Path, *, foreign_keys: bool = True) -> AsyncEngine:
    """Without `foreign_keys` for migrations: a table that is rebuilt would take the rows that refer to it along."""
    engine = create_async_engine(
        sa.URL.create("sqlite+aiosqlite", database=str(path)), pool_size=READERS + 1, max_overflow=0, pool_timeout=60
    )
    settings = (*SETTINGS, f"foreign_keys={'ON' if foreign_keys else 'OFF'}")

    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself: `begin` below does
        cursor = connection.cursor()
        for setting in settings:
            cursor.execute(f"PRAGMA {setting}")
        cursor.close()

    sa.event.listen(engine.sync_engine, "connect", prepare)
    sa.event.listen(engine.sync_engine, "begin", begin)
    return engine


def begin(connection: sa.Connection) -> None:
    """A writer takes its lock at once: a reader that turns writer would fail where another wrote in between."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
