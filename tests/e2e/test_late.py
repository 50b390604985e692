"""Deployments whose entries come late, in Elasticsearch and Splunk: the undisturbed verdict, or an honest one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fakes.flow import PLACES, Entry, FlowClock
from fakes.judged import AFTER, BEFORE, LAST_MINUTE, court
from logverdict.domain.profile import Timing
from logverdict.domain.verification import Verification
from logverdict.domain.words import Verdict

pytestmark = pytest.mark.timeout(400)
TIMING = Timing(settle=timedelta(0), interval=timedelta(minutes=1))
LATE = 240.0
"""Seconds."""
ERROR = "order {} failed: java.security.InvalidKeyException: no key for tenant"


def entries(bad: bool, instances: tuple[str, ...] = ("a", "b")) -> Iterator[Entry]:
    """One in three seconds of each instance, from BEFORE to AFTER; the errors are in the last minute, of b."""
    for second in range(0, int((AFTER.end - BEFORE.start).total_seconds()), 3):
        at = BEFORE.start + timedelta(seconds=second)
        for name in instances:
            yield Entry(at, f"order {second} stored in {second % 7} ms", instance=name)
        if bad and at >= LAST_MINUTE.start:
            yield Entry(at, ERROR.format(second), "error", "b")


def late(whose: tuple[str, ...], bad: bool, since: datetime = BEFORE.start) -> list[Entry]:
    found = list(entries(bad))
    return [replace(one, late=LATE) if one.instance in whose and one.at >= since else one for one in found]


async def judged(place: str, folder: Path, found: list[Entry], timing: Timing = TIMING) -> Verification:
    async with PLACES[place](found, folder) as logs:
        clock = FlowClock(logs.bring)
        await logs.bring(clock.now())
        async with court(logs.source, logs.spec(), folder=folder, clock=clock, timing=timing) as at_work:
            return await at_work.judge()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("whose", [("a", "b"), ("b",)], ids=["all", "one"])
@pytest.mark.parametrize("bad", [True, False], ids=["bad", "good"])
async def test_what_comes_four_minutes_late_is_waited_for(
    tmp_path: Path, place: str, whose: tuple[str, ...], bad: bool
) -> None:
    """The lag is measured, and the verdict waits for it: it is that of an undisturbed read, and nothing is missing."""
    found = await judged(place, tmp_path, late(whose, bad))
    assert found.judgement and found.judgement.verdict is (Verdict.FAIL if bad else Verdict.PASS), found.judgement
    assert all(part.share == 1 for part in found.coverage)
    assert found.ended and found.ended >= AFTER.end + timedelta(seconds=LATE)
    (candidate,) = (part.coverage for part in found.coverage if part.side == "candidate")
    assert candidate.read == len([one for one in entries(bad) if one.at in AFTER])


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("whose", [("a", "b"), ("b",)], ids=["all", "one"])
async def test_a_lag_that_begins_with_the_deployment_is_no_pass(
    tmp_path: Path, place: str, whose: tuple[str, ...]
) -> None:
    """Nothing tells beforehand that entries will be late: what stays away is waited for, or its absence is said."""
    found = await judged(place, tmp_path, late(whose, True, since=AFTER.start))
    assert found.judgement and found.judgement.verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE), found.judgement


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("whose", [("a", "b"), ("b",)], ids=["all", "one"])
async def test_what_comes_later_than_may_be_waited_for_is_no_pass(
    tmp_path: Path, place: str, whose: tuple[str, ...]
) -> None:
    """With a shorter `max_lag` the errors are not seen: INCONCLUSIVE, with the reason."""
    found = await judged(place, tmp_path, late(whose, True), replace(TIMING, max_lag=timedelta(minutes=1)))
    assert found.judgement and found.judgement.verdict is Verdict.INCONCLUSIVE, found.judgement
