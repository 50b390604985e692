"""The use cases: create, get, list, watch, cancel; and the life of the work behind them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from logverdict.analysis.versions import JUDGE_VERSION
from logverdict.domain.deployment import Deployment
from logverdict.domain.errors import FailedPrecondition, InvalidRequest, VerifyError
from logverdict.domain.result import Event
from logverdict.domain.verification import Plan, Revision, SourceCall, Verification
from logverdict.domain.wanted import Wanted
from logverdict.domain.words import Decision, State, Verdict
from logverdict.verify.current import Current
from logverdict.verify.history import judged_counts, with_history
from logverdict.verify.leases import Lease
from logverdict.verify.means import Means
from logverdict.verify.names import verification_id
from logverdict.verify.observe import Load
from logverdict.verify.patience import weighed
from logverdict.verify.pins import with_pins
from logverdict.verify.plan import LOOK_BACK, make_plan
from logverdict.verify.ports import Expiry, Profiles
from logverdict.verify.request import resolve
from logverdict.verify.room import Room
from logverdict.verify.versions import shared
from logverdict.verify.watch import Board, Step, watch
from logverdict.verify.ways import with_ways
from logverdict.verify.works import Works

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Verifications that run at once and that wait for a place here, and those of one caller over all replicas;
    seconds between heartbeats; how long is kept what; after what silence other replicas take over."""

    running: int = 64
    queued: int = 100
    per_caller: int = 1_000
    heartbeat: float = 15.0
    keep_slices: timedelta = timedelta(days=14)
    keep_verifications: timedelta = timedelta(days=180)
    keep_samples: timedelta = timedelta(days=90)
    keep_calls: timedelta = timedelta(days=90)
    expire_every: timedelta = timedelta(hours=1)
    lease: timedelta = timedelta(seconds=15)


