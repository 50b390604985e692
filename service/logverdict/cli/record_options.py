"""The options of `record`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from logverdict.cli.options import Local, Server

_WHAT, _WHEN = "What", "When"


def _text(panel: str, metavar: str, help: str, *names: str) -> object:
    return typer.Option(*names, rich_help_panel=panel, metavar=metavar, help=help, show_default=False)


def _span(help: str) -> object:
    return typer.Option(rich_help_panel=_WHEN, metavar="SPAN", help=help)


@dataclass(frozen=True, kw_only=True)
class RecordOptions(Server, Local):
    service: Annotated[
        str, typer.Argument(metavar="SERVICE[@VERSION]", help="The service whose logs are saved.", show_default=False)
    ]
    environment: Annotated[str, _text(_WHAT, "NAME", "Where, such as prod.", "--environment", "-e")]
    out: Annotated[Path, _text(_WHAT, "FOLDER", "Where the cases go, a folder each.", "--out")]
    profile: Annotated[str | None, _text(_WHAT, "NAME", "The profile. Default: the one named as the service.")] = None
    inline_profile: Annotated[
        Path | None, _text(_WHAT, "FILE", "A profile brought along, as JSON or YAML, instead of --profile.")
    ] = None
    truth: Annotated[
        Literal["pass", "fail"] | None,
        typer.Option(
            rich_help_panel=_WHAT,
            case_sensitive=False,
            help="Whether the deployments were good. Default: pass with --every, not known with --at.",
            show_default=False,
        ),
    ] = None
    at: Annotated[
        list[str] | None,
        _text(_WHEN, "TIME", "When a deployment's rollout began: 2026-11-03T14:00:00Z, -2d (repeatable)."),
    ] = None
    every: Annotated[
        str | None, _text(_WHEN, "SPAN", "A case each SPAN from --from to --to, as if there had been a deployment.")
    ] = None
    from_: Annotated[str | None, _text(_WHEN, "TIME", "The first time that is read. Default: -7d.", "--from")] = None
    to: Annotated[str | None, _text(_WHEN, "TIME", "Nothing is read from then on. Default: 5m ago.")] = None
    baseline: Annotated[str, _span("The length of the window before.")] = "30m"
    duration: Annotated[str, _span("The length of the window after.")] = "10m"
    settle: Annotated[str, _span("What is left out between the two.")] = "1m"
    keep_incomplete: Annotated[
        bool, typer.Option("--keep-incomplete", help="Also keep cases of which not all could be read.")
    ] = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, only the result.")] = False
