"""Connections and transactions, and the database's errors in our words."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from functools import partial
from time import perf_counter
from typing import Any, TypeVar

import sqlalchemy as sa
import structlog
from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from logverdict.adapters.stores.outage import Operation, Outage
from logverdict.domain.errors import StoreBroken, StoreBusy, StoreUnavailable

Answer = TypeVar("Answer")
PASSING = ("08", "25006", "40", "53", "57", "58")
"""Classes of PostgreSQL's codes for what passes: connection lost, standby, conflict, no resources, shutdown, disk."""
Work = Callable[[AsyncConnection], Awaitable[Answer]]
Told = Callable[[str, str, float], None]
"""Is told of each transaction: "read" or "write", the reason why it failed ("" where it did not), and its seconds."""

FULL = "the store does not answer (its disk may be full); try again"
AWAY = (
    "the store does not answer: {why}; all that was acknowledged is kept, and work goes on when it is back; try again"
)
WHY = {
    "53100": "its database has no disk space left",
    "42501": "its user lacks a privilege, which the log names",
    "3F000": "its user lacks a privilege, which the log names",  # no schema in which it may make tables
}
"""By PostgreSQL's code."""
FORBIDDEN = ("42501", "3F000")
"""One statement may be refused while others are answered: that is no outage, and each refusal names what is missing."""


class Database:
    """Every `read` and `write` is one transaction; one that raises is undone.

    What has begun is finished even when its caller is cancelled, and the caller waits for that: a transaction that is
    left open in its thread would keep the next writer out.
    """

    def __init__(self, engine: AsyncEngine, *, one_writer: bool = True) -> None:
        self._engine = engine
        # SQLite takes the write lock at the transaction's begin (see sqlite.py); other databases ignore the option.
        self._writer = engine.execution_options(writes=True)
        self._turn: AbstractAsyncContextManager[object] = asyncio.Lock() if one_writer else nullcontext()
        self.told: Told = lambda operation, reason, seconds: None
        self.outage = Outage()

    async def read(self, work: Work[Answer]) -> Answer:
        async def transaction() -> Answer:
            with self._asking("read"):
                async with self._engine.connect() as connection:
                    return await work(connection)

        with self._timed("read"):
            return await finished(asyncio.create_task(transaction()))

    async def write(self, work: Work[Answer]) -> Answer:
        async def transaction() -> Answer:
            with self._asking("write"):
                async with self._writer.begin() as connection:
                    return await work(connection)

        with self._timed("write"):
            async with self._turn:
                return await finished(asyncio.create_task(transaction()))

    @contextmanager
    def _asking(self, operation: Operation) -> Iterator[None]:
        began = perf_counter()
        with translated(partial(self.outage.failed, operation)):
            yield
        self.outage.answered(operation, began)

    @contextmanager
    def _timed(self, operation: str) -> Iterator[None]:
        """The wait for its turn counts: it is what the caller waits. What is refused for good cause is no failure."""
        began, reason = perf_counter(), ""
        try:
            yield
        except (StoreBroken, StoreBusy, StoreUnavailable) as fault:
            reason = fault.reason
            raise
        finally:
            self.told(operation, reason, perf_counter() - began)

    async def rows(self, query: sa.Select[Any]) -> list[sa.Row[Any]]:
        async def work(connection: AsyncConnection) -> list[sa.Row[Any]]:
            return list(await connection.execute(query))

        return await self.read(work)

    async def close(self) -> None:
        async with self._turn:
            await self._engine.dispose()


async def finished(task: asyncio.Task[Answer]) -> Answer:
    """The task's answer. Whoever is cancelled meanwhile, however often, is so once the task is done."""
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait((task,))
        except asyncio.CancelledError as fault:
            cancelled = fault
    if cancelled is None:
        return task.result()
    if task.exception() is not None and not isinstance(task.exception(), StoreBusy | StoreUnavailable):
        structlog.get_logger(__name__).warning(
            "transaction failed for a caller that went away", exc_info=task.exception()
        )
    raise cancelled


@contextmanager
def translated(failed: Callable[[str], None] | None = None) -> Iterator[None]:
    """What the database says is logged, by `failed` where it does not answer; what a caller gets holds none of it."""
    failed = failed or _failed
    try:
        yield
    except (exc.OperationalError, exc.InterfaceError, exc.TimeoutError) as fault:
        failed(str(fault.__cause__ or fault))
        if " is locked" in str(fault):
            raise StoreBusy("another process keeps the store locked; try again") from fault
        raise StoreUnavailable(_away(fault) if _of_a_server(fault) else FULL) from fault
    except exc.DatabaseError as fault:
        if _code(fault).startswith((*PASSING, *WHY)):
            (_failed if _code(fault) in FORBIDDEN else failed)(str(fault.orig))
            raise StoreUnavailable(_away(fault)) from fault
        if type(fault) is not exc.DatabaseError:  # a constraint, or a fault of ours
            raise
        structlog.get_logger(__name__).error("store is damaged", error=str(fault.orig))
        raise StoreBroken("the store is damaged; restore it from a backup", reason="STORE_DAMAGED") from fault


def _failed(error: str) -> None:
    structlog.get_logger(__name__).error("store does not answer", error=error)


def _away(fault: exc.SQLAlchemyError) -> str:
    return AWAY.format(why=WHY.get(_code(fault), "its database is away or refuses"))


def _code(fault: exc.SQLAlchemyError) -> str:
    """PostgreSQL's; "" of another database."""
    return str(getattr(getattr(fault, "orig", None), "sqlstate", None) or "")


def _of_a_server(fault: exc.SQLAlchemyError) -> bool:
    return type(getattr(fault, "orig", None)).__module__.startswith("psycopg") or isinstance(fault, exc.TimeoutError)
