"""Progress while a call runs: a picture in a terminal, a line for each change elsewhere."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from logverdict.cli import times, words
from logverdict.cli.layout import cut, ends, number, percent, styled
from logverdict.cli.plain import plain
from logverdict.cli.render import what
from logverdict.cli.run import Reporter
from logverdict.cli.track import Track, What
from logverdict.v1 import verification_service_pb2 as pb

LINE_SECONDS = 60.0
"""Elsewhere than in a terminal something is said at least this often: silent jobs get killed."""


class Quiet:
    def changed(self, track: Track, what: What) -> None:
        """Says nothing."""


class Lines:
    """One line for each change. Not every progress is a change."""

    def __init__(self, say: Callable[[str], None], now: Callable[[], datetime]) -> None:
        self._say = say
        self._now = now
        self._last: dict[str, tuple[float, str]] = {}

    def changed(self, track: Track, what: What) -> None:
        clock = asyncio.get_running_loop().time()
        text = plain(f"{track.label}: {self._text(track, what)}")
        said, before = self._last.get(track.label, (clock, ""))
        if (what == "progress" or text == before) and before and clock - said < LINE_SECONDS:
            return
        self._last[track.label] = clock, text
        self._say(f"{self._now().astimezone(UTC):%H:%M:%SZ} {text}")

    def _text(self, track: Track, what: What) -> str:
        if what == "created":
            return "; ".join((f"{track.name} is on its way", *track.notes))
        if what == "link":
            return f"waiting for the server ({track.trouble})" if track.trouble else "connected again"
        if what == "progress":
            return " · ".join(_standing(track))
        known = track.verification
        assert known is not None
        head = [words.state(known), *_look(known), _verdict(known)]
        return ", ".join(filter(None, head)) + (f": {known.sentence}" if known.sentence else "")


class Picture:
    """Redrawn in place: a line for each service, and its strongest events where there is room."""

    def __init__(self, tracks: Sequence[Track], console: Console) -> None:
        self._tracks = tracks
        self._console = console

    def changed(self, track: Track, what: What) -> None:
        """The next redraw shows it."""

    def __rich__(self) -> Group:
        height, width = self._console.size.height - 2, self._console.size.width
        room = max(0, height - len(self._tracks)) // len(self._tracks)
        return Group(*(line for track in self._tracks[:height] for line in _lines(track, width, min(3, room))))


@contextmanager
def reporting(tracks: Sequence[Track], console: Console, quiet: bool) -> Iterator[Reporter]:
    if quiet:
        yield Quiet()
    elif console.is_terminal:
        picture = Picture(tracks, console)
        with Live(picture, console=console, refresh_per_second=4, transient=True):
            yield picture
    else:
        yield Lines(lambda text: console.print(Text(text)), lambda: datetime.now(UTC))


def _lines(track: Track, width: int, room: int) -> Iterator[Text]:
    left = Text.assemble(" ", (plain(track.label), "bold"), "  ")
    if track.trouble:
        left.append(plain(f"waiting for the server: {track.trouble.rpartition(': ')[2]}"), "magenta")
    elif track.verification is None:
        left.append("asking the server …")
    else:
        verdict = words.verdict(track.verification)
        left.append_text(styled(verdict)).append(_verdict(track.verification).removeprefix(verdict))
    yield ends(left, _right(track, width - left.cell_len - 2), width)
    for note in track.notes[:room]:
        yield cut(Text(f"    {note}", "yellow"), width)
    for event in words.strongest(track.events.values())[: max(0, room - len(track.notes))]:
        counts = f"expected {number(event.expected)}, seen {number(event.seen)}"
        yield cut(Text.assemble("    ", (what(event), "bold"), f"  {counts}  {plain(event.template)}"), width)


def _right(track: Track, room: int) -> Text:
    """Where it stands; where that is too much, without the step's words."""
    if track.trouble:
        return Text()
    full, brief = (Text(" · ".join(_standing(track, step))) for step in (True, False))
    return full if full.cell_len <= room else brief


def _verdict(known: pb.Verification) -> str:
    if not known.verdict:
        return "" if words.state(known) == "PENDING" else "nothing judged yet"
    decision = words.decision(known.decision)
    return words.verdict(known) + (f", decision {decision}" if decision else " so far")


def _look(known: pb.Verification) -> Iterator[str]:
    if known.looks:
        yield f"look {known.looks} of {known.looks_planned}"


def _standing(track: Track, step: bool = True) -> Iterator[str]:
    known, progress = track.verification, track.progress
    if known is not None:
        yield from _look(known)
    if progress is not None and not track.ended:
        if step and progress.step:
            yield plain(progress.step)
        if progress.HasField("remaining"):
            yield f"{times.short(timedelta(seconds=progress.remaining.seconds))} left"
    coverage = progress.coverage if progress is not None and progress.coverage else known.coverage if known else ()
    shares = [part.share for part in coverage if part.side == "candidate"]
    if shares:
        yield f"{percent(min(shares))} read"
