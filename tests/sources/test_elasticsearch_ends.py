"""How reads of a real Elasticsearch end: nothing stays open there, whatever happens here or there."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from contract.log_source import window
from logverdict.domain.errors import QueryRejected, SourceUnavailable
from servers.elasticsearch.logs import Logs, document

pytestmark = pytest.mark.timeout(400)


def contexts(logs: Logs) -> int:
    """Searches and points in time that the server holds open on the test's indices."""
    stats = logs.server.call("GET", f"/{logs.prefix}-*/_stats/search")
    return int(stats["_all"]["total"]["search"]["open_contexts"])  # type: ignore[index,call-overload]


async def test_no_point_in_time_stays_open(logs: Logs) -> None:
    """After complete reads, refused ones, and ones given up, the server holds no search open."""
    logs.index("a", [document(number / 20, f"order {number}") for number in range(6_000)])
    await logs.coverage()
    with pytest.raises(QueryRejected):
        await logs.messages("@timestamp:abc")
    reading = logs.source.read(logs.spec(page_size="100"), window(0, 1_000))
    await anext(reading)
    assert contexts(logs) > 0
    await reading.aclose()  # type: ignore[attr-defined]
    assert contexts(logs) == 0


async def close_all(logs: Logs, spoil: Callable[[], None]) -> list[object]:
    """Reads a page, then spoils the read, then reads on."""
    got: list[object] = []
    async for result in logs.source.read(logs.spec(page_size="100"), window(0, 1_000)):
        got.append(result)
        if len(got) == 1:
            spoil()
    return got


@pytest.mark.parametrize("spoil", [("DELETE", ""), ("POST", "/_close")])
async def test_a_lost_index_ends_the_read(logs: Logs, spoil: tuple[str, str]) -> None:
    """When entries were given on already, the slice has to be read again: SourceUnavailable, nothing twice."""
    logs.index("a", [document(number / 20, f"order {number}") for number in range(6_000)])
    with pytest.raises(SourceUnavailable, match="point in time"):
        await close_all(logs, lambda: void(logs.server.call(spoil[0], f"/{logs.prefix}-a{spoil[1]}")))
    logs.index("b", [document(1)])
    assert await logs.messages() == ["ready"]


def void(_: object) -> None:
    """For what gives something that nobody wants."""


async def test_cancelling_stops_the_search_on_the_server(logs: Logs) -> None:
    """A read that is cancelled while the server searches leaves no search running there, and no point open."""
    slow = {"type": "keyword", "script": {"source": SLOW}}
    logs.index("a", [document(number / 5) for number in range(1_000)])
    logs.server.call("PUT", f"/{logs.prefix}-a/_mapping", {"runtime": {"slow": slow}})
    task = asyncio.create_task(logs.coverage("slow:never"))
    await until(lambda: searches(logs))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: not searches(logs))
    assert contexts(logs) == 0


SLOW = "long n = 0; for (int i = 0; i < 900000; i++) { n += i; } emit('' + n);"


def searches(logs: Logs) -> list[str]:
    """The searches of the test that the server is at, told by the X-Opaque-Id."""
    tasks: Any = logs.server.call("GET", "/_tasks?actions=*search*&detailed&group_by=none")["tasks"]
    return [one for task in tasks if logs.prefix in (one := str(task["headers"].get("X-Opaque-Id")))]


async def until(true: Callable[[], object], seconds: float = 15.0) -> None:
    """Asks again and again: a server does not tell when it has stopped."""
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(true):
            await asyncio.sleep(0.02)
