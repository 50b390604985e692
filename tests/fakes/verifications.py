"""Builders of whole, valid values: name only what the test is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from logverdict.domain.deployment import Deployment
from logverdict.domain.profile import Profile, SourceSpec
from logverdict.domain.result import Change, Detectable, Event, InstanceCount, Judgement, Nearest, NoiseFloor, Side
from logverdict.domain.verification import Coverage, Plan, Request, Slice, SourceCoverage, Verification
from logverdict.domain.window import Window
from logverdict.domain.words import Comparison, Decision, Direction, EventKind, Impact, Reason, Severity, State, Verdict

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
"""When the deployment of every builder starts."""


def at(seconds: float) -> datetime:
    """So many seconds after NOON."""
    return NOON + timedelta(seconds=seconds)


def a_source(**changes: Any) -> SourceSpec:
    return replace(SourceSpec("app", "files", "checkout/*.log"), **changes)


def a_profile(**changes: Any) -> Profile:
    return replace(Profile("checkout", (a_source(),)), **changes)


def a_deployment(**changes: Any) -> Deployment:
    return replace(Deployment("checkout", "prod", "1.1.0", NOON, commit="0a1b2c3"), **changes)


def a_request(**changes: Any) -> Request:
    return replace(Request(a_deployment(), a_profile(), caller="ci", fingerprint="f1"), **changes)


def a_plan(**changes: Any) -> Plan:
    looks = tuple(at(60 * minute) for minute in range(2, 12))
    plan = Plan(Window(at(60), at(660)), (Window(at(-1800), NOON),), looks, 30.0, notes=("settled for 60 s",))
    return replace(plan, **changes)


def a_slice(**changes: Any) -> Slice:
    return replace(Slice(a_source(), "candidate", Window(at(60), at(120))), **changes)


def an_event(**changes: Any) -> Event:
    """A new error that fails the deployment."""
    event = Event(
        id="e1",
        kind=EventKind.UNKNOWN,
        impact=Impact.FAIL,
        direction=Direction.UP,
        severity=Severity.ERROR,
        template="cannot encrypt order <num>",
        templates=("cannot encrypt order <num>",),
        sentence="The baseline does not have it; 12 entries of severity ERROR.",
        candidate_count=12,
        baseline_count=0,
        expected=0.0,
        seen=12.0,
        ratio=float("inf"),
        p_value=0.0001,
        weight=40.0,
        nearest=Nearest("e0", "order <num> stored", 0.31, 0.25),
        first_seen=at(70),
        last_seen=at(600),
        instances=(InstanceCount("checkout-1", 7), InstanceCount("checkout-2", 5)),
        sources=("app",),
        samples=("cannot encrypt order <num>",),
        candidate_series=(0, 5, 7),
        baseline_series=(0, 0, 0),
        x=0.41,
        y=-0.2,
    )
    return replace(event, **changes)


def a_known_event(**changes: Any) -> Event:
    """An event as the baseline has it."""
    known = an_event(
        id="e0",
        kind=EventKind.KNOWN,
        impact=Impact.NONE,
        direction=Direction.NONE,
        severity=Severity.INFO,
        template="order <num> stored",
        templates=("order <num> stored",),
        sentence="As the baseline has it.",
        candidate_count=600,
        baseline_count=1800,
        expected=600.0,
        seen=600.0,
        ratio=1.0,
        p_value=1.0,
        weight=0.0,
        nearest=None,
        samples=("order <num> stored",),
    )
    return replace(known, **changes)


def a_judgement(*events: Event, **changes: Any) -> Judgement:
    """FAIL for a new error, with these events (those of the two builders when none is given)."""
    events = events or (an_event(), a_known_event())
    judgement = Judgement(
        verdict=Verdict.FAIL,
        score=20,
        reason=Reason.NEW_ERRORS,
        sentence="1 new error, 12 times: cannot encrypt order <num>.",
        comparison=Comparison.BEFORE_AFTER,
        comparison_reason="All instances were replaced.",
        baseline=Side(1800, 1, 2, 3600.0),
        candidate=Side(612, 2, 2, 1200.0),
        events=events,
        event_counts=tuple((kind, sum(event.kind is kind for event in events)) for kind in EventKind),
        judge_version="1",
        mask_version="1",
        floor=NoiseFloor(1, 0.4, 1.0, 3, 2),
        detectable=Detectable(7, (Change(0.05, 3.2), Change(0.01, None))),
    )
    return replace(judgement, **changes)


def a_good_judgement(**changes: Any) -> Judgement:
    """PASS, with the known event only."""
    return a_judgement(
        a_known_event(),
        **{
            "verdict": Verdict.PASS,
            "score": 100,
            "reason": Reason.NO_ANOMALY,
            "sentence": "Nothing departs from the baseline.",
            **changes,
        },
    )


def a_verification(**changes: Any) -> Verification:
    """PENDING, not yet stored; `service`, `environment`, `version`, `commit`, `rollout_start`, `caller`, `request_id`
    and `fingerprint` reach into its request."""
    inner = {name: changes.pop(name) for name in _DEPLOYMENT_FIELDS & changes.keys()}
    outer = {name: changes.pop(name) for name in _REQUEST_FIELDS & changes.keys()}
    request = changes.pop("request", a_request())
    request = replace(request, deployment=replace(request.deployment, **inner), **outer)
    verification = Verification("v1", request, a_plan(), created=NOON, updated=NOON)
    return replace(verification, **changes)


def a_finished_verification(**changes: Any) -> Verification:
    """SUCCEEDED with verdict FAIL and decision STOP, all that a client may see filled in."""
    done: dict[str, Any] = {
        "state": State.SUCCEEDED,
        "revision": 3,
        "look": 10,
        "judgement": a_judgement(),
        "plan": a_plan(history=("verifications/v0",)),
        "coverage": (
            SourceCoverage("app", "baseline", 1.0, Coverage(1800, 1800)),
            SourceCoverage("app", "candidate", 1.0, Coverage(None, 612, broken=1, faults=("1 line is no JSON",))),
        ),
        "decision": Decision.STOP,
        "enforced_decision": Decision.STOP,
        "started": at(1),
        "updated": at(700),
        "ended": at(700),
    }
    return a_verification(**{**done, **changes})


_DEPLOYMENT_FIELDS = {"service", "environment", "version", "commit", "rollout_start"}
_REQUEST_FIELDS = {"caller", "request_id", "fingerprint"}
