"""The use cases: create, get, list, watch, cancel; and the life of the work behind them."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog
from structlog.contextvars import bound_contextvars

from logverdict.domain.deployment import Deployment
from logverdict.domain.errors import FailedPrecondition, InvalidRequest, LimitReached, VerifyError
from logverdict.domain.result import Event
from logverdict.domain.verification import Plan, Progress, Revision, SourceCall, Verification
from logverdict.domain.wanted import Wanted
from logverdict.domain.words import Decision, Verdict
from logverdict.verify.history import with_history
from logverdict.verify.means import Means
from logverdict.verify.plan import LOOK_BACK, make_plan
from logverdict.verify.ports import Profiles
from logverdict.verify.request import resolve
from logverdict.verify.run import Run
from logverdict.verify.watch import Board, Step, watch
from logverdict.verify.ways import with_ways

NAME = re.compile(r"verifications/([a-z0-9-]{1,64})")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Verifications that run at once and that wait for a place; seconds between heartbeats; how long is kept what."""

    running: int = 64
    queued: int = 100
    heartbeat: float = 15.0
    keep_slices: timedelta = timedelta(days=14)
    keep_verifications: timedelta = timedelta(days=180)
    expire_every: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Load:
    """Verifications of this process that run, and that wait for a place."""

    running: int
    queued: int


