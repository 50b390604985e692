"""Migrations go up and down with data in the tables, and end where the tables are."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from fakes.clock import FakeClock
from fakes.feedback import ANN, a_feedback
from fakes.verifications import a_judgement, a_plan, a_verification, at
from logverdict.adapters.stores import schema
from logverdict.adapters.stores.sql import SqlStore
from logverdict.adapters.stores.sqlite import open_engine
from logverdict.adapters.stores.tables import metadata
from logverdict.domain.feedback import FeedbackChange, FeedbackRevision
from logverdict.domain.verification import Coverage, SourceCall
from logverdict.verify.ports import StoredSlice, TemplateRow


async def run(path: Path, work: Callable[[sa.Connection], Any]) -> Any:
    engine = open_engine(path, foreign_keys=False)
    async with engine.begin() as connection:
        answer = await connection.run_sync(work)
    await engine.dispose()
    return answer


def tables(connection: sa.Connection) -> set[str]:
    return set(sa.inspect(connection).get_table_names())


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A store with a row in each table."""
    store = await SqlStore.open(tmp_path / "a.db", FakeClock())
    created, _ = await store.create(a_verification(plan=a_plan(verifications=("verifications/v0",))))
    await store.save(replace(created, judgement=a_judgement()))
    await store.put_slice("v1", StoredSlice("candidate/app", b"1", Coverage()))
    await store.put_templates("v1", [TemplateRow("t1", "stored", "candidate", 2, 1, 0.5, at(0), at(9))])
    await store.put_calls("v1", [SourceCall(at(0), "app", "GET /x", "{}", "200", 1, 0.1)])
    await store.feedback.change([FeedbackRevision(0, FeedbackChange.CREATED, at(0), ANN, a_feedback())])
    await store.close()
    return tmp_path / "a.db"


async def test_migrations_and_tables_agree(path: Path) -> None:
    """A migrated database is the one that the code describes: columns, keys, indexes."""

    def differences(connection: sa.Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    assert await run(path, differences) == []


async def test_migrations_name_constraints_as_the_tables_do(path: Path) -> None:
    """Names are the same, so that a later migration can drop by name on any database."""

    def names(connection: sa.Connection) -> list[object]:
        seen = sa.inspect(connection)
        return [
            (seen.get_pk_constraint(table)["name"], [key["name"] for key in seen.get_foreign_keys(table)],
             [key["name"] for key in seen.get_unique_constraints(table)],
             sorted(str(index["name"]) for index in seen.get_indexes(table)))
            for table in sorted(metadata.tables)
        ]  # fmt: skip

    fresh = path.with_name("fresh.db")
    await run(fresh, metadata.create_all)
    assert await run(path, names) == await run(fresh, names)


async def test_down_and_up_again(path: Path) -> None:
    """Down to nothing with data in every table, and up to an empty store that works."""

    def filled(connection: sa.Connection) -> list[str]:
        return [table.name for table in metadata.sorted_tables if not connection.execute(sa.select(table)).first()]

    assert await run(path, filled) == []
    await run(path, lambda connection: command.downgrade(schema.config(connection), "base"))
    assert await run(path, tables) == {"alembic_version"}
    store = await SqlStore.open(path, FakeClock())
    assert (await store.list("", "", 5)) == ([], "")
    assert (await store.create(a_verification()))[1]
    await store.close()


async def test_a_store_of_the_first_version_is_brought_up(path: Path) -> None:
    """What was stored before there was an audit stays, and calls are kept from then on."""
    await run(path, lambda connection: command.downgrade(schema.config(connection), "0001"))
    assert "calls" not in await run(path, tables)
    store = await SqlStore.open(path, FakeClock())
    assert (await store.get("v1")).revision == 2
    assert await store.calls("v1", "", 5) == ([], "")
    call = SourceCall(at(5), "app", "GET /x", "", "200", 1, 0.1)
    await store.put_calls("v1", [call])
    assert await store.calls("v1", "", 5) == ([call], "")
    await store.close()


async def test_opening_again_changes_nothing(path: Path) -> None:
    """A store at the newest schema is opened as it is."""
    store = await SqlStore.open(path, FakeClock())
    assert (await store.get("v1")).revision == 2
    assert len(await store.slices("v1")) == 1
    await store.close()


async def test_a_migration_that_fails_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    """Migrations are one transaction: a table in the way undoes all of them."""

    def in_the_way(connection: sa.Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE templates (x TEXT)")

    await run(tmp_path / "a.db", in_the_way)
    with pytest.raises(Exception, match="store does not answer"):
        await SqlStore.open(tmp_path / "a.db", FakeClock())
    assert await run(tmp_path / "a.db", tables) == {"templates"}
