"""Stores on both databases."""

from collections.abc import AsyncIterator

import pytest

from fakes.clock import FakeClock
from fakes.stores import access, emptied
from logverdict.adapters.stores.sql import SqlStore


@pytest.fixture
async def postgres_url() -> str:
    """Of a store that holds nothing."""
    return await emptied()


@pytest.fixture
async def postgres(postgres_url: str) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.connect(access(postgres_url), FakeClock())
    yield opened
    await opened.close()
