"""The verifications that this replica works on: leased, launched, taken over, given up, and heard of from others."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

import structlog
from structlog.contextvars import bound_contextvars

from logverdict.domain.errors import LeaseLost, NotFound, StoreBroken, VerifyError
from logverdict.domain.verification import Verification
from logverdict.verify.heartbeat import beat
from logverdict.verify.leases import Lease
from logverdict.verify.means import Means
from logverdict.verify.observe import Load
from logverdict.verify.patience import AWAY, Away, weighed
from logverdict.verify.resume import check_resumable, stored_whole
from logverdict.verify.room import Room
from logverdict.verify.run import Run
from logverdict.verify.tasks import cancelled
from logverdict.verify.versions import Gone
from logverdict.verify.watch import Board, happened

log = structlog.get_logger(__name__)


class Works:
    """One per process."""

    def __init__(self, means: Means, board: Board, room: Room, lease: timedelta) -> None:
        self._means = means
        self._board = board
        self._room = room
        self._lease = lease
        self._gone = Gone(means.store, lease)
        self._runs: dict[str, Run] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._own: list[asyncio.Task[None]] = []
        self._asides: set[asyncio.Task[None]] = set()
        self._wanted = asyncio.Event()
        self._set_aside: set[str] = set()
        self._starting = 0

    async def start(self) -> None:
        """Go on with what nobody works on, and be there for what others leave."""
        await beat(self._means, self._lease)
        await self._claim(others=True)
        self._own = [asyncio.create_task(self._tend()), asyncio.create_task(self._follow())]

    async def stop(self) -> None:
        """Stop working; what is unfinished stays so in the store, for others or the next start."""
        runs = list(self._runs.values())
        await cancelled(self._own)  # first, as they begin others
        await cancelled([*self._asides, *self._tasks.values()])
        for run in runs:
            await run.current.saved()
        try:
            await self._means.store.release()
        except VerifyError as fault:
            log.warning("leases not given back; they end by themselves", reason=fault.reason, error=fault.message)

    @property
    def load(self) -> Load:
        return self._room.load(len(self._runs))

    def launch(self, verification: Verification, lease: Lease) -> None:
        """Does nothing for one that works here already."""
        if verification.id in self._runs:
            return
        run = self._runs[verification.id] = self._run(verification, lease)
        with bound_contextvars(verification=verification.id):  # what the task logs names it
            task = asyncio.create_task(self._work(run), name=verification.id)
        self._tasks[verification.id] = task
        task.add_done_callback(lambda _: self._forget(verification.id))

    def _run(self, verification: Verification, lease: Lease) -> Run:
        means = replace(self._means, store=self._means.store.under(lease), away=Away())
        return Run(verification, means, self._board.cell(verification.id), lease)

    @contextmanager
    def starting(self, verification_id: str) -> Iterator[None]:
        """That one is about to be created and launched: it is ours already, and nobody goes on with it meanwhile.
        Raises LimitReached where there is no room for it."""
        self._room.check(len(self._runs) + self._starting)
        self._set_aside.add(verification_id)
        self._starting += 1
        try:
            yield
        finally:
            self._set_aside.discard(verification_id)
            self._starting -= 1

    def here(self) -> Iterator[Verification]:
        """Those that this replica works on, as they are now."""
        return iter([run.current.verification for run in self._runs.values()])

    async def interrupt(self, verification_id: str) -> None:
        """Returns when nothing here works on it any more; the store keeps what there is."""
        run, task = self._runs.get(verification_id), self._tasks.get(verification_id)
        if run is None or task is None:
            return
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await run.current.saved()

    async def told(self, verification_id: str, revision: int) -> None:
        """That revision is in the store, whoever stored it."""
        self._board.told(verification_id, revision)
        run = self._runs.get(verification_id)
        if run is not None and await run.refresh(revision):
            self._tasks[verification_id].cancel()

    async def _tend(self) -> None:
        """Keep the leases, and look for work. After the store was away, work of others is left to them for as long as a
        lease: they, too, may only just be able to say that they live."""
        clock = asyncio.get_running_loop().time
        others_from = 0.0
        while True:
            await happened(self._wanted, self._lease.total_seconds() / 3)
            self._wanted.clear()
            try:
                await beat(self._means, self._lease)
                await self._give_up()
                await self._claim(others=clock() >= others_from)
            except VerifyError as fault:
                others_from = clock() + self._lease.total_seconds()
                weighed(log, fault)("leases not renewed", reason=fault.reason, error=fault.message)

    async def _give_up(self) -> None:
        """What another replica took over because we said nothing for too long."""
        mine = list(self._runs.values())  # before the store is asked: what is launched meanwhile is not in its answer
        held = await self._means.store.held()
        for run in mine:
            task = self._tasks.get(run.lease.verification_id)
            if task is not None and held.get(run.lease.verification_id) != run.lease.epoch:
                self._means.observer.lease_lost()
                task.cancel()  # not awaited: a store that hesitates must not keep us from renewing other leases
                run.cell.tell()

    async def _claim(self, others: bool) -> None:
        free = self._room.running - len(self._runs)
        if free > 0:
            mine = {*self._runs, *self._set_aside}
            for lease in await self._means.store.claim(free, mine, others, await self._gone.and_known()):
                await self._go_on(lease)

    async def _go_on(self, lease: Lease) -> None:
        try:
            verification = await stored_whole(self._means.store, lease.verification_id)
        except StoreBroken as fault:
            await self._end_unreadable(lease, fault)
            return
        except NotFound:  # deleted meanwhile
            return
        if not verification.state.ended:
            if lease.takeovers:
                self._means.observer.taken_over()
            log.info("verification goes on", id=verification.id, revision=verification.revision, epoch=lease.epoch)
            self.launch(verification, lease)

    async def _end_unreadable(self, lease: Lease, fault: StoreBroken) -> None:
        """With what can't be read as its reason; where that is the verification itself, nobody can end it."""
        self._set_aside.add(lease.verification_id)
        log.error("verification can't go on", id=lease.verification_id, reason=fault.reason, error=fault.message)
        with suppress(StoreBroken):
            verification = await self._means.store.get(lease.verification_id)
            await self._fail(self._run(verification, lease), fault)

    async def _follow(self) -> None:
        """Hear of what other replicas store."""
        async with aclosing(self._means.store.changes()) as changes:
            async for change in changes:
                if change is None:
                    self._aside(self._look)
                elif not change.verification_id:
                    self._wanted.set()
                elif change.verification_id in self._runs:
                    self._aside(partial(self.told, change.verification_id, change.revision))
                else:
                    self._board.told(change.verification_id, change.revision)

    def _aside(self, work: Callable[[], Awaitable[None]]) -> None:
        """Who follows changes does not wait for what one of them brings about."""

        async def go() -> None:
            try:
                await work()
            except VerifyError as fault:
                weighed(log, fault)("change not followed", reason=fault.reason, error=fault.message)

        task = asyncio.create_task(go())
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)

    async def _look(self) -> None:
        ids = {*self._runs, *self._board.watched()}
        if ids:
            for verification_id, revision in (await self._means.store.newest(ids)).items():
                await self.told(verification_id, revision)

    def _forget(self, verification_id: str) -> None:
        self._runs.pop(verification_id, None)
        self._tasks.pop(verification_id, None)

    async def _work(self, run: Run) -> None:
        """An error of ours ends the verification as FAILED; it never takes others along."""
        name = run.lease.verification_id
        try:
            check_resumable(run.current.verification, run.lease, self._means)
            async with self._room.place(run.current.verification.request.caller, run.cell):
                await run.go()
        except LeaseLost as fault:
            self._means.observer.lease_lost()
            log.info("verification given up", id=name, error=fault.message)
            run.cell.tell()
        except AWAY as fault:  # it is taken up again once the store is back
            log.info("verification pauses", id=name, reason=fault.reason, error=fault.message)
        except VerifyError as fault:
            await self._fail(run, fault)
        except Exception:
            log.exception("verification failed", id=name)
            await self._fail(run, VerifyError("an error of logverdict itself; its log has the details"))
        finally:
            if self._room.running <= len(self._runs):
                self._wanted.set()

    async def _fail(self, run: Run, fault: VerifyError) -> None:
        """Where even that can't be stored, it is tried again by whoever works on it next."""
        name = run.lease.verification_id
        if run.current.verification.state.ended:
            return  # by somebody else, while we worked
        log.error("verification failed", id=name, reason=fault.reason, error=fault.message)
        try:
            await run.fail(f"{fault.reason}: {fault.message}")
        except VerifyError as again:
            log.error("failure not stored", id=name, reason=again.reason, error=again.message)
