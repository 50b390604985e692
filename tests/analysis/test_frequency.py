"""Rates of a window against those of one window before it."""

import numpy as np
import pytest

from fakes.logs import Line, before_after, every, side_by_side, usual
from logverdict.analysis.departure import departs
from logverdict.analysis.engine import judge
from logverdict.analysis.frequency import drift, sequential
from logverdict.domain.policy import Policy
from logverdict.domain.words import EventKind, Impact, Sensitivity, Verdict

MESSAGES, BINS = 30, 60


def window(
    seed: int, *, spread: float = 0.0, bursts: float = 0.0, factors: tuple[tuple[int, float], ...] = ()
) -> np.ndarray:
    """Entries per message and bin. Log rates differ from window to window by the standard deviation `spread`, and rates
    from bin to bin by a gamma variable of variance `bursts`: counts are negative binomial."""
    chance = np.random.default_rng(seed)
    rates = np.random.default_rng(1).uniform(2, 20, MESSAGES) * np.exp(chance.normal(0, spread, MESSAGES))
    for place, factor in factors:
        rates[place] *= factor
    mean = np.repeat(rates[:, None], BINS, axis=1)
    if bursts:
        mean = mean * chance.gamma(1 / bursts, bursts, mean.shape)
    return np.asarray(chance.poisson(mean))


def departed(candidate: np.ndarray, baseline: np.ndarray, longer: float = 1.0) -> list[int]:
    return np.flatnonzero(departs(sequential(candidate, (baseline,), longer), False, 0.01)).tolist()


@pytest.mark.parametrize("bursts", [0.0, 4.0])
@pytest.mark.parametrize("spread", [0.0, 0.8])
def test_good_windows_seldom_depart_from_each_other(bursts: float, spread: float) -> None:
    """Whether counts are Poisson or far more variable, and whether windows are like or unlike: some three in a hundred
    depart at most, where the level for all messages together is one."""

    def pair(seed: int) -> tuple[np.ndarray, np.ndarray]:
        return window(seed, spread=spread, bursts=bursts), window(seed + 5000, spread=spread, bursts=bursts)

    assert sum(bool(departed(*pair(seed))) for seed in range(150)) <= 6


@pytest.mark.parametrize("factor", [5.0, 0.1, 0.0])
@pytest.mark.parametrize("bursts", [0.0, 1.0])
def test_a_message_that_changed_for_good_departs(bursts: float, factor: float) -> None:
    """Up, down and gone, beside the chance of its own counts."""
    for seed in range(10):
        after = window(seed, bursts=bursts, factors=((3, factor),))
        assert departed(after, window(seed + 500, bursts=bursts)) == [3]


@pytest.mark.parametrize(("bins", "wanted"), [(60, [0]), (30, [])])
def test_the_end_of_what_came_evenly_is_told_by_fewer_entries(bins: int, wanted: list[int]) -> None:
    """25 entries that were spread over the whole baseline are missed; where they filled half of it, 30 would be."""
    before, after = np.vstack([np.zeros((1, BINS)), window(1)]), np.vstack([np.zeros((1, BINS)), window(2)])
    before[0, np.linspace(0, bins - 1, 25).astype(int)] = 1
    assert departed(after.astype(np.int64), before.astype(np.int64)) == wanted


def test_more_of_everything_is_no_departure() -> None:
    """Twice the traffic moves all rates and no share; a longer window moves all counts and no rate."""
    before = window(1)
    assert departed(2 * window(2), before) == []
    assert departed(np.hstack([window(2), window(3)]), before, longer=2.0) == []


def test_a_spell_is_no_change_that_lasts() -> None:
    """A sixth of the window with twenty times as many entries is an episode, however many they are."""
    after = window(1)
    after[3, :10] *= 20
    assert departed(after, window(2)) == []


def test_unlike_windows_hide_what_moved_no_more_than_others() -> None:
    """Where half of the messages are three times as frequent or a third, five times as frequent is none to mind."""
    like, noise = np.zeros(20), np.full(20, 0.01)
    unlike = np.log(3) * np.array([1, -1] * 10)
    assert drift(like, noise, 0.3)[0] < 0.3**2 < 0.9 < drift(unlike, noise, 0.3)[0]


@pytest.mark.parametrize("arrange", [before_after, side_by_side])
@pytest.mark.parametrize("sensitivity", list(Sensitivity))
def test_an_error_that_vanishes_never_fails(arrange: object, sensitivity: Sensitivity) -> None:
    """Fewer errors or none are an improvement: the event is told, and holds up no fix."""

    def failing(text: str, seconds: float) -> list[Line]:
        return every(seconds, text, "ERROR")

    before = [*usual(), *failing("cannot reach ledger {n}", 5), *failing("cannot reach vendor {n}", 5)]
    after = [*usual(), *failing("cannot reach vendor {n}", 100)]
    found = judge(arrange(before, after), Policy(sensitivity=sensitivity), look=1, looks=1)  # type: ignore[operator]
    assert found.verdict is not Verdict.FAIL
    gone = next(event for event in found.events if "ledger" in event.template)
    assert (gone.kind, gone.impact in (Impact.NONE, Impact.WARN)) == (EventKind.GONE, True)


def test_a_harmless_message_that_became_rarer_warns_and_one_that_ended_fails() -> None:
    """Another hour has other work; but what spoke all along and ends was ended."""
    work = every(2, "page {n} was turned")
    for left, wanted in ((work[::10], Verdict.WARN), ([], Verdict.FAIL)):
        found = judge(before_after([*usual(), *work], [*usual(), *left]), Policy(), look=1, looks=1)
        assert found.verdict is wanted


@pytest.mark.parametrize("arrange", [before_after, side_by_side])
def test_what_a_deployment_mended_is_no_reason_to_stop_it(arrange: object) -> None:
    """A bad version replaced by a good one: its errors end, and its retries."""
    bad = [*usual(), *every(5, "cannot reach ledger {n}", "ERROR"), *every(3, "retrying ledger call {n}", "WARN")]
    found = judge(arrange(bad, usual()), Policy(), look=1, looks=1)  # type: ignore[operator]
    assert found.verdict is not Verdict.FAIL
