"""From slices to counts and from counts to a judgement: stack traces, reduced rows, evidence."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from fakes.analyst import InlineAnalyst
from fakes.reduced import reduced
from fakes.traces import TRACES, ordered, split
from fakes.verifications import a_plan, a_request, a_slice, at
from logverdict.adapters.workers import WorkerAnalyst
from logverdict.analysis.counts import TemplateCounts
from logverdict.analysis.entries import entries
from logverdict.domain.deployment import ChangedInstances
from logverdict.domain.result import Judgement
from logverdict.domain.words import Comparison, EventKind, Reason, Verdict
from logverdict.verify.engine_ports import JudgeTask, WindowCounts
from logverdict.verify.judging import count_slice, judge_task, reduce_slice

PLAN = a_plan()
PIECE = a_slice()
OLD = {"a": 2_000, "b": 2_100}
NEW = {"c": 650, "d": 700}


def errors(instance: str = "c", count: int = 12, version: str = "") -> pl.DataFrame:
    """An error again and again, in the candidate's first minute."""
    rows = [(at(60 + 5 * number), f"cannot read order {number}", "ERROR", instance, version) for number in range(count)]
    return entries(rows)


def window(evidence: Mapping[str, int] | None, *found: pl.DataFrame, seconds: float = 600) -> WindowCounts:
    counts = [reduce_slice([frame], PIECE, PLAN, PLAN.candidate) for frame in found]
    shown = None if evidence is None else tuple(sorted(evidence.items()))
    return WindowCounts(tuple(counts), seconds, 20, shown)


def judged(baseline: WindowCounts, candidate: WindowCounts, **changes: object) -> Judgement:
    return judge_task(JudgeTask(a_request(**changes), candidate, (baseline,), 1, 1)).judgement


def test_a_healthy_service_behind_an_errors_only_query_passes():
    """Both sides have no entry, and enough evidence: that is health, and the sentence says how it is known."""
    found = judged(window(OLD, seconds=1800), window(NEW))
    assert (found.verdict, found.reason, found.events) == (Verdict.PASS, Reason.NO_ANOMALY, ())
    assert "no entry on either side" in found.sentence
    assert "1,350 entries of evidence show that the service runs" in found.sentence
    assert (found.candidate.entries, found.candidate.instances, found.candidate.exposure_seconds) == (0, 2, 1200)


def test_errors_of_the_candidate_alone_fail_against_a_quiet_baseline():
    """The baseline is known to have been quiet, so the errors are new."""
    found = judged(window(OLD, seconds=1800), window(NEW, errors()))
    assert (found.verdict, found.reason) == (Verdict.FAIL, Reason.NEW_ERRORS)
    assert {event.kind for event in found.events} == {EventKind.UNKNOWN}
    assert "1 new error" in found.sentence


def test_errors_that_are_gone_pass():
    """A quiet candidate behind a baseline with errors is no worse."""
    found = judged(window(OLD, errors("a"), seconds=1800), window(NEW))
    assert found.verdict is Verdict.PASS
    assert "no entry in the candidate" in found.sentence


@pytest.mark.parametrize("evidence", [{}, {"c": 19}])
def test_a_candidate_without_evidence_is_inconclusive(evidence: Mapping[str, int]):
    """Nothing, or too little, shows that it runs: a forbidden index looks like this."""
    found = judged(window(OLD, seconds=1800), window(evidence))
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.CANDIDATE_TOO_SMALL)
    assert "of evidence that it runs" in found.sentence


def test_a_baseline_without_evidence_is_inconclusive():
    """There is no telling whether it was quiet or not there."""
    found = judged(window({}, seconds=1800), window(NEW))
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.BASELINE_TOO_SMALL)


def test_without_an_evidence_query_silence_is_no_health():
    """As ever: no entries are too few."""
    found = judged(window(None, seconds=1800), window(None))
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.BASELINE_TOO_SMALL)
    assert "evidence" not in found.sentence


def test_a_quiet_baseline_window_is_a_window():
    """One of two baselines has no entry but evidence: it is not left out."""
    quiet, loud = window(OLD, seconds=1800), window(OLD, errors("a"), seconds=1800)
    task = JudgeTask(a_request(), window(NEW), (quiet, loud), 1, 1)
    assert judge_task(task).judgement.notes == ()
    silent = replace(task, baselines=(window({}, seconds=1800), loud))
    assert judge_task(silent).judgement.notes == ("1 of 2 baseline windows hold no entries and were left out",)


