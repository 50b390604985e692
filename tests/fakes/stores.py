"""Stores of tests on a PostgreSQL that the test run shares."""

import asyncio
from collections.abc import Collection
from datetime import timedelta
from functools import cache
from typing import Any

from fakes.clock import FakeClock
from logverdict.adapters.stores.postgres import Access
from logverdict.adapters.stores.sql import SqlStore
from servers.postgres.fixtures import database, name_of, server


class MortalStore(SqlStore):
    """Its replica lives until it falls silent, however long it waits for its turn on a busy machine; and then it is
    dead, though it works on and says that it lives whenever it hears of work."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._lives = timedelta(hours=1)
        self._saying = asyncio.Lock()

    async def live(self, span: timedelta, rules: Collection[str] = (), judge: str = "") -> int:
        async with self._saying:  # what is on its way is said before it falls silent, not after
            return await super().live(self._lives, rules, judge)

    async def fall_silent(self) -> None:
        """To others it is dead from now on."""
        self._lives = timedelta(seconds=-1)
        await self.live(self._lives)


def access(url: str) -> Access:
    """As its server lets everybody in."""
    return Access(url, lambda: None)


async def emptied() -> str:
    """This worker's database, with its tables, which hold nothing; its address."""
    url = _shared()
    if url not in _with_tables:  # so also after a first test that was stopped while it made them
        await (await SqlStore.connect(access(url), FakeClock())).close()
        _with_tables.add(url)
    server().do("TRUNCATE verifications, replicas CASCADE", name())
    return url


def name() -> str:
    """Of that database."""
    return name_of(_shared())


_with_tables: set[str] = set()


@cache
def _shared() -> str:
    return database("tests")
