"""One changed instance beside others that were not."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from fakes.logs import MINUTES, Line, batch, counts, every, usual
from logverdict.analysis.engine import judge
from logverdict.analysis.sides import Sides, Stretch
from logverdict.domain.policy import Policy
from logverdict.domain.words import Comparison, Impact, Reason, Verdict


def canary(beside: int, *lines: Line, others: Sequence[Line] | None = None) -> Sides:
    """One changed instance, which writes `lines`, beside so many, each of which writes the `others`."""
    unchanged = [batch(usual() if others is None else others, instance=f"pod-{at}") for at in range(beside)]
    mine = counts([batch(lines, instance="canary")])
    sides = Stretch(mine, MINUTES * 60, MINUTES), Stretch(counts(unchanged), MINUTES * 60, MINUTES)
    return Sides(sides[0], sides[1:], (), Comparison.CONCURRENT, "unchanged instances")


@pytest.mark.parametrize("others", [1, 4, 9])
@pytest.mark.parametrize("looks", [1, 10])
def test_what_is_gone_on_one_of_many_instances_fails(others: int, looks: int) -> None:
    """That each of the others writes it in each minute is more than one burst a minute, which might miss the one."""
    left = [line for line in usual() if "stock" not in line[1]]
    found = judge(canary(others, *left), Policy(), look=looks, looks=looks)
    assert (found.verdict, found.reason) == (Verdict.FAIL, Reason.MESSAGES_GONE)
    assert judge(canary(others, *usual()), Policy(), look=looks, looks=looks).verdict is Verdict.PASS


@pytest.mark.parametrize("looks", [1, 10])
def test_one_message_that_is_most_of_the_volume_is_not_taken_for_traffic(looks: int) -> None:
    """Where the others keep to what their instances get, it is the one that departs, and none of them."""
    more = [*usual(), *every(1, "order {n} accepted for customer {n}")]
    found = judge(canary(4, *more), Policy(), look=looks, looks=looks)
    assert [event.template for event in found.events if event.impact is Impact.FAIL] == [
        "order <num> accepted for customer <num>"
    ]


def test_in_a_short_window_few_messages_tell_the_traffic() -> None:
    """Rare ones differ from their share by chance, and do not hide it."""
    lines = [
        *every(2.5, "order {n} accepted", minutes=10),
        *every(8, "invoice {n} written", minutes=10, first=2),
        *every(40, "offset {n} committed", minutes=10, first=3),
        *every(60, "pool has {n} idle", "WARN", minutes=10, first=4),
    ]
    more = [line for at, line in enumerate(lines) if "offset" not in line[1] or at % 3]
    more += every(1.25, "order {n} accepted", minutes=10, first=1.7)
    found = judge(canary(4, *more, others=lines), Policy(), look=1, looks=1)
    assert [event.template for event in found.events if event.impact is Impact.FAIL] == ["order <num> accepted"]


def test_a_declared_share_of_traffic_stands_for_instances() -> None:
    """One of five instances that gets a third of the traffic writes no more than it should."""
    more = [line for line in usual(scale=2) if "stock" not in line[1]] + [
        line for line in usual() if "stock" in line[1]
    ]
    declared = replace(canary(4, *more), traffic_share=1 / 3)
    found = judge(declared, Policy(), look=1, looks=1)
    assert [event.template for event in found.events if event.impact is Impact.FAIL] == [
        "stock of item <num> is now <num>"
    ]
