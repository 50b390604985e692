"""Rates against how they differ between several runs."""

import random

import numpy as np
import pytest

from logverdict.analysis.departure import departs
from logverdict.analysis.runs import HISTORY, LEAST_SPREAD, over_runs

MESSAGES = 40


def runs(number: int, seed: int) -> np.ndarray:
    """Entries per run and message: traffic differs by run, and each message has a spread of its own."""
    chance = np.random.default_rng(seed)
    usual, spread = np.random.default_rng(1).uniform(50, 2_000, MESSAGES), np.r_[np.full(MESSAGES - 1, 0.15), 1.0]
    traffic = chance.uniform(0.5, 2, number)[:, None]
    return np.asarray(chance.poisson(traffic * usual * np.exp(chance.normal(0, spread, (number, MESSAGES)))))


def departed(candidate: np.ndarray, each: np.ndarray, bursts: int = 20) -> list[int]:
    found = over_runs(candidate, each, np.full(MESSAGES, bursts))
    return np.flatnonzero(departs(found, False, 0.01)).tolist()


@pytest.mark.parametrize("number", [HISTORY, 8, 16])
def test_good_runs_seldom_depart_from_each_other(number: int) -> None:
    """At a level of 0.01 for all messages together, at most three of a hundred runs depart."""
    alarms = sum(bool(departed(made[0], made[1:])) for made in (runs(number + 1, seed) for seed in range(100)))
    assert alarms <= 3


def test_a_steady_message_that_comes_five_times_as_often_departs() -> None:
    """Up, down and gone; what differs as much between runs by itself does not."""
    made = runs(9, random.Random(2).randrange(100))
    for place, factor in ((2, 5.0), (3, 0.2), (4, 0.0)):
        candidate = made[0].copy()
        candidate[place] = int(candidate[place] * factor)
        assert departed(candidate, made[1:]) == [place]
    candidate = made[0].copy()
    candidate[MESSAGES - 1] = 3 * int(made[1:, MESSAGES - 1].mean())
    assert departed(candidate, made[1:]) == []


def test_a_burst_is_one_observation() -> None:
    """Many entries in one bin are no more than one."""
    made = runs(9, 5)
    candidate = made[0].copy()
    candidate[2] *= 5
    assert departed(candidate, made[1:], bursts=1) == []


def test_all_of_the_same_count_is_no_certainty() -> None:
    """Scripted messages have no spread; a small difference is still chance."""
    each = np.full((8, MESSAGES), 100)
    candidate = np.full(MESSAGES, 100)
    candidate[0] = int(100 * (1 + LEAST_SPREAD))
    assert departed(candidate, each) == []


def test_what_a_run_lacks_is_not_tested() -> None:
    """A message must be in every run for its rate to be usual."""
    each = runs(8, 1)
    each[3, 7] = 0
    assert not over_runs(each[0], each, np.full(MESSAGES, 20)).tested[7]
