"""The store on PostgreSQL keeps the store's contract."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from contract.history_store import HistoryStoreContract
from contract.store import StoreContract
from contract.store_calls import StoreCallsContract
from contract.store_history import StoreHistoryContract
from contract.store_keeping import StoreKeepingContract
from contract.store_leases import Next, StoreLeasesContract
from contract.store_lists import StoreListContract
from fakes.clock import FakeClock
from fakes.stores import access
from logverdict.adapters.stores.sql import SqlStore


@pytest.fixture
async def store(postgres: SqlStore) -> SqlStore:
    return postgres


class TestPostgres(StoreContract):
    pass


class TestPostgresLists(StoreListContract):
    pass


class TestPostgresKeeping(StoreKeepingContract):
    pass


class TestPostgresCalls(StoreCallsContract):
    pass


class TestPostgresHistory(StoreHistoryContract):
    pass


class TestPostgresPast(HistoryStoreContract):
    pass


class TestPostgresLeases(StoreLeasesContract):
    @pytest.fixture
    async def next_replica(self, store: SqlStore, postgres_url: str) -> AsyncIterator[Next]:
        opened: list[SqlStore] = []

        async def make() -> SqlStore:
            await store.live(timedelta(seconds=-1))
            opened.append(await SqlStore.connect(access(postgres_url), FakeClock()))
            return opened[-1]

        yield make
        for one in opened:
            await one.close()
