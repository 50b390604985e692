"""The checks of `logverdict backtest` that need no labels: made of the recorded cases, judged, counted."""

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from logverdict.cli.backtest_options import BacktestOptions
from logverdict.cli.processes import Task, run_all
from logverdict.domain.policy import Policy

if TYPE_CHECKING:
    from logverdict.verify.backtest import Prediction
    from logverdict.verify.checked import Checked, CheckTally
    from logverdict.verify.checks import Check

AT_ONCE = 16
"""Checks of one case that a process does before it tells."""


def run_checks(
    options: BacktestOptions, said: Sequence["Prediction"], policy: Policy, console: Console
) -> list["Checked"]:
    """Those that the cases allow, in an order that is always the same; `said` is of each case."""
    from logverdict.adapters.checks import check_folder, recorded
    from logverdict.verify.checks import checks

    root = options.cases
    known = [Task(one.case, partial(recorded, root / one.case, one, options.leave_out)) for one in said]
    cases = [case for case in run_all(known, options.jobs, console) if case is not None]
    wanted = checks(cases, options.most)
    console.print(f"{len(wanted):,} checks of {len(cases):,} cases", highlight=False)
    tasks = [
        Task(part[0].candidate.folder, partial(check_folder, root, part, policy), len(part)) for part in _parts(wanted)
    ]
    done = {one.check: one for part in run_all(tasks, options.jobs, console) for one in part}
    return [done[check] for check in wanted if check in done]


def _parts(wanted: Iterable["Check"]) -> Iterator[list["Check"]]:
    """Of one case each: it is read once for all of them."""
    folders: dict[str, list[Check]] = {}
    for check in wanted:
        folders.setdefault(check.candidate.folder, []).append(check)
    for part in folders.values():
        yield from (part[at : at + AT_ONCE] for at in range(0, len(part), AT_ONCE))


def write_checks(out: Path, done: Iterable["Checked"]) -> None:
    from logverdict.verify.checked import as_row

    lines = [json.dumps(as_row(one), ensure_ascii=False) for one in done]
    out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def tell_checks(done: Sequence["Checked"], console: Console) -> None:
    from logverdict.verify.checked import check_tallies

    rows = list(check_tallies(done, by_source=False))
    _print("must not alarm", "alarms", [row for row in rows if not row.alarm], console)
    _print("must be found", "found", [row for row in rows if row.alarm], console)
    where = [row for row in check_tallies(done, by_source=True) if row.failed and not row.alarm]
    if where:
        table = Table("where it alarms", "source", "alarms", "of")
        for row in where:
            table.add_row(row.name, row.source, str(row.failed), str(row.judged))
        console.print(table)
    unjudged = sum(row.made - row.judged for row in rows)
    if unjudged:
        console.print(f"{unjudged} of the checks were INCONCLUSIVE and are not counted", highlight=False)


def _print(name: str, column: str, rows: Sequence["CheckTally"], console: Console) -> None:
    if not rows:
        return
    table = Table(name, column, "WARN", "of")
    for row in rows:
        table.add_row(row.name, str(row.failed), str(row.warned), str(row.judged))
    console.print(table)
