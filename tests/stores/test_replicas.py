"""Several replicas on one PostgreSQL: nothing is started twice, and no secret is told."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from fakes.clock import FakeClock
from fakes.stores import access
from fakes.verifications import a_plan, a_verification
from logverdict.adapters.stores.postgres import Access
from logverdict.adapters.stores.sql import SqlStore
from logverdict.domain.errors import LimitReached, StoreUnavailable
from logverdict.verify.leases import Change, Lease
from servers.postgres.fixtures import given, name_of, server

NAMES = tuple(f"v{number}" for number in range(20))
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
    if given():
        pytest.skip("DATABASE_URL names a server with users of its own")
    with suppress(psycopg.errors.DuplicateObject):
        server().do(f"CREATE USER locked SUPERUSER PASSWORD '{SECRET}'")
    return postgres_url.replace("//postgres@", "//locked@")


async def test_a_password_opens_the_store(locked: str) -> None:
    """It comes from beside the address."""
    store = await SqlStore.connect(Access(locked, lambda: SECRET), FakeClock())
    assert (await store.list("", "", 5)) == ([], "")
    await store.close()


async def test_a_wrong_password_is_told_to_nobody(
    locked: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the error nor the log holds it, and the error says what to do."""
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


async def test_what_a_living_replica_has_is_left_to_it(replicas: list[SqlStore]) -> None:
    """However often others ask."""
    one, two = replicas
    await one.live(timedelta(minutes=1))
    await one.create(a_verification())
    assert await two.claim(9, (), others=True) == []
    assert await one.held() == {"v1": 1}


async def test_replicas_that_claim_at_once_share(replicas: list[SqlStore]) -> None:
    """Each verification goes to one of them."""
    for number in range(20):
        await replicas[0].create(a_verification(id=f"v{number}"))
    await replicas[0].release()
    for store in replicas:
        await store.live(timedelta(minutes=1))
    found = [await asyncio.gather(*(store.claim(most, NAMES, others=True) for store in replicas)) for most in (8, 20)]
    names = [lease.verification_id for both in found for leases in both for lease in leases]
    assert sorted(names) == sorted(f"v{number}" for number in range(20))


@pytest.fixture
async def four(postgres_url: str, replicas: list[SqlStore]) -> AsyncIterator[list[SqlStore]]:
    """Two of judge 3 and two of judge 4, and what the first of each has given back: work under its judge, and beside it
    work of which no judge is known."""
    more = [await SqlStore.connect(access(postgres_url), FakeClock()) for _ in range(2)]
    stores = [*replicas, *more]
    for store, judge in zip(stores, "3434", strict=True):
        await store.live(timedelta(minutes=1), judge=judge)
    for store, judge in zip(stores[:2], "34", strict=True):
        await store.create(a_verification(id=judge, plan=a_plan(judge=judge)))
    await stores[0].create(a_verification(id="any"))
    for store in stores[:2]:
        await store.release()
    yield stores
    for store in more:
        await store.close()


async def test_work_is_left_to_a_living_replica_of_its_judge(four: list[SqlStore]) -> None:
    """By those of another one, whether it was given back or its replica died; what has no judge is anybody's."""
    three, other = four[2:]
    assert {one.verification_id for one in await other.claim(9, (), others=True)} == {"4", "any"}
    assert [one.verification_id for one in await three.claim(9, (), others=True)] == ["3"]
    await three.live(timedelta(seconds=-1), judge="3")
    await four[0].live(timedelta(minutes=1), judge="3")
    assert await other.claim(9, ("4", "any"), others=True) == []
    assert await four[0].claim(9, (), others=True) == [Lease("3", 3, 1)]


async def test_work_of_a_judge_that_nobody_has_any_more_is_taken_on(four: list[SqlStore]) -> None:
    """At once, whether its last replica stopped in order or died; new work of this judge is nothing to others."""
    three, other = four[2:]
    await three.claim(9, (), others=True)
    await three.live(timedelta(seconds=-1), judge="3")
    assert {one.verification_id for one in await other.claim(9, (), others=True)} == {"3", "4", "any"}


