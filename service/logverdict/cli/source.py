"""`logverdict source test`: what the sources of a profile give, told in one screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from logverdict.cli import as_json, times
from logverdict.cli.command import answered, execute
from logverdict.cli.connect import reached
from logverdict.cli.exits import UNREACHABLE, USAGE
from logverdict.cli.faults import Fault
from logverdict.cli.options import Json, Local, Server, takes
from logverdict.cli.render_source import report_page
from logverdict.cli.request import stamp
from logverdict.cli.screen import Screen
from logverdict.v1 import profile_service_pb2 as pb
from logverdict.v1 import verification_service_pb2 as verification_pb

source_app = typer.Typer(help="Test what sources give.", no_args_is_help=True)


@source_app.callback()
def _source() -> None:
    """Test what the sources of a profile give, before a deployment depends on it."""


@dataclass(frozen=True, kw_only=True)
class _What(Server, Json, Local):
    service: Annotated[
        str, typer.Argument(metavar="SERVICE", help="The service whose profile is tested.", show_default=False)
    ] = ""


@dataclass(frozen=True, kw_only=True)
class SourceOptions(_What):
    profile: Annotated[
        str,
        typer.Option(
            metavar="NAME|FILE", help="A profile of the server by name, or a YAML file here.", show_default=False
        ),
    ] = ""
    environment: Annotated[str, typer.Option("--environment", "-e", help="What ${environment} stands for.")] = "any"
    source: Annotated[
        str, typer.Option(metavar="NAME", help="Only this source of the profile.", show_default=False)
    ] = ""
    last: Annotated[str, typer.Option(metavar="SPAN", help="How far back to look, up to 24h.")] = "15m"
    window: Annotated[
        str, typer.Option(metavar="START/END", help="A window instead, such as -2h/-1h.", show_default=False)
    ] = ""


@source_app.command("test", no_args_is_help=True)
@takes(SourceOptions)
def test(options: SourceOptions) -> None:
    """Ask a profile's sources now: do they answer, as whom, what do fields, counts and entries look like, how late do
    entries arrive, and which requests does it take. Nothing is stored; entries are shown without secrets.

    Example: logverdict source test checkout -e prod --last 15m

    Example, before a profile is rolled out:
    logverdict source test checkout --profile checkout.yaml --local --config FILE

    Exit code: 0 entries can be read, 2 a source refuses (the text says what to change) or wrong usage, 4 a source or
    the server does not answer.
    """
    screen = Screen()
    execute(lambda: answered(options.server, _test(options, screen)), screen)


async def _test(options: SourceOptions, screen: Screen) -> int:
    request = wanted(options, datetime.now(UTC))
    async with reached(options.server, options.local, options.config) as client:
        reports = list((await client.test(request)).reports)
    if options.json:
        screen.raw(as_json.text({"reports": as_json.all_values(reports)}))
    else:
        for report in reports:
            screen.lines(report_page(report, screen.out.width))
    return _code(reports)


def wanted(options: SourceOptions, now: datetime) -> pb.TestSourceRequest:
    """Raises Fault for what cannot be meant."""
    request = pb.TestSourceRequest(service=options.service, environment=options.environment, source_name=options.source)
    if options.config and not options.local:
        raise Fault("--config is given without --local", "A server has its settings from its own --config.")
    if is_file(options.profile):
        request.yaml = text_of(Path(options.profile))
    else:
        request.profile = options.profile
        request.service = options.service or options.profile
    if not request.service and not request.yaml:
        raise Fault("no service is given", "Write: logverdict source test SERVICE, or --profile NAME or FILE.")
    start, end = (
        times.window(options.window, "--window", now)
        if options.window
        else (now - times.span(options.last, "--last"), now)
    )
    if end <= start:
        raise Fault(f"--last: {options.last!r} is no span to look at", "Write one above zero, such as 15m.")
    request.window.CopyFrom(verification_pb.Window(start_time=stamp(start), end_time=stamp(end)))
    return request


def is_file(name: str) -> bool:
    return name.endswith((".yaml", ".yml")) or (bool(name) and Path(name).is_file())


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        why = getattr(fault, "strerror", None) or "it is not UTF-8 text"
        raise Fault(f"--profile: {path} cannot be read: {why}") from None


def _code(reports: Sequence[pb.SourceReport]) -> int:
    states = {report.state for report in reports}
    if pb.SourceReport.REFUSED in states:
        return USAGE
    return UNREACHABLE if states - {pb.SourceReport.READABLE} else 0
