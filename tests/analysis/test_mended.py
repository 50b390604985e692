"""A deployment that mends trouble: what comes back and what goes with it hold up nothing."""

import random

import pytest

from fakes.logs import Line, before_after, every, side_by_side, usual
from logverdict.analysis.engine import judge
from logverdict.analysis.sides import Sides
from logverdict.domain.policy import Policy
from logverdict.domain.result import Judgement
from logverdict.domain.words import EventKind, Impact, Sensitivity, Verdict

WHY = "Errors or warnings became fewer with it"
ARRANGED = pytest.mark.parametrize("arrange", [before_after, side_by_side])
FAILING = every(4, "cannot reach ledger {n}", "ERROR")
FRAME = every(4, "at shop.ledger.open line {n}")
BOOKED = every(4, "booking {n} written to the ledger")


def verdict(sides: Sides, sensitivity: Sensitivity = Sensitivity.MEDIUM) -> Judgement:
    return judge(sides, Policy(sensitivity=sensitivity), look=1, looks=1)


@ARRANGED
@pytest.mark.parametrize("sensitivity", Sensitivity)
def test_what_was_written_of_the_trouble_may_end_with_it(arrange: object, sensitivity: Sensitivity) -> None:
    """Frames of a stack without a level are harmless by themselves; that they end says so and holds up no fix."""
    found = verdict(arrange([*usual(), *FAILING, *FRAME], usual()), sensitivity)  # type: ignore[operator]
    frame = next(event for event in found.events if "shop.ledger" in event.template)
    assert (found.verdict is Verdict.FAIL, frame.kind, frame.impact is Impact.FAIL) == (False, EventKind.GONE, False)
    assert WHY in frame.sentence


@ARRANGED
def test_work_that_had_failed_may_come_back(arrange: object) -> None:
    """One booking in twenty went through before the fix; now all do."""
    found = verdict(arrange([*usual(), *FAILING, *BOOKED[::20]], [*usual(), *BOOKED]))  # type: ignore[operator]
    booked = next(event for event in found.events if "booking" in event.template)
    assert (found.verdict, booked.kind) == (Verdict.WARN, EventKind.UNEXPECTED_FREQUENCY)
    assert WHY in booked.sentence


@ARRANGED
def test_without_trouble_that_ends_the_same_changes_fail(arrange: object) -> None:
    """Then nothing says that they are of a fix."""
    for before, after in (([*usual(), *FRAME], usual()), ([*usual(), *BOOKED[::20]], [*usual(), *BOOKED])):
        assert verdict(arrange(before, after)).verdict is Verdict.FAIL  # type: ignore[operator]


@ARRANGED
def test_a_fix_that_brings_another_error_fails(arrange: object) -> None:
    """What recovery brings is harmless; a new error is not of it."""
    new: list[Line] = every(20, "cannot write voucher {n}", "ERROR")
    assert verdict(arrange([*usual(), *FAILING], [*usual(), *new])).verdict is Verdict.FAIL  # type: ignore[operator]


@ARRANGED
def test_a_service_that_falls_silent_is_not_mended(arrange: object) -> None:
    """Its routine errors end with its work; but the work did not come and go with them before."""
    chance, beats = random.Random(5), every(10, "heartbeat {n}")
    declined = [(chance.uniform(0, 1790), f"payment {n} failed: card declined", "ERROR") for n in range(1000, 1090)]
    assert verdict(arrange([*beats, *BOOKED, *declined], beats)).verdict is Verdict.FAIL  # type: ignore[operator]


@ARRANGED
def test_more_work_than_had_failed_is_no_recovery(arrange: object) -> None:
    """Two hundred failures do not explain four thousand bookings."""
    before = [*usual(), *FAILING[::2], *BOOKED[::4]]
    flood = [(second, text, level) for second, text, level in BOOKED for _ in range(9)]
    assert verdict(arrange(before, [*usual(), *flood])).verdict is Verdict.FAIL  # type: ignore[operator]
