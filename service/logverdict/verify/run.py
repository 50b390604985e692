"""One verification at work: read, look, judge, store, tell, until its end."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from logverdict.domain.errors import QueryRejected
from logverdict.domain.policy import Policy
from logverdict.domain.result import Judgement
from logverdict.domain.verification import Progress, Slice, SourceCoverage, Verification
from logverdict.domain.window import Window
from logverdict.domain.words import Decision, Reason, State, Verdict
from logverdict.verify.gate import closed, gate, inconclusive, superseded
from logverdict.verify.patience import patiently
from logverdict.verify.plan import baseline_slices, candidate_slices
from logverdict.verify.ports import Analyst, Clock, Judged, JudgeTask, Sources, Store, WindowCounts
from logverdict.verify.reading import Reader
from logverdict.verify.watch import Cell

LATE = 4
"""Ingest lags after which a slice gains nothing any more; until then each look reads it again."""


@dataclass(frozen=True, slots=True)
class Means:
    """What the work needs from outside. `retry_for` is how long a source that does not answer is asked again."""

    store: Store
    sources: Sources
    analyst: Analyst
    clock: Clock
    retry_for: timedelta = timedelta(minutes=2)
    look_timeout: timedelta = timedelta(minutes=15)


class Run:
    """Owns the newest state of one verification; everything that changes it goes through here."""

    def __init__(self, verification: Verification, means: Means, cell: Cell) -> None:
        self.verification = verification
        self.cell = cell
        self._means = means
        self._saving = asyncio.Lock()
        self._woken = asyncio.Event()
        self._reader = Reader(
            verification.id, verification.plan, means.sources, means.store, means.analyst, means.retry_for
        )
        self._pinned: tuple[WindowCounts, ...] = ()
        self._coverage: tuple[SourceCoverage, ...] = verification.coverage

    @property
    def _policy(self) -> Policy:
        return self.verification.request.policy

    async def go(self) -> None:
        """Work to the end. Cancelled, it leaves the state as it is, so that another process can go on."""
        await self._reader.load()
        if self.verification.state is State.PENDING:
            await self.change(state=State.RUNNING, started=self._means.clock.now())
        try:
            await self._judge_all()
        except QueryRejected as fault:
            await self._end(inconclusive(self.verification, Reason.QUERY_REJECTED, fault.message))
        except TimeoutError:
            limit = self._means.look_timeout
            await self._end(inconclusive(self.verification, Reason.TIMED_OUT, f"One look took longer than {limit}."))

    async def change(self, **changes: object) -> None:
        """Store the next revision and tell the watchers. Raises FailedPrecondition once it has ended.

        Shielded: who cancels the work never leaves the store a revision ahead of what is known here.
        """
        await asyncio.shield(self._change(changes))

    async def saved(self) -> None:
        """Returns when no change is on its way to the store."""
        async with self._saving:
            pass

    async def _change(self, changes: Mapping[str, object]) -> None:
        async with self._saving:
            now = self._means.clock.now()
            changed = replace(self.verification, updated=now, **changes)  # type: ignore[arg-type]
            revision = await patiently(lambda: self._means.store.save(changed), self._means.retry_for)
            self.verification = replace(changed, revision=revision.number)
        self.cell.tell()

    async def close(self, at: datetime, by: str) -> None:
        """A newer deployment starts at that time: nothing after it is ours."""
        if self.verification.closes_at is None or at < self.verification.closes_at:
            await self.change(closes_at=at, superseded_by=by)
            self._woken.set()

    async def cancel(self, decision: Decision | None) -> None:
        """The caller's decision holds in both modes; without one it is the policy's, as for INCONCLUSIVE."""
        await self.change(
            state=State.CANCELLED,
            ended=self._means.clock.now(),
            decision=decision or self._policy.decide(Verdict.INCONCLUSIVE),
            enforced_decision=decision or self._policy.enforced(Verdict.INCONCLUSIVE),
        )

    async def fail(self, error: str) -> None:
        """We could not judge: the policy's on_error decides."""
        await self.change(
            state=State.FAILED,
            ended=self._means.clock.now(),
            error=error,
            decision=self._policy.decide(None),
            enforced_decision=self._policy.enforced(None),
        )

    async def _judge_all(self) -> None:
        plan = self.verification.plan
        self._pinned = await self._load_pinned()
        for window in plan.baselines:
            await self._due(window.end)
        await self._read(list(baseline_slices(self.verification.request, plan)), "reading the baseline")
        for number in range(self.verification.look + 1, len(plan.looks) + 1):
            upto = await self._due(plan.looks[number - 1])
            if upto <= plan.candidate.start or (number > 1 and upto <= plan.looks[number - 2]):
                break
            async with asyncio.timeout(self._means.look_timeout.total_seconds()):
                judged = await self._look(number, upto)
            before, judgement = self.verification.judgement, gate(judged.judgement, self._coverage, self._policy)
            last = number == len(plan.looks) or upto == self.verification.closes_at
            early = not last and self._sure(before, judgement)
            if last or early:
                note = f"ended early: clear after look {number} of {len(plan.looks)}"
                await self._keep_templates(judged)
                await self._end(replace(judgement, notes=(*judgement.notes, note)) if early else judgement, number)
                return
            await self.change(look=number, judgement=judgement, coverage=self._coverage)
        await self._end(self.verification.judgement or superseded(self.verification))

    async def _keep_templates(self, judged: Judged) -> None:
        store, mine = self._means.store, self.verification.id
        await patiently(lambda: store.put_templates(mine, judged.templates), self._means.retry_for)

    def _sure(self, before: Judgement | None, now: Judgement) -> bool:
        """Two looks in a row say FAIL: what comes can't make it good."""
        failed = before is not None and before.verdict is now.verdict is Verdict.FAIL
        return failed and self._policy.early_stop

    async def _due(self, look: datetime) -> datetime:
        """Waits until the look's entries have arrived; its time, or the earlier one at which the window was closed."""
        timing = self.verification.request.timing
        while True:
            self._woken.clear()
            upto = min(look, self.verification.closes_at or look)
            left = upto + timing.ingest_lag - self._means.clock.now()
            if left <= timedelta(0):
                return upto
            self._tell("waiting for the next look", self._share())
            sleep = asyncio.ensure_future(self._means.clock.sleep(left))
            woken = asyncio.ensure_future(self._woken.wait())
            try:
                await asyncio.wait((sleep, woken), return_when=asyncio.FIRST_COMPLETED)
            finally:
                sleep.cancel()
                woken.cancel()

    async def _look(self, number: int, upto: datetime) -> Judged:
        request, plan = self.verification.request, self.verification.plan
        baseline, pieces = list(baseline_slices(request, plan)), list(candidate_slices(request, plan, upto))
        since = upto - LATE * request.timing.ingest_lag
        again = [piece for piece in pieces if since < piece.span.end < upto]
        await self._read([*baseline, *pieces], f"reading for look {number} of {len(plan.looks)}", again)
        self._tell(f"judging look {number} of {len(plan.looks)}", self._share())
        windows = [
            self._reader.counts([piece for piece in baseline if piece.window == f"baseline-{place}"], window)
            for place, window in enumerate(plan.baselines)
        ]
        self._coverage = (*self._reader.coverage(baseline, "baseline"), *self._reader.coverage(pieces, "candidate"))
        task = JudgeTask(
            request=request,
            candidate=self._reader.counts(pieces, Window(plan.candidate.start, upto)),
            baselines=(*windows, *self._pinned),
            look=number,
            looks=len(plan.looks),
        )
        return await self._means.analyst.judge(task)

    async def _load_pinned(self) -> tuple[WindowCounts, ...]:
        """The candidates of the good verifications that serve as baseline."""
        pinned = []
        for name in self.verification.plan.verifications:
            other = await self._means.store.get(name.removeprefix("verifications/"))
            slices = await self._means.store.slices(other.id)
            mine = tuple(piece.counts for piece in slices if piece.counts and piece.key.startswith("candidate/"))
            window = other.plan.candidate  # of which a newer deployment may have left a part only
            seconds = (min(window.end, other.closes_at or window.end) - window.start).total_seconds()
            pinned.append(WindowCounts(mine, seconds, max(1, round(seconds / other.plan.bin_seconds))))
        return tuple(pinned)

    async def _end(self, judgement: Judgement, look: int | None = None) -> None:
        judgement = closed(judgement, self.verification)
        await self.change(
            state=State.SUCCEEDED,
            ended=self._means.clock.now(),
            look=look or self.verification.look,
            judgement=judgement,
            coverage=self._coverage,
            decision=self._policy.decide(judgement.verdict),
            enforced_decision=self._policy.enforced(judgement.verdict),
        )

    async def _read(self, pieces: Sequence[Slice], step: str, again: Sequence[Slice] = ()) -> None:
        def tell(done: int, due: int) -> None:
            self._tell(f"{step} ({done} of {due} slices)", self._share())

        await self._reader.read(pieces, tell, again)

    def _share(self) -> float:
        """Looks judged over looks planned, with event time between them."""
        plan, now = self.verification.plan, self._means.clock.now()
        judged = self.verification.look / len(plan.looks)
        passed = (now - plan.candidate.start) / plan.candidate.length if len(plan.looks) > 1 else 0.0
        return min(0.99, max(judged, passed, 0.0))

    def _tell(self, step: str, share: float) -> None:
        plan, now = self.verification.plan, self._means.clock.now()
        end = min(plan.candidate.end, self.verification.closes_at or plan.candidate.end)
        left = (end + self.verification.request.timing.ingest_lag - now).total_seconds()
        self.cell.tell(Progress(step, share, max(0.0, left), self._reader.entries, self._coverage))
