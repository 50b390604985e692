"""The life of a verification: looks, early end, supersession, cancel, restart."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from fakes.analyst import InlineAnalyst, ScriptedAnalyst
from fakes.clock import NOON, FakeClock
from fakes.memory_source import MemorySource
from fakes.world import PROFILE, WANTED, World, rows, to_the_end
from logverdict.domain.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidRequest,
    LimitReached,
    NotFound,
    WorkerDied,
)
from logverdict.domain.policy import Policy
from logverdict.domain.verification import Revision
from logverdict.domain.wanted import InlineProfile
from logverdict.domain.words import Decision, Mode, Reason, State, Verdict
from logverdict.verify.manage import Limits


def verdicts(revisions: list[Revision]) -> list[Verdict]:
    return [step.verification.judgement.verdict for step in revisions if step.verification.judgement]


async def test_a_running_deployment_is_judged_at_each_look(world: World):
    """Four looks of a minute each: three provisional verdicts, then the verdict."""
    use = await world.open()
    made = await use.create(WANTED)
    seen = await to_the_end(use, made, after=1)
    assert [step.verification.look for step in seen] == [0, 1, 2, 3, 4]
    assert [step.verification.decision for step in seen] == [None, None, None, None, Decision.PROCEED]
    assert seen[-1].verification.state is State.SUCCEEDED
    assert world.clock.now() >= NOON + timedelta(minutes=5, seconds=30)


async def test_a_look_reads_the_window_up_to_there_only(world: World):
    """What is judged at a look is fixed by event time, not by when the work got around to it."""
    use = await world.open()
    await to_the_end(use, await use.create(WANTED))
    assert [task.candidate.seconds for task in world.analyst.tasks] == [60, 120, 180, 240]
    assert [task.baselines[0].seconds for task in world.analyst.tasks] == [600] * 4


async def test_two_failed_looks_end_it_early(world: World):
    """A clear failure does not wait for the duration to pass."""
    world.analyst = ScriptedAnalyst(Verdict.PASS, Verdict.FAIL, Verdict.FAIL)
    use = await world.open()
    last = (await to_the_end(use, await use.create(WANTED)))[-1].verification
    assert (last.look, last.decision) == (3, Decision.STOP)
    assert last.judgement and last.judgement.notes[-1] == "ended early: clear after look 3 of 4"


async def test_an_error_that_the_engine_is_sure_of_ends_it_early(world: World):
    """A new error in every second of the candidate fails at the first look, and again at the second, which ends it."""
    broken = rows(range(60, 400, 2), text="ERROR cannot store the order")
    world.analyst, world.source = InlineAnalyst(), MemorySource([*rows(range(-600, 400)), *broken])  # type: ignore[assignment]
    use = await world.open()
    seen = await to_the_end(use, await use.create(WANTED), after=1)
    last = seen[-1].verification
    assert set(verdicts(seen)) == {Verdict.FAIL}
    assert (last.look, last.decision) == (2, Decision.STOP)
    assert last.judgement and last.judgement.notes[-1] == "ended early: clear after look 2 of 4"


async def test_without_early_stop_it_looks_to_the_end(world: World):
    """The policy may want the whole window."""
    world.analyst = ScriptedAnalyst(Verdict.FAIL)
    use = await world.open()
    made = await use.create(replace(WANTED, policy={"early_stop": False}))
    assert (await to_the_end(use, made))[-1].verification.look == 4


async def test_observe_keeps_the_verdict_and_proceeds(world: World):
    """It also says what the decision would have been."""
    world.analyst = ScriptedAnalyst(Verdict.FAIL)
    use = await world.open()
    last = (await to_the_end(use, await use.create(replace(WANTED, policy={"mode": Mode.OBSERVE}))))[-1].verification
    assert last.judgement and last.judgement.verdict is Verdict.FAIL
    assert (last.decision, last.enforced_decision) == (Decision.PROCEED, Decision.STOP)


async def test_a_repeated_request_id_gets_the_same_verification(world: World):
    """A retry after a lost connection starts nothing twice."""
    use = await world.open()
    wanted = replace(WANTED, request_id="run-7")
    assert (await use.create(wanted)).id == (await use.create(wanted)).id
    with pytest.raises(AlreadyExists):
        await use.create(replace(wanted, fingerprint="other"))


async def test_a_new_attempt_never_gets_an_old_verdict(world: World):
    """Same version, another request: another verification."""
    use = await world.open()
    first = await use.create(replace(WANTED, request_id="run-7"))
    assert (await use.create(replace(WANTED, request_id="run-8"))).id != first.id


async def test_a_newer_deployment_closes_the_running_window(world: World):
    """What was judged so far counts; nothing after the newer one's start does."""
    world.clock = FakeClock(NOON, held=True)
    use = await world.open()
    older = await use.create(WANTED)
    newer = await use.create(replace(WANTED, version="1.2", rollout_start=NOON + timedelta(seconds=150)))
    world.clock.move(timedelta(minutes=10))
    last = (await to_the_end(use, older))[-1].verification
    assert last.superseded_by == newer.name
    mine = [task for task in world.analyst.tasks if task.request.deployment.version == "1.1"]
    assert [task.candidate.seconds for task in mine] == [60, 90]
    assert last.judgement and last.judgement.verdict is Verdict.PASS
    assert "closed" in last.judgement.notes[-1]


