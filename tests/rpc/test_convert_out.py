"""What clients see of a verification and its steps."""

from dataclasses import replace

from fakes.feedback import ANN, a_feedback
from fakes.verifications import a_finished_verification, a_judgement, a_source, a_verification, an_event, at
from logverdict.domain.afterwards import Outcome, Override
from logverdict.domain.deployment import ChangedInstances
from logverdict.domain.feedback import AppliedFeedback, Author, FeedbackLevel, WithoutFeedback
from logverdict.domain.nearby import Nearby
from logverdict.domain.profile import Profile
from logverdict.domain.result import NewValue, WayBack
from logverdict.domain.verification import Baseline, Progress, Revision
from logverdict.domain.window import Window
from logverdict.domain.words import Decision, DeploymentKind, Impact, Reason, Severity, Verdict
from logverdict.rpc.convert_out import write_step, write_verification
from logverdict.rpc.convert_out_parts import write_event
from logverdict.rpc.limits import MAX_ANSWER
from logverdict.v1 import verification_service_pb2 as pb


def full():
    """A verification of which every field is set."""
    plain = a_finished_verification(error="x", superseded_by="verifications/v2")
    deployment = replace(
        plain.request.deployment, rollout_end=at(30), kind=DeploymentKind.ROLLBACK, traffic_share=0.1, commit="0a1b"
    )
    request = replace(
        plain.request,
        deployment=deployment,
        changed=ChangedInstances(version="1.1.0"),
        baseline=Baseline((Window(at(-99), at(0)),), ("verifications/v0",), True),
        labels=(("team", "shop"),),
    )
    without = WithoutFeedback(Verdict.FAIL, Reason.NEW_ERRORS, 40, "one new error")
    judged = plain.judgement and replace(plain.judgement, feedback=(a_feedback(),), without_feedback=without)
    override = Override(Decision.PROCEED, "known", Author("ann", verified=True), at(900), Decision.STOP)
    nearby = (Nearby("verifications/v3", "payments", "2.1", Verdict.FAIL),)
    return replace(plain, request=request, judgement=judged, override=override, outcome=Outcome.GOOD, concurrent=nearby)


def unset(message) -> set[str]:
    return {field.name for field in message.DESCRIPTOR.fields} - {field.name for field, _ in message.ListFields()}


def test_no_field_of_a_verification_is_forgotten():
    """Each field of the protocol is set from a verification that has everything, but for the other kind of profile."""
    message = write_verification(full())
    assert unset(message) == {"inline_profile"}
    assert unset(message.deployment) == set()
    assert unset(message.without_feedback) == set()
    assert unset(message.override) == set()
    assert unset(message.policy) == set()
    assert unset(message.timing) == set()


def test_no_field_of_an_event_is_forgotten():
    """Each field of the protocol is set from an event that has everything, but for what is 0 there."""
    way = WayBack("app", "order", "https://kibana.example/", Window(at(0), at(60)))
    said = AppliedFeedback("f1", FeedbackLevel.IGNORE, ANN, "noise", "https://t.example/7", 1.0, Impact.FAIL, True)
    event = replace(an_event(), baseline_count=1, expected=0.5, ways_back=(way,), feedback=(said,))
    event = replace(event, new_value=NewValue("state", "DOWN", ("UP",)))
    assert unset(write_event(event)) == set()
    assert unset(write_event(event).new_value) == set()
    assert unset(write_event(event).feedback[0]) == set()
    assert unset(write_event(event).nearest) == set()
    assert unset(write_event(event).ways_back[0]) == set()


def test_coverage_tells_what_is_missing():
    """Broken entries and faults are shown; an unknown expectation is not set, and is not 0."""
    baseline, candidate = write_verification(full()).coverage
    assert (baseline.HasField("expected"), candidate.HasField("expected")) == (True, False)
    assert (candidate.read, candidate.broken, list(candidate.faults)) == (612, 1, ["1 line is no JSON"])


def test_a_verification_without_a_verdict_shows_none():
    """Before the first look there is no verdict, no decision and no end."""
    message = write_verification(a_verification())
    assert {"verdict", "decision", "reason", "sentence", "end_time"} <= unset(message)
    assert message.state == pb.Verification.PENDING


def test_a_profile_that_was_brought_along_is_shown_as_one():
    """Its sources come back, severities and options with them."""
    source = a_source(severities={"E": Severity.ERROR}, options={"format": "json"})
    plain = a_verification()
    request = replace(plain.request, profile=Profile("inline", (source,)))
    message = write_verification(replace(plain, request=request))
    assert message.WhichOneof("profile_source") == "inline_profile"
    (shown,) = message.inline_profile.sources
    assert (shown.name, dict(shown.options), shown.severities["E"]) == ("app", {"format": "json"}, 4)


def test_each_step_names_its_verification():
    """Revision, progress and heartbeat are told apart, and each carries the name."""
    steps = [Revision(1, a_verification(), (an_event(),), 3), Progress("reading", 0.5, 12.5, 7), None]
    written = [write_step("verifications/v1", step) for step in steps]
    assert [step.WhichOneof("step") for step in written] == ["revision", "progress", "heartbeat"]
    assert {step.name for step in written} == {"verifications/v1"}
    assert (written[0].revision.changed_events[0].id, written[0].revision.more_changed_events) == ("e1", 3)
    assert (written[1].progress.remaining.seconds, written[1].progress.remaining.nanos) == (12, 500_000_000)


def test_an_endless_estimate_is_no_estimate():
    """Where the time left is not known, none is told."""
    assert not write_step("verifications/v1", Progress("reading", 0.0, float("inf"))).progress.HasField("remaining")


def test_a_revision_that_is_too_large_counts_what_it_leaves_out():
    """A message stays below what clients take; ListEvents has the rest."""
    events = tuple(an_event(id=f"e{place}", samples=("x" * 400_000,)) for place in range(20))
    verification = a_verification(judgement=a_judgement(*events))
    revision = write_step("verifications/v1", Revision(1, verification, events, 5)).revision
    assert revision.ByteSize() <= MAX_ANSWER
    assert len(revision.changed_events) + revision.more_changed_events == 25
    assert revision.changed_events[0].id == "e0"
