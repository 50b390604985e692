"""Two replicas on one PostgreSQL: work is taken over, and what is asked of one reaches the other."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import stamina
from structlog.testing import capture_logs

from fakes.analyst import ScriptedAnalyst
from fakes.clock import NOON, FakeClock
from fakes.stores import MortalStore, access, emptied, name
from fakes.world import WANTED, World, to_the_end
from logverdict.adapters.stores.sql import SqlStore
from logverdict.domain.errors import FailedPrecondition
from logverdict.domain.verification import Revision, Verification
from logverdict.domain.words import Decision, State, Verdict
from logverdict.verify.engine_ports import Judged, JudgeTask
from logverdict.verify.fair import Gates
from logverdict.verify.manage import Limits, Verifications
from logverdict.verify.observe import Beat, Unobserved
from servers.postgres.fixtures import server

SHORT = Limits(lease=timedelta(seconds=0.3))
LONG = Limits(lease=timedelta(hours=1))
"""A replica looks for work, and at what it still has, each third of that. How long it lives is up to its store."""


@dataclass
class Replica(World):
    """One of several on one database."""

    store: MortalStore


@pytest.fixture
async def worlds() -> AsyncIterator[list[Replica]]:
    """They share clock, source and database; the first is slow to see what others took over."""
    stamina.set_testing(True, attempts=3, cap=True)
    url, clock = await emptied(), FakeClock(NOON, held=True)
    stores = [await MortalStore.connect(access(url), clock) for _ in range(2)]
    made = [
        Replica(store, clock, limits=limits, _ids=itertools.count(start))
        for store, limits, start in zip(stores, (LONG, SHORT), (1, 100), strict=True)
    ]
    yield made
    for world in made:
        await world.close()
        await world.store.close()
    stamina.set_testing(False)


async def until(use: Verifications, made: Verification, look: int) -> None:
    """Watches until that look was judged."""
    async for step in use.watch(made.name, 1):
        if isinstance(step, Revision) and step.verification.look == look:
            return


def numbers(seen: list[Revision]) -> list[int]:
    return [step.number for step in seen]


async def test_another_replica_goes_on_when_one_falls_silent(worlds: list[Replica]) -> None:
    """From the slices that are there; the silent one, when it wakes up, writes nothing more."""
    one, two = worlds
    silent = await one.open()
    made = await silent.create(WANTED)
    one.clock.move(timedelta(minutes=2, seconds=30))
    await until(silent, made, look=1)
    await one.store.fall_silent()
    use = await two.open()
    assert await two.store.held() == {made.id: 2}
    one.clock.move(timedelta(minutes=10))
    seen = await to_the_end(use, made, after=1)
    assert numbers(seen) == list(range(2, 2 + len(seen)))
    assert (seen[-1].verification.state, seen[-1].verification.look) == (State.SUCCEEDED, 4)
    assert [task.baselines[0].seconds for task in two.analyst.tasks] == [600] * len(two.analyst.tasks)


async def test_a_replica_that_stops_in_order_is_relieved_at_once(worlds: list[Replica]) -> None:
    """Nobody waits for its lease to end."""
    one, two = worlds
    two.limits = LONG
    stopping, use = await one.open(), await two.open()
    made = await stopping.create(WANTED)
    await stopping.stop()
    one.clock.move(timedelta(minutes=12))
    assert (await to_the_end(use, made))[-1].verification.state is State.SUCCEEDED


async def test_a_watcher_at_one_replica_follows_work_at_another(worlds: list[Replica]) -> None:
    """Each revision once and in order."""
    one, two = worlds
    working, use = await one.open(), await two.open()
    made = await working.create(WANTED)
    watching = use.watch(made.name, 0)
    first = await anext(watching)
    assert isinstance(first, Revision)
    one.clock.move(timedelta(minutes=12))
    rest = [step async for step in watching if isinstance(step, Revision)]
    seen = [first, *rest]
    assert numbers(seen) == list(range(first.number, first.number + len(seen)))
    assert seen[-1].verification.state is State.SUCCEEDED
    assert two.analyst.tasks == []


async def test_a_cancel_at_one_replica_ends_work_at_another(worlds: list[Replica]) -> None:
    """It holds at once, and the work stops."""
    one, two = worlds
    working, use = await one.open(), await two.open()
    made = await working.create(WANTED)
    cancelled = await use.cancel(made.name, Decision.STOP)
    assert (cancelled.state, cancelled.decision) == (State.CANCELLED, Decision.STOP)
    assert (await to_the_end(working, made))[-1].verification.state is State.CANCELLED
    one.clock.move(timedelta(minutes=12))
    for replica in (working, use):
        with pytest.raises(FailedPrecondition, match="has ended with state CANCELLED"):
            await replica.cancel(made.name, None)


class CancelledMeanwhile(ScriptedAnalyst):
    """While it judges, another replica ends the verification, and this one has not heard of it."""

    def __init__(self, store: SqlStore) -> None:
        super().__init__(Verdict.PASS)
        self._store = store

    async def judge(self, task: JudgeTask) -> Judged:
        await self._store.save(replace(await self._store.get("v1"), state=State.CANCELLED, ended=NOON))
        return await super().judge(task)


async def test_work_that_finds_it_ended_stops_and_fails_nothing(world: World) -> None:
    """That is an ordinary day: what would have been stored is dropped, and no error is logged."""
    world.analyst = CancelledMeanwhile(world.store)
    use = await world.open()
    with capture_logs() as logs:
        made = await use.create(WANTED)
        while use.load.running:
            await asyncio.sleep(0)
    assert [line for line in logs if line["log_level"] != "info"] == []
    assert ((await use.get(made.name)).state, len(world.analyst.tasks)) == (State.CANCELLED, 1)


async def test_a_newer_deployment_at_one_replica_closes_the_window_at_another(worlds: list[Replica]) -> None:
    """The work goes on with what is stored, and ends at the newer one's start."""
    one, two = worlds
    working, use = await one.open(), await two.open()
    older = await working.create(WANTED)
    newer = await use.create(replace(WANTED, version="1.2", rollout_start=NOON + timedelta(seconds=150)))
    one.clock.move(timedelta(minutes=12))
    last = (await to_the_end(working, older))[-1].verification
    assert (last.state, last.superseded_by) == (State.SUCCEEDED, newer.name)
    assert one.analyst.tasks[-1].candidate.seconds == 90