async def test_a_newer_deployment_before_any_evidence_makes_it_inconclusive(world: World):
    """SUPERSEDED is a reason of its own: nothing is wrong with the source."""
    world.clock = FakeClock(NOON, held=True)
    use = await world.open()
    older = await use.create(WANTED)
    await use.create(replace(WANTED, version="1.2", rollout_start=NOON + timedelta(seconds=30)))
    world.clock.move(timedelta(minutes=10))
    last = (await to_the_end(use, older))[-1].verification
    assert last.judgement and last.judgement.verdict is Verdict.INCONCLUSIVE
    assert last.judgement.reason is Reason.SUPERSEDED
    assert last.decision is Decision.ASK


async def test_another_service_closes_nothing(world: World):
    """Only the same service and environment is replaced by a deployment."""
    world.clock = FakeClock(NOON, held=True)
    use = await world.open()
    older = await use.create(WANTED)
    await use.create(replace(WANTED, environment="staging", rollout_start=NOON + timedelta(seconds=30)))
    assert (await use.get(older.name)).closes_at is None


async def test_cancel_gives_the_callers_decision(world: World):
    """And the work ends: the next cancel is refused."""
    world.clock = FakeClock(NOON, held=True)
    use = await world.open()
    made = await use.create(WANTED)
    cancelled = await use.cancel(made.name, Decision.STOP)
    assert (cancelled.state, cancelled.decision) == (State.CANCELLED, Decision.STOP)
    with pytest.raises(FailedPrecondition):
        await use.cancel(made.name, None)


async def test_cancel_without_a_decision_gives_the_policys(world: World):
    """In mode OBSERVE that is PROCEED, and it says what it would have been."""
    world.clock = FakeClock(NOON, held=True)
    world.profile = replace(world.profile, policy=Policy(mode=Mode.OBSERVE, on_inconclusive=Decision.STOP))
    use = await world.open()
    cancelled = await use.cancel((await use.create(WANTED)).name, None)
    assert (cancelled.decision, cancelled.enforced_decision) == (Decision.PROCEED, Decision.STOP)


