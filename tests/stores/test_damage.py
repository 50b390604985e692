"""A store in trouble says so, and goes on where it can."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from fakes.clock import FakeClock
from fakes.verifications import a_judgement, a_verification, an_event, at
from logverdict.adapters.stores import sqlite
from logverdict.adapters.stores.sql import SqlStore
from logverdict.domain.errors import StoreBusy, VerifyError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "logverdict.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(path, FakeClock())
    yield opened
    await opened.close()


@pytest.mark.parametrize("damage", ["{", "null", "[]", '{"id": "v1"}', "json_set(document, '$.plan.looks[0]', 'soon')"])
async def test_a_damaged_verification_takes_no_other_along(store: SqlStore, path: Path, damage: str) -> None:
    """Reading it is an error that names it; lists have the others."""
    await store.create(a_verification())
    await store.create(a_verification(id="v2", created=at(1)))
    value = damage if damage.startswith("json_set") else f"'{damage}'"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(f"UPDATE verifications SET document = {value} WHERE id = 'v1'")
    with pytest.raises(VerifyError, match="what is stored of verifications/v1 cannot be read") as fault:
        await store.get("v1")
    assert fault.value.reason == "STORED_DATA_UNREADABLE"
    assert [one.id for one in (await store.list("", "", 5))[0]] == ["v2"]
    assert [one.id for one in await store.unfinished()] == ["v2"]
    assert [one.id for one in await store.neighbours("checkout", "prod", at(-9))] == ["v2"]


async def test_a_damaged_event_or_revision_is_named(store: SqlStore, path: Path) -> None:
    """They are evidence: a list without them would be another one, so it is an error."""
    created, _ = await store.create(a_verification())
    await store.save(replace(created, judgement=a_judgement()))
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE events SET document = '{}' WHERE id = 'e1'")
        database.execute("UPDATE revisions SET document = '{}' WHERE number = 2")
    with pytest.raises(VerifyError, match="verifications/v1 event e1"):
        await store.events("v1", "", "", 5)
    with pytest.raises(VerifyError, match="verifications/v1 revision 2"):
        await store.revisions("v1", 0)


async def test_a_store_that_others_keep_locked_is_busy(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that writes to the file beside us makes writes StoreBusy; reads go on, and so does all afterwards."""
    monkeypatch.setattr(sqlite, "SETTINGS", (*sqlite.SETTINGS[:2], "busy_timeout=10"))
    store = await SqlStore.open(path, FakeClock())
    await store.create(a_verification())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="another process keeps the store locked"):
            await store.create(a_verification(id="v2"))
        assert (await store.get("v1")).id == "v1"
        other.execute("ROLLBACK")
    assert (await store.create(a_verification(id="v2")))[1]
    await store.close()


async def test_a_full_disk_is_told_without_details(store: SqlStore, path: Path) -> None:
    """A write that does not fit is undone whole, says so without the database's own words, and reading goes on."""
    created, _ = await store.create(a_verification())

    async def no_more_pages(connection: AsyncConnection) -> None:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    await store._database.read(no_more_pages)
    events = [an_event(id=f"e{number}") for number in range(500)]
    with pytest.raises(VerifyError, match="its disk may be full") as fault:
        await store.save(replace(created, judgement=a_judgement(*events)))
    assert fault.value.reason == "STORE_UNAVAILABLE"
    assert await store.get("v1") == created
    assert (await store.events("v1", "", "", 5))[0] == []


async def test_a_cancelled_write_is_whole_or_not_at_all(store: SqlStore) -> None:
    """A caller that goes away in mid-write leaves no half revision, and the next writer is not held up."""
    created, _ = await store.create(a_verification())
    events = [an_event(id=f"e{number}") for number in range(50)]
    for turns in range(0, 60, 3):
        before = await store.get("v1")
        write = asyncio.create_task(store.save(replace(before, judgement=a_judgement(*events), look=turns)))
        for _ in range(turns):
            await asyncio.sleep(0)
        write.cancel()
        await asyncio.gather(write, return_exceptions=True)
        after = await store.get("v1")
        assert len(await store.revisions("v1", 0)) == after.revision <= before.revision + 1
    assert (await store.save(await store.get("v1"))).number == after.revision + 1
    assert created.revision == 1
