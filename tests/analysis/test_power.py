"""What a verdict says it could have seen is what it sees."""

import random
from dataclasses import replace

import pytest

from fakes.logs import Line, before_after, busy, side_by_side, stretch, usual
from logverdict.analysis.engine import judge
from logverdict.analysis.sides import Sides
from logverdict.domain.policy import Policy
from logverdict.domain.result import Change, Detectable, Judgement, NoiseFloor
from logverdict.domain.words import FalseAlarmLevel, Verdict

WORDS = [
    "cart",
    "price",
    "mail",
    "queue",
    "cache",
    "token",
    "region",
    "vendor",
    "ledger",
    "audit",
    "report",
    "stock",
    "wallet",
    "coupon",
    "quote",
    "bill",
]
STEADY = "the batch was written out well"


def judged(sides: Sides, level: FalseAlarmLevel = FalseAlarmLevel.MEDIUM) -> Judgement:
    return judge(sides, Policy(false_alarm_level=level), look=1, looks=1)


def noise(seed: int) -> list[Line]:
    """Errors of a long tail of 300 kinds."""
    tail, chance = random.Random(7), random.Random(seed)
    texts = [f"cannot {' '.join(tail.choices(WORDS, k=3))}" for _ in range(300)]
    shares = [1 / (place + 1) for place in range(300)]
    return [(chance.uniform(1, 1790), text, "ERROR") for text in chance.choices(texts, shares, k=60)]


def by_chance(seed: int, per_minute: float, text: str) -> list[Line]:
    chance, found, at = random.Random(f"{seed} {text}"), list[Line](), 0.0
    while (at := at + chance.expovariate(per_minute / 60)) < 1790:
        found.append((at, text, "INFO"))
    return found


def service(seed: int) -> list[Line]:
    """Twenty messages a minute of each of ten kinds."""
    return [line for word in WORDS[:10] for line in by_chance(seed, 20, f"the {word} was brought up to date")]


@pytest.mark.parametrize("level", FalseAlarmLevel)
@pytest.mark.parametrize(
    ("arrange", "baseline", "candidate", "runs"),
    [
        (side_by_side, usual(), usual(), []),
        (before_after, [*usual(), *noise(1)], [*usual(), *noise(101)], []),
        (side_by_side, [*usual(), *noise(1)], [*usual(), *noise(101)], []),
        (before_after, [*usual(), *noise(1)], [*usual(), *noise(101)], [[*usual(), *noise(at)] for at in (2, 3, 4, 5)]),
    ],
)
def test_a_new_error_of_as_many_entries_fails_and_one_of_fewer_does_not(  # type: ignore[no-untyped-def]
    arrange, baseline, candidate, runs, level
) -> None:
    """The number is that of the tests themselves, at each false-alarm level."""
    said = judged(arrange(baseline, candidate, *runs), level).detectable
    assert said and said.new_error_entries and said.new_error_entries > 1
    for entries, fails in ((said.new_error_entries, True), (said.new_error_entries - 1, False)):
        new = [
            (30 + 60 * (29 * at // entries), "cannot decode the payload of partner 7", "ERROR") for at in range(entries)
        ]
        verdict = judged(arrange(baseline, [*candidate, *new], *runs), level).verdict
        assert (verdict is Verdict.FAIL) == fails


def test_a_service_without_new_errors_shows_a_single_one_where_it_wrote_enough() -> None:
    """Of a thousand entries one error may be missing by chance in one window and there in the other."""
    found = judged(before_after(busy(), busy()))
    assert found.floor == NoiseFloor(0, 0.0, 0.0, 1, 0)
    assert found.detectable and found.detectable.new_error_entries == 1
    found = judged(before_after(usual(), usual()))
    assert found.detectable and found.detectable.new_error_entries == 5


@pytest.mark.parametrize(("arrange", "runs"), [(before_after, 0), (side_by_side, 0), (before_after, 4)])
def test_a_change_of_the_size_that_is_said_is_found_more_often_than_not(arrange, runs: int) -> None:  # type: ignore[no-untyped-def]
    """And one of half its size is not."""
    share, found = 0.055, {1.0: 0, 0.5: 0}
    usual_rate = 200 * share / (1 - share)
    for seed in range(8):
        more = [
            [*service(at), *by_chance(at, usual_rate, STEADY)] for at in range(500 + 10 * seed, 500 + 10 * seed + runs)
        ]
        baseline = [*service(seed), *by_chance(seed, usual_rate, STEADY)]
        said = judged(arrange(baseline, service(100 + seed), *more)).detectable
        ratio = said and said.changes[0].ratio
        assert ratio
        for part in found:
            changed = by_chance(200 + seed, usual_rate * max(1, ratio * part), STEADY)
            found[part] += judged(arrange(baseline, [*service(100 + seed), *changed], *more)).verdict is Verdict.FAIL
    assert found[1.0] >= 5
    assert found[0.5] == 0


def test_more_runs_show_smaller_changes_of_rare_messages() -> None:
    """Without a history a change of a rare message counts for nothing, with one it does."""
    runs = [service(at) for at in range(4)]
    alone = judged(before_after(service(10), service(20))).detectable
    many = judged(before_after(service(10), service(20), *runs)).detectable
    assert alone and many
    assert [change.share for change in alone.changes] == [0.05, 0.01]
    assert alone.changes[1].ratio is None
    assert (many.changes[1].ratio or 100) < 5


def test_what_could_not_be_judged_says_nothing_of_floors() -> None:
    """Three entries show nothing at all."""
    found = judged(before_after(usual(), usual()[:3]))
    assert (found.verdict, found.floor, found.detectable) == (Verdict.INCONCLUSIVE, None, None)


def test_a_quiet_service_shows_its_first_error() -> None:
    """Evidence says that it runs, and no entry that anything is wrong."""
    quiet = replace(stretch([]), evidence={"a": 900})
    found = judged(replace(before_after(usual(), usual()), candidate=quiet, baselines=(quiet,)))
    assert found.verdict is Verdict.PASS
    assert found.detectable == Detectable(1, (Change(0.05, None), Change(0.01, None)))
