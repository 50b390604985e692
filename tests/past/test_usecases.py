"""What people do after a verdict: override, judge again, what if, pin, record outcomes, ask."""

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fakes.analyst import ScriptedAnalyst
from fakes.clock import NOON, FakeClock
from fakes.feedback_store import MemoryFeedback
from fakes.verifications import a_finished_verification, a_judgement
from fakes.world import WANTED, World, to_the_end
from logverdict.analysis.engine import RULES_VERSION
from logverdict.domain.afterwards import Outcome
from logverdict.domain.errors import FailedPrecondition, InvalidRequest
from logverdict.domain.feedback import Author
from logverdict.domain.profile import UsualBaseline
from logverdict.domain.verification import Baseline, Coverage, Revision, Verification
from logverdict.domain.window import Window
from logverdict.domain.words import Decision, Mode, Sensitivity, State, Verdict
from logverdict.verify.engine_ports import Judged, JudgeTask
from logverdict.verify.export import COLUMNS, Format, header, line
from logverdict.verify.lookback import Lookback
from logverdict.verify.manage import Verifications
from logverdict.verify.outcomes import Outcomes, OutcomeWish
from logverdict.verify.override import Overrides
from logverdict.verify.pins import Pins
from logverdict.verify.ports import StoredSlice
from logverdict.verify.whatif import Again, WhatIf
from logverdict.verify.window_counts import candidate_pieces

ANN = Author("ann")


class ByTodaysRules(ScriptedAnalyst):
    """Masks as the engine does."""

    async def judge(self, task: JudgeTask) -> Judged:
        judged = await super().judge(task)
        return replace(judged, judgement=replace(judged.judgement, mask_version=RULES_VERSION))


async def judged(world: World, *verdicts: Verdict, **more: Any) -> tuple[Verifications, Verification]:
    world.analyst = ByTodaysRules(*verdicts)
    use = await world.open()
    made = await use.create(replace(WANTED, **more))
    await to_the_end(use, made)
    return use, await use.get(made.name)


def overrides(world: World, use: Verifications) -> Overrides:
    return Overrides(world.store, world.store.past, world.clock, use.told)


async def test_an_override_leaves_the_verdict(world: World) -> None:
    """The decision is the person's, with who, when and why; a watcher of the revision before sees it."""
    use, before = await judged(world, Verdict.FAIL)
    after = await overrides(world, use).override(before.name, Decision.PROCEED, "renamed, OPS-17", ANN)
    assert (after.decision, after.enforced_decision, after.state) == (Decision.PROCEED, Decision.STOP, State.SUCCEEDED)
    assert after.judgement and after.judgement.verdict is Verdict.FAIL
    assert after.override and (after.override.instead_of, after.override.author) == (Decision.STOP, ANN)
    (seen,) = await to_the_end(use, before, after=before.revision)
    assert (seen.number, seen.verification.decision) == (before.revision + 1, Decision.PROCEED)


async def test_a_second_override_remembers_the_judge(world: World) -> None:
    """What it stands in place of is the decision before any override."""
    use, before = await judged(world, Verdict.FAIL)
    for decision in (Decision.PROCEED, Decision.ASK):
        after = await overrides(world, use).override(before.name, decision, "why", ANN)
    assert after.override and (after.decision, after.override.instead_of) == (Decision.ASK, Decision.STOP)


async def test_what_runs_is_not_overridden(world: World) -> None:
    """There is no decision yet; the message says what to do instead. A reason is needed."""
    world.clock = FakeClock(held=True)
    use = await world.open()
    made = await use.create(WANTED)
    with pytest.raises(FailedPrecondition, match="cancel it"):
        await overrides(world, use).override(made.name, Decision.PROCEED, "why", ANN)
    await use.cancel(made.name, None)
    with pytest.raises(InvalidRequest, match="reason"):
        await overrides(world, use).override(made.name, Decision.PROCEED, " ", ANN)


async def test_judged_again_under_another_policy(world: World) -> None:
    """The engine gets what was stored, and the policy that was given over the one it had; the record stays."""
    _, record = await judged(world, *[Verdict.PASS] * 4, Verdict.FAIL)
    again = await WhatIf(world.means).judge(record.name, {"sensitivity": Sensitivity.HIGH, "mode": Mode.OBSERVE})
    task = world.analyst.tasks[-1]
    assert (task.request.policy.sensitivity, task.candidate.seconds) == (Sensitivity.HIGH, 240)
    assert again.judged and again.judged.judgement and again.judged.judgement.verdict is Verdict.FAIL
    assert (again.judged.decision, again.judged.enforced_decision) == (Decision.PROCEED, Decision.STOP)
    assert await world.store.get(record.id) == record
    with pytest.raises(InvalidRequest, match="min_coverage"):
        await WhatIf(world.means).judge(record.name, {"min_coverage": 2.0})


