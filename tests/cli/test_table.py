"""Tables of commands, as they fit a terminal."""

import pytest

from logverdict.cli.history import HEADS, SHARED
from logverdict.cli.table import table

LONG = ("2026-11-26 14:27", "checkout-frontend", "1.4.2-rc.17", "production-eu", "INCONCLUSIVE", "PROCEED*")
WORST = (*LONG, "ROLLED_BACK", "4f1c0a7e4f1c0a7e")
USUAL = ("2026-11-26 14:27", "checkout", "1.4.2", "prod", "INCONCLUSIVE", "PROCEED", "-", "4f1c0a7e4f1c0a7e")


def shown(rows: list[tuple[str, ...]], width: int) -> list[str]:
    return [line.plain for line in table(HEADS, rows, width, SHARED)]


@pytest.mark.parametrize("width", [40, 80, 100, 240])
def test_no_line_is_wider_than_the_terminal(width: int):
    """Whatever the cells are."""
    assert max(map(len, shown([WORST, USUAL], width))) <= width


def test_what_is_usual_takes_a_line_of_80_columns():
    """Columns stand closer and leave the year away before a name is cut."""
    head, line = shown([USUAL], 80)
    assert head.startswith("CREATED UTC SERVICE")
    assert line == "11-26 14:27 checkout 1.4.2   prod INCONCL. PROCEED        - 4f1c0a7e4f1c0a7e"


def test_years_that_differ_are_shown():
    """A time without its year is one of all in the column."""
    assert "2025-12-31 23:59" in "\n".join(shown([USUAL, ("2025-12-31 23:59", *USUAL[1:])], 80))


def test_what_is_wide_enough_is_whole():
    """Names and words in full, as in a pipe, where there is no width."""
    assert shown([WORST], 240)[1] == "  ".join(WORST)


def test_what_cannot_fit_goes_on_in_a_second_line():
    """The id is never cut: it is what the next command needs."""
    lines = shown([WORST], 60)
    assert len(lines) == 4 and lines[3].startswith("    ") and lines[3].endswith("4f1c0a7e4f1c0a7e")
