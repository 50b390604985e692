"""Feedback takes effect on the next look, and an ended verification can be judged again with it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fakes.analyst import InlineAnalyst, ScriptedAnalyst
from fakes.clock import NOON, FakeClock
from fakes.feedback import ANN, a_feedback, ids
from fakes.feedback_store import MemoryFeedback
from fakes.memory_source import MemorySource, Row
from fakes.world import WANTED, World, rows, to_the_end
from logverdict.domain.errors import FailedPrecondition
from logverdict.domain.feedback import Feedback, FeedbackChange, FeedbackLevel, FeedbackRevision, Scope
from logverdict.domain.words import Impact, Verdict
from logverdict.verify.again import judge_with_feedback
from logverdict.verify.engine_ports import Judged, JudgeTask
from logverdict.verify.gate import gate
from logverdict.verify.ports import Expiry

KEY = "shop.KeyException: no key for customer <num>"
IGNORED = a_feedback(FeedbackLevel.IGNORE, KEY)


def errors() -> list[Row]:
    """From the rollout's first minute on."""
    return [
        (NOON + timedelta(seconds=second), f"shop.KeyException: no key for customer {second}", "error", "a", "")
        for second in range(60, 300, 5)
    ]


async def said(kept: MemoryFeedback, feedback: Feedback) -> None:
    await kept.change([FeedbackRevision(0, FeedbackChange.CREATED, NOON, ANN, feedback)])


class Saying(InlineAnalyst):
    """The real engine; while it judges that look, somebody says something."""

    def __init__(self, kept: MemoryFeedback, look: int, feedback: Feedback) -> None:
        self.kept, self.look, self.feedback = kept, look, feedback
        self.tasks: list[JudgeTask] = []

    async def judge(self, task: JudgeTask) -> Judged:
        self.tasks.append(task)
        judged = await super().judge(task)
        if task.look == self.look:
            await said(self.kept, self.feedback)
        return judged


@pytest.fixture
def kept(world: World) -> MemoryFeedback:
    made = MemoryFeedback()
    world.feedback = made
    world.source = MemorySource([*rows(range(-600, 400)), *errors()])
    return made


async def test_it_takes_effect_on_the_next_look(world: World, kept: MemoryFeedback) -> None:
    """What is said during the first look of a running verification turns the following ones; each revision tells which
    feedback was used, and who is watching sees the event change."""
    world.analyst = Saying(kept, 1, IGNORED)  # type: ignore[assignment]
    use = await world.open()
    seen = await to_the_end(use, await use.create(WANTED))
    judged = [step.verification.judgement for step in seen if step.verification.judgement]
    assert [one.verdict for one in judged] == [Verdict.FAIL, Verdict.PASS, Verdict.PASS, Verdict.PASS]
    assert [ids(one.feedback) for one in judged] == [[], ["f1"], ["f1"], ["f1"]]
    last = await world.store.get("v1")
    assert last.judgement and last.judgement.without_feedback
    assert last.judgement.without_feedback.verdict is Verdict.FAIL
    second = next(step for step in seen if step.verification.look == 2)
    (event,) = [one for one in second.changed if one.template == KEY]
    assert (event.impact, event.feedback[0].author) == (Impact.NONE, ANN)


async def test_it_holds_in_its_scope_and_until_it_expires(world: World, kept: MemoryFeedback) -> None:
    """Feedback of another environment is not even given to the engine; expired at the third look it is not either."""
    world.clock = FakeClock(longest=timedelta(minutes=30))
    ends = NOON + timedelta(minutes=3, seconds=45)
    await said(kept, replace(IGNORED, expires=ends))
    await said(kept, a_feedback(FeedbackLevel.IGNORE, KEY, id="f2", scope=Scope("checkout", "test")))
    world.analyst = ScriptedAnalyst(Verdict.PASS)
    use = await world.open()
    await to_the_end(use, await use.create(WANTED))
    heard = [ids(task.feedback) for task in world.analyst.tasks]
    assert heard == [["f1"], ["f1"], [], []]


async def test_what_was_judged_is_a_function_of_what_is_stored(world: World, kept: MemoryFeedback) -> None:
    """The feedback that is stored with a judgement, given again with the same counts, gives it again; that it was
    deleted since changes nothing."""
    await said(kept, IGNORED)
    await said(kept, a_feedback(FeedbackLevel.MEDIUM, "quite another", id="f2"))
    analyst = Saying(kept, 99, IGNORED)
    world.analyst = analyst  # type: ignore[assignment]
    use = await world.open()
    await to_the_end(use, await use.create(WANTED))
    await kept.change([FeedbackRevision(0, FeedbackChange.DELETED, NOON, ANN, await kept.get("f1"))])
    stored = (await world.store.get("v1")).judgement
    assert stored and ids(stored.feedback) == ["f1"]
    again = await InlineAnalyst().judge(replace(analyst.tasks[-1], feedback=stored.feedback))
    assert replace(again.judgement, events=()) == stored


async def test_an_ended_one_is_judged_again(world: World, kept: MemoryFeedback) -> None:
    """FAIL by its record, PASS with what was said since; the record stays, and no source is read."""
    world.analyst = InlineAnalyst()  # type: ignore[assignment]
    use = await world.open()
    await to_the_end(use, await use.create(WANTED))
    record = await world.store.get("v1")
    assert record.judgement and record.judgement.verdict is Verdict.FAIL
    reads = len(world.source.reads)  # type: ignore[attr-defined]
    plain = await judge_with_feedback(record, world.means)
    assert replace(plain.judgement, events=(), notes=()) == replace(record.judgement, notes=())
    await said(kept, IGNORED)
    again = await judge_with_feedback(record, world.means)
    assert again.judgement.verdict is Verdict.PASS and ids(again.judgement.feedback) == ["f1"]
    assert await world.store.get("v1") == record
    assert len(world.source.reads) == reads  # type: ignore[attr-defined]


async def test_without_counts_there_is_no_judging_again(world: World, kept: MemoryFeedback) -> None:
    """Once they are deleted for their age, or before the first look, it says so."""
    world.analyst = InlineAnalyst()  # type: ignore[assignment]
    use = await world.open()
    made = await use.create(WANTED)
    with pytest.raises(FailedPrecondition):
        await judge_with_feedback(made, world.means)
    await to_the_end(use, made)
    later = world.clock.now() + timedelta(days=1)
    while await world.store.expire(Expiry(later, NOON)):
        pass
    with pytest.raises(FailedPrecondition):
        await judge_with_feedback(await world.store.get("v1"), world.means)


async def test_what_could_not_be_read_is_no_verdict_either_way(world: World, kept: MemoryFeedback) -> None:
    """Where coverage takes the verdict away, it takes the one without feedback away too."""
    await said(kept, IGNORED)
    world.analyst = InlineAnalyst()  # type: ignore[assignment]
    use = await world.open()
    await to_the_end(use, await use.create(WANTED))
    stored = await world.store.get("v1")
    assert stored.judgement is not None
    poor = [replace(part, share=0.1) for part in stored.coverage]
    gated = gate(stored.judgement, poor, stored.request.policy)
    assert gated.without_feedback is not None
    assert gated.verdict is gated.without_feedback.verdict is Verdict.INCONCLUSIVE
