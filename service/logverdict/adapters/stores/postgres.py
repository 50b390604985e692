"""PostgreSQL as the store's database: how its connections are made, and its locks."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from logverdict.domain.errors import FailedPrecondition, StoreUnavailable

if TYPE_CHECKING:
    import psycopg

CONNECTIONS = 8
"""Per replica; one more listens."""
WAIT = 20
"""Seconds for a free connection."""
LINK = {"connect_timeout": 10, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
"""A database that is gone without a word is noticed within half a minute."""
ANSWER_MS = 30_000
"""How long what was sent may stay unacknowledged."""


@dataclass(frozen=True, slots=True)
class Access:
    """`url` is libpq's (hosts, TLS, target_session_attrs …), without a password; `password` raises OSError or KeyError
    where it cannot be had, and gives None where libpq is to find it (PGPASSFILE, PGPASSWORD, none)."""

    url: str
    password: Callable[[], str | None]


async def connect(access: Access, *, autocommit: bool = False) -> "psycopg.AsyncConnection[Any]":
    """The password is read each time, as it may have changed. Raises psycopg.Error, StoreUnavailable."""
    driver = need_driver()
    try:
        password = access.password()
    except (OSError, KeyError, ValueError) as fault:
        structlog.get_logger(__name__).error("no password for the store", fault=type(fault).__name__)
        raise StoreUnavailable("the password of the store cannot be read; see its settings") from None
    options: dict[str, Any] = {**LINK, "tcp_user_timeout": ANSWER_MS, "application_name": "logverdict"}
    given = driver.conninfo.conninfo_to_dict(access.url)
    options = {name: value for name, value in options.items() if name not in given}
    if password is not None:
        options["password"] = password
    # Nothing is prepared in the database, so that a pooler may stand between.
    made: psycopg.AsyncConnection[Any] = await driver.AsyncConnection.connect(
        access.url, autocommit=autocommit, prepare_threshold=None, **options
    )
    return made


def open_engine(access: Access) -> AsyncEngine:
    """Raises FailedPrecondition where the driver is missing."""
    need_driver()
    return create_async_engine(
        "postgresql+psycopg://",
        async_creator=lambda: connect(access),
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=WAIT,
        pool_pre_ping=True,
    )


def need_driver() -> Any:
    """The driver is an extra of the package. Raises FailedPrecondition that names what to install."""
    try:
        import psycopg
    except ImportError as fault:
        raise FailedPrecondition(
            f"a store on PostgreSQL needs a driver that is not there ({fault}); "
            "install it: pip install 'logverdict[postgres]'",
            reason="DRIVER_MISSING",
        ) from None
    return psycopg


async def alone(connection: AsyncConnection, what: str) -> bool:
    """Whether no other replica does this now; nobody else begins to until the transaction ends."""
    if connection.dialect.name != "postgresql":
        return True
    taken: bool = (await connection.execute(sa.select(sa.func.pg_try_advisory_xact_lock(_key(what))))).scalar_one()
    return taken


def wait_alone(connection: sa.Connection, what: str) -> None:
    """Waits until no other replica does this; nobody else begins to until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_key(what))))


def _key(what: str) -> int:
    return int.from_bytes(hashlib.sha256(f"logverdict {what}".encode()).digest()[:8], signed=True)
