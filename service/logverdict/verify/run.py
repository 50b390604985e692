"""One verification at work: read, look, judge, store, tell, until its end."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from logverdict.domain.errors import QueryRejected
from logverdict.domain.nearby import Nearby
from logverdict.domain.policy import Policy
from logverdict.domain.result import Judgement
from logverdict.domain.verification import Progress, Verification
from logverdict.domain.words import Reason, State, Verdict
from logverdict.verify.coverage import brief
from logverdict.verify.current import Current
from logverdict.verify.engine_ports import Judged
from logverdict.verify.gate import closed, gate, inconclusive, superseded
from logverdict.verify.leases import Lease
from logverdict.verify.look import Looks
from logverdict.verify.means import Means
from logverdict.verify.template_rows import template_rows
from logverdict.verify.versions import under_this_judge
from logverdict.verify.watch import Cell

SKIPPED = "looks were skipped"
"""How the note on looks begins that became due while an earlier one was read."""


class Run:
    """The work on one verification, under a lease: what it stores is refused once another replica has that."""

    def __init__(self, verification: Verification, means: Means, cell: Cell, lease: Lease) -> None:
        self.lease = lease
        self.cell = cell
        self.current = Current(verification, means, cell)
        self._means = means
        self._woken = asyncio.Event()
        self._looks = Looks(verification, means, self._say)
        self._notes = tuple(note for note in _notes(verification) if note.startswith(SKIPPED))

    @property
    def verification(self) -> Verification:
        return self.current.verification

    @property
    def _policy(self) -> Policy:
        return self.verification.request.policy

    async def go(self) -> None:
        """Work to the end. Cancelled, it leaves the state as it is, so that another process can go on."""
        await self._looks.begin()
        plan = under_this_judge(self.verification)
        if self.verification.state is State.PENDING:
            await self.current.change(state=State.RUNNING, started=self._means.clock.now(), plan=plan)
        elif plan != self.verification.plan:
            await self.current.change(plan=plan)
        try:
            await self._judge_all()
        except QueryRejected as fault:
            await self._end(inconclusive(self.verification, Reason.QUERY_REJECTED, fault.message))
        except TimeoutError:
            limit = self._means.look_timeout
            await self._end(inconclusive(self.verification, Reason.TIMED_OUT, f"One look took longer than {limit}."))

    async def refresh(self, revision: int) -> bool:
        """Heed what others stored up to that revision: a newer deployment closes the window. Whether it has ended."""
        if await self.current.refresh(revision):
            self._woken.set()
        return self.verification.state.ended

    async def fail(self, error: str) -> None:
        """We could not judge: the policy's on_error decides."""
        await self.current.change(
            state=State.FAILED,
            ended=self._means.clock.now(),
            error=error,
            decision=self._policy.decide(None),
            enforced_decision=self._policy.enforced(None),
        )

    async def _judge_all(self) -> None:
        plan = self.verification.plan
        for window in plan.baselines:
            await self._due(window.end)
        if self._means.clock.now() < plan.looks[0] + self.verification.request.timing.max_lag:
            await self._looks.read_baseline()  # else all is there to be read, both sides at once
        number = self.verification.look + 1
        while number <= len(plan.looks):
            upto = await self._due(plan.looks[number - 1])
            began, away = self._means.clock.now(), self._means.away.total
            found = await self._judge(number, upto) if upto > self._judged_upto() else None
            if found is None:
                break
            upto, judged = found
            before, judgement = self.verification.judgement, self._gated(judged.judgement)
            last = number == len(plan.looks) or upto == self.verification.closes_at
            early = not last and self._sure(before, judgement)
            if last or early:
                note = f"ended early: clear after look {number} of {len(plan.looks)}"
                await self._keep_templates(judged)
                await self._end(replace(judgement, notes=(*judgement.notes, note)) if early else judgement, number)
                return
            await self.current.change(
                look=number,
                judgement=judgement,
                coverage=tuple(map(brief, self._looks.coverage)),
                concurrent=await self._nearby(),
            )
            number = self._next(number, began + self._means.away.total - away)
        await self._end(self.verification.judgement or superseded(self.verification))

    def _judged_upto(self) -> datetime:
        """The event time up to which was judged."""
        plan, look = self.verification.plan, self.verification.look
        return plan.looks[look - 1] if look else plan.candidate.start

    def _gated(self, judgement: Judgement) -> Judgement:
        gated = gate(judgement, self._looks.coverage, self._policy)
        return replace(gated, notes=(*gated.notes, *self._notes))

    def _next(self, number: int, began: datetime) -> int:
        """The look after that one. Of those that became due while it was read only the newest is judged: looks that
        wait would fall behind for ever. What was due before (after a restart, or while the store was away, by which
        `began` is put off) is caught up in order, as an undisturbed run would have judged it."""
        looks, now, lag = self.verification.plan.looks, self._means.clock.now(), self._looks.lag
        chosen = following = number + 1
        while chosen < len(looks) and began < looks[chosen - 1] + lag and looks[chosen] + lag <= now:
            chosen += 1
        if chosen > following:
            seconds, through = (now - began).total_seconds(), f" to {chosen - 1}" if chosen - following > 1 else ""
            note = f"{SKIPPED}: {following}{through}, because look {number} took {seconds:.0f} s"
            self._notes = (*self._notes, note)
            self._say(note)
        return chosen

    async def _keep_templates(self, judged: Judged) -> None:
        store, mine = self._means.store, self.verification.id
        rows = await asyncio.to_thread(template_rows, judged.templates)
        await self._means.patiently(lambda: store.put_templates(mine, rows))

    def _sure(self, before: Judgement | None, now: Judgement) -> bool:
        """Two looks in a row say FAIL: what comes can't make it good."""
        failed = before is not None and before.verdict is now.verdict is Verdict.FAIL
        return failed and self._policy.early_stop

    async def _due(self, look: datetime) -> datetime:
        """Waits until the look's entries have arrived; its time, or the earlier one at which the window was closed."""
        while True:
            upto = min(look, self.verification.closes_at or look)
            left = upto + self._looks.lag - self._means.clock.now()
            if left <= timedelta(0):
                return upto
            await self._wait(left, "waiting for the next look")

    async def _wait(self, span: timedelta, step: str) -> None:
        """Returns after that time, or when the window is closed."""
        self._woken.clear()
        self._say(step)
        sleep = asyncio.ensure_future(self._means.clock.sleep(span))
        woken = asyncio.ensure_future(self._woken.wait())
        try:
            await asyncio.wait((sleep, woken), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            woken.cancel()

    async def _judge(self, number: int, upto: datetime) -> tuple[datetime, Judged] | None:
        """Reads and judges. The last look waits for what is known to be on its way, and the window may be closed
        meanwhile: the time up to which was judged; None where that left nothing."""
        limit = self._means.look_timeout.total_seconds()
        while True:
            last = upto in (self.verification.plan.looks[-1], self.verification.closes_at)
            async with asyncio.timeout(limit):
                await self._looks.read(number, upto, last)
            due, whose = self._looks.due(upto)
            left = due - self._means.clock.now()
            if not last or left <= timedelta(0):
                break
            await self._wait(left, f"waiting for late entries{whose}")
            upto = min(upto, self.verification.closes_at or upto)
            if upto <= self._judged_upto():
                return None
        async with asyncio.timeout(limit):
            return upto, await self._looks.judge(number, upto)

    async def _end(self, judgement: Judgement, look: int | None = None) -> None:
        judgement = closed(judgement, self.verification)
        await self.current.change(
            state=State.SUCCEEDED,
            ended=self._means.clock.now(),
            look=look or self.verification.look,
            judgement=judgement,
            coverage=self._looks.coverage,
            concurrent=await self._nearby(),
            decision=self._policy.decide(judgement.verdict),
            enforced_decision=self._policy.enforced(judgement.verdict),
        )

    async def _nearby(self) -> tuple[Nearby, ...]:
        return tuple(await self._means.patiently(lambda: self._means.store.nearby(self.verification)))

    def _share(self) -> float:
        """Looks judged over looks planned, with event time between them."""
        plan, now = self.verification.plan, self._means.clock.now()
        judged = self.verification.look / len(plan.looks)
        passed = (now - plan.candidate.start) / plan.candidate.length if len(plan.looks) > 1 else 0.0
        return min(0.99, max(judged, passed, 0.0))

    def _say(self, step: str) -> None:
        plan, now = self.verification.plan, self._means.clock.now()
        end = min(plan.candidate.end, self.verification.closes_at or plan.candidate.end)
        left = max(0.0, (end + self._looks.lag - now).total_seconds())
        self.cell.tell(Progress(step, self._share(), left, self._looks.entries, self._looks.coverage))


def _notes(verification: Verification) -> tuple[str, ...]:
    return verification.judgement.notes if verification.judgement else ()
