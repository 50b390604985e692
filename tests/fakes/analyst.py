"""Analysts that work in the test's own process."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from fakes.verifications import a_judgement
from logverdict.domain.verification import Plan, Slice
from logverdict.domain.window import Window
from logverdict.domain.words import Reason, Verdict
from logverdict.verify.engine_ports import Counted, Judged, JudgeTask
from logverdict.verify.judging import count_raw, count_slice, judge_task, reduce_slice
from logverdict.verify.ports import Raw


class InlineAnalyst:
    """The real engine, without processes."""

    async def reduce(self, entries: Sequence[pl.DataFrame], piece: Slice, plan: Plan, span: Window) -> bytes:
        return reduce_slice(entries, piece, plan, span)

    async def count_raw(
        self, raw: Raw, held: Sequence[pl.DataFrame], piece: Slice, plan: Plan, span: Window
    ) -> Counted:
        return count_raw(raw, held, piece, plan, span)

    async def count(self, rows: pl.DataFrame, last: pl.DataFrame, piece: Slice, plan: Plan) -> bytes:
        return count_slice(rows, last, piece)

    async def judge(self, task: JudgeTask) -> Judged:
        return judge_task(task)


class ScriptedAnalyst(InlineAnalyst):
    """Gives these verdicts look by look (the last one for ever), or raises an error; remembers the tasks."""

    def __init__(self, *script: Verdict | Exception) -> None:
        self._script = script
        self.tasks: list[JudgeTask] = []

    async def judge(self, task: JudgeTask) -> Judged:
        self.tasks.append(task)
        step = self._script[min(len(self.tasks), len(self._script)) - 1]
        if isinstance(step, Exception):
            raise step
        reason = {Verdict.INCONCLUSIVE: Reason.CANDIDATE_TOO_SMALL, Verdict.FAIL: Reason.NEW_ERRORS}
        judgement = replace(a_judgement(), verdict=step, reason=reason.get(step, Reason.NO_ANOMALY))
        return Judged(judgement)
