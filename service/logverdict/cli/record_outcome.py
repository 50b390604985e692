"""`logverdict outcome`: how deployments turned out, of one or of a whole CSV."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import grpc
import typer
from rich.text import Text

from logverdict.cli import as_json, times, words
from logverdict.cli.command import answered, execute
from logverdict.cli.connect import connected
from logverdict.cli.exits import USAGE
from logverdict.cli.faults import Fault
from logverdict.cli.options import Json, Server, takes
from logverdict.cli.outcome_csv import WORDS, Line, lines, outcome_of
from logverdict.cli.past_client import BATCH, PastClient
from logverdict.cli.plain import plain
from logverdict.cli.render_feedback import author, moment
from logverdict.cli.request import full_name, stamp
from logverdict.cli.screen import Screen
from logverdict.v1 import history_service_pb2 as pb
from logverdict.v1 import outcome_pb2

Item = pb.BatchRecordOutcomesResponse.Item


@dataclass(frozen=True, kw_only=True)
class OutcomeOptions(Server, Json):
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[VERIFICATION]", help="verifications/ID, its ID, or SERVICE@VERSION with -e.", show_default=False
        ),
    ] = None
    outcome: Annotated[
        str | None,
        typer.Argument(metavar="[OUTCOME]", help=f"{WORDS}. Without: what was said.", show_default=False),
    ] = None
    environment: Annotated[
        str | None,
        typer.Option("--environment", "-e", metavar="NAME", help="Where SERVICE@VERSION went.", show_default=False),
    ] = None
    time: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="With SERVICE@VERSION: the one whose rollout began then or before.",
                     show_default=False),
    ] = None  # fmt: skip
    link: Annotated[str, typer.Option(metavar="URL", help="Where it can be read.", show_default=False)] = ""
    note: Annotated[str, typer.Option(metavar="TEXT", help="In words.", show_default=False)] = ""
    csv: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="One outcome a line instead; - is stdin.", show_default=False),
    ] = None


@takes(OutcomeOptions)
def outcome(options: OutcomeOptions) -> None:
    """Record how a deployment turned out, days later too; the newest word counts, all are kept.

    GOOD: it was fine. BAD: it made things worse. ROLLED_BACK: it was bad, and taken back; a rollback that only
    followed our STOP is no proof, so record it once somebody has looked. INCIDENT: it led to one. Statistics
    (logverdict stats) need it to tell true from false alarms. Exit code 0, 2 where one line or more was not recorded,
    4 server unreachable.
    """
    screen = Screen()
    execute(lambda: answered(options.server, _outcome(options, screen, datetime.now(UTC))), screen)


async def _outcome(options: OutcomeOptions, screen: Screen, now: datetime) -> int:
    if options.csv:
        if options.name:
            raise Fault("a verification and --csv are both given", "Write one of them.")
        _refuse(options, ("environment", "time", "link", "note"), "beside --csv", "The file says it, in a column.")
        return await _many(options, screen, lines(options.csv, now))
    if not options.name:
        raise Fault("no verification is given", "Write its name and the outcome, or --csv FILE.")
    if "@" not in options.name:
        _refuse(options, ("environment", "time"), "beside a verification's name", "They go with SERVICE@VERSION.")
    if not options.outcome:
        _refuse(options, ("environment", "time", "link", "note"), "without an outcome", f"Write one of: {WORDS}.")
        return await _list(options, screen, full_name(options.name))
    request = pb.RecordOutcomeRequest(outcome=outcome_of(options.outcome), link=options.link, note=options.note)
    _put_place(request, options, now)
    async with connected(options.server) as client:
        made = await PastClient(client).record(request)
    screen.raw(as_json.text(as_json.value(made))) if options.json else screen.lines([_line(made)])
    return 0


def _refuse(options: OutcomeOptions, names: Sequence[str], where: str, hint: str) -> None:
    """What would be ignored is refused."""
    if given := [f"--{name}" for name in names if getattr(options, name)]:
        raise Fault(f"{' and '.join(given)} {'is' if len(given) == 1 else 'are'} given {where}", hint)


def _put_place(request: pb.RecordOutcomeRequest, options: OutcomeOptions, now: datetime) -> None:
    name = str(options.name)
    service, at, version = name.partition("@")
    if not at:
        request.verification = full_name(name)
        return
    if not options.environment:
        raise Fault(f"{name!r} needs --environment", "Write where it went: --environment prod.")
    request.service, request.version, request.environment = service, version, options.environment
    if options.time:
        request.time.CopyFrom(stamp(times.time(options.time, "--time", now)))


async def _many(options: OutcomeOptions, screen: Screen, found: Sequence[Line]) -> int:
    """What can be sent is sent, a batch at a time; the rest is named by its line."""
    sent = [one for one in found if not one.fault]
    items = {one.number: Item(fault=one.fault) for one in found if one.fault}
    async with connected(options.server) as client:
        for at in range(0, len(sent), BATCH):
            batch = sent[at : at + BATCH]
            try:
                answers = await PastClient(client).record_many([one.request for one in batch])
            except grpc.aio.AioRpcError:
                if at:
                    screen.note(f"up to line {sent[at - 1].number} all is recorded; what follows may not be")
                raise
            items |= zip((one.number for one in batch), answers, strict=True)
    faults = {line: item.fault for line, item in sorted(items.items()) if item.fault}
    if options.json:
        told = [{"line": line, **as_json.value(item)} for line, item in sorted(items.items())]
        screen.raw(as_json.text({"items": told}))
    else:
        screen.lines([Text(f"{len(items) - len(faults):,} of {len(items):,} outcomes recorded")])
    for line, fault in faults.items():
        screen.note(f"line {line}: {plain(fault)}")
    return USAGE if faults else 0


async def _list(options: OutcomeOptions, screen: Screen, name: str) -> int:
    async with connected(options.server) as client:
        found = await PastClient(client).outcomes(name)
    if options.json:
        screen.raw(as_json.text(as_json.value(found)))
        return 0
    screen.lines(_line(one) for one in found.outcomes)
    if not found.outcomes:
        screen.note(f"nothing was recorded of {plain(name)}; add one of: {WORDS}")
    return 0


def _line(one: pb.RecordedOutcome) -> Text:
    word = words.name(outcome_pb2.Outcome, one.outcome)
    more = "".join(f"  {plain(text)}" for text in (one.note, one.link) if text)
    return Text(f"{plain(one.verification)}: {word}, {moment(one.time)} by {author(one)}{more}")