async def test_those_that_live_are_counted_by_all(replicas: list[SqlStore]) -> None:
    """Until one stops in order or says nothing for too long."""
    one, two = replicas
    assert [await one.live(timedelta(minutes=1)), await two.live(timedelta(minutes=1))] == [1, 2]
    assert await one.live(timedelta(minutes=1)) == 2
    await two.release()
    assert await one.live(timedelta(minutes=1)) == 1
    await two.live(timedelta(seconds=-1))
    assert await one.live(timedelta(minutes=1)) == 1


async def test_a_callers_limit_holds_over_all_replicas(replicas: list[SqlStore]) -> None:
    """Also when both get many at once; a repeated request is none of them."""
    wanted = [a_verification(id=f"v{number}", request_id=f"r{number}") for number in range(40)]
    asked = (store.create(one, 7) for store, one in zip(replicas * 20, wanted, strict=True))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in answers if isinstance(one, Exception)] == [LimitReached] * 33
    there = await replicas[1].unfinished()
    assert len(there) == 7
    again = replace(a_verification(id="v99"), request=there[0].request)
    assert await replicas[0].create(again, 7) == (there[0], False)


async def test_what_one_stores_the_other_hears(replicas: list[SqlStore]) -> None:
    """After a first look of its own; and that work was given up."""
    one, two = replicas
    heard = two.changes()
    assert [await anext(heard), await anext(heard)] == [Change("", 0), None]
    created, _ = await one.create(a_verification())
    await one.save(replace(created, look=1))
    await one.release()
    found = [change async for change in take(heard, 2)]
    assert found == [Change("v1", 2), Change("", 0)]
    await heard.aclose()


async def test_a_message_that_is_not_ours_is_passed_over(replicas: list[SqlStore], postgres_url: str) -> None:
    """Anybody may write to the channel."""
    heard = replicas[1].changes()
    assert [await anext(heard), await anext(heard)] == [Change("", 0), None]
    for message in ("", "hello", "v1 -3", "v1 9"):
        server().do(f"SELECT pg_notify('logverdict', '{message}')", name_of(postgres_url))
    assert [change async for change in take(heard, 1)] == [Change("v1", 9)]
    await heard.aclose()


async def test_a_lost_listener_comes_back_and_looks_for_itself(replicas: list[SqlStore], postgres_url: str) -> None:
    """What was told meanwhile is not missed: None says so."""
    one, two = replicas
    heard = two.changes()
    assert [await anext(heard), await anext(heard)] == [Change("", 0), None]
    listening = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
    server().do(f"{listening} AND datname = current_database()", name_of(postgres_url))
    created, _ = await one.create(a_verification())
    await one.save(replace(created, look=1))
    while await anext(heard) != Change("", 0):
        pass
    assert await anext(heard) is None  # listening again
    await one.save(replace(await one.get("v1"), look=2))
    assert [change async for change in take(heard, 1)] == [Change("v1", 3)]
    await heard.aclose()


async def take(heard: AsyncIterator[Change | None], most: int) -> AsyncIterator[Change]:
    async for change in heard:
        if change is not None:
            yield change
            most -= 1
        if not most:
            return


@pytest.mark.parametrize("code", ["53100", "57P01", "40P01", "25006", "58030"])
async def test_what_passes_is_told_as_such(postgres: SqlStore, code: str) -> None:
    """A full disk, a shutdown, a deadlock, a standby, a fault of the disk: try again, without the database's words."""

    async def fail(connection: AsyncConnection) -> None:
        await connection.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION 'secret' USING ERRCODE = '{code}'; END $$")

    with pytest.raises(StoreUnavailable, match="try again") as fault:
        await postgres._database.write(fail)
    assert "secret" not in fault.value.message
    assert ("no disk space left" in fault.value.message) is (code == "53100")
