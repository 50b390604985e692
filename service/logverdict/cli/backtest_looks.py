"""`logverdict backtest --simulate`: how often any look alarms on good runs, and how early bad ones are found."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table

from logverdict.cli.backtest_options import BacktestOptions
from logverdict.cli.processes import Task, run_all
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.policy import Policy
from logverdict.domain.words import FalseAlarmLevel, Sensitivity, Verdict

if TYPE_CHECKING:
    from logverdict.verify.backtest import Prediction
    from logverdict.verify.simulate import Shares, Simulated

AT_ONCE = 28
"""Runs of one case that a process does before it tells: each change once, both ways."""
NONE_FIT = 1


def check_looks(options: BacktestOptions, writable: Callable[[str, Path], None]) -> None:
    """Before minutes of work."""
    if options.runs and not options.simulate:
        raise InvalidRequest("--runs", "needs --simulate RUNS")
    if options.runs and options.runs in (options.out, options.checks):
        raise InvalidRequest("--runs", "is the file of another option; write another")
    if options.runs:
        writable("--runs", options.runs)


def tell_looks(options: BacktestOptions, said: Sequence["Prediction"], policy: Policy, console: Console) -> None:
    """`said` is of each case. Exits with NONE_FIT where no case can be used."""
    from logverdict.adapters.simulate import enough_bins
    from logverdict.verify.simulate import as_row

    good = [one.case for one in said if _good(one, options)]
    fit = run_all([Task(case, partial(enough_bins, options.cases / case)) for case in good], options.jobs, console)
    cases = [case for case, enough in zip(good, fit, strict=True) if enough]
    tasks = list(_tasks(options, cases, policy))
    done = sorted(
        (one for part in run_all(tasks, options.jobs, console) for one in part),
        key=lambda one: (one.run.bad, one.run.number),
    )
    if not done:
        console.print("[red]error:[/red] no good case has enough bins to make runs of", highlight=False)
        raise typer.Exit(NONE_FIT)
    made = f"{len(done):,} runs of {options.looks} looks, seed {options.seed}"
    console.print(f"{made}; of {len(cases)} of {len(good)} good cases, the others have too few bins", highlight=False)
    if options.runs:
        lines = [json.dumps(as_row(one), ensure_ascii=False) for one in done]
        options.runs.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    _tables(done, policy, console)


def _good(one: "Prediction", options: BacktestOptions) -> bool:
    """Known to be good or, where that is not known, judged so."""
    if not one.complete or (one.truth is not None and one.truth.kind in options.leave_out):
        return False
    return one.truth.verdict == "pass" if one.truth else one.judgement.verdict is Verdict.PASS


def _tasks(options: BacktestOptions, cases: Sequence[str], policy: Policy) -> Iterator[Task[list["Simulated"]]]:
    """Cases take turns, so that each makes as many runs of each way and change."""
    from logverdict.adapters.simulate import simulate_folder
    from logverdict.verify.simulate import Simulation

    for first in range(0, options.simulate if cases else 0, AT_ONCE):
        folder = options.cases / cases[first // AT_ONCE % len(cases)]
        numbers = range(first, min(first + AT_ONCE, options.simulate))
        wanted = [Simulation(number, options.seed, options.looks, bad) for number in numbers for bad in (False, True)]
        yield Task(folder.name, partial(simulate_folder, folder, wanted, policy), len(wanted))


def _tables(done: Sequence["Simulated"], policy: Policy, console: Console) -> None:
    from logverdict.verify.alarms import SURE
    from logverdict.verify.simulate import GOOD, shares

    good = Table("good runs", "sensitivity", "alarm level", "runs", "any look FAIL", "at most", "stopped")
    for row in shares((one for one in done if one.change == GOOD), list(product(Sensitivity, FalseAlarmLevel))):
        said = (f"{row.some_look / row.runs:.1%}", f"{row.most:.1%}", f"{row.stopped / row.runs:.1%}")
        good.add_row(row.way, *(word.value for word in row.level), f"{row.runs:,}", *said)
    console.print(good)
    level = (policy.sensitivity, policy.false_alarm_level)
    bad = Table("bad runs", "", "runs", "found", "median share of the window")
    for row in shares((one for one in done if one.change != GOOD), [level]):
        bad.add_row(row.change, row.way, f"{row.runs:,}", f"{row.some_look / row.runs:.0%}", _early(row))
    console.print(bad)
    console.print(f"bad runs: at sensitivity {level[0]}, false-alarm level {level[1]}; at most: {SURE:.0%} sure")


def _early(row: "Shares") -> str:
    return f"{row.early:.0%}" if row.early is not None else "–"
