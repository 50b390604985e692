"""Who is compared with whom."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from fakes.verifications import NOON
from logverdict.analysis.counts import COUNTS, INSTANCES, TemplateCounts, add, empty
from logverdict.analysis.sides import Sides, Stretch
from logverdict.analysis.split import Question, Refusal, matching, split
from logverdict.domain.deployment import ChangedInstances
from logverdict.domain.words import Comparison, Reason

ASKED = Question(Comparison.AUTO, ChangedInstances(), "1.1", None, own_baseline=False, min_entries=5)


def wrote(
    instance: str, version: str = "", entries: int = 60, bins: range = range(20), key: str = "hello", severity: int = 2
) -> TemplateCounts:
    """An instance that wrote so many entries, spread over those bins."""
    each = [entries // len(bins) + (place < entries % len(bins)) for place in range(len(bins))]
    rows = [("app", key, severity, instance, bin, count, NOON, NOON) for bin, count in zip(bins, each, strict=True)]
    instances = [("app", instance, version, entries, NOON, NOON + timedelta(seconds=1))]
    return replace(
        empty(),
        counts=pl.DataFrame(rows, schema=COUNTS, orient="row"),
        instances=pl.DataFrame(instances, schema=INSTANCES, orient="row"),
    )


def stretch(*parts: TemplateCounts) -> Stretch:
    return Stretch(add(parts), 600.0, 20)


def instances(side: Stretch) -> set[str]:
    return set(side.counts.counts["instance"])


BEFORE = stretch(wrote("a"), wrote("b"))


def sides(candidate: Stretch, question: Question = ASKED, before: Stretch = BEFORE) -> Sides:
    found = split(candidate, [before], question)
    assert isinstance(found, Sides), found
    return found


def test_a_canary_is_compared_with_the_unchanged_instances_beside_it():
    """Both run in the same window, so traffic and neighbours are the same for both."""
    found = sides(stretch(wrote("a"), wrote("b"), wrote("new")))
    assert found.comparison is Comparison.CONCURRENT
    assert instances(found.candidate) == {"new"}
    assert instances(found.baselines[0]) == {"a", "b"}
    assert found.background == (BEFORE,)
    assert "1 changed and 2 unchanged" in found.reason


def test_after_a_full_switch_the_time_before_is_the_baseline():
    """Blue/green and rolling deployments leave no unchanged instance."""
    found = sides(stretch(wrote("c"), wrote("d")))
    assert found.comparison is Comparison.BEFORE_AFTER
    assert instances(found.candidate) == {"c", "d"}


def test_instances_changed_in_place_are_compared_with_their_own_past():
    """Hosts keep their names over a deployment."""
    found = sides(stretch(wrote("a"), wrote("b")))
    assert found.comparison is Comparison.BEFORE_AFTER
    assert instances(found.candidate) == {"a", "b"}
    assert found.reason == "all instances were there before the rollout"


def test_a_host_that_was_added_does_not_make_the_others_a_control():
    """All hosts were changed in place, and break alike: compared side by side nothing would depart."""
    bad = [wrote(name, key="boom", severity=4) for name in ("a", "b", "c")]
    found = sides(stretch(wrote("a"), wrote("b"), wrote("c"), *bad))
    assert found.comparison is Comparison.BEFORE_AFTER
    assert instances(found.candidate) == {"a", "b", "c"}
    assert "the same new warnings or errors" in found.reason


def test_a_rare_error_of_one_old_instance_leaves_it_a_control():
    """Noisy services always write something new; only what the changed ones share speaks against the comparison."""
    rare = wrote("a", entries=1, bins=range(1), key="boom", severity=4)
    found = sides(stretch(wrote("a"), wrote("b"), wrote("new"), rare))
    assert found.comparison is Comparison.CONCURRENT


def test_a_new_instance_of_few_entries_does_not_hide_those_that_run_on():
    """Where nothing tells changed instances but their name, all that write are the candidate."""
    found = sides(stretch(wrote("a"), wrote("b"), wrote("c", entries=3)))
    assert found.comparison is Comparison.BEFORE_AFTER
    assert instances(found.candidate) == {"a", "b", "c"}


def test_entries_that_name_no_instance_are_said():
    """Beside instances that are told apart they belong to neither side, which nobody should have to guess."""
    found = sides(stretch(wrote("a", "1.0"), wrote("b", "1.1"), wrote("", entries=7)))
    assert "7 entries of the window name no instance and belong to neither side" in found.notes


def test_old_instances_that_still_drain_belong_to_neither_side():
    """They stop during the window, so they are no control, and they are not the new version."""
    found = sides(stretch(wrote("a", bins=range(5)), wrote("c"), wrote("d")))
    assert found.comparison is Comparison.BEFORE_AFTER
    assert instances(found.candidate) == {"c", "d"}
    assert "neither side" in found.notes[0]


def test_the_version_field_tells_changed_instances():
    """It is what the service says of itself, so it goes before guessing by time."""
    found = sides(stretch(wrote("a", "1.0"), wrote("b", "1.1")))
    assert instances(found.candidate) == {"b"}
    assert "told by version '1.1'" in found.reason


@pytest.mark.parametrize("changed", [ChangedInstances(pattern="b.*"), ChangedInstances(names=("b",))])
def test_a_pattern_or_a_list_tells_changed_instances(changed):
    """The caller knows which ones it changed."""
    found = sides(stretch(wrote("a"), wrote("b")), replace(ASKED, changed=changed))
    assert instances(found.candidate) == {"b"}


def test_entries_without_instances_are_compared_before_and_after():
    """There is nobody to tell apart."""
    found = sides(stretch(wrote("")), before=stretch(wrote("")))
    assert found.comparison is Comparison.BEFORE_AFTER
    assert found.reason == "entries name no instance"


def test_a_silent_canary_is_no_pass():
    """A changed instance that was asked for and wrote nothing is INCONCLUSIVE, not quiet."""
    question = replace(ASKED, changed=ChangedInstances(names=("c",)))
    found = split(stretch(wrote("a")), [BEFORE], question)
    assert isinstance(found, Refusal) and found.reason is Reason.NO_CHANGED_INSTANCES


def test_concurrent_without_unchanged_instances_is_refused():
    """What was asked for can't be done, and nothing else is done silently in its place."""
    question = replace(ASKED, comparison=Comparison.CONCURRENT)
    found = split(stretch(wrote("c")), [BEFORE], question)
    assert isinstance(found, Refusal) and found.reason is Reason.NO_UNCHANGED_INSTANCES


def test_auto_keeps_to_the_baseline_that_the_request_names():
    """Who names windows wants them used."""
    found = sides(stretch(wrote("a"), wrote("new")), replace(ASKED, own_baseline=True))
    assert found.comparison is Comparison.BEFORE_AFTER


def test_a_control_that_hardly_writes_is_not_used():
    """AUTO says that the unchanged instances wrote too little."""
    found = sides(stretch(wrote("a", entries=3), wrote("new")))
    assert found.comparison is Comparison.BEFORE_AFTER
    assert "unchanged instances wrote 3 entries" in found.reason


def test_a_pattern_never_backtracks():
    """It comes from a caller; one that would take for ever elsewhere is answered at once."""
    assert matching("(a+)+$", frozenset({"a" * 5000 + "!", "aa"})) == {"aa"}


def test_a_pattern_that_needs_look_around_is_refused():
    """The engine of linear time does not know it, and says so."""
    with pytest.raises(ValueError, match="look-around"):
        matching("(?=a)b", frozenset({"b"}))
