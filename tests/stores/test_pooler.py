"""A pooler that swallows what replicas tell each other: they look for themselves, and say why."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from fakes.clock import FakeClock
from fakes.pooler import deaf_pooler
from fakes.stores import access
from fakes.verifications import a_verification
from logverdict.adapters.stores.sql import SqlStore
from logverdict.verify.leases import Change

SAID = "is there a pooler in transaction mode between?"


@pytest.fixture
async def behind(postgres_url: str) -> AsyncIterator[SqlStore]:
    """A replica behind such a pooler."""
    parts = urlsplit(postgres_url)
    user = parts.netloc.rpartition("@")[0]
    async with deaf_pooler(parts.hostname or "", parts.port or 5432) as port:
        url = parts._replace(netloc=f"{user}@127.0.0.1:{port}", query="sslmode=disable").geturl()
        store = await SqlStore.connect(access(url), FakeClock())
        yield store
        await store.close()


async def test_work_and_revisions_are_looked_for(
    behind: SqlStore, postgres: SqlStore, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every two seconds, and the log says so once."""
    async with aclosing(behind.changes()) as heard:
        assert [await anext(heard), await anext(heard)] == [Change("", 0), None]
        created, _ = await postgres.create(a_verification())
        await postgres.save(replace(created, look=1))
        for _ in range(2):
            assert [await anext(heard), await anext(heard)] == [Change("", 0), None]
    assert await behind.newest(["v1"]) == {"v1": 2}
    assert capsys.readouterr().out.count(SAID) == 1


async def test_without_one_nothing_is_looked_for_in_vain(
    postgres: SqlStore, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who hears the others looks only in case something was missed."""
    async with aclosing(postgres.changes()) as heard:
        assert [await anext(heard), await anext(heard)] == [Change("", 0), None]
        assert await anext(heard) is None
    assert SAID not in capsys.readouterr().out
