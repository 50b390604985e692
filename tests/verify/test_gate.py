"""What stands between the engine's judgement and the verdict."""

from dataclasses import replace

import pytest

from logverdict.domain.policy import Policy
from logverdict.domain.result import Judgement, Side
from logverdict.domain.verification import Coverage, SourceCoverage
from logverdict.domain.words import Comparison, Reason, Verdict
from logverdict.verify.gate import gate

SIDE = Side(1_000, 2, 3, 600.0)


def judged(verdict: Verdict) -> Judgement:
    return Judgement(verdict, 90, Reason.NO_ANOMALY, "All is well.", Comparison.BEFORE_AFTER, "because", SIDE, SIDE)


def side(name: str, read: int, broken: int, *faults: str, source: str = "app") -> SourceCoverage:
    return SourceCoverage(source, name, 1.0, Coverage(read + broken, read, broken, faults=faults))


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.WARN])
def test_entries_that_nobody_understood_may_be_the_new_versions_errors(verdict: Verdict) -> None:
    """Many in the candidate and hardly any before: INCONCLUSIVE, with how many, how many are usual, and why."""
    told = "30 entries have no text in message"
    found = gate(judged(verdict), (side("baseline", 4_000, 2), side("candidate", 2_000, 150, told)), Policy())
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.COVERAGE_TOO_LOW)
    assert "150 entries of the candidate of source 'app'" in found.sentence
    assert found.sentence.endswith("1 are usual: what they say is not known (entries have no text in message)")


@pytest.mark.parametrize(("before", "now"), [(0, 7), (400, 200), (400, 240), (10, 12)])
def test_as_many_broken_entries_as_ever_say_nothing(before: int, now: int) -> None:
    """A few torn lines, or a share of them like the baseline's, take nothing away."""
    good = judged(Verdict.PASS)
    assert gate(good, (side("baseline", 4_000, before), side("candidate", 2_000, now)), Policy()) is good


def test_each_source_has_its_own_usual_share() -> None:
    """A source whose entries are often broken hides nothing of another."""
    coverage = (
        *(side(name, 1_000, 500, source="noisy") for name in ("baseline", "candidate")),
        *(side(name, 1_000, broken) for name, broken in (("baseline", 0), ("candidate", 60))),
    )
    assert gate(judged(Verdict.PASS), coverage, Policy()).verdict == Verdict.INCONCLUSIVE


def test_a_bad_deployment_stays_bad() -> None:
    """What was understood suffices for FAIL."""
    bad = judged(Verdict.FAIL)
    assert gate(bad, (side("baseline", 4_000, 0), side("candidate", 2_000, 150)), Policy()) is bad


def test_where_there_is_too_little_it_is_said_what_was_not_understood() -> None:
    """Of the side that is too small; else a file in an unknown format looks like a quiet service."""
    small = replace(judged(Verdict.INCONCLUSIVE), reason=Reason.BASELINE_TOO_SMALL)
    coverage = (side("baseline", 0, 1_256, "in all 1,256 lines have no time"), side("candidate", 0, 9))
    said = "1,256 entries of source 'app' could not be understood: lines have no time."
    assert gate(small, coverage, Policy()).sentence == f"All is well. {said}"
    assert gate(small, (side("baseline", 5, 2, "2 lines are odd"),), Policy()) == small
