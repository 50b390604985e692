"""Few or no entries, in Elasticsearch and Splunk: what is health, and what only looks like it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from fakes.flow import PLACES, Entry
from fakes.judged import AFTER, BEFORE, LAST_MINUTE, court, honest, stopped
from logverdict.domain.deployment import ChangedInstances
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Verification
from logverdict.domain.words import PushDown, Verdict

pytestmark = pytest.mark.timeout(400)
EVERYWHERE = pytest.mark.parametrize("place", PLACES)
BOTH_WAYS = pytest.mark.parametrize("push_down", [PushDown.NEVER, PushDown.ALWAYS])
SECONDS = range(0, int((AFTER.end - BEFORE.start).total_seconds()), 5)
LOST = AFTER.start + timedelta(minutes=2)
"""When the shipper of b dies."""


def ordinary(*instances: str) -> Iterator[Entry]:
    for second in SECONDS:
        for name in instances:
            yield Entry(BEFORE.start + timedelta(seconds=second), f"order {second} stored", instance=name)


def errors(instance: str) -> Iterator[Entry]:
    """In the last minute."""
    for second in range(0, 60, 2):
        at = LAST_MINUTE.start + timedelta(seconds=second)
        yield Entry(at, f"order {second} failed: InvalidKeyException: no key for tenant", "error", instance)


async def judged(
    place: str, folder: Path, found: list[Entry], push_down: PushDown, evidence: str = "*", **more: object
) -> Verification:
    """By the errors alone, with an evidence query beside."""
    async with PLACES[place](found, folder) as logs:
        await logs.bring(AFTER.end + timedelta(minutes=10))
        spec: SourceSpec = logs.spec(logs.errors, push_down, evidence)
        async with court(logs.source, spec, folder=folder) as at_work:
            return await at_work.judge(**more)  # type: ignore[arg-type]


@BOTH_WAYS
@EVERYWHERE
async def test_no_errors_beside_evidence_is_health(tmp_path: Path, place: str, push_down: PushDown) -> None:
    """The query for errors finds nothing on either side, the evidence query counts a service at work: PASS."""
    found = await judged(place, tmp_path, list(ordinary("a", "b")), push_down)
    assert found.judgement and found.judgement.verdict is Verdict.PASS, found.judgement
    evidence = {part.side: part.coverage.evidence for part in found.coverage}
    assert evidence == {"baseline": 2 * 120, "candidate": 2 * 60}


@BOTH_WAYS
@EVERYWHERE
async def test_errors_beside_evidence_are_found(tmp_path: Path, place: str, push_down: PushDown) -> None:
    """The baseline has not one matching entry, and is a valid one."""
    assert stopped(await judged(place, tmp_path, [*ordinary("a", "b"), *errors("b")], push_down))


@EVERYWHERE
async def test_no_evidence_is_inconclusive(tmp_path: Path, place: str) -> None:
    """From the deployment on nothing comes any more, of whatever kind: nobody knows whether the service runs."""
    before = [one for one in ordinary("a", "b") if one.at < AFTER.start]
    found = await judged(place, tmp_path, before, PushDown.AUTO)
    assert honest(found, "evidence"), found.judgement


@EVERYWHERE
@pytest.mark.parametrize("changed", [ChangedInstances(), ChangedInstances(names=("a", "b"))], ids=["", "named"])
async def test_one_dead_shipper_is_inconclusive(tmp_path: Path, place: str, changed: ChangedInstances) -> None:
    """One instance goes on and its entries come no more, errors among them: no PASS, and it is named."""
    shipped = [one for one in (*ordinary("a", "b"), *errors("b")) if one.instance == "a" or one.at < LOST]
    found = await judged(place, tmp_path, shipped, PushDown.AUTO, changed=changed)
    assert honest(found, "no evidence of instance b"), found.judgement
    assert "no evidence of instance b from 12:02:00 to 12:05:00" in found.judgement.sentence  # type: ignore[union-attr]
