"""Where text goes: results to stdout, progress and errors to stderr."""

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from typing import IO

from rich.console import Console
from rich.style import Style
from rich.text import Text

from logverdict.cli.faults import Fault

WIDE = 240


class _Pipe(Console):
    """A console whose reader may go away (`| head`): that must not change the exit code, which is the decision."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        nowhere(self.file)


def nowhere(file: IO[str]) -> None:
    """What is written from now on is lost, without an error at the end of the process either."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), file.fileno())


def _out() -> Console:
    return _Pipe(highlight=False, markup=False, emoji=False, soft_wrap=True)


def _err() -> Console:
    return _Pipe(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


@dataclass(frozen=True)
class Screen:
    out: Console = field(default_factory=_out)
    err: Console = field(default_factory=_err)

    @property
    def table_width(self) -> int:
        """Columns of a table. What goes into a pipe or file, where no width is said, is a line a row."""
        return self.out.width if self.out.is_terminal or os.environ.get("COLUMNS") else WIDE

    def lines(self, lines: Iterable[Text], links: bool = True) -> None:
        """Where there is no terminal to click in, a link follows the lines that it is on, in full."""
        shown = links and not self.out.is_terminal
        for link, group in groupby(lines, link_of):
            for line in group:
                self.out.print(line, crop=False)
            if link and shown:
                self.out.print(Text(f"    raw entries: {link}"), crop=False)

    def raw(self, text: str) -> None:
        """Text as it is, for scripts: no wrapping, no colours."""
        try:
            self.out.file.write(text + "\n")
            self.out.file.flush()
        except BrokenPipeError:
            self.out.on_broken_pipe()

    def fault(self, fault: Fault) -> None:
        self.err.print(Text.assemble(("error: ", "bold red"), fault.message))
        for hint in fault.hints:
            self.err.print(Text(f"  {hint}"))

    def note(self, text: str) -> None:
        self.err.print(Text(text))


def link_of(line: Text) -> str:
    """The address behind a line, "" where there is none."""
    styles = (span.style for span in line.spans)
    return next((style.link for style in styles if isinstance(style, Style) and style.link), "")


def follow_up(server: str) -> str:
    """What a suggested command needs to reach the same server."""
    usual = os.environ.get("LOGVERDICT_SERVER") or "127.0.0.1:50051"
    return "" if server == usual else f" --server {server}"
