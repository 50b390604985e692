"""Stores of tests on a PostgreSQL that the test run shares."""

from functools import cache

from fakes.clock import FakeClock
from logverdict.adapters.stores.postgres import Access
from logverdict.adapters.stores.sql import SqlStore
from servers.postgres.fixtures import database, name_of, server


def access(url: str) -> Access:
    """As its server lets everybody in."""
    return Access(url, lambda: None)


async def emptied() -> str:
    """This worker's database, with its tables, which hold nothing; its address."""
    first = not _shared.cache_info().currsize
    url = _shared()
    if first:
        await (await SqlStore.connect(access(url), FakeClock())).close()
    server().do("TRUNCATE verifications, replicas CASCADE", name())
    return url


def name() -> str:
    """Of that database."""
    return name_of(_shared())


@cache
def _shared() -> str:
    return database("tests")
