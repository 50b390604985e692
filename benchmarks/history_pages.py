"""How long pages, statistics and templates take over a large history: `benchmarks/history_pages.py [--count 1000000]`.

Fills an empty store with so many verifications of 180 days (200 services, 3 environments), as the database itself makes
rows fastest, and asks what the service asks. Without `--store` a PostgreSQL is started as for the tests; `--store` is a
PostgreSQL URL or the path of a new SQLite file.
"""

import argparse
import asyncio
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fakes.clock import FakeClock
from fakes.stores import access
from fakes.verifications import a_finished_verification, a_good_judgement
from logverdict.adapters.stores.codec import VERIFICATIONS
from logverdict.adapters.stores.postgres import open_engine as open_postgres
from logverdict.adapters.stores.sql import SqlStore
from logverdict.adapters.stores.sqlite import open_engine as open_sqlite
from logverdict.domain.window import Window
from logverdict.verify.history_ports import Grouping
from servers.postgres.fixtures import database

END = datetime(2026, 11, 20, tzinfo=UTC)
DAYS = 180
RUNS = 7
PAGE = 50
VERDICT = (
    "CASE WHEN i * 7919 / 13 % 1000 < 900 THEN 'PASS' WHEN i * 7919 / 13 % 1000 < 950 THEN 'WARN' "
    "WHEN i * 7919 / 13 % 1000 < 980 THEN 'FAIL' ELSE 'INCONCLUSIVE' END"
)
DECISION = (
    "CASE WHEN i * 7919 / 13 % 1000 < 950 THEN 'PROCEED' WHEN i * 7919 / 13 % 1000 < 980 THEN 'STOP' ELSE 'ASK' END"
)
TIME = {
    "postgresql": "(timestamptz '{start}' + i * interval '{step} seconds')",
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', {epoch} + i * {step}, 'unixepoch')",
}
SERIES = "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
COLUMNS = {
    "id": "'v' || i",
    "service": "'service-' || (i % 200)",
    "environment": "CASE WHEN i / 200 % 10 < 6 THEN 'prod' WHEN i / 200 % 10 < 9 THEN 'staging' ELSE 'test' END",
    "version": "'1.' || (i / 2000)",
    '"commit"': "'c' || i",
    "state": "'SUCCEEDED'",
    "verdict": VERDICT,
    "decision": DECISION,
    "create_time": "{time}",
    "rollout_start": "{time}",
    "end_time": "{time}",
    "caller": "'ci'",
    "fingerprint": "'f'",
    "revision": "3",
    "document": "CAST(:document AS TEXT)",
    "epoch": "1",
    "takeovers": "0",
    "day": "{day}",
    "mode": "CASE WHEN i % 10 = 0 THEN 'OBSERVE' ELSE 'ENFORCE' END",
    "sensitivity": "CASE WHEN i % 3 = 0 THEN 'HIGH' ELSE 'MEDIUM' END",
    "enforced_decision": DECISION,
    "overridden": "''",
    "without_verdict": "''",
    "outcome": "CASE WHEN i % 10000 = 0 THEN 'INCIDENT' WHEN i % 20 = 0 THEN 'GOOD' ELSE '' END",
    "window_permille": "(i % 10 + 1) * 100",
}
TEMPLATES = (
    "INSERT INTO templates (verification_id, number, template_id, template, side, severity, count, rate, first_time, "
    "last_time) SELECT id, {number}, {which}, 'some message <num>', 'candidate', 2, 10, 0.5, create_time, create_time "
    "FROM verifications WHERE {where}"
)
DAY = {"postgresql": "to_char({time} AT TIME ZONE 'UTC', 'YYYY-MM-DD')", "sqlite": "substr({time}, 1, 10)"}


