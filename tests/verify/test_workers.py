"""Worker processes: the engine's answers from outside, and what happens when one is killed."""

import asyncio
import os
import signal
from contextlib import suppress
from dataclasses import replace

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from fakes.analyst import InlineAnalyst
from fakes.verifications import NOON, a_plan, a_request, a_slice
from logverdict.adapters.workers import WorkerAnalyst
from logverdict.analysis.counts import FRAMES, TemplateCounts
from logverdict.analysis.entries import entries
from logverdict.domain.errors import WorkerDied
from logverdict.domain.window import Window
from logverdict.verify.engine_ports import JudgeTask, WindowCounts


def some(count: int) -> list[pl.DataFrame]:
    return [entries([(NOON, f"order {number} stored", "info", "a", "") for number in range(count)])]


async def test_a_worker_gives_what_the_engine_gives():
    """Processes change where the work is done, not what comes out."""
    analyst = WorkerAnalyst(1)
    try:
        piece = replace(a_slice(), window="baseline-0", span=Window(NOON, NOON.replace(minute=1)))
        inside = await InlineAnalyst().reduce(some(100), piece, a_plan(), piece.span)
        outside = await analyst.reduce(some(100), piece, a_plan(), piece.span)
        one, other = TemplateCounts.from_bytes(inside), TemplateCounts.from_bytes(outside)
        for name in FRAMES:
            assert_frame_equal(getattr(one, name), getattr(other, name))
        window = WindowCounts((inside,), 60.0, 20)
        task = JudgeTask(a_request(), window, (window,), 1, 1)
        judged = await analyst.judge(task)
        assert judged == await InlineAnalyst().judge(task)
        assert judged.judgement.events and judged.templates
    finally:
        analyst.close()


async def test_a_worker_killed_at_work_takes_one_task_along_and_is_replaced():
    """The next task is done by a fresh process."""
    analyst = WorkerAnalyst(1)
    try:
        (pid,) = await analyst.open()
        assert await analyst.reduce(some(10), a_slice(), a_plan(), a_slice().span)  # what it prepares is done
        os.kill(pid, signal.SIGSTOP)
        nothing = WindowCounts((), 60.0, 20)
        work = asyncio.ensure_future(analyst.judge(JudgeTask(a_request(), nothing, (nothing,), 1, 1)))
        await asyncio.sleep(0)  # it is at work, and stopped there
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(WorkerDied):
            await work
        assert await analyst.reduce(some(10), a_slice(), a_plan(), a_slice().span)
    finally:
        analyst.close()


async def test_a_worker_killed_while_idle_is_replaced():
    """At most the task that finds it dead is lost."""
    analyst = WorkerAnalyst(1)
    try:
        (pid,) = await analyst.open()
        os.kill(pid, signal.SIGKILL)
        with suppress(WorkerDied):
            await analyst.reduce(some(10), a_slice(), a_plan(), a_slice().span)
        assert await analyst.reduce(some(10), a_slice(), a_plan(), a_slice().span)
    finally:
        analyst.close()
