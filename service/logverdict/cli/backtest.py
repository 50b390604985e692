"""`logverdict backtest`: what the engine would have said of past deployments that were recorded as cases."""

import json
import os
import time
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table

from logverdict.cli.backtest_checks import run_checks, tell_checks, write_checks
from logverdict.cli.backtest_looks import check_looks, tell_looks
from logverdict.cli.backtest_options import BacktestOptions
from logverdict.cli.backtest_refit import run_refit, tell_refit
from logverdict.cli.options import takes
from logverdict.cli.processes import Task, run_all
from logverdict.domain.errors import InvalidRequest, VerifyError
from logverdict.domain.policy import Policy
from logverdict.domain.words import Sensitivity, parse_word

if TYPE_CHECKING:
    from logverdict.verify.backtest import Prediction, Tally

WRONG_USAGE = 2
WIDE = 132
"""Columns of tables that go to a file or a pipe, which has no width: names of systems are long."""

Timed = tuple[list["Prediction"], float]
"""What each policy said of a case, and the seconds of all."""


@takes(BacktestOptions)
def backtest(options: BacktestOptions) -> None:
    """Judge recorded deployments, and compare with their truth where it is known."""
    console = _console()
    try:
        policies = _policies(options.sensitivity, options.min_entries)
        _check_writable("--out", options.out)
        if options.checks:
            if options.checks == options.out:
                raise InvalidRequest("--checks", "is the file of --out; write another")
            _check_writable("--checks", options.checks)
        check_looks(options, _check_writable)
        done = _judge_all(options, policies, console)
        _write(options.out, done, policies[0])
    except VerifyError as fault:
        console.print(f"[red]error:[/red] {fault.message}", highlight=False, soft_wrap=True)
        raise typer.Exit(WRONG_USAGE) from None
    _summary(done, console)
    if options.by_source:
        _tell_sources([one for (one, *_), _ in done], console)
    _tell_alarms(done, policies, console)
    said = [one for (one, *_), _ in done]
    if options.refit:
        _refit(options, said, policies[0], console)
    if options.checks:
        made = run_checks(options, said, policies[0], console)
        write_checks(options.checks, made)
        tell_checks(made, console)
        console.print(f"each check, and why it alarmed: {options.checks}", highlight=False, soft_wrap=True)
    if options.simulate:
        tell_looks(options, [one for (one, *_), _ in done], policies[0], console)


def _refit(options: BacktestOptions, said: list["Prediction"], policy: Policy, console: Console) -> None:
    try:
        tell_refit(run_refit(options, said, policy, console), console)
    except InvalidRequest as fault:
        console.print(f"[red]error:[/red] {fault.message}", highlight=False, soft_wrap=True)
        raise typer.Exit(WRONG_USAGE) from None


def _policies(word: str, min_entries: int) -> list[Policy]:
    """Of the first one predictions are written; ALL is MEDIUM first."""
    first = Sensitivity.MEDIUM if word.upper() == "ALL" else parse_word(Sensitivity, word, "sensitivity")
    others = [other for other in Sensitivity if other is not first] if word.upper() == "ALL" else []
    return [replace(Policy(), min_entries=min_entries, sensitivity=each) for each in (first, *others)]


def _folders(cases: Path, only: str, limit: int) -> list[Path]:
    from logverdict.adapters.cases import case_folders

    found = case_folders(cases, only)
    return found[:limit] if limit else found


def _console() -> Console:
    console = Console(stderr=True)
    return console if console.is_terminal or "COLUMNS" in os.environ else Console(stderr=True, width=WIDE)


def _judge_all(options: BacktestOptions, policies: list[Policy], console: Console) -> list[Timed]:
    folders = _folders(options.cases, options.only, options.limit)
    tasks = [Task(folder.name, partial(_timed, folder, policies)) for folder in folders]
    return sorted(run_all(tasks, options.jobs, console), key=lambda timed: timed[0][0].case)


def _timed(folder: Path, policies: list[Policy]) -> Timed:
    from logverdict.adapters.cases import predict_folder

    start = time.perf_counter()
    return predict_folder(folder, policies), time.perf_counter() - start


def _check_writable(option: str, out: Path) -> None:
    """Before minutes of work, not after them."""
    try:
        out.open("a").close()
    except OSError as fault:
        raise InvalidRequest(option, f"{out} cannot be written: {fault.strerror}") from None


def _write(out: Path, done: list[Timed], policy: Policy) -> None:
    from logverdict.verify.backtest import as_row

    lines = [json.dumps(as_row(one, policy, seconds), ensure_ascii=False) for (one, *_), seconds in done]
    out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _summary(done: list[Timed], console: Console) -> None:
    from logverdict.verify.backtest import tallies

    counts = Counter(one.judgement.verdict.value for (one, *_), _ in done)
    said = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
    console.print(f"{len(done)} cases: {said}; {sum(seconds for _, seconds in done):.1f} s of work", highlight=False)
    _print_tallies("kind", list(tallies(one for (one, *_), _ in done)), console)
    partial = sum(not one.complete for (one, *_), _ in done)
    if partial:
        console.print(f"{partial} of the cases are incomplete recordings: what they lack may look gone or new")


def _print_tallies(name: str, rows: list["Tally"], console: Console) -> None:
    table = Table(name, "right PASS", "false alarm", "right FAIL", "missed")
    for row in rows:
        table.add_row(row.name, *map(str, (row.right_pass, row.false_alarm, row.right_fail, row.missed)))
    if rows:
        console.print(table)


def _tell_sources(said: list["Prediction"], console: Console) -> None:
    """Many cases may be of one system: the means let each system weigh the same."""
    from logverdict.verify.backtest import means, tallies

    rows = list(tallies(said, by_source=True))
    _print_tallies("source", rows, console)
    mean = means(rows)
    shares = [f"{share:.1%}" if share is not None else "not known" for share in (mean.false_alarms, mean.found)]
    console.print(f"means over sources: false alarms {shares[0]}, found {shares[1]}", highlight=False)


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
