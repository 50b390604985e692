"""What the log says of a database that is away: a line when it goes, one now and then, one when it is back."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from structlog.testing import capture_logs

from logverdict.adapters.stores.database import Database
from logverdict.adapters.stores.outage import STILL, Outage
from logverdict.domain.errors import StoreUnavailable

AWAY, STILL_AWAY, BACK = "store does not answer", "store still does not answer", "store answers again"


class Watch:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def outage(watch: Watch) -> Outage:
    return Outage(watch)


def lines(during: Callable[[], None]) -> list[tuple[object, object]]:
    """What is logged at the usual level meanwhile: event and seconds."""
    with capture_logs() as logs:
        during()
    return [(one["event"], one.get("seconds")) for one in logs if one["log_level"] != "debug"]


def test_a_minute_of_many_failures_is_four_lines(outage: Outage, watch: Watch) -> None:
    """Who reads them sees when it went, that it is still away, and when it was back after how long."""

    def minute() -> None:
        for _ in range(350):
            watch.now += 0.18
            outage.failed("read", "connection refused")
        outage.answered("read", watch.now + 0.1)
        outage.answered("read", watch.now + 0.2)

    said = lines(minute)
    assert [event for event, _ in said] == [AWAY, STILL_AWAY, STILL_AWAY, BACK]
    assert said[-1][1] == pytest.approx(63, abs=0.5)


def test_the_next_outage_is_told_anew(outage: Outage, watch: Watch) -> None:
    """With a count and a time of its own."""

    def twice() -> None:
        for _ in range(2):
            outage.failed("write", "connection refused")
            watch.now += 1
            outage.answered("write", watch.now)
            watch.now += STILL

    assert lines(twice) == [(AWAY, 0.0), (BACK, 1.0)] * 2


def test_one_that_comes_soon_is_told_where_it_lasts(outage: Outage, watch: Watch) -> None:
    """Half a minute after the last line, since when it was away."""

    def soon() -> None:
        outage.failed("write", "connection refused")
        watch.now += 1
        outage.answered("write", watch.now)
        watch.now += 1
        outage.failed("write", "connection refused")
        watch.now += STILL
        outage.failed("write", "connection refused")
        outage.answered("write", watch.now + 1)

    assert lines(soon) == [(AWAY, 0.0), (BACK, 1.0), (AWAY, STILL), (BACK, STILL)]


def test_a_disk_on_which_only_small_writes_find_room_is_told_now_and_then(outage: Outage, watch: Watch) -> None:
    """They are answered and refused in turns: two lines in half a minute, not two a turn."""

    def turns() -> None:
        for _ in range(60):
            outage.failed("write", "no space left on device")
            watch.now += 0.5
            outage.answered("write", watch.now)
            watch.now += 0.5

    assert [event for event, _ in lines(turns)] == [AWAY, BACK] * 2


def test_what_still_lets_read_goes_on(outage: Outage, watch: Watch) -> None:
    """Only a write that is answered ends what refuses writes."""

    def full() -> None:
        for _ in range(3):
            outage.failed("write", "no space left on device")
            watch.now += STILL / 2
            outage.answered("read", watch.now)
        outage.answered("write", watch.now)

    assert lines(full) == [(AWAY, 0.0), (STILL_AWAY, STILL), (BACK, STILL * 1.5)]


def test_an_answer_from_before_ends_nothing(outage: Outage, watch: Watch) -> None:
    """What was asked before the last failure may have been answered by a database that then went away."""
    asked = watch.now
    watch.now += 1
    outage.failed("read", "connection refused")
    assert lines(lambda: outage.answered("read", asked)) == []
    assert outage.away


async def test_transactions_tell_of_it(tmp_path: Path) -> None:
    """Those that fail and those that are answered; a request that is wrong is no outage."""
    database = Database(create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}"))

    async def well(connection: AsyncConnection) -> None:
        await connection.execute(sa.text("SELECT 1"))

    async def away(connection: AsyncConnection) -> None:
        raise exc.OperationalError("SELECT 'what was asked'", {}, OSError("unable to open database file"))

    with capture_logs() as logs:
        await database.read(well)
        for _ in range(3):
            with pytest.raises(StoreUnavailable):
                await database.write(away)
        await database.read(well)
        await database.write(well)
    await database.close()
    assert [one["event"] for one in logs if one["log_level"] != "debug"] == [AWAY, BACK]
