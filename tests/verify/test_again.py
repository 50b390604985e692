"""What is stored judged again: the same counts, or none at all."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fakes.clock import NOON, FakeClock
from fakes.earlier import DAY, Judging, of, verified
from fakes.memory_source import CountingSource
from fakes.world import PROFILE, World, rows
from logverdict.domain.errors import FailedPrecondition, InvalidRequest
from logverdict.domain.verification import Baseline, Verification
from logverdict.domain.words import Verdict
from logverdict.verify.again import judge_with_feedback
from logverdict.verify.ports import Expiry

WARNED = "cannot reach cache 5"


async def with_baseline(world: World) -> tuple[Verification, Verification]:
    """A good deployment, and the next day one that names it as its baseline; both write the same error, and evidence
    shows that the service ran."""
    spans = [range(day * DAY - 600, day * DAY + 400, 20) for day in range(2)]
    entries = [
        row
        for span in spans
        for row in (*rows(span), *((at, WARNED, "error", *more) for at, _, _, *more in rows(span)))
    ]  # type: ignore[misc]
    world.profile = replace(PROFILE, sources=(replace(PROFILE.sources[0], evidence="everything"),))
    world.clock = FakeClock(NOON + timedelta(hours=1), longest=timedelta(minutes=30))
    world.source = CountingSource(entries, world.clock, evidence=entries)  # type: ignore[arg-type]
    world.analyst = Judging()  # type: ignore[assignment]
    first, judgement = await verified(world, of(0))
    assert judgement.verdict is Verdict.PASS
    world.clock.move(timedelta(days=1))
    second, judgement = await verified(world, of(1, baseline=Baseline(verifications=(first.name,))))
    assert judgement.verdict is Verdict.PASS
    return first, second


async def test_a_named_baseline_is_compared_with_again(world: World):
    """What was judged PASS by it is judged PASS by it."""
    _, second = await with_baseline(world)
    assert (await judge_with_feedback(second, world.means)).judgement.verdict is Verdict.PASS


@pytest.mark.parametrize("rest", [True, False])
async def test_without_the_counts_of_a_named_baseline_it_is_not_judged_again(world: World, rest: bool):
    """All would be new where its evidence stays; with or without what is kept longer of it, it is named."""
    first, second = await with_baseline(world)
    await world.store.expire(Expiry(NOON + timedelta(hours=12), NOON - timedelta(days=1)))
    if not rest:
        await world.store.expire(Expiry(NOON, NOON + timedelta(hours=12)))
    assert await world.store.slices(second.id)
    with pytest.raises(FailedPrecondition, match=f"^{second.name} .*counts of its baseline {first.name}") as caught:
        await judge_with_feedback(second, world.means)
    assert caught.value.reason == "COUNTS_DELETED"


async def test_a_baseline_of_which_some_counts_are_gone_is_refused(world: World):
    """Retention deletes in steps: its own baseline's slices are not needed, each of its candidate's is."""
    first, second = await with_baseline(world)
    half = replace(first, id="half", revision=0, request=replace(first.request, request_id=""))
    await world.store.create(half)
    mine = [piece for piece in await world.store.slices(first.id) if piece.key.startswith("candidate/")]
    for piece in mine[1:]:
        await world.store.put_slice(half.id, piece)
    use = await world.open()
    named = Baseline(verifications=(half.name,))
    with pytest.raises(InvalidRequest, match=f"counts of {half.name} were deleted"):
        await use.create(of(1, baseline=named))
    renamed = replace(second, plan=replace(second.plan, verifications=(half.name,)))
    with pytest.raises(FailedPrecondition, match=half.name):
        await judge_with_feedback(renamed, world.means)
    await world.store.put_slice(half.id, mine[0])
    assert (await judge_with_feedback(renamed, world.means)).judgement.verdict is Verdict.PASS
    assert (await use.create(of(1, baseline=named))).plan.verifications == (half.name,)
