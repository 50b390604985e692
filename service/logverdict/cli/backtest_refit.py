"""`logverdict backtest --refit`: how the quality holds up on a source that no threshold was fitted to."""

from collections.abc import Sequence
from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from logverdict.cli.backtest_options import BacktestOptions
from logverdict.cli.processes import Task, run_all
from logverdict.domain.policy import Policy

if TYPE_CHECKING:
    from logverdict.verify.backtest import Prediction
    from logverdict.verify.refit import Fold, Score

NAME = 40
"""Characters of a source's name that are shown."""


def run_refit(options: BacktestOptions, said: Sequence["Prediction"], policy: Policy, console: Console) -> list["Fold"]:
    """Cases are read and compared once, in processes; the judge is run again for each try."""
    from logverdict.adapters.cases import known_folder
    from logverdict.verify.refit import refit

    wanted = [one for one in said if one.truth is not None and one.truth.kind not in options.leave_out]
    tasks = [Task(one.case, partial(known_folder, options.cases / one.case)) for one in wanted]
    cases = [case for case in run_all(tasks, options.jobs, console) if case is not None]
    with console.status("refitting") as status:
        return refit(cases, policy, lambda source: status.update(f"refitting without {source}"))


def tell_refit(folds: Sequence["Fold"], console: Console) -> None:
    from logverdict.verify.refit import Score

    table = Table()
    table.add_column("refitted without", no_wrap=True, overflow="ellipsis", max_width=NAME)
    for column in ("found", "alarms", "found before", "alarms before", "thresholds moved"):
        table.add_column(column)
    for fold in folds:
        table.add_row(fold.source, *_counts(fold.refitted), *_counts(fold.default), _others(fold))
    console.print(table)
    for name, scores in (("defaults", [f.default for f in folds]), ("refitted", [f.refitted for f in folds])):
        whole = sum(scores, Score())
        console.print(f"{name}: F1 {whole.f1:.3f}, false alarms {whole.false_alarms:.3f}", highlight=False)


def _counts(score: "Score") -> tuple[str, str]:
    return f"{score.found} of {score.found + score.missed}", f"{score.alarms} of {score.alarms + score.quiet}"


def _others(fold: "Fold") -> str:
    """The thresholds that the fit chose otherwise."""
    from logverdict.analysis.thresholds import DEFAULT

    chosen = ((field.name, getattr(fold.thresholds, field.name)) for field in fields(fold.thresholds))
    return ", ".join(f"{name} {value:g}" for name, value in chosen if value != getattr(DEFAULT, name))
