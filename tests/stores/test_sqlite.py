"""The store on SQLite keeps the store's contract."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contract.store import StoreContract
from contract.store_calls import StoreCallsContract
from contract.store_history import StoreHistoryContract
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


class TestSqliteCalls(StoreCallsContract):
    pass


class TestSqliteHistory(StoreHistoryContract):
    pass
