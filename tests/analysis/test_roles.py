"""Instances with roles: a leader writes what followers do not."""

import pytest

from fakes.logs import START, Line, batch, counts, every, usual
from logverdict.analysis.engine import judge
from logverdict.analysis.sides import Sides, Stretch
from logverdict.domain.policy import Policy
from logverdict.domain.words import Comparison, EventKind, Verdict

LEADS = every(7, "committed session {n} for all")


def of(**instances: list[Line]) -> Stretch:
    frames = [batch(lines, instance=name) for name, lines in instances.items()]
    return Stretch(counts(frames, start=START), seconds=1800, bins=30)


@pytest.mark.parametrize(
    ("beside", "verdict"),
    [
        ({"a": [*usual(), *LEADS], "b": usual()}, Verdict.WARN),
        ({"a": [*usual(), *LEADS], "b": [*usual(), *LEADS]}, Verdict.FAIL),
        ({"a": [*usual(), *LEADS]}, Verdict.FAIL),
    ],
    ids=["one of two", "both", "the only one"],
)
def test_what_only_some_unchanged_instances_write_is_not_missed(
    beside: dict[str, list[Line]], verdict: Verdict
) -> None:
    """It warns: the changed one may have another role. What all of them write is missed."""
    sides = Sides(of(n=usual()), (of(**beside),), (), Comparison.CONCURRENT, "unchanged instances")
    found = judge(sides, Policy(), look=1, looks=1)
    assert (found.verdict, found.events[0].kind) == (verdict, EventKind.GONE)


def test_what_an_instance_of_both_sides_wrote_is_missed() -> None:
    """Where traffic is divided and not instances, nobody has another role."""
    before = of(a=[*usual(), *LEADS], b=usual())
    sides = Sides(of(a=usual(), b=usual()), (before,), (), Comparison.CONCURRENT, "unchanged instances")
    assert judge(sides, Policy(), look=1, looks=1).verdict is Verdict.FAIL
