"""The noise floor on a service whose errors come in many kinds."""

import itertools
import random
from itertools import chain

import pytest

from fakes.logs import Line, before_after, busy, every, side_by_side, usual
from logverdict.analysis.engine import judge
from logverdict.analysis.sides import Sides
from logverdict.domain.policy import Policy
from logverdict.domain.result import Judgement
from logverdict.domain.words import EventKind, FalseAlarmLevel, Impact, Verdict

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
    steady = [*kinds(WORDS[:4], 100), *kinds(WORDS[:4], 1000)]
    spells = [line for at, word in enumerate(WORDS[4:]) for line in kinds([word], 100 + 200 * at, times=1)]
    assert verdict(before_after([*usual(), *steady], [*usual(), *steady, *spells])).verdict is Verdict.FAIL


@pytest.mark.parametrize("arrange", [before_after, side_by_side])
def test_new_kinds_of_one_spell_are_one_observation(arrange: object) -> None:
    """A service whose errors come and go brings a dozen kinds at once by a single trouble."""
    before = [*usual(), *kinds(WORDS[:3], 500)]
    once = [(900 + 2 * at, f"cannot load {word} map", "ERROR") for at, word in enumerate(WORDS[3:])]
    spread = [(60 + 170 * at, f"cannot load {word} map", "ERROR") for at, word in enumerate(WORDS[3:])]
    assert verdict(arrange(before, [*usual(), *once])).verdict is Verdict.WARN  # type: ignore[operator]
    assert verdict(arrange(before, [*before, *spread])).verdict is Verdict.FAIL  # type: ignore[operator]


@pytest.mark.parametrize(
    ("level", "spells", "wanted"),
    [
        (FalseAlarmLevel.HIGH, 5, Verdict.FAIL),
        (FalseAlarmLevel.MEDIUM, 5, Verdict.WARN),
        (FalseAlarmLevel.MEDIUM, 7, Verdict.FAIL),
        (FalseAlarmLevel.LOW, 7, Verdict.WARN),
    ],
)
def test_the_level_says_how_many_spells_are_sure(level: FalseAlarmLevel, spells: int, wanted: Verdict) -> None:
    """Windows of one length: so many in a row on one side come by chance once in 2 ** spells times."""
    before = [*usual(), *kinds(WORDS[:3], 500)]
    new = [(60 + 200 * at, f"cannot load {word} map", "ERROR") for at, word in enumerate(WORDS[3 : 3 + spells])]
    sides = before_after(before, [*before, *new])
    assert judge(sides, Policy(false_alarm_level=level), look=1, looks=1).verdict is wanted


def test_a_service_whose_errors_never_come_and_go_fails_by_its_first_new_one() -> None:
    """Where it wrote enough to show what it brings by itself. At level LOW it has to come again."""
    low, once = Policy(false_alarm_level=FalseAlarmLevel.LOW), [(900.0, "cannot load cart map", "ERROR")]
    assert verdict(before_after(busy(), [*busy(), *once])).verdict is Verdict.FAIL
    assert judge(before_after(busy(), [*busy(), *once]), low, look=1, looks=1).verdict is Verdict.WARN
    again = every(225, "cannot load cart map", "ERROR")
    assert judge(before_after(busy(), [*busy(), *again]), low, look=1, looks=1).verdict is Verdict.FAIL


@pytest.mark.parametrize(("times", "wanted"), [(1, Verdict.WARN), (4, Verdict.WARN), (5, Verdict.FAIL)])
def test_one_of_a_thousand_entries_may_fail_in_a_healthy_service(times: int, wanted: Verdict) -> None:
    """A baseline of as few entries may have been spared by chance."""
    new = every(1750 / times, "cannot load cart map", "ERROR")[:times]
    assert 1_000 < len(usual()) < 1_500
    found = verdict(before_after(usual(), [*usual(), *new]))
    assert found.verdict is wanted
    said = "The baseline's 1,287 entries are too few to tell it from what a healthy service fails by itself"
    assert (said in found.events[0].sentence) == (wanted is Verdict.WARN)


