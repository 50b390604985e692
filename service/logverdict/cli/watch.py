"""`logverdict watch`: follows a verification that exists, ends by its decision."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer

from logverdict.cli import as_json, times
from logverdict.cli.command import execute
from logverdict.cli.connect import connected
from logverdict.cli.exits import BY_DECISION
from logverdict.cli.options import Server, Waiting, takes
from logverdict.cli.outcome import decided
from logverdict.cli.render_live import reporting
from logverdict.cli.request import full_name
from logverdict.cli.run import Limits, Reporter, Run
from logverdict.cli.screen import Screen, follow_up
from logverdict.cli.track import Track, What
from logverdict.cli.verify import on_bug, tell


@dataclass(frozen=True, kw_only=True)
class WatchOptions(Server, Waiting):
    name: Annotated[str, typer.Argument(metavar="NAME", help="verifications/ID, or the ID alone.", show_default=False)]
    after_revision: Annotated[int, typer.Option(min=0, metavar="N", help="Go on after this revision.")] = 0
    json: Annotated[bool, typer.Option("--json", help="A line of JSON for each revision.")] = False


class JsonLines:
    """Each revision as a line on stdout, and beside it the usual progress on stderr."""

    def __init__(self, screen: Screen, beside: Reporter) -> None:
        self._screen = screen
        self._beside = beside

    def changed(self, track: Track, what: What) -> None:
        self._beside.changed(track, what)
        if what == "revision" and track.last is not None:
            self._screen.raw(as_json.text(as_json.value(track.last), indent=None))


@takes(WatchOptions)
def watch(options: WatchOptions) -> None:
    """Follow a verification to its end, and exit by its decision.

    A lost connection is taken up again after the last revision seen: none is missed, none comes twice.
    """
    screen = Screen()
    track = Track(name=full_name(options.name), revision=options.after_revision)
    execute(lambda: run(options, screen, track), screen, lambda: _left_behind(track, options), on_bug(options.on_error))


async def run(options: WatchOptions, screen: Screen, track: Track) -> int:
    limits = Limits(times.span(options.timeout, "--timeout"), options.on_error)
    async with connected(options.server) as client:
        with reporting([track], screen.err, options.quiet) as shown:
            reporter = JsonLines(screen, shown) if options.json else shown
            run = Run(client, reporter, limits, datetime.now(UTC))
            found = await run.follow([track], limits.timeout.total_seconds())
        if not options.json:
            tell(found, screen, False, follow_up(options.server))
        elif found[0].unverified:
            screen.raw(as_json.text(as_json.outcomes(found), indent=None))
    return BY_DECISION[decided(found)]


def _left_behind(track: Track, options: WatchOptions) -> list[str]:
    name = track.name.removeprefix("verifications/")
    go_on = f"logverdict watch {name} --after-revision {track.revision}{follow_up(options.server)}"
    return ["interrupted; the work goes on at the server. Go on watching:", f"  {go_on}"]