async def test_what_runs_has_no_decision_when_judged_again(world: World) -> None:
    """Its verdict so far may be tried under another policy; nobody is told to go on or to stop by it."""
    world.analyst, world.clock = ByTodaysRules(Verdict.PASS), FakeClock(held=True)
    use = await world.open()
    made = await use.create(WANTED)
    world.clock.move(timedelta(minutes=2, seconds=30))
    watching = use.watch(made.name, 1)
    while (step := await anext(watching)) and (not isinstance(step, Revision) or not step.verification.look):
        pass
    again = await WhatIf(world.means).judge(made.name, {})
    assert again.judged and again.judged.judgement and again.judged.judgement.verdict is Verdict.PASS
    assert (again.judged.state, again.judged.decision) == (State.RUNNING, None)
    assert again.judged.enforced_decision is None


async def test_one_that_ended_early_says_so(world: World) -> None:
    """Nothing was read beyond the look where it ended."""
    _, record = await judged(world, Verdict.FAIL)
    again = await WhatIf(world.means).judge(record.name, {})
    assert again.judged and again.judged.judgement
    assert again.judged.judgement.notes[-1] == "judged at look 2 of 4, where it ended: nothing was read beyond"


async def test_what_cannot_be_judged_again_says_why(world: World) -> None:
    """Counts deleted for their age, masked by other rules, never judged; a table goes on with the others."""
    _, record = await judged(world, Verdict.PASS)
    await world.store.create(replace(a_finished_verification(id="other", revision=0), created=NOON))
    await world.store.create(replace(a_finished_verification(id="none", revision=0), judgement=None, created=NOON))
    await world.store.create(a_finished_verification(id="gone", revision=0, created=NOON))
    for name, reason in (("none", "NOT_JUDGED"), ("gone", "COUNTS_DELETED")):
        with pytest.raises(FailedPrecondition) as fault:
            await WhatIf(world.means).judge(f"verifications/{name}", {})
        assert fault.value.reason == reason
    found = [one async for one in WhatIf(world.means).judge_many("", {"sensitivity": Sensitivity.HIGH}, 0)]
    assert {one.record.id: one.fault for one in found} == {
        record.id: "", "other": "COUNTS_DELETED", "none": "NOT_JUDGED", "gone": "COUNTS_DELETED"
    }  # fmt: skip
    only = [one async for one in WhatIf(world.means).judge_many(f'version = "{WANTED.version}"', {}, 1)]
    assert [type(one) for one in only] == [Again]


async def test_counts_of_which_some_are_gone_are_not_judged(world: World) -> None:
    """Retention deletes in steps: a part of what was read would give another verdict, and nobody would know why."""
    _, record = await judged(world, Verdict.PASS)
    whole = await world.store.slices(record.id)
    await world.store.create(replace(record, id="half", revision=0, request=replace(record.request, request_id="")))
    for piece in whole[1:]:
        await world.store.put_slice("half", piece)
    with pytest.raises(FailedPrecondition, match="some of its counts"):
        await WhatIf(world.means).judge("verifications/half", {})
    await world.store.put_slice("half", whole[0])
    assert (await WhatIf(world.means).judge("verifications/half", {})).judged


async def test_only_a_pass_is_pinned_unless_forced(world: World) -> None:
    """Forced, it needs a reason."""
    _, record = await judged(world, Verdict.FAIL)
    pins = Pins(world.store, world.store.past, world.clock)
    for reason, force, said in (("", False, "only PASS"), ("", True, "required beside force")):
        with pytest.raises(InvalidRequest, match=said):
            await pins.pin(record.name, reason, force, ANN)
    made = await pins.pin(record.name, "the error is known", True, ANN)
    assert (made.forced, made.verdict, await pins.pins("checkout", "prod")) == (True, Verdict.FAIL, [made])


async def test_what_turned_out_bad_is_not_pinned(world: World) -> None:
    """Its verdict was PASS, and it missed something."""
    _, record = await judged(world, Verdict.PASS)
    await Outcomes(world.store.past, world.clock).record(OutcomeWish(Outcome.BAD, record.name), ANN)
    with pytest.raises(InvalidRequest, match="has outcome BAD"):
        await Pins(world.store, world.store.past, world.clock).pin(record.name, "", False, ANN)


