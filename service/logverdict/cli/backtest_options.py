"""The options of `backtest`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

SMALLEST = 10
"""Entries that a side of a recorded case needs: runs of jobs are short."""
MOST = 12
_LOOKS = "Looks while running"
_CHECKS = "Checks that need no labels"


@dataclass(frozen=True, kw_only=True)
class BacktestOptions:
    cases: Annotated[Path, typer.Argument(help="Folder with one folder a case: baseline.jsonl.gz, candidate.jsonl.gz.")]
    out: Annotated[Path, typer.Option("--out", help="Where the predictions go, one JSON object a case.")]
    sensitivity: Annotated[str, typer.Option(help="LOW, MEDIUM, HIGH; ALL compares them on good cases.")] = "MEDIUM"
    only: Annotated[str, typer.Option(help="Only cases whose name matches this glob.")] = "*"
    limit: Annotated[int, typer.Option(help="At most so many cases; 0 for all.", min=0)] = 0
    jobs: Annotated[int, typer.Option(help="Processes; 0 for one a core.", min=0)] = 0
    min_entries: Annotated[int, typer.Option(help="Entries that each side needs to be judged.", min=0)] = SMALLEST
    by_source: Annotated[
        bool, typer.Option("--by-source", help="Also count right and wrong by the system that was recorded.")
    ] = False
    refit: Annotated[
        bool,
        typer.Option(
            "--refit",
            help="Fit the judge's thresholds to all sources but one, and try them on that one, for each source: how "
            "much of the quality is tuning.",
        ),
    ] = False
    checks: Annotated[
        Path | None,
        typer.Option(
            rich_help_panel=_CHECKS,
            metavar="FILE",
            show_default=False,
            help="Make more cases of the recorded ones, of which it is known what has to come: bad replaced by good, "
            "good against good, one baseline or several, changes put in. One JSON object each goes here.",
        ),
    ] = None
    most: Annotated[
        int, typer.Option(rich_help_panel=_CHECKS, help="At most so many of a kind and source, chosen by hash.", min=1)
    ] = MOST
    leave_out: Annotated[
        list[str],
        typer.Option(
            rich_help_panel=_CHECKS,
            metavar="KIND",
            show_default=False,
            help="Cases of this kind in truth.json take no part in checks and refitting, as their truth is weak "
            "(repeatable).",
        ),
    ] = field(default_factory=list)
    simulate: Annotated[
        int,
        typer.Option(
            rich_help_panel=_LOOKS,
            metavar="RUNS",
            show_default=False,
            help="Make so many good runs of the bins of good cases, and as many bad ones, and judge each at every "
            "look: how often does any look alarm, how early is trouble found?",
            min=0,
        ),
    ] = 0
    looks: Annotated[int, typer.Option(rich_help_panel=_LOOKS, help="Looks of a simulated run.", min=1, max=20)] = 10
    seed: Annotated[int, typer.Option(rich_help_panel=_LOOKS, help="The same seed draws the same runs.", min=0)] = 1
    runs: Annotated[
        Path | None,
        typer.Option(
            rich_help_panel=_LOOKS, metavar="FILE", show_default=False, help="One JSON object a run goes here."
        ),
    ] = None
