"""The rights that the manual names are enough, and without them the store says what it misses."""

import itertools
import re
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from fakes.clock import FakeClock
from fakes.feedback import ANN, a_feedback
from fakes.stores import access
from fakes.verifications import a_finished_verification, a_verification, at
from logverdict.adapters.stores.sql import SqlStore
from logverdict.domain.afterwards import Outcome, RecordedOutcome
from logverdict.domain.errors import StoreUnavailable
from logverdict.domain.feedback import FeedbackChange, FeedbackRevision
from logverdict.domain.verification import Coverage, SourceCall
from logverdict.domain.window import Window
from logverdict.verify.history_ports import Grouping
from logverdict.verify.leases import Change
from logverdict.verify.ports import Expiry, StoredSlice, TemplateRow
from servers.postgres.fixtures import database, given, name_of, server

MANUAL = Path(__file__).parents[2] / "docs" / "operations.md"
BLOCK = re.compile(r"```sql\n(CREATE ROLE logverdict .*?)```", re.DOTALL)
COUNT = itertools.count()


def as_user(url: str, user: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"{user}@{parts.hostname}:{parts.port}").geturl()


@pytest.fixture
def user() -> Iterator[str]:
    """May log in, and nothing else."""
    if given():
        pytest.skip("DATABASE_URL names a server with users of its own")
    name = f"least_{next(COUNT)}"
    server().do(f"CREATE ROLE {name} LOGIN")
    yield name


@pytest.fixture
def bare(user: str) -> str:
    """A database in which that user may do nothing yet; its address as the administrator."""
    url = database(user)
    server().do("REVOKE ALL ON SCHEMA public FROM PUBLIC", name_of(url))
    return url


def grant(url: str, right: str, user: str) -> None:
    server().do(f"GRANT {right} TO {user}", name_of(url))


async def used(store: SqlStore) -> None:
    """Something of each kind is stored, looked for, changed, told and deleted."""
    created, _ = await store.create(a_verification())
    await store.live(timedelta(minutes=1), ["2.1"], "3")
    await store.put_slice("v1", StoredSlice("candidate/app", b"1", Coverage()))
    await store.put_templates("v1", [TemplateRow("t1", "stored", "candidate", 2, 1, 0.5, at(0), at(9))])
    await store.put_calls("v1", [SourceCall(at(0), "app", "GET /x", "{}", "200", 1, 0.1)])
    assert [one.verification_id for one in await store.claim(5, (), others=True)] == ["v1"]
    done = a_finished_verification(id="v1")
    await store.save(replace(done, revision=created.revision))
    (said,) = await store.feedback.change([FeedbackRevision(0, FeedbackChange.CREATED, at(0), ANN, a_feedback())])
    await store.feedback.change([FeedbackRevision(0, FeedbackChange.DELETED, at(9), ANN, said)])
    await store.past.record(RecordedOutcome("v1", Outcome.GOOD, ANN, at(9)))
    found = await store.past.statistics(Window(at(-60), at(60)), "", Grouping.DAY)
    assert found.total.verifications == 1
    async with aclosing(store.changes()) as heard:
        assert await anext(heard) == Change("", 0)
    while await store.expire(Expiry(at(90_000), at(90_000), at(90_000), at(90_000))):
        pass
    assert await store.list("", "", 5) == ([], "")
    await store.release()


async def test_what_the_manual_grants_is_enough(user: str, bare: str) -> None:
    """To make the tables, and for all that is done with them."""
    block = BLOCK.search(MANUAL.read_text())
    assert block is not None
    role, made, connect, *grants = [line for line in block[1].splitlines() if line]
    assert role.startswith("CREATE ROLE") and made.startswith("CREATE DATABASE") and connect.startswith("\\connect")
    for line in grants:
        server().do(line.replace("TO logverdict", f"TO {user}"), name_of(bare))
    store = await SqlStore.connect(access(as_user(bare, user)), FakeClock())
    await used(store)
    await store.close()


async def test_replicas_need_not_make_tables(user: str, bare: str) -> None:
    """Once somebody else has made those of this version."""
    await (await SqlStore.connect(access(bare), FakeClock())).close()
    grant(bare, "USAGE ON SCHEMA public", user)
    grant(bare, "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public", user)
    store = await SqlStore.connect(access(as_user(bare, user)), FakeClock())
    await used(store)
    await store.close()


@pytest.mark.parametrize("right", ["", "USAGE ON SCHEMA public"])
async def test_a_right_that_is_missing_is_told(
    user: str, bare: str, right: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The store does not open, and the log has what the database says."""
    if right:
        grant(bare, right, user)
    with pytest.raises(StoreUnavailable, match="its user lacks a privilege, which the log names"):
        await SqlStore.connect(access(as_user(bare, user)), FakeClock())
    assert "schema" in capsys.readouterr().out