class Verifications:
    """One per process. `new_id` gives ids that no other process gives."""

    def __init__(self, means: Means, profiles: Profiles, new_id: Callable[[], str], limits: Limits) -> None:
        self._means = means
        self._profiles = profiles
        self._new_id = new_id
        self._limits = limits
        self._board = Board(self._with_ways)
        self._works = Works(means, self._board, Room(limits.running, limits.queued), limits.lease)
        self._tidying: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Go on with what an earlier process left unfinished, and start tidying up."""
        await self._works.start()
        self._tidying = asyncio.create_task(self._expire())

    async def stop(self) -> None:
        """Stop working; what is unfinished stays so in the store, for another replica or the next start."""
        if self._tidying is not None:
            self._tidying.cancel()
            await asyncio.gather(self._tidying, return_exceptions=True)
        await self._works.stop()

    @property
    def load(self) -> Load:
        return self._works.load

    async def create(self, wanted: Wanted) -> Verification:
        """Raises InvalidRequest, AlreadyExists, LimitReached, NotFound (profile)."""
        now, store = self._means.clock.now(), self._means.store
        if wanted.request_id:
            before = await store.by_request(wanted.caller, wanted.request_id, wanted.fingerprint)
            if before is not None:
                return before
        request = resolve(wanted, self._profiles, self._means.sources, now)
        await self._check_baselines(request.baseline.verifications)
        request, noted = await with_pins(self._means.pins, store, request)
        deployment = request.deployment
        since = deployment.rollout_start - 2 * LOOK_BACK
        neighbours = await store.neighbours(deployment.service, deployment.environment, since)
        rules = shared(await store.versions())
        made = replace(make_plan(request, now, neighbours), rules=rules, judge=JUDGE_VERSION)
        plan = await with_history(store, request, made)
        plan = replace(plan, notes=(*plan.notes, *noted))
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
        wished = replace(wished, concurrent=tuple(await store.nearby(wished)))
        with self._works.starting(wished.id):
            verification, created = await store.create(wished, self._limits.per_caller)
            if created:
                log.info("verification created", id=verification.id, service=deployment.service)
                self._works.launch(verification, Lease(verification.id))
        if created:
            self._means.observer.created(verification)
            await self._supersede(
                verification, await store.neighbours(deployment.service, deployment.environment, since)
            )
        return verification

    async def told(self, verification_id: str, revision: int) -> None:
        """Somebody else stored that revision."""
        await self._works.told(verification_id, revision)

    async def get(self, name: str) -> Verification:
        return await self._means.store.get(verification_id(name, "name"))

    async def list(self, filter: str, page_size: int, page_token: str) -> tuple[Sequence[Verification], str]:
        return await self._means.store.list(filter, page_token, page_size)

    async def events(self, parent: str, filter: str, page_size: int, page_token: str) -> tuple[Sequence[Event], str]:
        verification = await self._means.store.get(verification_id(parent, "parent"))
        page, token = await self._means.store.events(verification.id, filter, page_token, page_size)
        # A page of a thousand takes a tenth of a second, in which watchers are to be served.
        return await asyncio.to_thread(with_ways, page, verification, self._means.sources), token

    async def calls(self, parent: str, page_size: int, page_token: str) -> tuple[Sequence[SourceCall], str]:
        """The audit of what sources were asked, oldest first."""
        return await self._means.store.calls(verification_id(parent, "parent"), page_token, page_size)

    async def cancel(self, name: str, decision: Decision | None) -> Verification:
        """The caller's decision holds in both modes; without one it is the policy's, as for INCONCLUSIVE. Whichever
        replica works on it stops when it hears of that.

        Raises FailedPrecondition for one that has ended.
        """
        await self._works.interrupt(verification_id(name, "name"))
        verification = await self.get(name)
        if verification.state.ended:
            raise FailedPrecondition(f"{name} has ended with state {verification.state}", state=verification.state)
        policy = verification.request.policy
        await self._current(verification).change(
            state=State.CANCELLED,
            ended=self._means.clock.now(),
            decision=decision or policy.decide(Verdict.INCONCLUSIVE),
            enforced_decision=decision or policy.enforced(Verdict.INCONCLUSIVE),
        )
        return await self.get(name)

    async def watch(self, name: str, after: int) -> AsyncIterator[Step]:
        """Also of one that another replica works on: its revisions, without progress between them."""
        its = verification_id(name, "name")
        cell, heartbeat = self._board.cell(its), self._limits.heartbeat
        self._means.observer.watching(+1)
        try:
            async for step in watch(self._means.store, cell, its, after, heartbeat):
                yield step
        finally:
            self._means.observer.watching(-1)

    def _with_ways(self, revision: Revision) -> Revision:
        return replace(revision, changed=with_ways(revision.changed, revision.verification, self._means.sources))

    def _current(self, verification: Verification) -> Current:
        """For changes that are nobody's work: they need no lease."""
        return Current(verification, self._means, self._board.cell(verification.id))

    async def _supersede(self, made: Verification, neighbours: Sequence[Verification]) -> None:
        """Close the windows of earlier deployments of this service and environment at the start of this one, and this
        one's at the start of a later one that was created at the same time."""
        mine = made.request.deployment
        for other in {one.id: one for one in (*neighbours, *self._works.here()) if one.id != made.id}.values():
            theirs = other.request.deployment
            if (theirs.service, theirs.environment) != (mine.service, mine.environment):
                continue
            if not other.state.ended and _replaces(mine, theirs, other.plan):
                await self._close(other, mine.rollout_start, made.name)
            if _replaces(theirs, mine, made.plan):
                await self._close(made, theirs.rollout_start, other.name)

    async def _close(self, older: Verification, at: datetime, by: str) -> None:
        if older.closes_at is not None and older.closes_at <= at:
            return
        current = self._current(older)
        with suppress(FailedPrecondition):  # it ended while we looked
            await current.change(closes_at=at, superseded_by=by)
            await self._works.told(older.id, current.verification.revision)

    async def _check_baselines(self, names: Sequence[str]) -> None:
        for place, name in enumerate(names):
            field = f"baseline.verifications[{place}]"
            other = await self._means.store.get(verification_id(name, field))
            verdict = other.judgement.verdict if other.judgement and other.state.ended else None
            if verdict is not Verdict.PASS:
                raise InvalidRequest(field, f"{name} has verdict {verdict}; only PASS can serve as a baseline")
            if await judged_counts(self._means.store, other) is None:
                raise InvalidRequest(field, f"the counts of {name} were deleted for their age")

    async def _expire(self) -> None:
        while True:
            now = self._means.clock.now()
            limits = self._limits
            deleted = 0
            try:
                deleted = await self._means.store.expire(
                    Expiry(
                        now - limits.keep_slices,
                        now - limits.keep_verifications,
                        now - limits.keep_samples,
                        now - limits.keep_calls,
                    )
                )
            except VerifyError as fault:
                weighed(log, fault)("nothing expired", reason=fault.reason, error=fault.message)
            await self._means.clock.sleep(timedelta(seconds=1) if deleted else limits.expire_every)


def _replaces(newer: Deployment, older: Deployment, plan: Plan) -> bool:
    """Whether the newer deployment starts after the older one and before the older one's window ends."""
    return older.rollout_start < newer.rollout_start < plan.candidate.end
