"""`logverdict override`: a person's decision in place of the judge's."""

from dataclasses import dataclass
from typing import Annotated

import typer
from rich.text import Text

from logverdict.cli import as_json, words
from logverdict.cli.command import answered, execute
from logverdict.cli.connect import connected
from logverdict.cli.options import Decision, Json, Server, takes
from logverdict.cli.past_client import PastClient
from logverdict.cli.request import full_name
from logverdict.cli.screen import Screen
from logverdict.v1 import policy_pb2
from logverdict.v1 import verification_service_pb2 as pb


@dataclass(frozen=True, kw_only=True)
class OverrideOptions(Server, Json):
    name: Annotated[str, typer.Argument(metavar="NAME", help="verifications/ID, or the ID alone.", show_default=False)]
    decision: Annotated[Decision, typer.Option(case_sensitive=False, help="The decision to give.", show_default=False)]
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why: who finds it next year has to know.", show_default=False)
    ]


@takes(OverrideOptions)
def override(options: OverrideOptions) -> None:
    """Give another decision for this attempt; the judge's verdict stays beside it, with who, when and why.

    Only for one that has ended: what runs has no decision yet, and cancel --decision ends it with yours. What is fine
    every time is not for override but for feedback. Exit code 0 when it is overridden, 2 when there is no such
    verification or it has not ended, 4 server unreachable.
    """
    screen = Screen()
    execute(lambda: answered(options.server, _override(options, screen)), screen)


async def _override(options: OverrideOptions, screen: Screen) -> int:
    request = pb.OverrideVerificationRequest(
        name=full_name(options.name),
        decision=policy_pb2.Decision.Value(options.decision.upper()),
        reason=options.reason,
    )
    async with connected(options.server) as client:
        known = await PastClient(client).override(request)
    if options.json:
        screen.raw(as_json.text(as_json.value(known)))
    else:
        before, verdict = words.decision(known.override.instead_of) or "none", words.verdict(known) or "none"
        now = words.decision(known.decision)
        screen.lines([Text(f"{known.name}: decision {now} instead of {before}; the verdict stays {verdict}")])
    return 0
