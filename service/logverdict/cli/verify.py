"""`logverdict verify`: asks for verifications, follows them, ends by the decision."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from logverdict.cli import as_json, times
from logverdict.cli.command import execute
from logverdict.cli.connect import reached
from logverdict.cli.exits import ASK, BY_DECISION
from logverdict.cli.options import takes
from logverdict.cli.outcome import Outcome, decided
from logverdict.cli.render_live import reporting
from logverdict.cli.render_outcomes import outcomes_page
from logverdict.cli.request import wishes
from logverdict.cli.run import Limits, Run
from logverdict.cli.screen import Screen, follow_up
from logverdict.cli.track import Track
from logverdict.cli.verify_options import VerifyOptions


@takes(VerifyOptions)
def verify(options: VerifyOptions) -> None:
    """Judge a deployment from its logs, and exit by the decision.

    Exit code: 0 PROCEED, 1 STOP, 3 ASK, 2 wrong usage. With several services: STOP if any says STOP, else ASK if any
    says ASK. When logverdict cannot tell (server unreachable, timeout), --on-error decides and the output says
    UNVERIFIED.
    """
    tracks: list[Track] = []
    screen = Screen()
    execute(
        lambda: run(options, os.environ, screen, tracks),
        screen,
        lambda: left_behind(tracks, options),
        on_bug(options.on_error),
    )


def on_bug(on_error: str | None) -> int:
    """The exit code for a fault in this client: an outage of ours like any other."""
    return BY_DECISION[(on_error or ASK).upper()]


async def run(options: VerifyOptions, environ: Mapping[str, str], screen: Screen, tracks: list[Track]) -> int:
    """The exit code. `tracks` is filled as soon as there is something to tell of them."""
    now = datetime.now(UTC)
    begun = asyncio.get_running_loop().time()
    limits = Limits(times.span(options.timeout, "--timeout"), options.on_error, options.fail_fast, options.local)
    tracks += [Track(wish=wish) for wish in wishes(options, environ, now)]
    async with reached(options.server, options.local, options.config) as client:
        with reporting(tracks, screen.err, options.quiet) as reporter:
            left = limits.timeout.total_seconds() - (asyncio.get_running_loop().time() - begun)
            found = await Run(client, reporter, limits, now).follow(tracks, left)
        tell(found, screen, options.json, None if options.local else follow_up(options.server))
    return BY_DECISION[decided(found)]


def tell(found: Sequence[Outcome], screen: Screen, json: bool, hint: str | None) -> None:
    if json:
        screen.raw(as_json.text(as_json.outcomes(found)))
    else:
        screen.lines(outcomes_page(found, screen.out.width, hint))


def left_behind(tracks: Sequence[Track], options: VerifyOptions) -> list[str]:
    """What is said after Ctrl-C: nothing was decided, and where the work can be found."""
    going = [track.name.removeprefix("verifications/") for track in tracks if track.name and not track.ended]
    if options.local or not going:
        return ["interrupted; nothing was decided"]
    hint = follow_up(options.server)
    lines = ["interrupted; nothing was decided, and the work goes on at the server:"]
    return lines + [f"  logverdict {verb} {name}{hint}" for name in going for verb in ("watch", "cancel")]
