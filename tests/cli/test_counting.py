"""How far a stream of answers is, in a terminal and without one."""

import io
from collections.abc import AsyncIterator

import pytest
from rich.console import Console

from logverdict.cli.counting import counted


async def answers() -> AsyncIterator[int]:
    for number in range(25):
        yield number


@pytest.mark.parametrize("terminal", [True, False])
async def test_the_count_takes_no_lines(terminal: bool) -> None:
    """In a terminal one line is written over and wiped out at the end, elsewhere nothing is written."""
    console = Console(file=io.StringIO(), force_terminal=terminal, width=80)
    assert await counted(answers(), console, "judged") == list(range(25))
    written = console.file.getvalue()  # type: ignore[attr-defined]
    assert ("judged" in written) is terminal
    assert written.count("\n") == (1 if terminal else 0)
    assert not terminal or written.rstrip().endswith("\x1b[2K")
