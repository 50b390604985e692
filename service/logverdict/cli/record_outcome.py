"""`logverdict outcome`: how deployments turned out, of one or of a whole CSV."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from logverdict.cli import as_json, times, words
from logverdict.cli.command import answered, execute
from logverdict.cli.connect import connected
from logverdict.cli.exits import USAGE
from logverdict.cli.faults import Fault
from logverdict.cli.options import Json, Server, takes
from logverdict.cli.past_client import PastClient
from logverdict.cli.plain import plain
from logverdict.cli.request import full_name, stamp
from logverdict.cli.screen import Screen
from logverdict.v1 import history_service_pb2 as pb
from logverdict.v1 import outcome_pb2

COLUMNS = ("verification", "service", "environment", "version", "time", "outcome", "link", "note")
WORDS = "good, bad, rolled-back, incident"
HINT = f"The first line names the columns: verification, or service,environment,version[,time]; outcome ({WORDS})"


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
        Path | None, typer.Option("--csv", metavar="FILE", help="One outcome a line instead.", show_default=False)
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
        return await _many(options, screen, list(_lines(options.csv, now)))
    if not options.name:
        raise Fault("no verification is given", "Write its name and the outcome, or --csv FILE.")
    if not options.outcome:
        return await _list(options, screen, full_name(options.name))
    request = pb.RecordOutcomeRequest(outcome=_word(options.outcome), link=options.link, note=options.note)
    _put_place(request, options, now)
    async with connected(options.server) as client:
        made = await PastClient(client).record(request)
    screen.raw(as_json.text(as_json.value(made))) if options.json else screen.lines([_line(made)])
    return 0


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


def _word(text: str) -> Any:
    word = text.strip().upper().replace("-", "_")
    if word not in [each.upper().replace("-", "_") for each in WORDS.split(", ")]:
        raise Fault(f"{text!r} is no outcome", f"Write one of: {WORDS}.")
    return outcome_pb2.Outcome.Value(word)


def _lines(path: Path, now: datetime) -> Iterator[pb.RecordOutcomeRequest]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            unknown = [name for name in rows.fieldnames or () if name not in COLUMNS]
            if unknown or "outcome" not in (rows.fieldnames or ()):
                raise Fault(f"--csv {path}: the columns are {', '.join(rows.fieldnames or ['none'])}", HINT)
            for row in rows:
                yield _read(row, f"--csv {path}, line {rows.line_num}", now)
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise Fault(f"--csv {path}: {fault}") from None


def _read(row: dict[str, Any], where: str, now: datetime) -> pb.RecordOutcomeRequest:
    if None in row:
        raise Fault(f"{where} has more cells than there are columns", HINT)
    given = {name: (value or "").strip() for name, value in row.items()}
    try:
        request = pb.RecordOutcomeRequest(outcome=_word(given.pop("outcome")))
    except Fault as fault:
        raise Fault(f"{where}: {fault.message}", *fault.hints) from None
    if when := given.pop("time", ""):
        request.time.CopyFrom(stamp(times.time(when, where, now)))
    if name := given.pop("verification", ""):
        request.verification = full_name(name)
    for field, value in given.items():
        setattr(request, field, value)
    return request


async def _many(options: OutcomeOptions, screen: Screen, requests: Sequence[pb.RecordOutcomeRequest]) -> int:
    async with connected(options.server) as client:
        items = await PastClient(client).record_many(requests)
    faults = [(at, item.fault) for at, item in enumerate(items, 1) if item.fault]
    if options.json:
        screen.raw(as_json.text({"items": as_json.all_values(items)}))
    else:
        screen.lines([Text(f"{len(items) - len(faults):,} of {len(items):,} outcomes recorded")])
    for at, fault in faults:
        screen.note(f"entry {at}: {plain(fault)}")
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
    who = f"{plain(one.author)}{'' if one.author_verified else ' (unverified)'}"
    more = "".join(f"  {plain(text)}" for text in (one.note, one.link) if text)
    return Text(f"{plain(one.verification)}: {word}, {one.time.ToDatetime():%Y-%m-%d %H:%M} UTC by {who}{more}")
