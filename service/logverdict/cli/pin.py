"""`logverdict pin`, `unpin` and `pins`: good verifications as the baseline of their service and environment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.text import Text

from logverdict.cli import as_json, words
from logverdict.cli.command import answered, execute
from logverdict.cli.connect import connected
from logverdict.cli.options import Json, Server, takes
from logverdict.cli.past_client import PastClient
from logverdict.cli.plain import plain
from logverdict.cli.request import full_name
from logverdict.cli.screen import Screen
from logverdict.cli.table import table
from logverdict.cli.times import minute
from logverdict.v1 import verification_service_pb2 as pb

HEADS = ("PINNED (UTC)", "SERVICE", "ENV", "VERSION", "VERDICT", "BY", "REASON", "ID")


@dataclass(frozen=True, kw_only=True)
class _Named(Server, Json):
    name: Annotated[str, typer.Argument(metavar="NAME", help="verifications/ID, or the ID alone.", show_default=False)]


@dataclass(frozen=True, kw_only=True)
class PinOptions(_Named):
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why this one.", show_default=False)] = ""
    force: Annotated[bool, typer.Option("--force", help="Also one whose verdict is not PASS; needs --reason.")] = False


@dataclass(frozen=True, kw_only=True)
class PinsOptions(Server, Json):
    service: Annotated[str, typer.Option(metavar="NAME", help="Only of this service.", show_default=False)] = ""
    environment: Annotated[
        str, typer.Option("--environment", "-e", metavar="NAME", help="Only of this environment.", show_default=False)
    ] = ""


@takes(PinOptions)
def pin(options: PinOptions) -> None:
    """Make a good verification a baseline of its service and environment; several serve as one, at most 16.

    Its counts are then never deleted. verify --baseline-pinned compares with what is pinned. Exit code 0 when it is
    pinned, 2 when it can't be (not PASS and not forced, its counts were deleted), 4 server unreachable.
    """
    screen = Screen()
    execute(lambda: answered(options.server, _pin(options, screen)), screen)


@takes(_Named)
def unpin(options: _Named) -> None:
    """Take a pin back: the verification is deleted for its age like others."""
    screen = Screen()
    execute(lambda: answered(options.server, _unpin(options, screen)), screen)


@takes(PinsOptions)
def pins(options: PinsOptions) -> None:
    """List what is pinned, newest first."""
    screen = Screen()
    execute(lambda: answered(options.server, _pins(options, screen)), screen)


async def _pin(options: PinOptions, screen: Screen) -> int:
    request = pb.PinBaselineRequest(name=full_name(options.name), reason=options.reason, force=options.force)
    async with connected(options.server) as client:
        made = await PastClient(client).pin(request)
    if options.json:
        screen.raw(as_json.text(as_json.value(made)))
    else:
        place = f"{plain(made.service)} in {plain(made.environment)}"
        screen.lines([Text(f"{made.verification}: pinned for {place} (version {plain(made.version)})")])
    return 0


async def _unpin(options: _Named, screen: Screen) -> int:
    name = full_name(options.name)
    async with connected(options.server) as client:
        await PastClient(client).unpin(name)
    screen.raw(as_json.text({"verification": name})) if options.json else screen.lines([Text(f"{name}: not pinned")])
    return 0


async def _pins(options: PinsOptions, screen: Screen) -> int:
    async with connected(options.server) as client:
        found = await PastClient(client).pins(options.service, options.environment)
    if options.json:
        screen.raw(as_json.text(as_json.value(found)))
        return 0
    screen.lines(table(HEADS, [_row(one) for one in found.pins], screen.table_width, (1, 2, 3, 6)))
    if not found.pins:
        screen.note("nothing is pinned")
    return 0


def _row(one: pb.Pin) -> Sequence[str]:
    verdict = words.name(pb.Verification.Verdict, one.verdict) or "-"
    return (
        minute(one.create_time),
        plain(one.service),
        plain(one.environment),
        plain(one.version),
        f"{verdict} (forced)" if one.forced else verdict,
        plain(one.author),
        plain(one.reason) or "-",
        plain(one.verification.removeprefix("verifications/")),
    )
