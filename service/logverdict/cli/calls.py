"""`logverdict calls`: what was asked of the sources for a verification, and what they answered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.text import Text

from logverdict.cli import as_json
from logverdict.cli.command import answered, execute
from logverdict.cli.connect import connected
from logverdict.cli.layout import cut
from logverdict.cli.options import Json, Server, takes
from logverdict.cli.plain import plain
from logverdict.cli.render import DIM
from logverdict.cli.request import full_name
from logverdict.cli.screen import Screen
from logverdict.v1 import verification_service_pb2 as pb

HEADS = ("TIME (UTC)", "SOURCE", "STATUS", "TIMES", "BYTES", "TOOK", "CALL")
LONGEST = {"SOURCE": 20, "STATUS": 24}
NUMBERS = ("TIMES", "BYTES", "TOOK")


@dataclass(frozen=True, kw_only=True)
class CallsOptions(Server, Json):
    name: Annotated[str, typer.Argument(metavar="NAME", help="verifications/ID, or the ID alone.", show_default=False)]


@takes(CallsOptions)
def calls(options: CallsOptions) -> None:
    """List what was asked of the sources for a verification, oldest first, and what they answered.

    Calls alike are one line: how often, with the bytes and the time of all. Secrets are not kept. --json has each query
    whole.
    """
    screen = Screen()
    execute(lambda: answered(options.server, _calls(options, screen)), screen)


async def _calls(options: CallsOptions, screen: Screen) -> int:
    async with connected(options.server) as client:
        found = [call async for page in client.calls(full_name(options.name)) for call in page]
    if options.json:
        screen.raw(as_json.text({"calls": as_json.all_values(found)}))
        return 0
    screen.lines(table(found, screen.out.width))
    made = sum(max(1, call.times) for call in found)
    screen.note(f"{made:,} call{'s' if made != 1 else ''}" if found else "no calls were kept")
    return 0


def table(found: Sequence[pb.SourceCall], width: int) -> Iterator[Text]:
    """Two lines a call: what and how, and below it the query."""
    rows = [_row(call) for call in found]
    if not rows:
        return
    sizes = [
        min(LONGEST.get(head, 99), max(len(head), *(len(row[at]) for row in rows))) for at, head in enumerate(HEADS)
    ]
    yield cut(_line(HEADS, sizes), width)
    room = width - sum(size + 2 for size in sizes[:-1])
    for call, row in zip(found, rows, strict=True):
        yield cut(_line((*row[:-1], _ending(row[-1], room)), sizes), width)
        if call.query:
            yield cut(Text(f"    {plain(call.query)}", DIM), width)


def _ending(method: str, room: int) -> str:
    """What tells calls apart: the verb and the end of the path, without what follows it."""
    verb, _, path = method.partition(" ")
    path = path.partition("?")[0] if len(method) > room else path
    left = room - len(verb) - 1
    return f"{verb} {path if len(path) <= left or left < 2 else '…' + path[1 - left :]}"


def _line(cells: Sequence[str], sizes: Sequence[int]) -> Text:
    parts = []
    for head, cell, size in zip(HEADS[:-1], cells[:-1], sizes[:-1], strict=True):
        shown = cut(Text(cell), size)
        room = " " * (size - shown.cell_len)
        parts += [room, shown, "  "] if head in NUMBERS else [shown, room, "  "]
    return Text.assemble(*parts, cells[-1])  # type: ignore[arg-type]


def _row(call: pb.SourceCall) -> tuple[str, ...]:
    took = call.took.ToTimedelta().total_seconds()
    return (
        f"{call.time.ToDatetime():%m-%d %H:%M:%S}",
        plain(call.source) or "-",
        plain(call.status) or "-",
        f"{max(1, call.times):,}",
        f"{call.size:,}",
        f"{took:,.2f} s" if took < 100 else f"{took:,.0f} s",
        plain(call.method),
    )
