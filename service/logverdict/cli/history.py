"""`logverdict history`: what was verified, with verdicts, decisions and outcomes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer

from logverdict.cli import as_json, words
from logverdict.cli.command import answered, execute
from logverdict.cli.connect import connected
from logverdict.cli.options import Json, Server, takes
from logverdict.cli.past_client import PastClient
from logverdict.cli.plain import plain
from logverdict.cli.screen import Screen
from logverdict.cli.table import table
from logverdict.cli.times import minute
from logverdict.cli.which import Since, Which, start, terms
from logverdict.v1 import outcome_pb2
from logverdict.v1 import verification_service_pb2 as pb

HEADS = ("CREATED (UTC)", "SERVICE", "VERSION", "ENV", "VERDICT", "DECISION", "OUTCOME", "ID")
SHARED = (1, 2, 3)


@dataclass(frozen=True, kw_only=True)
class HistoryOptions(Server, Json, Which, Since):
    limit: Annotated[int, typer.Option(min=1, max=1000, help="So many on a page.")] = 20
    next: Annotated[
        str,
        typer.Option("--next", metavar="TOKEN", help="The page after the one that named it.", show_default=False),
    ] = ""


@takes(HistoryOptions)
def history(options: HistoryOptions) -> None:
    """List what was verified, newest first, a page at a time: verdict, decision (* overridden), and how it turned out.

    Pages stay as they are while new verifications arrive. Exit code 0, 2 for a filter that is not understood, 4 server
    unreachable.
    """
    screen = Screen()
    execute(lambda: answered(options.server, _history(options, screen, datetime.now(UTC))), screen)


async def _history(options: HistoryOptions, screen: Screen, now: datetime) -> int:
    wanted = terms(options, start(options.since, "--since", now))
    async with connected(options.server) as client:
        page = await PastClient(client).page(wanted, options.limit, options.next)
    if options.json:
        screen.raw(as_json.text(as_json.value(page)))
        return 0
    screen.lines(table(HEADS, [_row(one) for one in page.verifications], screen.table_width, SHARED))
    if page.next_page_token:
        screen.note(f"there are more: the same command with --next {page.next_page_token}")
    elif not page.verifications:
        screen.note(f"no verification{f' with {wanted}' if wanted else ' yet'}")
    return 0


def _row(one: pb.Verification) -> Sequence[str]:
    deployment = one.deployment
    return (
        minute(one.create_time),
        plain(deployment.service),
        plain(deployment.version),
        plain(deployment.environment),
        words.so_far(one),
        (words.decision(one.decision) or "-") + ("*" if one.HasField("override") else ""),
        words.name(outcome_pb2.Outcome, one.outcome) or "-",
        plain(one.name.removeprefix("verifications/")),
    )
