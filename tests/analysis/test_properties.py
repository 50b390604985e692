"""What never changes a verdict, and what always does, on services made by chance."""

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from fakes.logs import START, Line, batch, before_after, counts, every
from logverdict.analysis.engine import judge
from logverdict.analysis.sides import Sides, Stretch
from logverdict.domain.policy import Policy
from logverdict.domain.result import Event, Judgement
from logverdict.domain.words import Comparison, EventKind, Impact, Verdict

SEEDS = range(3)
SECONDS = 1800
NOUNS = ["order", "payment", "stock", "session", "parcel", "invoice", "token", "basket", "voucher", "address", "price"]
VERBS = ["accepted", "settled", "written", "opened", "routed", "printed", "renewed", "merged", "priced", "moved"]
CLOCK = re.compile(r"\b\d\d:\d\d:\d\d\b")
WORSE = [Verdict.PASS, Verdict.WARN, Verdict.FAIL]


def service(seed: int) -> list[tuple[str, str, float]]:
    """Messages of one service: text, level, seconds from one to the next on average."""
    chance = random.Random(seed)
    good = [(f"{noun} {{n}} {chance.choice(VERBS)}", "INFO", chance.uniform(2, 30)) for noun in NOUNS]
    bad = [(f"cannot reach {noun} {{n}}", "ERROR", chance.uniform(60, 600)) for noun in chance.sample(NOUNS, 3)]
    return [*good, *bad]


def run(seed: int, day: int, *, traffic: float = 1) -> list[Line]:
    """One half hour of a service: entries come by chance, at the service's rates."""
    chance, lines = random.Random(f"{seed} {day}"), []
    for text, level, gap in service(seed):
        at = chance.expovariate(traffic / gap)
        while at < SECONDS:
            lines.append((at, text.format(n=chance.randrange(10**6)), level))
            at += chance.expovariate(traffic / gap)
    return lines


def verdict(sides: Sides) -> Judgement:
    return judge(sides, Policy(), look=1, looks=1)


def cut(lines: Sequence[Line], seed: int, *, hours: float = 0) -> Stretch:
    """The lines in any order, in pages of any size, at any time of day."""
    chance, start = random.Random(seed), START + timedelta(hours=hours)
    mixed = chance.sample(list(lines), len(lines))
    edges = sorted({0, len(mixed), *(chance.randrange(len(mixed)) for _ in range(5))})
    pages = [batch(mixed[a:b], start=start) for a, b in pairwise(edges)]
    return Stretch(counts(pages, start=start), seconds=SECONDS, bins=SECONDS // 60)


def timeless(judgement: Judgement) -> tuple[Verdict, str, list[Event]]:
    """Without the times of day that it tells."""
    events = [
        replace(event, first_seen=None, last_seen=None, sentence=CLOCK.sub("", event.sentence))
        for event in judgement.events
    ]
    return judgement.verdict, CLOCK.sub("", judgement.sentence), events


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("baselines", [1, 4])
def test_order_paging_and_time_of_day_change_nothing(seed: int, baselines: int) -> None:
    """The judgement is a function of what was written and of how it lies in its window."""
    before = [run(seed, day) for day in range(baselines)]
    after = [*run(seed, 50), *every(90, "cannot parse answer {n}", "ERROR")]

    def sides(shuffle: int, hours: float) -> Sides:
        its = tuple(cut(lines, shuffle, hours=hours) for lines in before)
        return Sides(cut(after, shuffle, hours=hours), its, (), Comparison.BEFORE_AFTER, "")

    first = timeless(verdict(sides(1, 0)))
    assert timeless(verdict(sides(2, 0))) == first
    assert timeless(verdict(sides(3, 31.5))) == first


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("baselines", [1, 2, 4, 8])
@pytest.mark.parametrize("traffic", [0.5, 1, 2, 3])
def test_uniform_traffic_is_no_anomaly(seed: int, baselines: int, traffic: float) -> None:
    """A service that does the same, more or less of it, is not stopped."""
    before = [run(seed, day) for day in range(baselines)]
    assert verdict(before_after(before[0], run(seed, 50, traffic=traffic), *before[1:])).verdict is not Verdict.FAIL


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("baselines", [1, 4])
@pytest.mark.parametrize("errors", [0, 1, 3, 30])
def test_known_lines_in_their_proportions_never_make_it_worse(seed: int, baselines: int, errors: int) -> None:
    """More of what the baseline has, as often as there, is no evidence against a deployment."""
    before = [run(seed, day) for day in range(baselines)]
    new = [(chance, "cannot parse answer 7", "ERROR") for chance in random.Random(seed).sample(range(SECONDS), errors)]
    after = [*run(seed, 50), *new]
    found = verdict(before_after(before[0], after, *before[1:])).verdict
    for more in (before[0], [*before[0], *before[0]]):
        again = verdict(before_after(before[0], [*after, *more], *before[1:])).verdict
        assert WORSE.index(again) <= WORSE.index(found)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("baselines", [1, 2, 4, 8])
@pytest.mark.parametrize("gap", [15, 60, 120])
def test_a_new_error_that_lasts_is_always_found(seed: int, baselines: int, gap: float) -> None:
    """However many baselines there are, and whatever else the service writes."""
    before = [run(seed, day) for day in range(baselines)]
    after = [*run(seed, 50), *every(gap, "cannot parse answer {n}", "ERROR")]
    found = verdict(before_after(before[0], after, *before[1:]))
    assert found.verdict is Verdict.FAIL
    worst = [event for event in found.events if event.impact is Impact.FAIL]
    assert [(event.template, event.kind) for event in worst] == [("cannot parse answer <num>", EventKind.UNKNOWN)]