async def test_a_repeated_request_at_another_replica_gets_the_first(worlds: list[Replica]) -> None:
    """Nothing is started twice."""
    one, two = worlds
    working, use = await one.open(), await two.open()
    wanted = replace(WANTED, request_id="run-7")
    assert (await working.create(wanted)).id == (await use.create(wanted)).id


async def test_what_kills_each_replica_is_ended(worlds: list[Replica]) -> None:
    """After many takeovers without anything stored, with a reason that says so."""
    one, two = worlds
    working = await one.open()
    made = await working.create(replace(WANTED, policy={"on_error": Decision.STOP}))
    await until(working, made, look=0)  # it waits for its baseline now, and stores nothing
    await one.store.fall_silent()
    await asyncio.to_thread(server().do, "UPDATE verifications SET takeovers = 10", name())
    last = (await to_the_end(await two.open(), made))[-1].verification
    assert last.error.startswith("ABANDONED: 11 replicas took it over, and nothing came of it")
    assert (last.state, last.decision) == (State.FAILED, Decision.STOP)


async def test_what_needs_a_connection_that_is_gone_is_ended(worlds: list[Replica]) -> None:
    """The reason names source and connection."""
    one, two = worlds
    made = await (await one.open()).create(WANTED)
    await one.store.fall_silent()
    two.connection = "other"
    last = (await to_the_end(await two.open(), made))[-1].verification
    assert last.error.startswith("CONNECTION_GONE: source 'app' needs the connection 'files'")


async def test_what_was_stored_and_cannot_be_read_ends_it(worlds: list[Replica]) -> None:
    """Damaged events are named as the reason; the server goes on with all else."""
    one, two = worlds
    working = await one.open()
    made, other = await working.create(WANTED), await working.create(replace(WANTED, environment="test"))
    one.clock.move(timedelta(minutes=2, seconds=30))
    await until(working, made, look=1)
    await one.store.fall_silent()
    damage = f"UPDATE events SET document = '{{}}' WHERE verification_id = '{made.id}'"
    await asyncio.to_thread(server().do, damage, name())
    use = await two.open()
    last = (await to_the_end(use, made))[-1].verification
    assert last.error.startswith(f"STORED_DATA_UNREADABLE: what is stored of {made.name} event")
    one.clock.move(timedelta(minutes=12))
    assert (await to_the_end(use, other))[-1].verification.state is State.SUCCEEDED


class Beats(Unobserved):
    """Heartbeats as they come."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[Beat] = asyncio.Queue()

    def beat(self, beat: Beat) -> None:
        self.heard.put_nowait(beat)

    async def until(self, replicas: int) -> None:
        while (await self.heard.get()).replicas != replicas:
            pass


async def test_replicas_share_the_searches_of_a_connection(worlds: list[Replica]) -> None:
    """Together they ask as much as it allows; when one stops, or dies, the other takes what it had."""
    one, two = worlds
    one.observer = beats = Beats()
    for world in worlds:
        world.limits, world.gates = SHORT, Gates({"files": 4})
    await one.open()
    other = await two.open()
    assert two.gates.places("files") == 2
    await beats.until(replicas=2)
    assert one.gates.places("files") == 2
    await other.stop()
    await beats.until(replicas=1)
    assert one.gates.places("files") == 4
    await two.store.live(timedelta(hours=1))
    await beats.until(replicas=2)
    assert one.gates.places("files") == 2
    await two.store.fall_silent()
    await beats.until(replicas=1)
    assert one.gates.places("files") == 4
