"""One look: what is read for it, when its entries have arrived, and what is judged."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from logverdict.domain.verification import Slice, SourceCoverage, Verification
from logverdict.domain.window import Window
from logverdict.verify.engine_ports import Judged, JudgeTask, WindowCounts
from logverdict.verify.history import past, pinned
from logverdict.verify.means import Means
from logverdict.verify.plan import baseline_slices, candidate_slices
from logverdict.verify.reading import Reader
from logverdict.verify.standing import standing

LATE = 4
"""Ingest lags after which a slice of a source that can't count gains nothing any more; until then each look reads it
again."""
STEPS = 10
"""How often, within the longest lag, is looked for entries that are awaited."""
SECOND = timedelta(seconds=1)
Say = Callable[[str], None]


class Looks:
    """The looks of one verification, over one reader. `coverage` is of the newest look."""

    def __init__(self, verification: Verification, means: Means, say: Say) -> None:
        self._request, self._plan = verification.request, verification.plan
        self._means = means
        self._say = say
        self._reader = Reader(verification, means, say)
        self._baseline = list(baseline_slices(self._request, self._plan))
        self._pieces: list[Slice] = []
        self._pinned: tuple[WindowCounts, ...] = ()
        self._past: tuple[WindowCounts, ...] = ()
        self.coverage: tuple[SourceCoverage, ...] = verification.coverage
        self.lag = self._request.timing.ingest_lag
        """How long after a time its entries have arrived: what the profile says or, up to a bound, what is measured."""

    @property
    def entries(self) -> int:
        """How many were read so far."""
        return self._reader.entries

    async def begin(self) -> None:
        """Take over what an earlier process stored."""
        await self._reader.load()
        self._pinned = await pinned(self._means.store, self._plan.verifications)
        self._past = await past(self._means.store, self._plan.history)

    async def read_baseline(self) -> None:
        await self._read(self._baseline, "reading the baseline")
        self._measure()

    async def read(self, number: int, upto: datetime, last: bool) -> None:
        """Reads what is new, counts all again, and reads again what gained entries.

        Raises QueryRejected, or any error that a retry does not mend.
        """
        self._pieces = list(candidate_slices(self._request, self._plan, upto))
        look = f"look {number} of {len(self._plan.looks)}"
        again = self._reader.countless(self._pieces, upto - LATE * self._request.timing.ingest_lag)
        whole = [*self._baseline, *self._pieces]
        await self._read(whole, f"reading for {look}", [piece for piece in again if piece.span.end < upto])
        gained = await self._reader.count_again(whole, everything=last)
        if gained:
            await self._read(gained, f"reading what came late for {look}", gained)
        self._measure()
        reader = self._reader
        self.coverage = (*reader.coverage(self._baseline, "baseline"), *reader.coverage(self._pieces, "candidate"))

    def due(self, upto: datetime) -> tuple[datetime, str]:
        """When the last look at what was just read has all that is known to be on its way, and whose entries that are:
        as late as the latest came; or the longest lag, in steps, where changed instances fell silent."""
        now, timing, awaited = self._means.clock.now(), self._request.timing, self._reader.awaited()
        due, latest = upto + self.lag, upto + timing.max_lag
        if awaited and now < latest:
            due = max(due, min(now + max(timing.max_lag / STEPS, SECOND), latest))
        return due, f" of {', '.join(name or 'all instances' for name in awaited[:3])}" if awaited else ""

    async def judge(self, number: int, upto: datetime) -> Judged:
        """Judges what was read last."""
        self._say(f"judging look {number} of {len(self._plan.looks)}")
        windows = [
            self._reader.counts([piece for piece in self._baseline if piece.window == f"baseline-{place}"], window)
            for place, window in enumerate(self._plan.baselines)
        ]
        task = JudgeTask(
            request=self._request,
            candidate=self._reader.counts(self._pieces, Window(self._plan.candidate.start, upto)),
            baselines=(*windows, *self._pinned),
            look=number,
            looks=len(self._plan.looks),
            history=self._past,
            feedback=await standing(self._request, self._means),
            rules=self._plan.rules,
        )
        return await self._means.analyst.judge(task)

    def _measure(self) -> None:
        timing = self._request.timing
        self.lag = max(timing.ingest_lag, min(self._reader.lag(), timing.max_lag))

    async def _read(self, pieces: Sequence[Slice], step: str, again: Sequence[Slice] = ()) -> None:
        await self._reader.read(pieces, lambda done, due: self._say(f"{step} ({done} of {due} slices)"), again)
