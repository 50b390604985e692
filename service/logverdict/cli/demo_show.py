"""How the demo looks: fit for 80 columns, colours in a terminal only, one line an event in CI logs."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.status import Status
from rich.text import Text

from logverdict.cli import words
from logverdict.cli.layout import cut, styled
from logverdict.cli.outcome import Outcome
from logverdict.cli.plain import plain
from logverdict.cli.render import outcome_page
from logverdict.cli.track import Track, What

INDENT = "   "
MOST_EVENTS = 3


class Show:
    """`program` is what the reader types to call us."""

    def __init__(self, console: Console | None = None, program: str = "logverdict") -> None:
        self._console = console or Console(highlight=False)
        self._program = program
        self._act = 0

    def begin(self, folder: Path, place: str = "") -> None:
        self._line("[bold]logverdict demo[/]  three versions of a small shop service, judged by their logs")
        self._console.print(f"[dim]All of it runs on this machine and is kept in {folder}[/]", soft_wrap=True)
        if place:
            self._console.print(Text(plain(place), "dim"), soft_wrap=True)

    def act(self, title: str, why: str) -> None:
        self._act += 1
        self._console.print()
        self._line(f"[bold cyan]{self._act}  {title}[/]")
        self._line(f"{INDENT}[dim]{why}[/]")

    def fact(self, text: str) -> None:
        self._line(f"{INDENT}{text}")

    def command(self, text: str) -> None:
        self._line(f"{INDENT}[bold]$ {text}[/]")

    def fault(self, text: str) -> None:
        errors = Console(stderr=True, highlight=False)
        errors.print(Text(f"logverdict demo: {plain(text)}", style="bold red"), soft_wrap=True)

    def waiting(self, text: str) -> AbstractContextManager[Status | None]:
        """A spinner, where there is a terminal."""
        return self._console.status(f"{text} …") if self._console.is_terminal else nullcontext()

    @contextmanager
    def watching(self) -> Iterator["Stream"]:
        with self.waiting("waiting for the first look") as status:
            yield Stream(self, status)

    def look(self, track: Track) -> None:
        """A provisional verdict, as the stream brings it."""
        told = track.verification
        if told is None or not words.verdict(told) or words.ended(told):
            return
        line = Text(f"{INDENT}look {told.looks} of {told.looks_planned}  ")
        line.append_text(styled(words.verdict(told)))
        line.append(f"  score {told.score}  ")
        line.append(plain(told.sentence), "dim")
        self._console.print(cut(line, self._console.width))

    def outcome(self, outcome: Outcome) -> None:
        """As `logverdict verify` shows it."""
        self._console.print()
        for line in outcome_page(outcome, self._console.width - len(INDENT), MOST_EVENTS):
            self._console.print(Text(INDENT) + line if line.plain else "", crop=False)

    def end(self, config: Path, name: str) -> None:
        self._console.print()
        self._line("[bold green]FAIL for the bad one, PASS for the fixed one.[/]")
        self._line("[bold]What to type next:[/]")
        for command, why in (
            (f"serve --config {config} &", ""),
            ("list", "# what the demo stored"),
            (f"get {name.rpartition('/')[2]}", "# why 1.1 was stopped"),
        ):
            self._console.print(f"{INDENT}[bold]{self._program} {command}[/]  [dim]{why}[/]", soft_wrap=True)
        self._line(f"{INDENT}[dim]then your own logs: docs/quickstart.md[/]")

    def _line(self, markup: str) -> None:
        self._console.print(markup, no_wrap=True, overflow="ellipsis")


class Stream:
    """Told of each step of a verification's stream."""

    def __init__(self, show: Show, status: Status | None) -> None:
        self._show, self._status = show, status

    def changed(self, track: Track, what: What) -> None:
        if what == "revision":
            self._show.look(track)
        if what == "progress" and self._status and track.progress:
            left = track.progress.remaining.ToTimedelta().total_seconds()
            self._status.update(f"{plain(track.progress.step)}, about {left:.0f} s left …")


def svg(console: Console) -> str:
    """What a recording console has shown, as a picture that fetches no font from elsewhere."""
    template = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    return console.export_svg(title="logverdict demo", code_format=template, unique_id="logverdict-demo")
