"""Which lines are of a stack trace."""

import re

import polars as pl
import pytest

from logverdict.analysis.key import SUSPECT_STARTS
from logverdict.analysis.trace import BAD, CERTAIN, HEAD, RULES, START, Rule, begins, fits, goes_on

SHOWN = [rule for rule in RULES if rule.line]


@pytest.mark.parametrize("rule", SHOWN, ids=lambda rule: f"{rule.name}: {rule.line}")
def test_each_rule_does_what_it_shows(rule: Rule) -> None:
    """The line fits, and the line before is one that it may follow."""
    patterns = [one.pattern for one in RULES if one.name in rule.after]
    assert re.search(rule.pattern, rule.line)
    assert {"any", "bad"} & set(rule.after) or any(re.search(pattern, rule.before) for pattern in patterns)


@pytest.mark.parametrize("rule", SHOWN, ids=lambda rule: f"{rule.name}: {rule.line}")
def test_a_line_that_fits_no_rule_goes_on_with_nothing(rule: Rule) -> None:
    """Whatever comes before: an ordinary message behind a trace is an entry of its own."""
    ordinary = fits(pl.Series([f"  order {len(rule.line)} accepted"])).item()
    assert not goes_on(ordinary, begins(fits(pl.Series([rule.before])).item(), bad=True), 0)


def test_what_is_certain_is_suspect_too() -> None:
    """The coarse rule, which sources apply, finds all lines from which traces are told."""
    certain = [rule.line for rule in SHOWN if re.search(CERTAIN, rule.line)]
    assert len(certain) >= 12
    assert all(line.startswith(SUSPECT_STARTS) for line in certain)


@pytest.mark.parametrize(
    "message",
    ["  order stored", "\torder stored", "at noon the shop opens", "Traceback of order 5", "... and so on",
     "Also: rain", "Caused by: rain", "    at the end of the day (late)", "goroutine pool is full", "  0: first",
     "    deep"],
)  # fmt: skip
def test_ordinary_messages_that_look_alike_stay(message: str) -> None:
    """Not even behind an error they go on with it."""
    fitting = fits(pl.Series([message])).item()
    assert not any(goes_on(fitting, before, 0) for before in (START, HEAD, BAD))