async def fill(engine: sa.ext.asyncio.AsyncEngine, count: int) -> None:
    kind = engine.dialect.name
    start, step = END - timedelta(days=DAYS), DAYS * 86400 / count
    at = TIME[kind].format(start=start.isoformat(), epoch=start.timestamp(), step=step)
    values = ", ".join(one.format(time=at, day=DAY[kind].format(time=at)) for one in COLUMNS.values())
    document = VERIFICATIONS.write(replace(a_finished_verification(), judgement=replace(a_good_judgement(), events=())))
    verifications = (
        f"INSERT INTO verifications ({', '.join(COLUMNS)}) {SERIES.format(count=count)}SELECT {values} FROM n"
    )
    number = "CAST(substr(id, 2) AS INTEGER)"
    statements = [
        (verifications, {"document": document}),
        (TEMPLATES.format(number=0, which=f"'t' || ({number} % 5000)", where="1 = 1"), {}),
        (TEMPLATES.format(number=1, which="'common'", where=f"{number} % 10 = 0"), {}),
    ]
    for statement, given in statements:
        async with engine.execution_options(writes=True).begin() as connection:
            await connection.execute(sa.text(statement).bindparams(**given))
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(sa.text("ANALYZE" if kind == "sqlite" else "VACUUM ANALYZE"))
    print(f"documents of {len(document):,} characters")


def questions(store: SqlStore) -> dict[str, Callable[[], Awaitable[object]]]:
    month = Window(END - timedelta(days=30), END)

    def page(filter: str, pages: int = 1) -> Callable[[], Awaitable[object]]:
        return lambda: deep(store, filter, pages)

    return {
        "page: all": page(""),
        "page: a service": page("service = service-7"),
        "page: a service that failed": page("service = service-7 AND verdict = FAIL"),
        "page: an environment, stopped": page("environment = prod AND decision = STOP"),
        "page: a version": page('version = "1.250"'),
        "page: a commit": page("commit = c4711"),
        "page: incidents": page("outcome = INCIDENT"),
        "page: passed, and an incident": page("outcome = INCIDENT AND verdict = PASS"),
        "page: a week of a service": page(
            'service = service-7 AND create_time >= "2026-09-01T00:00:00Z" AND create_time < "2026-09-08T00:00:00Z"'
        ),
        "100 pages of a service": page("service = service-7", 100),
        "statistics, 30 days": lambda: store.past.statistics(month, "", None),
        "statistics, 30 days by service": lambda: store.past.statistics(month, "", Grouping.SERVICE),
        "statistics, 30 days by day": lambda: store.past.statistics(month, "", Grouping.DAY),
        "statistics, 30 days of a service": lambda: store.past.statistics(month, "service = service-7", None),
        "template: in 200 verifications": lambda: store.past.template("t77", "", "", ""),
        "template: in every tenth": lambda: store.past.template("common", "", "", ""),
        "sightings of it": lambda: store.past.sightings("common", "", "", PAGE),
        "templates of a service": lambda: store.past.templates("service = service-7", "message", "", PAGE),
    }


async def deep(store: SqlStore, filter: str, pages: int) -> None:
    token = ""
    for _ in range(pages):
        _, token = await store.list(filter, token, PAGE)
        if not token:
            return


async def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=1_000_000)
    options.add_argument("--store", default="")
    given = options.parse_args()
    url = given.store or database("pages")
    if url.startswith("postgresql"):
        store, engine = await SqlStore.connect(access(url), FakeClock()), open_postgres(access(url))
    else:
        store, engine = await SqlStore.open(Path(url), FakeClock()), open_sqlite(Path(url))
    began = time.perf_counter()
    await fill(engine, given.count)
    print(f"{engine.dialect.name}, {given.count:,} verifications, filled in {time.perf_counter() - began:.0f} s")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; of {RUNS} runs\n")
    print("| question | fastest, ms | median, ms |\n|---|---|---|")
    for name, ask in questions(store).items():
        took = []
        for _ in range(RUNS):
            at = time.perf_counter()
            await ask()
            took.append(1000 * (time.perf_counter() - at))
        print(f"| {name} | {min(took):.0f} | {statistics.median(took):.0f} |", flush=True)
    await engine.dispose()
    await store.close()


if __name__ == "__main__":
    asyncio.run(main())
