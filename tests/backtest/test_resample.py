"""Runs made of recorded bins."""

import numpy as np
import pytest

from fakes.logs import batch, every, usual
from logverdict.analysis.sides import Sides
from logverdict.domain.policy import Policy
from logverdict.domain.words import FalseAlarmLevel, Sensitivity
from logverdict.verify.backtest import Case, recorded_sides
from logverdict.verify.resample import BASELINE, WINDOW, Pool, Run, more_often, new_error, pool
from logverdict.verify.simulate import CHANGES, GOOD, Simulated, Simulation, as_row, shares, simulate

MEDIUM = (Sensitivity.MEDIUM, FalseAlarmLevel.MEDIUM)


@pytest.fixture(scope="module")
def recording() -> Pool:
    frame = batch([*usual(), *every(20, "cannot reach the printer {n}", "ERROR")])
    return pool(recorded_sides(Case("shop", (frame,), frame)))


def runs(recording: Pool, seed: int = 1) -> list[Run]:
    chance = np.random.default_rng(seed)
    return [recording.in_sequence(chance), recording.at_the_same_time(chance, 0.25)]


def entries(sides: Sides) -> tuple[int, int]:
    return sides.candidate.entries, sides.baselines[0].entries


def test_every_recorded_bin_is_in_one_place(recording: Pool) -> None:
    """Runs are made of all that was recorded, once: no bin is doubled, which would make what is rare look lasting."""
    whole = int(recording.cells["count"].sum())
    for run in runs(recording):
        assert sum(entries(run.upto(WINDOW))) == whole


def test_a_look_sees_the_window_up_to_there(recording: Pool) -> None:
    """The baseline before the deployment is whole at each look; the one beside it grows too."""
    before, beside = runs(recording)
    early, late = before.upto(2), before.upto(WINDOW)
    assert entries(early)[0] < entries(late)[0] and entries(early)[1] == entries(late)[1]
    assert early.candidate.seconds * BASELINE == pytest.approx(2 * early.baselines[0].seconds)
    assert beside.upto(2).concurrent and entries(beside.upto(2))[1] < entries(beside.upto(WINDOW))[1]


def test_the_candidate_has_its_share_of_the_traffic(recording: Pool) -> None:
    """At the same time each bin falls on one side, by the share that was asked for."""
    mine, others = entries(runs(recording)[1].upto(WINDOW))
    assert mine / (mine + others) == pytest.approx(0.25, abs=0.07)


def test_changes_are_put_into_the_candidate_only(recording: Pool) -> None:
    """A message becomes more frequent or vanishes, or an error is new."""
    run, chance = runs(recording)[0], np.random.default_rng(2)
    often, gone = more_often(run, 5, chance), more_often(run, 0, chance)
    assert often is not None and gone is not None
    fresh, message = new_error(run, 30, chance)
    base, mine = entries(run.upto(WINDOW))[1], entries(run.upto(WINDOW))[0]
    after = [entries(one.upto(WINDOW)) for one in (often[0], gone[0], fresh)]
    assert [one[1] for one in after] == [base] * 3
    assert after[0][0] > mine > after[1][0] and after[2][0] == mine + 30
    assert "<num>" in message and often[1] != message


def test_the_seed_decides_all_that_is_drawn(recording: Pool) -> None:
    """A run can be made again by its number and seed."""
    one, again, other = (
        simulate(recording, ("a", "shop"), Simulation(number, 1, 3, bad=True), Policy()) for number in (4, 4, 5)
    )
    assert one is not None and again is not None and other is not None
    assert as_row(one) == as_row(again)
    assert as_row(one) | {"failed": {}} == {
        "number": 4,
        "seed": 1,
        "looks": 3,
        "case": "a",
        "source": "shop",
        "way": "in sequence",
        "change": "× 10",
        "changed": one.message,
        "failed": {},
    }
    assert other.way == "at the same time"


def test_clear_changes_are_found_before_the_window_ends(recording: Pool) -> None:
    """Of a service that does the same all day, good runs never fail and 300 new errors do, early."""
    good = [simulate(recording, ("a", "shop"), Simulation(number, 1, 5, bad=False), Policy()) for number in range(4)]
    number = 2 * list(CHANGES).index("new error × 300")
    bad = [simulate(recording, ("a", "shop"), Simulation(at, 1, 5, bad=True), Policy()) for at in (number, number + 1)]
    assert all(one is not None and not one.failed[MEDIUM] for one in good)
    assert all(one is not None and one.stops(MEDIUM) and (one.first(MEDIUM) or 5) < 5 for one in bad)


def made(*failed: int, looks: int = 10) -> Simulated:
    return Simulated(Simulation(0, 1, looks, False), "a", "shop", "in sequence", GOOD, "", {MEDIUM: failed})


def test_shares_are_counted_by_the_first_look_that_fails() -> None:
    """A FAIL that the next look takes back is an alarm that stops nothing; the last look does, or two in a row."""
    (row,) = shares([made(), made(3), made(5, 6), made(10)], [MEDIUM])
    assert (row.runs, row.some_look, row.stopped, row.early) == (4, 3, 2, 0.5)
    assert row.most == pytest.approx(0.9873, abs=1e-4)