async def test_a_stopped_process_leaves_work_that_the_next_one_ends(world: World):
    """Same looks, same verdict, no revision lost or given twice, and no slice read again."""
    world.clock = FakeClock(NOON, held=True)
    first = await world.open()
    made = await first.create(WANTED)
    world.clock.move(timedelta(minutes=2, seconds=30))
    async for step in first.watch(made.name, 1):
        if isinstance(step, Revision) and step.verification.look == 1:
            break
    await first.stop()
    stored = await world.store.get(made.id)
    assert (stored.state, stored.look) == (State.RUNNING, 1)
    world.clock.move(timedelta(minutes=10))
    world.source = MemorySource(rows(range(120, 400)))
    second = await world.open()
    seen = await to_the_end(second, made, after=stored.revision)
    assert [step.number for step in seen] == [stored.revision + 1, stored.revision + 2, stored.revision + 3]
    assert [task.baselines[0].seconds for task in world.analyst.tasks] == [600] * 4


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (WorkerDied("killed"), "WORKER_DIED: killed"),
        (RuntimeError("secret"), "INTERNAL: an error of logverdict itself; its log has the details"),
    ],
)
async def test_our_own_errors_fail_the_verification_only(world: World, fault: Exception, error: str):
    """State FAILED, the policy's on_error as decision, and no text of a stray error outside."""
    world.analyst = ScriptedAnalyst(fault)
    use = await world.open()
    last = (await to_the_end(use, await use.create(replace(WANTED, policy={"on_error": Decision.STOP}))))[-1]
    assert (last.verification.state, last.verification.error) == (State.FAILED, error)
    assert last.verification.decision is Decision.STOP


async def test_more_than_the_limit_is_refused_but_a_retry_is_not(world: World):
    """LIMIT_REACHED is for new work; who repeats a request gets what is there."""
    world.limits = Limits(running=1, queued=0)
    world.clock = FakeClock(NOON, held=True)
    use = await world.open()
    wanted = replace(WANTED, request_id="run-7")
    first = await use.create(wanted)
    with pytest.raises(LimitReached):
        await use.create(WANTED)
    assert (await use.create(wanted)).id == first.id


async def test_what_is_wrong_in_a_request_is_named_by_field(world: World):
    """Profile, connection, names: each its own clear answer."""
    use = await world.open()
    with pytest.raises(NotFound, match="known: checkout"):
        await use.create(replace(WANTED, service="other"))
    with pytest.raises(InvalidRequest, match="verifications/ID"):
        await use.get("v1")
    with pytest.raises(InvalidRequest, match="policy.speed: is not known"):
        await use.create(replace(WANTED, policy={"speed": 1}))
    brought = InlineProfile((replace(PROFILE.sources[0], query=" "),))
    with pytest.raises(InvalidRequest, match=r"inline_profile.sources\[0\].query: is empty"):
        await use.create(replace(WANTED, profile=brought))
    world.profile = replace(PROFILE, sources=(replace(PROFILE.sources[0], connection="nowhere"),))
    use = await world.open()
    with pytest.raises(InvalidRequest, match="unknown connection 'nowhere'; known: files"):
        await use.create(WANTED)


async def test_two_verifications_run_side_by_side(world: World):
    """Neither waits for the other."""
    use = await world.open()
    one, two = await use.create(WANTED), await use.create(replace(WANTED, environment="staging"))
    ended = await asyncio.gather(to_the_end(use, one), to_the_end(use, two))
    assert all(steps[-1].verification.state is State.SUCCEEDED for steps in ended)


async def test_deployments_of_the_same_time_are_named(world: World):
    """Each names the other from its creation on, at the end with what was found of it; none that is elsewhere."""
    use = await world.open()
    first = await use.create(WANTED)
    wanted = replace(WANTED, service="payments", version="2.1", profile="checkout")
    second = await use.create(wanted)
    other = await use.create(replace(wanted, environment="test"))
    assert (first.concurrent, other.concurrent) == ((), ())
    assert [(one.name, one.verdict) for one in second.concurrent] == [(first.name, None)]
    last = (await to_the_end(use, first))[-1].verification
    assert [(one.service, one.version, one.verdict) for one in last.concurrent] == [("payments", "2.1", Verdict.PASS)]
