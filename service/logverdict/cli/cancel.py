"""`logverdict cancel`: ends a verification that runs."""

from dataclasses import dataclass
from typing import Annotated

import typer
from rich.text import Text

from logverdict.cli import as_json, words
from logverdict.cli.command import answered, execute
from logverdict.cli.connect import connected
from logverdict.cli.options import Decision, Json, Server, takes
from logverdict.cli.request import full_name
from logverdict.cli.screen import Screen
from logverdict.v1 import policy_pb2


@dataclass(frozen=True, kw_only=True)
class CancelOptions(Server, Json):
    name: Annotated[str, typer.Argument(metavar="NAME", help="verifications/ID, or the ID alone.", show_default=False)]
    decision: Annotated[
        Decision | None,
        typer.Option(
            case_sensitive=False,
            help="The decision to give. Default: the policy's on_inconclusive.",
            show_default=False,
        ),
    ] = None


@takes(CancelOptions)
def cancel(options: CancelOptions) -> None:
    """End a running verification, and give the decision that whoever waits for it gets.

    Exit code 0 when it is cancelled, 2 when there is no such verification or it has ended, 4 server unreachable.
    """
    screen = Screen()
    execute(lambda: answered(options.server, _cancel(options, screen)), screen)


async def _cancel(options: CancelOptions, screen: Screen) -> int:
    number = policy_pb2.Decision.Value(options.decision.upper()) if options.decision else 0
    async with connected(options.server) as client:
        known = await client.cancel(full_name(options.name), number)
    if options.json:
        screen.raw(as_json.text(as_json.value(known)))
    else:
        screen.lines([Text(f"{known.name}: {words.state(known)}, decision {words.decision(known.decision) or 'none'}")])
    return 0
