"""The store on PostgreSQL keeps the store's contract."""

import pytest

from contract.store import StoreContract
from contract.store_calls import StoreCallsContract
from contract.store_lists import StoreListContract
from logverdict.adapters.stores.sql import SqlStore


@pytest.fixture
async def store(postgres: SqlStore) -> SqlStore:
    return postgres


class TestPostgres(StoreContract):
    pass


class TestPostgresLists(StoreListContract):
    pass


class TestPostgresCalls(StoreCallsContract):
    pass
