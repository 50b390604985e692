"""The entry point: one table of commands, each loaded when it is called, so that clients start fast."""

import importlib
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from logverdict import __version__
from logverdict.cli.entry import Entry
from logverdict.cli.looking_back import LOOKING_BACK
from logverdict.cli.streams import tolerant

_ASK, _RUN = "Judge deployments", "Run and set up"


COMMANDS = {
    "verify": Entry(
        "Judge a deployment from its logs, and exit by the decision.",
        "logverdict.cli.verify:verify",
        _ASK,
        (
            "logverdict verify checkout@1.4.2 -e prod",
            "logverdict verify checkout@1.4.2 payments@2.0 -e prod --fail-fast",
            "logverdict verify checkout@1.4.2 -e prod --rollout-start -20m --json",
            "logverdict verify checkout@1.4.2 -e prod --local --config logverdict.yaml",
        ),
    ),
    "watch": Entry(
        "Follow a verification to its end, and exit by its decision.",
        "logverdict.cli.watch:watch",
        _ASK,
        ("logverdict watch 4f1c0a7e", "logverdict watch 4f1c0a7e --after-revision 3 --json"),
    ),
    "get": Entry(
        "Show one verification: the decision and why.",
        "logverdict.cli.get:get",
        _ASK,
        ("logverdict get 4f1c0a7e", "logverdict get 4f1c0a7e --json"),
    ),
    "events": Entry(
        "List the events of a verification, strongest first.",
        "logverdict.cli.get:events",
        _ASK,
        ("logverdict events 4f1c0a7e", "logverdict events 4f1c0a7e --filter 'kind = GONE' --json"),
    ),
    "explain": Entry(
        "Explain a verdict, or one event, with all that is known of it.",
        "logverdict.cli.explain:explain",
        _ASK,
        ("logverdict explain 4f1c0a7e", "logverdict explain verifications/4f1c0a7e/events/9b2d04c1"),
    ),
    "ignore": Entry(
        "Say of an event that it is fine, so that later verdicts know.",
        "logverdict.cli.ignore:ignore",
        _ASK,
        (
            "logverdict ignore 9b2d04c1 --verification 4f1c0a7e --reason noise --expires 9d",
            "logverdict ignore 9b2d04c1 --verification 4f1c --reason ok --unless-frequency",
            "logverdict ignore 9b2d04c1 --verification 4f1c --reason no --level always-fail",
        ),
    ),
    "feedback": Entry(
        "Look up, review and take back what was said of events.", "logverdict.cli.feedback:feedback_app", _ASK
    ),
    "calls": Entry(
        "Sum up what was asked of the sources for a verification.",
        "logverdict.cli.calls:calls",
        _ASK,
        ("logverdict calls 4f1c0a7e", "logverdict calls 4f1c0a7e --queries"),
    ),
    "list": Entry(
        "List verifications, newest first.",
        "logverdict.cli.list:list_verifications",
        _ASK,
        ("logverdict list --service checkout --verdict fail --since 7d",),
    ),
    "cancel": Entry(
        "End a running verification.",
        "logverdict.cli.cancel:cancel",
        _ASK,
        ("logverdict cancel 4f1c0a7e --decision stop",),
    ),
    **LOOKING_BACK,
    "demo": Entry("See it work: a bad deployment, then a good one.", "logverdict.cli.demo:demo", _RUN),
    "serve": Entry("Run the server.", "logverdict.cli.serve:serve", _RUN),
    "profile": Entry("Draft, check and show profiles.", "logverdict.cli.profile:profile_app", _RUN),
    "source": Entry("Test what a profile's sources give.", "logverdict.cli.source:source_app", _RUN),
    "record": Entry(
        "Save past windows as cases for backtest.",
        "logverdict.cli.record:record",
        _RUN,
        (
            "logverdict record checkout -e prod --every 6h --from -7d --out good",
            "logverdict record checkout -e prod --at -2d --truth fail --out cases",
        ),
    ),
    "backtest": Entry(
        "Judge recorded deployments, to try a policy on them.",
        "logverdict.cli.backtest:backtest",
        _RUN,
        (
            "logverdict backtest good --out predictions.jsonl --sensitivity all",
            "logverdict backtest cases --out predictions.jsonl --checks checks.jsonl",
        ),
    ),
}


class Deferred(TyperCommand):
    """A command of which only name and help are known until it is called."""

    def __init__(self, name: str, entry: Entry) -> None:
        super().__init__(name, help=entry.help, rich_help_panel=entry.panel)
        self._entry = entry

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        return _loaded(str(self.name), self._entry).make_context(info_name, args, parent=parent, **extra)


class Commands(TyperGroup):
    def __init__(self, **attrs: Any) -> None:
        super().__init__(**attrs)
        # Errors in plain lines, which CI logs show as they are; help in panels.
        self.rich_markup_mode = None
        self.commands = {name: Deferred(name, entry) for name, entry in COMMANDS.items()}

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self.rich_markup_mode = "rich"
        super().format_help(ctx, formatter)


def _loaded(name: str, entry: Entry) -> Any:
    module, _, attribute = entry.target.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as fault:
        raise typer.BadParameter(
            f"{name} needs a package that is not installed ({fault.name}): pip install 'logverdict[service]'",
            param_hint=name,
        ) from None
    if isinstance(found, typer.Typer):
        return get_command(found)
    single = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich")
    single.command(name, epilog=_epilog(entry), no_args_is_help=False)(found)
    return get_command(single)


def _epilog(entry: Entry) -> str | None:
    return "\n".join(("[bold]Examples[/bold]", *(f"  {each}" for each in entry.examples))) if entry.examples else None


app = typer.Typer(
    cls=Commands,
    name="logverdict",
    help="Tells from the logs whether the deployment that just happened made things worse.",
    epilog="Start with [bold]logverdict demo[/bold], or [bold]logverdict verify --help[/bold].",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"logverdict {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", is_eager=True, callback=_tell_version, help="Print the version."),
) -> None:
    """Options before the command."""


def main() -> None:
    tolerant()
    app(prog_name="logverdict")


if __name__ == "__main__":
    main()