async def test_what_is_pinned_serves_as_baseline(world: World) -> None:
    """Several as one; with nothing pinned, or all of it masked by other rules, it is refused with the reason."""
    use, record = await judged(world, Verdict.PASS)
    pins = Pins(world.store, world.store.past, world.clock)
    wanted = replace(WANTED, version="1.2", rollout_start=NOON + timedelta(hours=1), baseline=Baseline(pinned=True))
    with pytest.raises(FailedPrecondition, match="nothing is pinned for checkout in prod"):
        await use.create(wanted)
    await world.store.create(a_finished_verification(id="old", revision=0))
    for piece in candidate_pieces(await world.store.get("old")):
        await world.store.put_slice("old", StoredSlice(piece.key, b"1", Coverage()))
    await pins.pin("verifications/old", "masked by other rules", True, ANN)
    with pytest.raises(FailedPrecondition) as fault:
        await use.create(wanted)
    assert fault.value.reason == "MASK_CHANGED"
    await pins.pin(record.name, "", False, ANN)
    made = await use.create(wanted)
    assert made.request.baseline.verifications == made.plan.verifications == (record.name,)
    assert made.plan.notes[-1].startswith("MASK_CHANGED: the pinned verifications/old")
    await to_the_end(use, made)
    assert len(world.analyst.tasks[-1].baselines) == 1


async def test_a_profile_may_compare_with_what_is_pinned(world: World) -> None:
    """Unless the request names a baseline of its own."""
    use, record = await judged(world, Verdict.PASS)
    await Pins(world.store, world.store.past, world.clock).pin(record.name, "", False, ANN)
    world.profile = replace(world.profile, baseline=UsualBaseline.PINNED)
    use = await world.open()
    later = NOON + timedelta(hours=1)
    made = await use.create(replace(WANTED, version="1.2", rollout_start=later))
    assert (made.request.baseline.pinned, made.plan.verifications) == (True, (record.name,))
    window = Window(later - timedelta(minutes=9), later)
    named = await use.create(replace(WANTED, version="1.3", rollout_start=later, baseline=Baseline((window,))))
    assert (named.request.baseline.pinned, named.plan.verifications) == (False, ())


async def test_counts_are_needed_to_pin(world: World) -> None:
    """What was deleted for its age can't be compared with."""
    await world.store.create(a_finished_verification(id="gone", revision=0))
    pins = Pins(world.store, world.store.past, world.clock)
    with pytest.raises(FailedPrecondition, match="deleted for their age"):
        await pins.pin("verifications/gone", "why", True, ANN)


async def test_outcomes_are_said_of_what_was_deployed(world: World) -> None:
    """By verification, or by service, environment and version; in a batch each for itself."""
    await world.store.create(a_finished_verification(revision=0))
    outcomes = Outcomes(world.store.past, world.clock)
    by_name = OutcomeWish(Outcome.GOOD, verification="verifications/v1")
    by_place = OutcomeWish(Outcome.BAD, service="checkout", environment="prod", version="1.1.0", note=" bad ")
    nowhere = replace(by_place, version="9")
    items = await outcomes.record_many([by_name, nowhere, InvalidRequest("outcome", "is required"), by_place], ANN)
    assert [item.recorded.number if item.recorded else item.fault for item in items] == [
        1, "there is no verification of checkout 9 in prod", "outcome: is required", 2
    ]  # fmt: skip
    assert [one.note for one in await outcomes.of("verifications/v1")] == ["bad", ""]
    with pytest.raises(InvalidRequest, match="link"):
        await outcomes.record(replace(by_name, link="nowhere"), ANN)


@pytest.mark.parametrize(
    ("given", "field"),
    [({}, "service"), ({"verification": "v1"}, "verification"), ({"service": "a", "environment": "b"}, "version"),
     ({"verification": "verifications/v1", "service": "a"}, "service")],
)  # fmt: skip
def test_an_outcome_is_of_one_thing(given: dict[str, str], field: str) -> None:
    """Neither of nothing, nor of two."""
    with pytest.raises(InvalidRequest) as fault:
        OutcomeWish(Outcome.GOOD, **given)
    assert fault.value.field == field


async def test_lines_for_other_tools(world: World) -> None:
    """JSON has null where there is nothing; CSV names its columns, and no text is a formula."""
    found = a_finished_verification(version="=cmd()", judgement=a_judgement(sentence='1 new, "quoted"'), revision=0)
    await world.store.create(found)
    lookback = Lookback(world.store, world.store.past, MemoryFeedback(), world.clock)
    told = {one: "".join([lines async for lines, _ in lookback.export("", one)]) for one in Format}
    row = json.loads(told[Format.JSONL])
    assert (row["version"], row["outcome"], row["end_time"]) == ("=cmd()", None, "2026-11-20T12:11:40Z")
    (cells,) = csv.DictReader(io.StringIO(told[Format.CSV]))
    assert (cells["version"], cells["sentence"], cells["outcome"]) == ("'=cmd()", '1 new, "quoted"', "")
    assert tuple(cells) == COLUMNS
    assert (header(Format.JSONL), line(found, Format.JSONL).count("\n")) == ("", 1)
