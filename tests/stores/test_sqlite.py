"""The store on SQLite keeps the store's contract."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contract.history_store import HistoryStoreContract
from contract.store import StoreContract
from contract.store_calls import StoreCallsContract
from contract.store_history import StoreHistoryContract
from contract.store_keeping import StoreKeepingContract
from contract.store_leases import Next, StoreLeasesContract
from contract.store_lists import StoreListContract
from fakes.clock import FakeClock
from logverdict.adapters.stores.sql import SqlStore


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(tmp_path / "logverdict.db", FakeClock())
    yield opened
    await opened.close()


class TestSqlite(StoreContract):
    pass


class TestSqliteLists(StoreListContract):
    pass


class TestSqliteKeeping(StoreKeepingContract):
    pass


class TestSqliteCalls(StoreCallsContract):
    pass


class TestSqliteHistory(StoreHistoryContract):
    pass


class TestSqlitePast(HistoryStoreContract):
    pass


class TestSqliteLeases(StoreLeasesContract):
    @pytest.fixture
    async def next_replica(self, store: SqlStore, tmp_path: Path) -> AsyncIterator[Next]:
        opened: list[SqlStore] = []

        async def make() -> SqlStore:
            await store.close()
            opened.append(await SqlStore.open(tmp_path / "logverdict.db", FakeClock()))
            return opened[-1]

        yield make
        for one in opened:
            await one.close()
