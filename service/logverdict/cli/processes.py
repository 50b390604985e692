"""Work in processes of their own, with its progress shown."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Generic, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Task(Generic[Answer]):
    """`name` is shown, `size` is how far it brings the whole."""

    name: str
    work: Callable[[], Answer]
    size: int = 1


def run_all(tasks: Sequence[Task[Answer]], jobs: int, console: Console) -> list[Answer]:
    """What the tasks answer, in their order. `jobs` processes, 0 for one a core, of one thread each: two fits at a time
    would share the cores anyhow."""
    if not tasks:
        return []
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    workers = min(jobs or os.cpu_count() or 1, len(tasks))
    answers: dict[int, Answer] = {}
    with progress, ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        bar = progress.add_task(tasks[0].name[:40], total=sum(task.size for task in tasks))
        for place, answer in _as_done(pool, tasks):
            answers[place] = answer
            progress.update(bar, advance=tasks[place].size, description=tasks[place].name[:40])
    return [answers[place] for place in range(len(tasks))]


def _as_done(pool: Executor, tasks: Sequence[Task[Answer]]) -> Iterator[tuple[int, Answer]]:
    waiting: dict[Future[Answer], int] = {pool.submit(task.work): place for place, task in enumerate(tasks)}
    try:
        for future in as_completed(waiting):
            yield waiting[future], future.result()
    finally:
        for future in waiting:
            future.cancel()