def test_a_quiet_canary_is_compared_with_the_instances_beside_it():
    """Instances that only evidence shows are told apart, and each side has its own evidence."""
    found = judged(window(OLD, seconds=1800), window({"a": 700, "b": 690, "c": 650}))
    assert (found.verdict, found.comparison) == (Verdict.PASS, Comparison.CONCURRENT)
    assert (found.baseline.instances, found.candidate.instances) == (2, 1)
    assert "650 entries of evidence" in found.sentence and "the baseline has 1,390 entries" in found.sentence


def test_a_canary_that_breaks_fails_beside_quiet_instances():
    """Only the changed instance has errors; the unchanged ones are quiet and known to run."""
    found = judged(window(OLD, seconds=1800), window({"a": 700, "b": 690, "c": 650}, errors("c")))
    assert (found.verdict, found.comparison) == (Verdict.FAIL, Comparison.CONCURRENT)


def test_a_canary_without_evidence_is_no_pass():
    """The others are healthy, of the one that was asked for nothing is known."""
    asked = ChangedInstances(names=("c",))
    found = judged(window(OLD, seconds=1800), window({"a": 700, "b": 690}), changed=asked)
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.NO_CHANGED_INSTANCES)


def test_instances_whose_evidence_ends_are_no_control():
    """They drain while the new ones start: their evidence is a part of what it was."""
    found = judged(window(OLD, seconds=600), window({"a": 200, "b": 190, "c": 650}))
    assert (found.verdict, found.comparison) == (Verdict.PASS, Comparison.BEFORE_AFTER)
    assert "replaced" in found.comparison_reason
    assert found.candidate.instances == 1


def test_quiet_instances_of_the_new_version_are_changed_ones():
    """Evidence names no version: an instance that was not there before belongs to those of the new version."""
    seen = window({"a": 700, "b": 690, "c": 650, "d": 640}, errors("c", version="1.1.0"))
    found = judged(window(OLD, seconds=1800), seen)
    assert (found.verdict, found.comparison, found.candidate.instances) == (Verdict.FAIL, Comparison.CONCURRENT, 2)


@pytest.mark.parametrize("language", sorted(TRACES))
def test_a_slice_of_split_traces_counts_as_one_of_whole_traces(language: str):
    """In batches of any size, with and without the columns that order entries."""
    trace = TRACES[language]
    rows = split(trace, at(61), offset=7)
    batches = [ordered(rows[:2]), ordered(rows[2:]), errors()]
    head = entries([(rows[0][0], trace, *rows[0][2:5])])
    one = reduce_slice(batches, PIECE, PLAN, PIECE.span)
    assert one == reduce_slice([pl.concat([head, errors()])], PIECE, PLAN, PIECE.span)


def test_a_slice_of_nothing_has_counts_of_nothing():
    """No batch, or batches without entries."""
    for batches in ([], [errors(count=0)]):
        assert TemplateCounts.from_bytes(reduce_slice(batches, PIECE, PLAN, PIECE.span)).total() == 0


async def test_workers_give_what_the_engine_gives():
    """Of split traces, and of what a source reduced."""
    analyst, inside = WorkerAnalyst(1), InlineAnalyst()
    traces = ordered(split(TRACES["Java"], at(61), offset=7))
    rows, last = reduced(errors(), PLAN.candidate.start, round(PLAN.bin_seconds))
    try:
        for one in (analyst, inside):
            assert await one.reduce([traces], PIECE, PLAN, PIECE.span) == reduce_slice(
                [traces], PIECE, PLAN, PIECE.span
            )
            assert await one.count(rows, last, PIECE, PLAN) == count_slice(rows, last, PIECE)
    finally:
        analyst.close()
    assert count_slice(rows, last, PIECE) == reduce_slice([errors()], PIECE, PLAN, PIECE.span)


def test_entries_behind_the_slice_are_not_counted():
    """They are read for stack traces only."""
    late = entries([(PIECE.span.end + timedelta(milliseconds=5), "ready", "INFO", "c", "")])
    counts = TemplateCounts.from_bytes(reduce_slice([errors(), late], PIECE, PLAN, PIECE.span))
    assert counts.total() == 12
