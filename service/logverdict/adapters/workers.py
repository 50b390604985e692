"""Runs the engine in worker processes: it would hold the interpreter's lock and the cores from under the event loop."""

import asyncio
import gc
import io
import multiprocessing
import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TypeVar

import polars as pl

from logverdict.adapters.importing import importing
from logverdict.adapters.worker_begin import begin
from logverdict.domain.errors import WorkerDied
from logverdict.domain.verification import Plan, Slice
from logverdict.domain.window import Window
from logverdict.verify.engine_ports import Counted, Judged, JudgeTask
from logverdict.verify.ports import Raw

Answer = TypeVar("Answer")


def _prepare() -> None:
    """What only a judgement needs: most of a second to import, and the first judgement of a process takes longer."""
    with importing():
        from logverdict.analysis.warm import warm

        warm()


def _reduce(batches: list[bytes], piece: Slice, plan: Plan, span: Window) -> bytes:
    from logverdict.verify.judging import reduce_slice

    return reduce_slice([_from_bytes(batch) for batch in batches], piece, plan, span)


def _count_raw(raw: Raw, held: Sequence[pl.DataFrame], piece: Slice, plan: Plan, span: Window) -> Counted:
    from logverdict.verify.judging import count_raw

    return count_raw(raw, held, piece, plan, span)


def _count(rows: bytes, last: bytes, piece: Slice) -> bytes:
    from logverdict.verify.judging import count_slice

    return count_slice(_from_bytes(rows), _from_bytes(last), piece)


def _judge(task: JudgeTask) -> bytes:
    """For `_judged`."""
    from logverdict.verify.judging import judge_task

    with _uncollected():
        return pickle.dumps(judge_task(task), pickle.HIGHEST_PROTOCOL)


def _judged(data: bytes) -> Judged:
    """What a worker answered, which is trusted as the executor trusts any answer of its process."""
    with _uncollected():
        judged: Judged = pickle.loads(data)
    return judged


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles, which would walk over the growing list of events again and again: a third of
    the time of a judgement, and half of that of passing it on. Events hold no cycles."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class WorkerAnalyst:
    """`count` processes, each with an executor of its own, so that a killed one takes one task along, not all.

    Work goes to the first one that is idle, so judgements mostly to the first of all: it alone prepares for them.
    They are spawned, as fork under gRPC or Polars hangs. Open it before the server starts.
    """

    def __init__(self, count: int, threads: int = 1) -> None:
        self._threads = threads
        self._idle: asyncio.PriorityQueue[int] = asyncio.PriorityQueue()
        self._all = [self._spawn() for _ in range(count)]
        self._started = [worker.submit(os.getpid) for worker in self._all]
        self._prepared = self._all[0].submit(_prepare)
        for number in range(count):
            self._idle.put_nowait(number)

    async def open(self) -> list[int]:
        """The ids of the processes, once they have started. The first may still prepare for judgements.

        Raises WorkerDied where they cannot start.
        """
        try:
            processes = list(await asyncio.gather(*map(asyncio.wrap_future, self._started)))
            first = self._idle.get_nowait()  # what the others can do should not wait for it
            asyncio.wrap_future(self._prepared).add_done_callback(lambda done: self._give_back(first, done))
            return processes
        except BrokenProcessPool:
            raise WorkerDied("the processes that analyse cannot start; is there memory for them?") from None

    async def reduce(self, entries: Sequence[pl.DataFrame], piece: Slice, plan: Plan, span: Window) -> bytes:
        batches = await asyncio.to_thread(lambda: [_to_bytes(batch) for batch in entries])
        return await self._run(_reduce, batches, piece, plan, span)

    async def count_raw(
        self, raw: Raw, held: Sequence[pl.DataFrame], piece: Slice, plan: Plan, span: Window
    ) -> Counted:
        return await self._run(_count_raw, raw, held, piece, plan, span)

    async def count(self, rows: pl.DataFrame, last: pl.DataFrame, piece: Slice, plan: Plan) -> bytes:
        packed = await asyncio.to_thread(lambda: [_to_bytes(rows), _to_bytes(last)])
        return await self._run(_count, *packed, piece)

    async def judge(self, task: JudgeTask) -> Judged:
        return await asyncio.to_thread(_judged, await self._run(_judge, task))

    def close(self) -> None:
        """Ends the processes, all at once."""
        with ThreadPoolExecutor(len(self._all)) as threads:
            threads.map(lambda worker: worker.shutdown(wait=True, cancel_futures=True), self._all)

    async def _run(self, work: Callable[..., Answer], *arguments: object) -> Answer:
        number, future = await self._submit(work, *arguments)
        future.add_done_callback(lambda done: self._give_back(number, done))
        try:
            return await future
        except BrokenProcessPool:
            raise WorkerDied("the process that analysed this verification was killed (out of memory?)") from None

    async def _submit(self, work: Callable[..., Answer], *arguments: object) -> tuple[int, "asyncio.Future[Answer]"]:
        """To an idle worker; one that was killed while idle is replaced, and nothing is lost."""
        number = await self._idle.get()
        loop = asyncio.get_running_loop()
        try:
            return number, loop.run_in_executor(self._all[number], work, *arguments)
        except BrokenProcessPool:
            self._all[number] = self._spawn()
            return number, loop.run_in_executor(self._all[number], work, *arguments)

    def _give_back(self, number: int, done: "asyncio.Future[Answer]") -> None:
        """A cancelled task still runs to its end in its process: the next one waits behind it."""
        if not done.cancelled() and isinstance(done.exception(), BrokenProcessPool):
            self._all[number] = self._spawn()
        self._idle.put_nowait(number)

    def _spawn(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(1, mp_context=context, initializer=begin, initargs=(self._threads,))


def _to_bytes(batch: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    batch.write_ipc(out)
    return out.getvalue()


def _from_bytes(data: bytes) -> pl.DataFrame:
    return pl.read_ipc(io.BytesIO(data))