@pytest.mark.parametrize(("times", "wanted"), [(2, Verdict.WARN), (3, Verdict.FAIL)])
def test_beside_instances_without_passing_errors_a_new_one_fails_when_it_comes_again(
    times: int, wanted: Verdict
) -> None:
    """That all of three fall on one side by chance is likely; that such a service brings any is not."""
    again = every(1750 / times, "cannot load cart map", "ERROR")[:times]
    assert verdict(side_by_side(usual(), [*usual(), *again])).verdict is wanted
    passing = [(200.0, "cannot load region map", "ERROR")]
    assert verdict(side_by_side([*usual(), *passing], [*usual(), *again])).verdict is Verdict.WARN


def test_many_new_messages_that_come_once_hide_no_error_that_comes_again() -> None:
    """A chatty log brings some at any time; what comes again and again is compared with its like."""
    places = (f"{one} near {other} opened at {third}" for one, other, third in itertools.permutations(WORDS, 3))
    chatter = [(43.0 * at, text, "INFO") for at, text in enumerate(itertools.islice(places, 0, 1200, 30))]
    error = every(350, "cannot load the map of {n}", "ERROR")
    assert verdict(before_after(usual(), [*usual(), *chatter])).verdict is Verdict.PASS
    assert verdict(before_after(usual(), [*usual(), *chatter, *error])).verdict is Verdict.FAIL
    assert verdict(before_after(usual(), [*usual(), *chatter, *error[:2]])).verdict is Verdict.WARN


@pytest.mark.parametrize(("kinds", "wanted"), [(4, Verdict.WARN), (5, Verdict.FAIL)])
def test_many_kinds_of_new_warnings_fail_however_few_entries_they_have(kinds: int, wanted: Verdict) -> None:
    """Each by itself warns."""
    new = [(90.0 + 200 * at, f"{word} is late, timeout", "WARN") for at, word in enumerate(WORDS[:kinds])]
    assert verdict(before_after(usual(), [*usual(), *new])).verdict is wanted


def test_what_one_of_several_runs_brought_is_usual() -> None:
    """A run with trouble of its own, once, excuses as much trouble in the candidate, and no more; what comes in one
    spell is one trouble, however many kinds of errors it brings."""
    bad = [*usual(), *kinds(WORDS[:3], 100, times=1)]

    def said(*new: Line) -> Verdict:
        return verdict(before_after(bad, [*usual(), *new], *([*usual()] for _ in range(7)))).verdict

    assert said(*kinds(WORDS[3:8], 500, times=1)) is Verdict.WARN
    apart = [kinds([word], 300 + 60 * at, times=1) for at, word in enumerate(WORDS[3:8])]
    assert said(*chain(*apart[:3])) is Verdict.WARN
    assert said(*chain(*apart)) is Verdict.FAIL


@pytest.mark.parametrize(("baselines", "wanted"), [(1, Verdict.WARN), (4, Verdict.FAIL)])
def test_a_new_warning_that_lasts_fails_against_a_history(baselines: int, wanted: Verdict) -> None:
    """One window can't tell it from one that comes and goes, as this one goes after 20 of 30 minutes."""
    after = [*usual(), *every(60, "answer of partner {n} is late, timeout", "WARN", minutes=20)]
    assert verdict(before_after(usual(), after, *[usual()] * (baselines - 1))).verdict is wanted


def test_a_second_baseline_makes_nothing_fail_that_the_first_excuses() -> None:
    """Each window of a noisy service brings two spells of rare errors: that the candidate brings three is no news."""
    windows = [
        [line for at in (2 * one, 2 * one + 1) for line in kinds([WORDS[at]], 400 + 300 * at, times=2)]
        for one in (0, 1)
    ]
    new = [line for at, word in enumerate(WORDS[6:9]) for line in kinds([word], 200 + 500 * at, times=2)]
    first, second = ([*usual(), *rare] for rare in windows)
    assert verdict(before_after(first, [*usual(), *new])).verdict is Verdict.WARN
    assert verdict(before_after(first, [*usual(), *new], second)).verdict is Verdict.WARN
