"""Several replicas on one PostgreSQL: nothing is started twice, and no secret is told."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress

import psycopg
import pytest

from fakes.clock import FakeClock
from fakes.stores import access
from fakes.verifications import a_verification
from logverdict.adapters.stores.postgres import Access
from logverdict.adapters.stores.sql import SqlStore
from logverdict.domain.errors import StoreUnavailable
from servers.postgres.fixtures import server

SECRET = "correct-horse"


@pytest.fixture
async def replicas(postgres_url: str) -> AsyncIterator[list[SqlStore]]:
    """Two processes' stores, as far as the database can tell."""
    stores = [await SqlStore.connect(access(postgres_url), FakeClock()) for _ in range(2)]
    yield stores
    for store in stores:
        await store.close()


async def test_a_request_that_two_replicas_get_at_once_is_started_once(replicas: list[SqlStore]) -> None:
    """Fifty times: one of them creates, and both answer with the same verification."""
    for turn in range(50):
        wanted = [a_verification(id=f"v{turn}-{place}", request_id=f"r{turn}") for place in range(2)]
        answers = await asyncio.gather(*(store.create(one) for store, one in zip(replicas, wanted, strict=True)))
        assert sum(new for _, new in answers) == 1
        assert len({verification.id for verification, _ in answers}) == 1
    assert len(await replicas[0].unfinished()) == 50


@pytest.fixture
def locked(postgres_url: str) -> str:
    """The address of the same database as a user who needs a password."""
    with suppress(psycopg.errors.DuplicateObject):
        server().do(f"CREATE USER locked SUPERUSER PASSWORD '{SECRET}'")
    return postgres_url.replace("//postgres@", "//locked@")


async def test_a_password_opens_the_store(locked: str) -> None:
    """It comes from beside the address."""
    if "//locked@" not in locked:
        pytest.skip("DATABASE_URL names a server with users of its own")
    store = await SqlStore.connect(Access(locked, lambda: SECRET), FakeClock())
    assert (await store.list("", "", 5)) == ([], "")
    await store.close()


async def test_a_wrong_password_is_told_to_nobody(
    locked: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the error nor the log holds it, and the error says what to do."""
    if "//locked@" not in locked:
        pytest.skip("DATABASE_URL names a server with users of its own")
    caplog.set_level(logging.DEBUG)
    wrong = SECRET + "-not"
    with pytest.raises(StoreUnavailable, match="does not answer") as fault:
        await SqlStore.connect(Access(locked, lambda: wrong), FakeClock())
    said = capsys.readouterr()
    chain: BaseException | None = fault.value
    while chain is not None:
        assert wrong not in repr(chain) + str(chain)
        chain = chain.__cause__ or chain.__context__
    assert wrong not in caplog.text + said.out + said.err
    assert "password authentication failed" in said.out + said.err + caplog.text


async def test_a_password_that_cannot_be_read_is_named(postgres_url: str) -> None:
    """The settings are wrong, or the secret is not there yet: the store does not answer."""

    def gone() -> str:
        raise KeyError("PASSWORD")

    with pytest.raises(StoreUnavailable, match="the password of the store cannot be read"):
        await SqlStore.connect(Access(postgres_url, gone), FakeClock())


async def test_nobody_answers(postgres_url: str) -> None:
    """A database that is not there is UNAVAILABLE, without its address."""
    with pytest.raises(StoreUnavailable, match="the store does not answer"):
        await SqlStore.connect(access("postgresql://postgres@127.0.0.1:1/none"), FakeClock())
