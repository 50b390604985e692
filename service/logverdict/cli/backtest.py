"""`logverdict backtest`: what the engine would have said of past deployments that were recorded as cases."""

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from logverdict.domain.errors import InvalidRequest, VerifyError
from logverdict.domain.policy import Policy
from logverdict.domain.words import Sensitivity, parse_word

if TYPE_CHECKING:
    from logverdict.verify.backtest import Prediction

WRONG_USAGE = 2
SMALLEST = 10
"""Entries that a side of a recorded case needs: runs of jobs are short."""

Timed = tuple[list["Prediction"], float]
"""What each policy said of a case, and the seconds of all."""


def backtest(
    cases: Annotated[
        Path, typer.Argument(help="Folder with one folder a case: baseline.jsonl.gz, candidate.jsonl.gz.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Where the predictions go, one JSON object a case.")],
    sensitivity: Annotated[str, typer.Option(help="LOW, MEDIUM, HIGH; ALL compares them on good cases.")] = "MEDIUM",
    only: Annotated[str, typer.Option(help="Only cases whose name matches this glob.")] = "*",
    limit: Annotated[int, typer.Option(help="At most so many cases; 0 for all.", min=0)] = 0,
    jobs: Annotated[int, typer.Option(help="Processes; 0 for one a core.", min=0)] = 0,
    min_entries: Annotated[int, typer.Option(help="Entries that each side needs to be judged.", min=0)] = SMALLEST,
) -> None:
    """Judge recorded deployments, and compare with their truth where it is known."""
    console = Console(stderr=True)
    try:
        policies = _policies(sensitivity, min_entries)
        _check_writable(out)
        done = _judge_all(_folders(cases, only, limit), policies, jobs or os.cpu_count() or 1, console)
        _write(out, done, policies[0])
    except VerifyError as fault:
        console.print(f"[red]error:[/red] {fault.message}", highlight=False, soft_wrap=True)
        raise typer.Exit(WRONG_USAGE) from None
    _summary(done, console)
    _tell_alarms(done, policies, console)


def _policies(word: str, min_entries: int) -> list[Policy]:
    """Of the first one predictions are written; ALL is MEDIUM first."""
    first = Sensitivity.MEDIUM if word.upper() == "ALL" else parse_word(Sensitivity, word, "sensitivity")
    others = [other for other in Sensitivity if other is not first] if word.upper() == "ALL" else []
    return [replace(Policy(), min_entries=min_entries, sensitivity=each) for each in (first, *others)]


def _folders(cases: Path, only: str, limit: int) -> list[Path]:
    from logverdict.adapters.cases import case_folders

    found = case_folders(cases, only)
    return found[:limit] if limit else found


def _judge_all(folders: list[Path], policies: list[Policy], jobs: int, console: Console) -> list[Timed]:
    """In processes of their own, one thread each: two fits at a time would share the cores anyhow."""
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    workers = min(jobs, len(folders))
    with progress, ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        task = progress.add_task("cases", total=len(folders))
        done = []
        for one in _as_done(pool, folders, policies):
            done.append(one)
            progress.update(task, advance=1, description=one[0][0].case[:40])
    return sorted(done, key=lambda timed: timed[0][0].case)


def _as_done(pool: Executor, folders: list[Path], policies: list[Policy]) -> Iterator[Timed]:
    waiting: list[Future[Timed]] = [pool.submit(_timed, folder, policies) for folder in folders]
    try:
        for future in as_completed(waiting):
            yield future.result()
    finally:
        for future in waiting:
            future.cancel()


def _timed(folder: Path, policies: list[Policy]) -> Timed:
    from logverdict.adapters.cases import predict_folder

    start = time.perf_counter()
    return predict_folder(folder, policies), time.perf_counter() - start


def _check_writable(out: Path) -> None:
    """Before minutes of work, not after them."""
    try:
        out.open("a").close()
    except OSError as fault:
        raise InvalidRequest("--out", f"{out} cannot be written: {fault.strerror}") from None


def _write(out: Path, done: list[Timed], policy: Policy) -> None:
    from logverdict.verify.backtest import as_row

    lines = [json.dumps(as_row(one, policy, seconds), ensure_ascii=False) for (one, *_), seconds in done]
    out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _summary(done: list[Timed], console: Console) -> None:
    from logverdict.verify.backtest import tallies

    counts = Counter(one.judgement.verdict.value for (one, *_), _ in done)
    said = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
    console.print(f"{len(done)} cases: {said}; {sum(seconds for _, seconds in done):.1f} s of work", highlight=False)
    table = Table("kind", "right PASS", "false alarm", "right FAIL", "missed")
    for tally in tallies(one for (one, *_), _ in done):
        numbers = (tally.right_pass, tally.false_alarm, tally.right_fail, tally.missed)
        table.add_row(tally.kind, *(str(number) for number in numbers))
    if table.row_count:
        console.print(table)
    partial = sum(not one.complete for (one, *_), _ in done)
    if partial:
        console.print(f"{partial} of the cases are incomplete recordings: what they lack may look gone or new")


def _tell_alarms(done: list[Timed], policies: list[Policy], console: Console) -> None:
    """What the good cases say of false alarms."""
    from logverdict.verify.alarms import SURE, alarms

    good = [found for found, _ in done if found[0].truth is not None and found[0].truth.verdict == "pass"]
    verdicts = [
        {policy.sensitivity: one.judgement.verdict for policy, one in zip(policies, found, strict=True)}
        for found in good
    ]
    rows = list(alarms(verdicts))
    if not rows:
        return
    table = Table("sensitivity", "good cases", "judged", "WARN", "FAIL", "false alarms", "at most")
    for row in rows:
        numbers = (row.good, row.judged, row.warned, row.failed)
        shares = (f"{row.share:.1%}", f"{row.most:.1%}") if row.judged else ("not known", "not known")
        table.add_row(row.sensitivity.value, *map(str, numbers), *shares)
    console.print(table)
    console.print(f"at most: {SURE:.0%} sure, by so many judged cases; more cases make it less")


def main() -> None:
    typer.run(backtest)


if __name__ == "__main__":
    main()
