"""`logverdict explain`: why a verdict is what it is, or all that is known of one event."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.text import Text

from logverdict.cli import as_json, words
from logverdict.cli.client import Client
from logverdict.cli.command import answered, execute
from logverdict.cli.connect import connected
from logverdict.cli.feedback_calls import EVENT, EventName, event_name, find_event
from logverdict.cli.layout import wrapped
from logverdict.cli.options import Json, Server, takes
from logverdict.cli.plain import plain
from logverdict.cli.render import DIM, fine_line, verification_page
from logverdict.cli.render_explain import event_page, short_lines
from logverdict.cli.request import full_name
from logverdict.cli.screen import Screen, follow_up
from logverdict.v1 import event_pb2
from logverdict.v1 import verification_service_pb2 as pb

MOST = 5


@dataclass(frozen=True, kw_only=True)
class ExplainOptions(Server, Json):
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="A verification, or an event: verifications/ID/events/ID.", show_default=False
        ),
    ]
    verification: Annotated[
        str | None,
        typer.Option("--verification", metavar="ID", help="Then NAME is the ID of an event.", show_default=False),
    ] = None


@takes(ExplainOptions)
def explain(options: ExplainOptions) -> None:
    """Explain a verdict in a sentence with its strongest events, or one event with all that is known of it: in which
    words it differs from the nearest known message, samples, when and where it came, how to get its raw entries, and
    what people said of it.

    Exit code: 0 whatever the verdict is, 2 no such verification or event, 4 server unreachable.
    """
    screen = Screen()
    work = _event if options.verification or EVENT.fullmatch(options.name.strip()) else _verification
    execute(lambda: answered(options.server, work(options, screen)), screen)


async def _verification(options: ExplainOptions, screen: Screen) -> int:
    async with connected(options.server) as client:
        known = await client.get(full_name(options.name))
        found = await _strongest(client, known.name)
    if options.json:
        full = as_json.value(known)
        screen.raw(as_json.text({**full, "strongest_events": as_json.all_values(found)}))
        return 0
    width = screen.out.width
    screen.lines(verification_page(known, [], width, 0))
    if known.HasField("without_feedback"):
        without = known.without_feedback
        verdict = words.name(pb.Verification.Verdict, without.verdict)
        screen.lines(wrapped(f"without feedback: {verdict}: {plain(without.sentence)}", width, 4, " "))
    screen.lines([Text()])
    for rank, event in enumerate(found, 1):
        screen.lines(short_lines(event, rank, EventName(known.name, event.id), width), links=False)
    screen.lines(_next(known, found, follow_up(options.server)))
    return 0


async def _event(options: ExplainOptions, screen: Screen) -> int:
    name = event_name(options.name, options.verification)
    async with connected(options.server) as client:
        known = await client.get(name.verification)
        event = await find_event(client, name)
    if options.json:
        screen.raw(as_json.text(_as_json(name, event)))
        return 0
    screen.lines(event_page(event, known, name, screen.out.width), links=False)
    screen.lines(fine_line(known.name, [event], follow_up(options.server)))
    return 0


def _as_json(name: EventName, event: event_pb2.Event) -> dict[str, Any]:
    return {"name": str(name), **as_json.value(event)}


async def _strongest(client: Client, name: str) -> Sequence[event_pb2.Event]:
    async for page in client.events(name, page_size=10 * MOST):
        return words.strongest(page)[:MOST]
    return ()


def _next(known: pb.Verification, found: Sequence[event_pb2.Event], hint: str) -> Iterator[Text]:
    short = known.name.removeprefix("verifications/")
    if found:
        yield Text(f" one event whole:  logverdict explain {EventName(known.name, found[0].id)}{hint}", DIM)
    yield Text(f" all events:       logverdict events {short}{hint}", DIM)
    yield from fine_line(known.name, found, hint)
