"""`logverdict template`: where a message was first and last seen, in which versions, with which verdicts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from logverdict.cli import as_json, words
from logverdict.cli.command import answered, execute
from logverdict.cli.connect import connected
from logverdict.cli.faults import Fault
from logverdict.cli.layout import wrapped
from logverdict.cli.options import Json, Server, takes
from logverdict.cli.past_client import PastClient
from logverdict.cli.plain import plain
from logverdict.cli.render_feedback import level
from logverdict.cli.render_said import said_lines
from logverdict.cli.screen import Screen, follow_up
from logverdict.cli.table import table
from logverdict.cli.times import minute
from logverdict.cli.which import Which, start, terms
from logverdict.v1 import event_pb2, outcome_pb2, profile_pb2
from logverdict.v1 import history_service_pb2 as pb
from logverdict.v1 import verification_service_pb2 as verification_pb

VERSIONS = ("LAST SEEN (UTC)", "SERVICE", "ENV", "VERSION", "TIMES", "PASS", "WARN", "FAIL", "ENTRIES")
SIGHTINGS = (
    "LAST SEEN (UTC)",
    "SERVICE",
    "VERSION",
    "SIDE",
    "ENTRIES",
    "EVENT",
    "FEEDBACK",
    "VERDICT",
    "OUTCOME",
    "ID",
)
FOUND = ("LAST SEEN (UTC)", "FIRST SEEN (UTC)", "LEVEL", "TIMES", "ID", "TEMPLATE")


@dataclass(frozen=True, kw_only=True)
class TemplateOptions(Server, Json, Which):
    id: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="templates/ID, its ID, or the ID of an event.", show_default=False),
    ] = None
    text: Annotated[
        str, typer.Option(metavar="TEXT", help="Instead of ID: find templates that contain this.", show_default=False)
    ] = ""
    since: Annotated[
        str | None, typer.Option(metavar="SPAN|TIME", help="In verifications created since.", show_default=False)
    ] = None
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many lines.")] = 20


@takes(TemplateOptions)
def template(options: TemplateOptions) -> None:
    """Tell where a message was first and last seen, in which versions, with which verdicts, feedback and outcomes.

    In all verifications, or in those that the other options name. --text finds templates in the newest 200 of them.
    Exit code 0, 2 when no verification of those has it, 4 server unreachable.
    """
    screen = Screen()
    execute(lambda: answered(options.server, _template(options, screen, datetime.now(UTC))), screen)


async def _template(options: TemplateOptions, screen: Screen, now: datetime) -> int:
    if options.id and options.text:
        raise Fault("--text finds templates, and ID says which one is meant", "give one of the two")
    wanted = terms(options, start(options.since, "--since", now))
    async with connected(options.server) as client:
        past = PastClient(client)
        if not options.id:
            return await _find(options, screen, past, wanted)
        name = options.id if options.id.startswith("templates/") else f"templates/{options.id}"
        place = {"service": options.service or "", "environment": options.environment or ""}
        found = await past.template(pb.GetTemplateRequest(name=name, filter=wanted, **place))
        seen = await past.sightings(name, wanted, options.limit)
    if options.json:
        screen.raw(as_json.text({**as_json.value(found), "sightings": as_json.all_values(seen.sightings)}))
        return 0
    screen.lines(page(found, seen, screen.out.width, options.limit))
    return 0


async def _find(options: TemplateOptions, screen: Screen, past: PastClient, filter: str) -> int:
    found = await past.templates(filter, options.text, options.limit)
    if options.json:
        screen.raw(as_json.text(as_json.value(found)))
        return 0
    rows = [
        (
            minute(one.last_seen_time),
            minute(one.first_seen_time),
            words.name(profile_pb2.Severity, one.severity) or "-",
            f"{one.verifications:,}",
            plain(one.name.removeprefix("templates/")),
            plain(one.template),
        )
        for one in found.templates
    ]
    screen.lines(table(FOUND, rows, screen.out.width, (5,)))
    if not rows:
        screen.note("no template is like that in the newest 200 verifications of those")
    else:
        screen.note(f"more of one: logverdict template {rows[0][4]}{follow_up(options.server)}")
    return 0


def page(found: pb.Template, seen: pb.ListTemplateSightingsResponse, width: int, most: int) -> Iterator[Text]:
    yield from wrapped(plain(found.template), width, 4, style="bold")
    level = words.name(profile_pb2.Severity, found.severity)
    yield Text(f" {level}, first seen {minute(found.first_seen_time)}, last {minute(found.last_seen_time)} UTC,")
    many = "verification" if found.verifications == 1 else "verifications"
    yield Text(f" in {found.verifications:,} {many}, first in {plain(found.first_verification)}")
    yield from said_lines(found, width)
    if found.versions:
        yield Text()
        yield from table(VERSIONS, [_version(one) for one in found.versions[:most]], width, (1, 2, 3))
    yield Text()
    yield from table(SIGHTINGS, [_sighting(one) for one in seen.sightings], width, (1, 2, 6))
    if seen.next_page_token:
        yield Text("and earlier ones: --limit has more")


def _version(one: pb.Template.Version) -> Sequence[str]:
    counts = (one.verifications, one.passed, one.warned, one.failed, one.entries)
    return (
        minute(one.last_seen_time),
        *(plain(text) for text in (one.service, one.environment, one.version)),
        *(f"{count:,}" for count in counts),
    )


def _sighting(one: pb.TemplateSighting) -> Sequence[str]:
    kind = words.name(event_pb2.Event.Kind, one.kind).replace("UNEXPECTED_", "") or "-"
    return (
        minute(one.last_seen_time),
        plain(one.deployment.service),
        plain(one.deployment.version),
        plain(one.side),
        f"{one.entries:,}",
        kind,
        _feedback(one),
        words.name(verification_pb.Verification.Verdict, one.verdict) or "-",
        words.name(outcome_pb2.Outcome, one.outcome) or "-",
        plain(one.verification.removeprefix("verifications/")),
    )


def _feedback(one: pb.TemplateSighting) -> str:
    """What decided then, and where that is no longer what would decide, what would now."""
    then = [f"{level(its.level)} {plain(its.author)}" for its in one.applied_feedback[:1]]
    now = [f"{level(its.level)} {plain(its.author)}" for its in one.reaching_feedback[:1]]
    if then == now:
        return then[0] if then else "-"
    return f"{then[0] if then else 'none'}, now {now[0] if now else 'none'}"