class Verifications:
    """One per process. `new_id` gives ids that no other process gives."""

    def __init__(self, means: Means, profiles: Profiles, new_id: Callable[[], str], limits: Limits) -> None:
        self._means = means
        self._profiles = profiles
        self._new_id = new_id
        self._limits = limits
        self._board = Board()
        self._runs: dict[str, Run] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(limits.running)

    async def start(self) -> None:
        """Go on with what an earlier process left unfinished, and start tidying up."""
        for verification in await self._means.store.unfinished():
            self._launch(await self._with_events(verification))
        self._tasks[""] = asyncio.create_task(self._expire())

    async def stop(self) -> None:
        """Stop working; what is unfinished stays so in the store, and `start` goes on with it."""
        tasks, runs = list(self._tasks.values()), list(self._runs.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for run in runs:
            await run.saved()

    @property
    def load(self) -> Load:
        at_work = len(self._runs)
        return Load(min(at_work, self._limits.running), max(0, at_work - self._limits.running))

    async def create(self, wanted: Wanted) -> Verification:
        """Raises InvalidRequest, AlreadyExists, LimitReached, NotFound (profile)."""
        now, store = self._means.clock.now(), self._means.store
        if wanted.request_id:
            before = await store.by_request(wanted.caller, wanted.request_id, wanted.fingerprint)
            if before is not None:
                return before
        request = resolve(wanted, self._profiles, self._means.sources, now)
        await self._check_baselines(request.baseline.verifications)
        deployment = request.deployment
        since = deployment.rollout_start - 2 * LOOK_BACK
        neighbours = await store.neighbours(deployment.service, deployment.environment, since)
        plan = await with_history(store, request, make_plan(request, now, neighbours))
        newer = next((other for other in neighbours if _replaces(other.request.deployment, deployment, plan)), None)
        wished = Verification(
            id=self._new_id(),
            request=request,
            plan=plan,
            created=now,
            updated=now,
            closes_at=newer.request.deployment.rollout_start if newer else None,
            superseded_by=newer.name if newer else "",
        )
        self._check_room()
        verification, created = await store.create(wished)
        if created:
            log.info("verification created", id=verification.id, service=deployment.service)
            self._means.observer.created(verification)
            await self._supersede(verification)
            self._launch(verification)
        return verification

    async def get(self, name: str) -> Verification:
        return await self._means.store.get(_id(name, "name"))

    async def list(self, filter: str, page_size: int, page_token: str) -> tuple[Sequence[Verification], str]:
        return await self._means.store.list(filter, page_token, page_size)

    async def events(self, parent: str, filter: str, page_size: int, page_token: str) -> tuple[Sequence[Event], str]:
        verification = await self._means.store.get(_id(parent, "parent"))
        page, token = await self._means.store.events(verification.id, filter, page_token, page_size)
        # A page of a thousand takes a tenth of a second, in which watchers are to be served.
        return await asyncio.to_thread(with_ways, page, verification, self._means.sources), token

    async def calls(self, parent: str, page_size: int, page_token: str) -> tuple[Sequence[SourceCall], str]:
        """The audit of what sources were asked, oldest first."""
        return await self._means.store.calls(_id(parent, "parent"), page_token, page_size)

    async def cancel(self, name: str, decision: Decision | None) -> Verification:
        """Raises FailedPrecondition for one that has ended."""
        verification = await self.get(name)
        run = self._runs.get(verification.id)
        if run is None:
            raise FailedPrecondition(f"{name} has ended with state {verification.state}", state=verification.state)
        task = self._tasks[verification.id]
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await run.cancel(decision)
        return await self.get(name)

    async def watch(self, name: str, after: int) -> AsyncIterator[Step]:
        verification_id = _id(name, "name")
        cell = self._board.cell(verification_id)
        self._means.observer.watching(+1)
        try:
            async for step in watch(self._means.store, cell, verification_id, after, self._limits.heartbeat):
                yield self._with_ways(step) if isinstance(step, Revision) else step
        finally:
            self._means.observer.watching(-1)

    def _with_ways(self, revision: Revision) -> Revision:
        return replace(revision, changed=with_ways(revision.changed, revision.verification, self._means.sources))

    def _launch(self, verification: Verification) -> None:
        run = Run(verification, self._means, self._board.cell(verification.id))
        self._runs[verification.id] = run
        with bound_contextvars(verification=verification.id):  # what the task logs names it
            task = asyncio.create_task(self._work(run), name=verification.id)
        self._tasks[verification.id] = task
        task.add_done_callback(lambda _: self._forget(verification.id))

    def _forget(self, verification_id: str) -> None:
        self._runs.pop(verification_id, None)
        self._tasks.pop(verification_id, None)

    def _check_room(self) -> None:
        most = self._limits.running + self._limits.queued
        if len(self._runs) >= most:
            raise LimitReached(
                f"{len(self._runs)} verifications run or wait, as many as are allowed; try again in a minute",
                limit=str(most),
            )

    async def _work(self, run: Run) -> None:
        """An error of ours ends the verification as FAILED; it never takes others along."""
        try:
            if self._places.locked():
                run.cell.tell(Progress(f"waiting for a place: {self._limits.running} others run", 0.0, 0.0))
            async with self._places:
                await run.go()
        except VerifyError as fault:
            log.error("verification failed", id=run.verification.id, reason=fault.reason, error=fault.message)
            await self._fail(run, f"{fault.reason}: {fault.message}")
        except Exception:
            log.exception("verification failed", id=run.verification.id)
            await self._fail(run, "INTERNAL: an error of logverdict itself; its log has the details")

    async def _fail(self, run: Run, error: str) -> None:
        """Where even that can't be stored, the next start goes on with the verification."""
        try:
            await run.fail(error)
        except VerifyError as fault:
            log.error("failure not stored", id=run.verification.id, reason=fault.reason, error=fault.message)

    async def _with_events(self, verification: Verification) -> Verification:
        """The stored state with its events, as `Run` keeps it."""
        if verification.judgement is None:
            return verification
        events: list[Event] = []
        token = ""
        while True:
            page, token = await self._means.store.events(verification.id, "", token, 1000)
            events += page
            if not token:
                return replace(verification, judgement=replace(verification.judgement, events=tuple(events)))

    async def _supersede(self, newer: Verification) -> None:
        """Close the running windows of earlier deployments of this service and environment at the newer's start."""
        deployment = newer.request.deployment
        for run in list(self._runs.values()):
            other = run.verification.request.deployment
            same = (other.service, other.environment) == (deployment.service, deployment.environment)
            if same and _replaces(deployment, other, run.verification.plan):
                with suppress(FailedPrecondition):  # it ended while we looked
                    await run.close(deployment.rollout_start, newer.name)

    async def _check_baselines(self, names: Sequence[str]) -> None:
        for place, name in enumerate(names):
            field = f"baseline.verifications[{place}]"
            other = await self._means.store.get(_id(name, field))
            verdict = other.judgement.verdict if other.judgement and other.state.ended else None
            if verdict is not Verdict.PASS:
                raise InvalidRequest(field, f"{name} has verdict {verdict}; only PASS can serve as a baseline")
            if not await self._means.store.slices(other.id):
                raise InvalidRequest(field, f"the counts of {name} were deleted for their age")

    async def _expire(self) -> None:
        while True:
            now = self._means.clock.now()
            limits = self._limits
            deleted = 0
            try:
                deleted = await self._means.store.expire(now - limits.keep_slices, now - limits.keep_verifications)
            except VerifyError as fault:
                log.error("nothing expired", reason=fault.reason, error=fault.message)
            await self._means.clock.sleep(timedelta(seconds=1) if deleted else limits.expire_every)


def _replaces(newer: Deployment, older: Deployment, plan: Plan) -> bool:
    """Whether the newer deployment starts after the older one and before the older one's window ends."""
    return older.rollout_start < newer.rollout_start < plan.candidate.end


def _id(name: str, field: str) -> str:
    found = NAME.fullmatch(name)
    if found is None:
        raise InvalidRequest(field, f"{name!r} is no verification; write verifications/ID")
    return found[1]
