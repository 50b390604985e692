"""The noise floor on a service whose errors come in many kinds."""

import random

import pytest

from fakes.logs import Line, before_after, every, side_by_side, usual
from logverdict.analysis.engine import judge
from logverdict.analysis.sides import Sides
from logverdict.domain.policy import Policy
from logverdict.domain.result import Judgement
from logverdict.domain.words import EventKind, Impact, Verdict

WORDS = ["cart", "price", "mail", "queue", "cache", "token", "region", "vendor", "ledger", "audit", "report", "stock"]


def noise(seed: int, kinds: int = 300, entries: int = 60) -> list[Line]:
    """Errors of a long tail of kinds: some come often, most once in hours."""
    tail = random.Random(7)
    texts = [f"cannot {' '.join(tail.choices(WORDS, k=3))}" for _ in range(kinds)]
    chance = random.Random(seed)
    shares = [1 / (place + 1) for place in range(kinds)]
    return [(chance.uniform(1, 1790), text, "ERROR") for text in chance.choices(texts, shares, k=entries)]


def verdict(sides: Sides) -> Judgement:
    return judge(sides, Policy(), look=1, looks=1)


@pytest.mark.parametrize("seed", range(5))
def test_new_errors_of_a_noisy_service_do_not_fail(seed: int) -> None:
    """It brings some kinds that its baseline lacks whenever one looks; they warn."""
    found = verdict(before_after([*usual(), *noise(seed)], [*usual(), *noise(seed + 100)]))
    assert found.verdict is not Verdict.FAIL
    assert any(event.kind is EventKind.UNKNOWN for event in found.events)


@pytest.mark.parametrize("arrange", [before_after, side_by_side])
def test_a_new_error_that_lasts_fails_through_the_noise(arrange: object) -> None:
    """Nothing of the noise comes back in most of the window's bins and was never there before."""
    lasting = every(50, "cannot decode the payload of partner {n}", "ERROR")
    found = verdict(arrange([*usual(), *noise(1)], [*usual(), *noise(101), *lasting]))  # type: ignore[operator]
    assert found.verdict is Verdict.FAIL
    assert [event.template for event in found.events if event.impact is Impact.FAIL] == [
        "cannot decode the payload of partner <num>"
    ]


def test_a_burst_is_one_observation() -> None:
    """Two hundred entries within a minute are one trouble of one minute."""
    burst = [(900 + at / 10, "cannot decode the payload of partner 7", "ERROR") for at in range(200)]
    found = verdict(before_after([*usual(), *noise(1)], [*usual(), *noise(101), *burst]))
    assert found.verdict is not Verdict.FAIL


def test_trouble_that_comes_and_goes_is_custom() -> None:
    """A baseline with spells of an error of their own raises the floor for the candidate's spells."""

    def spell(text: str, first: float) -> list[Line]:
        return [(first + 20 * at, text, "ERROR") for at in range(40)]

    before = [*usual(), *noise(1), *spell("cannot reach ledger", 100), *spell("cannot reach vendor", 950)]
    after = [*usual(), *noise(101), *spell("cannot reach audit", 500)]
    assert verdict(before_after(before, after)).verdict is not Verdict.FAIL


@pytest.mark.parametrize("entries", [8, 1000, 20_000])
@pytest.mark.parametrize("arrange", [before_after, side_by_side])
def test_a_storm_of_one_new_error_fails_whatever_its_size(arrange: object, entries: int) -> None:
    """A storm makes the candidate longer, but not its window: it is no excuse for what is new."""
    storm = [(1 + 1790 * at / entries, f"db connection {at} refused", "ERROR") for at in range(entries)]
    assert verdict(arrange(usual(), [*usual(), *storm])).verdict is Verdict.FAIL  # type: ignore[operator]


def test_a_candidate_of_nothing_but_errors_fails() -> None:
    """Nothing of what was known is left to compare with."""
    lines = every(5, "cannot start: no such module", "ERROR")
    assert verdict(before_after(usual(), lines)).verdict is Verdict.FAIL
    assert verdict(side_by_side(usual(), lines)).verdict is Verdict.FAIL


def kinds(words: list[str], start: float, times: int = 4) -> list[Line]:
    """Errors of a kind a word, each several times within ten minutes."""
    return [
        (start + 13 * place + 120 * at, f"cannot load {word} map", "ERROR")
        for place, word in enumerate(words)
        for at in range(times)
    ]


def test_a_baseline_that_changes_by_itself_raises_the_floor() -> None:
    """Where its own second half brings errors that the first lacks, some in the next window are usual."""
    early, late = kinds(WORDS[:3], 100), kinds(WORDS[3:8], 1000)
    after = [*usual(), *kinds(WORDS[3:8], 100), *kinds(WORDS[8:10], 1000)]
    assert verdict(before_after([*usual(), *early, *late], after)).verdict is Verdict.WARN
    steady = [*kinds(WORDS[:8], 100), *kinds(WORDS[:8], 1000)]
    assert verdict(before_after([*usual(), *steady], after)).verdict is Verdict.FAIL


def test_what_one_of_several_runs_brought_is_usual() -> None:
    """A run with trouble of its own, once, excuses as much trouble in the candidate, and no more."""
    bad = [*usual(), *kinds(WORDS[:3], 100, times=1)]
    runs = [bad, *([*usual()] for _ in range(7))]
    assert (
        verdict(before_after(runs[0], [*usual(), *kinds(WORDS[3:6], 500, times=1)], *runs[1:])).verdict is Verdict.WARN
    )
    assert (
        verdict(before_after(runs[0], [*usual(), *kinds(WORDS[3:8], 500, times=1)], *runs[1:])).verdict is Verdict.FAIL
    )


@pytest.mark.parametrize(("baselines", "wanted"), [(1, Verdict.WARN), (4, Verdict.FAIL)])
def test_a_new_warning_that_lasts_fails_against_a_history(baselines: int, wanted: Verdict) -> None:
    """One window can't tell it from one that comes and goes by the day."""
    after = [*usual(), *every(60, "answer of partner {n} is late, timeout", "WARN")]
    assert verdict(before_after(usual(), after, *[usual()] * (baselines - 1))).verdict is wanted
