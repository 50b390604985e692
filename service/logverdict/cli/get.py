"""`logverdict get` and `logverdict events`: one verification, explained."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.text import Text

from logverdict.cli import as_json, words
from logverdict.cli.client import Client
from logverdict.cli.command import answered, execute
from logverdict.cli.connect import connected
from logverdict.cli.options import Json, Server, takes
from logverdict.cli.render import DIM, event_lines, fine_line, verification_page, way_lines
from logverdict.cli.request import full_name
from logverdict.cli.screen import Screen, follow_up
from logverdict.v1 import event_pb2
from logverdict.v1 import verification_service_pb2 as pb

WORST = 3
ROOM = 23
"""Lines of a small terminal, less the prompt's."""


@dataclass(frozen=True, kw_only=True)
class _Named(Server, Json):
    name: Annotated[str, typer.Argument(metavar="NAME", help="verifications/ID, or the ID alone.", show_default=False)]


@dataclass(frozen=True, kw_only=True)
class GetOptions(_Named):
    events: Annotated[bool, typer.Option("--events", help="All events, not only the three strongest.")] = False


@dataclass(frozen=True, kw_only=True)
class EventsOptions(_Named):
    filter: Annotated[
        str, typer.Option(metavar="FILTER", help="Such as: kind = UNKNOWN AND impact = FAIL", show_default=False)
    ] = ""
    all: Annotated[bool, typer.Option("--all", help="Also those that are as the baseline has them.")] = False


@takes(GetOptions)
def get(options: GetOptions) -> None:
    """Show one verification: the decision and why, the three strongest events, what was read.

    Exit code 0 whatever the decision is (watch exits by it), 2 no such verification, 4 server unreachable.
    """
    screen = Screen()
    execute(lambda: answered(options.server, _get(options, screen)), screen)


@takes(EventsOptions)
def events(options: EventsOptions) -> None:
    """List the events of a verification, strongest first."""
    screen = Screen()
    execute(lambda: answered(options.server, _events(options, screen)), screen)


async def _get(options: GetOptions, screen: Screen) -> int:
    async with connected(options.server) as client:
        known = await client.get(full_name(options.name))
        found = await _all(client, known.name) if options.events else await _first(client, known.name)
    if options.json:
        key = "events" if options.events else "strongest_events"
        screen.raw(as_json.text({**as_json.value(known), key: as_json.all_values(found)}))
        return 0
    shown = list(filter(words.telling, found))
    most = len(shown) if options.events else WORST
    hint = follow_up(options.server)
    page, after = list(verification_page(known, shown, screen.out.width, most)), list(_next(known, hint))
    fine = list(fine_line(known.name, shown, hint))
    if len(page) + len(fine) + len(after) <= ROOM or options.events:
        page += fine
    screen.lines([*page, *after])
    return 0


async def _events(options: EventsOptions, screen: Screen) -> int:
    name, count = full_name(options.name), 0
    async with connected(options.server) as client:
        if options.json:
            found = await _all(client, name, options.filter)
            screen.raw(as_json.text({"events": as_json.all_values(_wanted(found, options))}))
            return 0
        async for page in client.events(name, options.filter):
            for event in _wanted(page, options):
                count += 1
                screen.lines(event_lines(event, count, screen.out.width, most=4), links=False)
                screen.lines(_more(event))
    screen.lines([Text(_how_many(count, options))])
    return 0


def _how_many(count: int, options: EventsOptions) -> str:
    if not count:
        return "no events" + ("" if options.all else "; --all has the rest")
    return f"{count:,} event{'s' if count > 1 else ''}"


def _wanted(found: Sequence[event_pb2.Event], options: EventsOptions) -> list[event_pb2.Event]:
    """With a filter all that it lets through."""
    return list(found) if options.all or options.filter else list(filter(words.telling, found))


async def _first(client: Client, name: str) -> list[event_pb2.Event]:
    async for page in client.events(name, page_size=10 * WORST):
        return words.strongest(page)[:WORST]
    return []


async def _all(client: Client, name: str, filter: str = "") -> list[event_pb2.Event]:
    return [event async for page in client.events(name, filter) for event in page]


def _more(event: event_pb2.Event) -> Iterator[Text]:
    if event.sentence:
        yield Text(f"    {event.sentence}", DIM)
    yield from way_lines(event)
    yield Text()


def _next(known: pb.Verification, hint: str) -> Iterator[Text]:
    name = known.name.removeprefix("verifications/")
    if not words.ended(known):
        yield Text(f" follow it:   logverdict watch {name}{hint}", DIM)
    yield Text(f" all events:  logverdict events {name}{hint}", DIM)
