"""`logverdict calls`: what was asked of the sources for a verification, and what they answered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.text import Text

from logverdict.cli import as_json
from logverdict.cli.calls_sum import Sum, added
from logverdict.cli.command import answered, execute
from logverdict.cli.connect import connected
from logverdict.cli.layout import cut, wrapped
from logverdict.cli.options import Json, Server, takes
from logverdict.cli.plain import plain
from logverdict.cli.render import DIM
from logverdict.cli.request import full_name
from logverdict.cli.screen import Screen, follow_up
from logverdict.v1 import verification_service_pb2 as pb

HEADS = ("SOURCE", "STATUS", "TIMES", "SIZE", "TOTAL", "MEAN", "CALL")
LONGEST = {"SOURCE": 16, "STATUS": 16}
NUMBERS = ("TIMES", "SIZE", "TOTAL", "MEAN")
WHOLE = 1_000_000
"""Lines that a query may take: all it needs."""


@dataclass(frozen=True, kw_only=True)
class CallsOptions(Server, Json):
    name: Annotated[str, typer.Argument(metavar="NAME", help="verifications/ID, or the ID alone.", show_default=False)]
    queries: Annotated[bool, typer.Option("--queries", help="Each different query, whole, oldest first.")] = False


@takes(CallsOptions)
def calls(options: CallsOptions) -> None:
    """Sum up what was asked of the sources for a verification, and what they answered.

    One line for each source, kind of call and status, what took longest first: how often, the bytes of the answers, the
    seconds of all and of one on average. --queries and --json have each query. Secrets are not kept.
    """
    screen = Screen()
    execute(lambda: answered(options.server, _calls(options, screen)), screen)


async def _calls(options: CallsOptions, screen: Screen) -> int:
    async with connected(options.server) as client:
        found = [call async for page in client.calls(full_name(options.name)) for call in page]
    if options.json:
        screen.raw(as_json.text({"calls": as_json.all_values(found)}))
        return 0
    screen.lines(queries(found, screen.out.width) if options.queries else summary(found, screen.out.width))
    screen.note(_total(found))
    if found and not options.queries:
        screen.note(f"each query: logverdict calls {plain(options.name)} --queries{follow_up(options.server)}")
    return 0


def _total(found: Sequence[pb.SourceCall]) -> str:
    whole = added(found, lambda _: ("", "", ""))
    if not whole:
        return "no calls were kept"
    (one,) = whole
    return f"{one.times:,} call{'s' if one.times != 1 else ''}, {size(one.size)}, {seconds(one.seconds)}"


def summary(found: Sequence[pb.SourceCall], width: int) -> Iterator[Text]:
    """One line for each source, kind of call and status."""
    sums = added(found, lambda call: (call.source, _kind(call.method), call.status))
    for _, line in _table(sorted(sums, key=lambda one: -one.seconds), width):
        yield line


def queries(found: Sequence[pb.SourceCall], width: int) -> Iterator[Text]:
    """One line for each different query, with its first time, and below it the query."""
    sums = added(found, lambda call: (call.source, call.method, call.status, call.query))
    for one, line in _table(sums, width):
        yield line
        if one is not None:
            text = f"{one.first:%m-%d %H:%M:%S} UTC  {plain(one.key[3])}"
            yield from wrapped(text.rstrip(), width, WHOLE, "    ", DIM)


def _kind(method: str) -> str:
    """The verb and the path, without the parameters that follow it."""
    return method.partition("?")[0]


def _table(sums: Sequence[Sum], width: int) -> Iterator[tuple[Sum | None, Text]]:
    """The heads, and each of the sums with its line."""
    rows = [_row(one) for one in sums]
    if not rows:
        return
    columns = zip(HEADS, *rows, strict=True)
    sizes = [min(LONGEST.get(cells[0], 99), max(map(len, cells))) for cells in columns]
    room = width - sum(size + 2 for size in sizes[:-1])
    yield None, cut(_line(HEADS, sizes), width)
    for one, row in zip(sums, rows, strict=True):
        yield one, cut(_line((*row[:-1], _ending(row[-1], room)), sizes), width)


def _ending(method: str, room: int) -> str:
    """What tells calls apart: the verb and the end of the path, without what follows it."""
    verb, _, path = method.partition(" ")
    path = _kind(path) if len(method) > room else path
    left = room - len(verb) - 1
    return f"{verb} {path if len(path) <= left or left < 2 else '…' + path[1 - left :]}"


def _line(cells: Sequence[str], sizes: Sequence[int]) -> Text:
    parts = []
    for head, cell, size in zip(HEADS[:-1], cells[:-1], sizes[:-1], strict=True):
        shown = cut(Text(cell), size)
        room = " " * (size - shown.cell_len)
        parts += [room, shown, "  "] if head in NUMBERS else [shown, room, "  "]
    return Text.assemble(*parts, cells[-1])  # type: ignore[arg-type]


def _row(one: Sum) -> tuple[str, ...]:
    source, method, status = one.key[:3]
    return (
        plain(source) or "-",
        plain(status) or "-",
        f"{one.times:,}",
        size(one.size),
        seconds(one.seconds),
        seconds(one.seconds / one.times),
        plain(method),
    )


def size(count: float) -> str:
    """Bytes as people read them: 812 B, 3.4 MB."""
    for unit in ("B", "kB", "MB"):
        if count < 999.5:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:,.1f} GB"


def seconds(took: float) -> str:
    return f"{took:,.2f} s" if took < 100 else f"{took:,.0f} s"
