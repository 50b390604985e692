"""Migrations go up and down with data in the tables, and end where the tables are."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncEngine

from fakes.clock import FakeClock
from fakes.feedback import ANN, a_feedback
from fakes.stores import access
from fakes.verifications import a_judgement, a_plan, a_verification, at
from logverdict.adapters.stores import postgres, schema, sqlite
from logverdict.adapters.stores.sql import SqlStore
from logverdict.adapters.stores.tables import metadata
from logverdict.domain.afterwards import Outcome, Pin, RecordedOutcome
from logverdict.domain.feedback import FeedbackChange, FeedbackRevision, WithoutFeedback
from logverdict.domain.verification import Coverage, SourceCall
from logverdict.domain.window import Window
from logverdict.domain.words import Decision, Reason, State, Verdict
from logverdict.verify.history_ports import Grouping, Statistics
from logverdict.verify.ports import StoredSlice, TemplateRow
from servers.postgres.fixtures import database


@dataclass(frozen=True)
class Place:
    """A database of either kind, and another one beside it."""

    engine: Callable[[], AsyncEngine]
    open: Callable[[], Awaitable[SqlStore]]
    beside: Callable[[], AsyncEngine]


def on_sqlite(folder: Path) -> Place:
    path = folder / "a.db"
    beside = partial(sqlite.open_engine, folder / "b.db", foreign_keys=False)
    return Place(
        partial(sqlite.open_engine, path, foreign_keys=False), lambda: SqlStore.open(path, FakeClock()), beside
    )


def on_postgres(_: Path) -> Place:
    one, two = access(database("migrations")), access(database("beside"))
    return Place(
        partial(postgres.open_engine, one),
        lambda: SqlStore.connect(one, FakeClock()),
        partial(postgres.open_engine, two),
    )


async def run(make: Callable[[], AsyncEngine], work: Callable[[sa.Connection], Any]) -> Any:
    engine = make()
    async with engine.begin() as connection:
        answer = await connection.run_sync(work)
    await engine.dispose()
    return answer


def tables(connection: sa.Connection) -> set[str]:
    return set(sa.inspect(connection).get_table_names())


@pytest.fixture(params=[on_sqlite, on_postgres], ids=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    made: Place = request.param(tmp_path)
    return made


@pytest.fixture
async def place(empty: Place) -> Place:
    """A store with a row in each table."""
    store = await empty.open()
    created, _ = await store.create(a_verification(plan=a_plan(verifications=("verifications/v0",))))
    await store.save(replace(created, judgement=a_judgement()))
    await store.put_slice("v1", StoredSlice("candidate/app", b"1", Coverage()))
    await store.put_templates("v1", [TemplateRow("t1", "stored", "candidate", 2, 1, 0.5, at(0), at(9))])
    await store.put_calls("v1", [SourceCall(at(0), "app", "GET /x", "{}", "200", 1, 0.1)])
    await store.feedback.change([FeedbackRevision(0, FeedbackChange.CREATED, at(0), ANN, a_feedback())])
    await store.past.record(RecordedOutcome("v1", Outcome.GOOD, ANN, at(9)))
    await store.past.pin(Pin("v1", "checkout", "prod", "1", Verdict.PASS, ANN, at(9)))
    await store.live(timedelta(minutes=1))
    await store.close()
    return empty


def test_files_sort_as_migrations_are_run() -> None:
    """Each begins with the number of its revision; two have one number, and a letter that orders them."""
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        scripts = ScriptDirectory.from_config(schema.config(connection))
    engine.dispose()
    run_order = [(Path(one.path).name, one.revision) for one in scripts.walk_revisions()][::-1]
    assert run_order == sorted(run_order)
    assert all(name.startswith(f"r{revision[:4]}") for name, revision in run_order)


async def test_migrations_and_tables_agree(place: Place) -> None:
    """A migrated database is the one that the code describes: columns, keys, indexes."""

    def differences(connection: sa.Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    assert await run(place.engine, differences) == []


async def test_migrations_name_constraints_as_the_tables_do(place: Place) -> None:
    """Names are the same, so that a later migration can drop by name on any database."""

    def names(connection: sa.Connection) -> list[object]:
        seen = sa.inspect(connection)
        return [
            (seen.get_pk_constraint(table)["name"], [key["name"] for key in seen.get_foreign_keys(table)],
             [key["name"] for key in seen.get_unique_constraints(table)],
             sorted(str(index["name"]) for index in seen.get_indexes(table)))
            for table in sorted(metadata.tables)
        ]  # fmt: skip

    await run(place.beside, metadata.create_all)
    assert await run(place.engine, names) == await run(place.beside, names)


async def test_down_and_up_again(place: Place) -> None:
    """Down to nothing with data in every table, and up to an empty store that works."""

    def filled(connection: sa.Connection) -> list[str]:
        return [table.name for table in metadata.sorted_tables if not connection.execute(sa.select(table)).first()]

    assert await run(place.engine, filled) == []
    await run(place.engine, lambda connection: command.downgrade(schema.config(connection), "base"))
    assert await run(place.engine, tables) == {"alembic_version"}
    store = await place.open()
    assert (await store.list("", "", 5)) == ([], "")
    assert (await store.create(a_verification()))[1]
    await store.close()


async def test_a_store_of_the_first_version_is_brought_up(place: Place) -> None:
    """What was stored before there was an audit stays, and calls are kept from then on."""
    await run(place.engine, lambda connection: command.downgrade(schema.config(connection), "0001"))
    assert "calls" not in await run(place.engine, tables)
    store = await place.open()
    assert (await store.get("v1")).revision == 2
    assert await store.calls("v1", "", 5) == ([], "")
    call = SourceCall(at(5), "app", "GET /x", "", "200", 1, 0.1)
    await store.put_calls("v1", [call])
    assert await store.calls("v1", "", 5) == ([call], "")
    await store.close()


async def test_a_store_from_before_leases_is_brought_up(place: Place) -> None:
    """What an earlier version left unfinished is free, and whoever comes first gets it."""
    await run(place.engine, lambda connection: command.downgrade(schema.config(connection), "0002"))
    store = await place.open()
    assert [lease.verification_id for lease in await store.claim(5, (), True)] == ["v1"]
    await store.close()


async def test_what_was_stored_before_there_were_statistics_is_counted(empty: Place) -> None:
    """Their columns are filled from the documents; one that cannot be read keeps the others from nothing."""
    store = await empty.open()
    for name in ("v1", "bad"):
        created, _ = await store.create(a_verification(id=name))
        without = WithoutFeedback(Verdict.WARN, Reason.NEW_ERRORS, 50, "…")
        judgement = a_judgement(without_feedback=without)
        ended = replace(created, state=State.SUCCEEDED, ended=at(700), look=3, judgement=judgement)
        await store.save(replace(ended, decision=Decision.STOP, enforced_decision=Decision.STOP))
    await store.close()
    period = Window(at(-60), at(60))

    async def told() -> Statistics:
        opened = await empty.open()
        found = await opened.past.statistics(period, "", Grouping.DAY)
        await opened.close()
        return found

    before = await told()
    await run(empty.engine, lambda connection: command.downgrade(schema.config(connection), "0003_feedback"))
    assert await told() == before
    assert (before.total.median_window_share, before.total.changed_by_feedback) == (0.3, 2)
    await run(empty.engine, lambda connection: command.downgrade(schema.config(connection), "0003_feedback"))

    def damage(connection: sa.Connection) -> None:
        connection.exec_driver_sql("UPDATE verifications SET document = '{' WHERE id = 'bad'")

    await run(empty.engine, damage)
    assert (await told()).total.changed_by_feedback == 1


async def test_replicas_that_start_at_once_migrate_once(tmp_path: Path) -> None:
    """One waits for the other, and finds the work done."""
    place = on_postgres(tmp_path)
    for store in await asyncio.gather(*(place.open() for _ in range(4))):
        assert (await store.list("", "", 5)) == ([], "")
        await store.close()


async def test_opening_again_changes_nothing(place: Place) -> None:
    """A store at the newest schema is opened as it is."""
    store = await place.open()
    assert (await store.get("v1")).revision == 2
    assert len(await store.slices("v1")) == 1
    await store.close()


async def test_a_migration_that_fails_leaves_the_store_as_it_was(empty: Place) -> None:
    """Migrations are one transaction: a table in the way undoes all of them."""

    def in_the_way(connection: sa.Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE templates (x TEXT)")

    await run(empty.engine, in_the_way)
    with pytest.raises(Exception, match="store does not answer|already exists"):
        await empty.open()
    assert await run(empty.engine, tables) == {"templates"}
