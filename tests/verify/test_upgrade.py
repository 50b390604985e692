"""After an upgrade: counts of the same key are masked anew, others left out and named; work goes to who knows it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fakes.clock import NOON, FakeClock
from fakes.verifications import a_finished_verification, a_plan, a_request, a_slice, a_verification, at
from fakes.world import WANTED, World, to_the_end
from logverdict.analysis import mask as masks
from logverdict.analysis.counts import TemplateCounts
from logverdict.analysis.entries import entries
from logverdict.analysis.key import KEY_VERSION
from logverdict.analysis.rules import KNOWN_RULES, RULES_VERSION
from logverdict.analysis.versions import JUDGE_VERSION
from logverdict.domain.result import Judgement
from logverdict.domain.words import EventKind, Reason, State, Verdict
from logverdict.verify import versions
from logverdict.verify.engine_ports import JudgeTask, WindowCounts
from logverdict.verify.judging import judge_task, reduce_slice
from logverdict.verify.leases import Versions
from logverdict.verify.versions import GONE_AFTER, Gone, shared, under_this_judge

OLD, NEWER = "0", f"{KEY_VERSION}.newer"
LEASE = timedelta(seconds=15)


def window(key: str = KEY_VERSION, masked_by: str = "") -> WindowCounts:
    """Ten minutes of ordinary entries, counted by that version of the key."""
    rows = [(at(second), f"order {second} stored", "INFO", "a", "") for second in range(0, 600, 2)]
    counts = TemplateCounts.from_bytes(reduce_slice([entries(rows)], a_slice(), a_plan(), a_plan().candidate))
    return WindowCounts((replace(counts, key_version=key).to_bytes(),), 600, 20, masked_by=masked_by)


def judged(candidate: WindowCounts, *baselines: WindowCounts, **more: object) -> Judgement:
    return judge_task(replace(JudgeTask(a_request(), candidate, baselines, 1, 1), **more)).judgement  # type: ignore[arg-type]


def test_baselines_of_another_key_are_left_out_and_named() -> None:
    """What they hold says nothing of today's keys: none of them makes a template UNKNOWN."""
    found = judged(window(), window(), window(OLD))
    assert found.verdict is Verdict.PASS
    assert "1 of 2 baselines was keyed by other rules and left out (MASK_CHANGED)" in found.notes
    assert {event.kind for event in found.events} == {EventKind.KNOWN}


def test_with_nothing_left_to_compare_with_nothing_is_judged() -> None:
    """INCONCLUSIVE, with the reason; so also where a part of the candidate was counted by another key."""
    for candidate, baseline in ((window(), window(OLD)), (window(OLD), window())):
        found = judged(candidate, baseline)
        assert (found.verdict, found.reason, found.events) == (Verdict.INCONCLUSIVE, Reason.MASK_CHANGED, ())


def test_history_of_which_only_templates_are_left_counts_by_its_own_rules_only() -> None:
    """A template can't be masked anew: what an earlier table took away is not there any more."""
    past = (window(masked_by=RULES_VERSION), window(masked_by="2.0"), window(OLD))
    found = judged(window(), window(), history=past)
    assert "2 of 3 earlier verifications were keyed by other rules and left out (MASK_CHANGED)" in found.notes


def test_a_judgement_is_by_the_table_that_its_rules_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it: events, template rows, and what it says of itself."""
    without = tuple(rule for rule in masks.RULES if rule.name != "signed")
    monkeypatch.setattr(masks, "TABLES", {**masks.TABLES, "newer": without})
    found = judge_task(JudgeTask(a_request(), window(), (window(),), 1, 1, rules=NEWER))
    assert {row.template for row in found.templates} == {"order # stored"}
    assert [event.template for event in found.judgement.events] == ["order # stored"]
    assert found.judgement.mask_version == NEWER
    today = judge_task(JudgeTask(a_request(), window(), (window(),), 1, 1))
    assert {row.template for row in today.templates} == {"order <num> stored"}


def test_new_work_begins_by_rules_that_every_living_replica_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that each of them can end what another begins; where all are new, or it is alone, by its newest."""
    monkeypatch.setattr(versions, "KNOWN_RULES", (NEWER, RULES_VERSION))
    old, new = frozenset({RULES_VERSION}), frozenset({NEWER, RULES_VERSION})
    assert shared(Versions((new, old), frozenset())) == RULES_VERSION
    assert shared(Versions((new, new), frozenset())) == shared(Versions((), frozenset())) == NEWER


async def test_rules_that_nobody_knows_are_gone_after_a_while(world: World) -> None:
    """Whoever rolled back may start a replica that knows them; until then their work waits."""
    store, seconds = world.store, [0.0]
    gone = Gone(store, LEASE, lambda: seconds[0])
    await store.create(a_verification(plan=a_plan(rules=NEWER)))
    await store.live(LEASE, KNOWN_RULES)
    assert list(await gone.and_known()) == list(KNOWN_RULES)
    seconds[0] = GONE_AFTER * LEASE.total_seconds() - 1
    assert NEWER not in await gone.and_known()
    seconds[0] += 1
    assert NEWER in await gone.and_known()
    await store.live(LEASE, [*KNOWN_RULES, NEWER])
    assert NEWER not in await gone.and_known()


async def test_work_whose_version_is_gone_ends_with_that_reason(world: World) -> None:
    """FAILED, and the policy says what that means: no verdict of ours is made up by another table."""
    world.clock = FakeClock(NOON, held=True)
    use = await world.open()
    made = await use.create(WANTED)
    assert made.plan.rules == RULES_VERSION
    await world.close()
    await world.store.save(replace(await world.store.get(made.id), plan=replace(made.plan, rules=NEWER)))
    world.limits = replace(world.limits, lease=timedelta(0))
    last = (await to_the_end(await world.open(), made))[-1].verification
    assert (last.state, last.error.partition(":")[0]) == (State.FAILED, "VERSION_GONE")


@pytest.mark.parametrize(("looks", "said"), [(0, ""), (1, "look 1 was judged by"), (3, "looks up to 3 were judged by")])
def test_who_takes_on_the_work_of_another_judge_says_so(looks: int, said: str) -> None:
    """Where that one judged looks already; from then on it is this judge's work."""
    theirs = a_finished_verification(look=looks, plan=a_plan(judge="other", notes=("a note",)))
    ours = under_this_judge(theirs)
    assert (ours.judge, ours.notes[0]) == (JUDGE_VERSION, "a note")
    told = f"{said} judge version other, the rest by {JUDGE_VERSION}: no replica of version other was left"
    assert ours.notes[1:] == ((told,) if said else ())
    assert under_this_judge(replace(theirs, plan=ours)) is ours
    before = replace(theirs, plan=a_plan())
    assert under_this_judge(before) is before.plan


async def test_work_that_no_replica_of_its_judge_is_left_for_goes_on_at_once(world: World) -> None:
    """To a verdict, whose notes tell of both judges."""
    world.clock = FakeClock(NOON, held=True)
    use = await world.open()
    made = await use.create(WANTED)
    assert made.plan.judge == JUDGE_VERSION
    await world.close()
    stored = await world.store.get(made.id)
    await world.store.save(replace(stored, look=1, plan=replace(made.plan, judge="other")))
    world.clock = FakeClock(NOON + timedelta(minutes=20))
    last = (await to_the_end(await world.open(), made))[-1].verification
    assert (last.state, last.plan.judge) == (State.SUCCEEDED, JUDGE_VERSION)
    assert [note for note in last.plan.notes if note.startswith("look 1 was judged by judge version other")]
