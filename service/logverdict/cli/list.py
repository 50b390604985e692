"""`logverdict list`: the verifications of a server, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer

from logverdict.cli import as_json, words
from logverdict.cli.command import answered, execute
from logverdict.cli.connect import connected
from logverdict.cli.options import Json, Server, takes
from logverdict.cli.plain import plain
from logverdict.cli.screen import Screen
from logverdict.cli.table import table
from logverdict.cli.times import minute
from logverdict.cli.which import quoted, start
from logverdict.v1 import verification_service_pb2 as pb

HEADS = ("CREATED (UTC)", "SERVICE", "VERSION", "ENV", "VERDICT", "DECISION", "ID")
SHARED = (1, 2, 3)


def _term(what: str) -> object:
    return typer.Option(metavar="WORD", help=f"Only this {what}.", show_default=False)


@dataclass(frozen=True, kw_only=True)
class ListOptions(Server, Json):
    service: Annotated[str | None, _term("service")] = None
    environment: Annotated[str | None, _term("environment")] = None
    version: Annotated[str | None, _term("version")] = None
    verdict: Annotated[str | None, _term("verdict: pass, warn, fail, inconclusive")] = None
    decision: Annotated[str | None, _term("decision: proceed, stop, ask")] = None
    since: Annotated[
        str | None, typer.Option(metavar="SPAN|TIME", help="Such as 7d, or a time with its zone.", show_default=False)
    ] = None
    filter: Annotated[
        str, typer.Option(metavar="FILTER", help='Such as: state = RUNNING AND commit = "1f3a"', show_default=False)
    ] = ""
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 20


@takes(ListOptions)
def list_verifications(options: ListOptions) -> None:
    """List verifications, newest first."""
    screen = Screen()
    execute(lambda: answered(options.server, _list(options, screen, datetime.now(UTC))), screen)


async def _list(options: ListOptions, screen: Screen, now: datetime) -> int:
    terms = filter_of(options, now)
    async with connected(options.server) as client:
        # One more than is shown tells whether there are more.
        found = await client.verifications(terms, options.limit + 1)
    shown = found[: options.limit]
    if options.json:
        screen.raw(as_json.text({"verifications": as_json.all_values(shown)}))
        return 0
    screen.lines(table(HEADS, [_row(each) for each in shown], screen.table_width, SHARED))
    if len(found) > len(shown):
        screen.note(f"the newest {len(shown):,}; there are more: --limit {10 * options.limit:,}".replace(",", ""))
    elif not found:
        screen.note(f"no verification{f' with {terms}' if terms else ' yet'}")
    return 0


def filter_of(options: ListOptions, now: datetime) -> str:
    """The options as one filter of the protocol."""
    terms = [
        f"{field} = {quoted(value)}"
        for field in ("service", "environment", "version")
        if (value := getattr(options, field))
    ]
    terms += [f"{field} = {value.upper()}" for field in ("verdict", "decision") if (value := getattr(options, field))]
    if (since := start(options.since, "--since", now)) is not None:
        terms.append(f'create_time >= "{since:%Y-%m-%dT%H:%M:%SZ}"')
    if options.filter:
        terms.append(options.filter)
    return " AND ".join(terms)


def _row(each: pb.Verification) -> Sequence[str]:
    deployment = each.deployment
    return (
        minute(each.create_time) if each.HasField("create_time") else "-",
        plain(deployment.service),
        plain(deployment.version),
        plain(deployment.environment),
        words.so_far(each),
        words.decision(each.decision) or "-",
        plain(each.name.removeprefix("verifications/")),
    )
