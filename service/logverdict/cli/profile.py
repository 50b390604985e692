"""`logverdict profile`: check, show and schema of profile files ask no server; init drafts one from a sample."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from logverdict.cli.options import takes
from logverdict.cli.profile_init_options import InitOptions

if TYPE_CHECKING:
    from logverdict.adapters.profiles.faults import Fault
    from logverdict.adapters.profiles.resolve import Resolved
    from logverdict.settings import Settings
    from logverdict.verify.ports import LogSource

profile_app = typer.Typer(help="Draft, check and explain profiles.", no_args_is_help=True)

Config = Annotated[
    Path | None,
    typer.Option("--config", "-c", envvar="LOGVERDICT_CONFIG", metavar="FILE", help="Settings.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="JSON instead of text, on stdout.")]


@profile_app.command("init", no_args_is_help=True)
@takes(InitOptions)
def draft_profile(options: InitOptions) -> None:
    """Draft a commented profile from a sample of entries: which fields hold time, message, level, instance and version,
    and which filter tells the service. Secrets are left out of the comments.

    Example: logverdict profile init --connection logs --index 'logs-shop-*' --service checkout -o checkout.yaml

    Then: logverdict source test checkout --profile checkout.yaml

    Exit code: 0 a draft is there, 2 wrong usage or the source refuses, 4 the source or the server does not answer.
    """
    from logverdict.cli.profile_init import init

    init(options)


@profile_app.command("check")
def check_profiles(
    path: Annotated[
        Path | None, typer.Argument(help="A profile file or folder; without it, the settings' own.", show_default=False)
    ] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Explain every mistake in profiles, with its line. Exit 0 when there is none, else 2.

    Connections, queries and options are checked against the settings; nothing is read from any source.
    """
    from logverdict.adapters.profiles.check import check
    from logverdict.adapters.profiles.load import shorten

    settings = _settings(config, as_json, here=False)
    path = path or settings.profiles
    if path is None:
        _fail("the settings have no `profiles`; name a file or folder: logverdict profile check PATH", as_json)
    known = None if settings.file is None and not settings.connections else list(settings.connections)
    checked = check(path, settings.defaults_tree, known, _sources(settings))
    if checked.faults:
        _tell(checked.faults, as_json)
    notes = [] if known is not None else ["connections were not checked: no settings file (--config FILE)"]
    if as_json:
        said = {"profiles": checked.catalog.names, "sources": checked.sources, "notes": notes, "faults": []}
        typer.echo(json.dumps(said, indent=2))
        return
    profiles, sources = _count(len(checked.catalog.names), "profile"), _count(checked.sources, "source")
    typer.echo(f"{shorten(path)}: {profiles}, {sources}, no mistakes")
    for note in notes:
        typer.echo(f"Note: {note}")


@profile_app.command("show")
def show_profile(
    service: Annotated[str, typer.Argument(help="The service, or the name of a profile.")],
    environment: Annotated[str, typer.Option("--environment", "-e", help="What ${environment} stands for.")] = "any",
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Print the profile that a service gets, every value with the place it comes from."""
    from logverdict.adapters.profiles.faults import ConfigError
    from logverdict.adapters.profiles.store import FileProfiles
    from logverdict.cli.profile_show import print_profile
    from logverdict.domain.errors import VerifyError

    settings = _settings(config, as_json)
    try:
        resolved = FileProfiles(settings).resolved("", service, environment)
    except ConfigError as wrong:
        _tell(wrong.faults, as_json)
    except VerifyError as wrong:
        _fail(wrong.message, as_json)
    if resolved.faults:
        _tell(resolved.faults, as_json)
    if as_json:
        typer.echo(json.dumps(_as_json(resolved, service, environment), indent=2, ensure_ascii=False))
    else:
        print_profile(resolved, service, environment)


@profile_app.command("schema")
def print_schema() -> None:
    """Print the JSON Schema of profile files, for editors."""
    from logverdict.adapters.profiles.schema import schema_text

    typer.echo(schema_text(), nl=False)


def _settings(config: Path | None, as_json: bool, *, here: bool = True) -> "Settings":
    from logverdict.adapters.profiles.faults import ConfigError
    from logverdict.settings import load

    try:
        return load(config, here=here)
    except ConfigError as wrong:
        _tell(wrong.faults, as_json)


def _sources(settings: "Settings") -> "dict[str, LogSource]":
    from logverdict.app import build_sources

    return build_sources(settings)


def _tell(faults: "tuple[Fault, ...]", as_json: bool) -> NoReturn:
    if as_json:
        typer.echo(json.dumps({"faults": [fault.as_dict() for fault in faults]}, indent=2, ensure_ascii=False))
    else:
        for fault in faults:
            typer.echo(str(fault), err=True)
        typer.echo(_count(len(faults), "mistake"), err=True)
    raise typer.Exit(2)


def _fail(message: str, as_json: bool) -> NoReturn:
    typer.echo(json.dumps({"error": message}) if as_json else f"logverdict profile: {message}", err=not as_json)
    raise typer.Exit(2)


def _count(number: int, word: str) -> str:
    return f"{number} {word}" + ("" if number == 1 else "s")


def _as_json(resolved: "Resolved", service: str, environment: str) -> dict[str, object]:
    from logverdict.adapters.profiles.faults import dotted
    from logverdict.adapters.profiles.tree import plain
    from logverdict.cli.profile_show import rows

    values = [
        {"field": dotted(path), "value": plain(leaf), "origin": str(leaf.origin)} for path, leaf in rows(resolved)
    ]
    return {"profile": resolved.name, "service": service, "environment": environment, "values": values}
