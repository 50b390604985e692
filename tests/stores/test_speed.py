"""The store stays fast with a long history; run with `-s` to see the figures."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fakes.clock import FakeClock
from fakes.verifications import a_finished_verification, a_good_judgement, a_judgement, a_verification, an_event, at
from logverdict.adapters.stores.sql import SqlStore
from logverdict.adapters.stores.tables import verifications
from logverdict.adapters.stores.writes import as_row

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
MANY = 100_000
GOOD, FAILED = (
    as_row(a_finished_verification(judgement=judgement))
    for judgement in (a_good_judgement(events=()), a_judgement(events=()))
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(tmp_path / "logverdict.db", FakeClock())
    yield opened
    await opened.close()


def past(number: int) -> dict[str, object]:
    """Every 20th failed; 200 services take turns. Only what is filtered or sorted differs: making rows is slow."""
    row = FAILED if number % 20 == 0 else GOOD
    times = {"create_time": at(60 * number), "rollout_start": at(60 * number)}
    return row | times | {"id": f"v{number:06}", "service": f"s{number % 200}", "request_id": f"r{number}"}


async def insert(connection: AsyncConnection, rows: list[dict[str, object]]) -> None:
    await connection.execute(sa.insert(verifications), rows)


async def milliseconds(work: Callable[[], Awaitable[object]]) -> float:
    taken = []
    for _ in range(9):
        start = time.perf_counter()
        await work()
        taken.append(1000 * (time.perf_counter() - start))
    return median(taken)


async def test_a_page_among_many_is_quick(store: SqlStore) -> None:
    """A page of 50 among 100,000 verifications takes under 50 ms: first, deep, and filtered."""
    for start in range(0, MANY, 1000):
        await store._database.write(partial(insert, rows=[past(number) for number in range(start, start + 1000)]))
    middle = f"create_time < {at(60 * MANY // 2).isoformat()}"
    for filter in ("", middle, "service = s7", "verdict = FAIL", "service = s7 AND environment = prod"):
        taken = await milliseconds(partial(store.list, filter, "", 50))
        print(f"page of 50, filter {filter!r}: {taken:.1f} ms")
        assert taken < 50


async def test_a_save_with_many_events_is_quick(store: SqlStore) -> None:
    """A save with 2,000 events, all of them changed, takes under a second."""
    verification, _ = await store.create(a_verification())
    looks = iter(range(9))

    async def save() -> None:
        nonlocal verification
        look = next(looks)
        events = (an_event(id=f"{number:032}", weight=float(number), seen=float(look)) for number in range(2000))
        verification = (await store.save(replace(verification, judgement=a_judgement(*events)))).verification

    taken = await milliseconds(save)
    print(f"save with 2,000 events: {taken:.0f} ms")
    assert taken < 1000
