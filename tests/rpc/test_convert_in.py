"""Requests become our values, or every fault is named."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict

from logverdict.domain.errors import InvalidRequest
from logverdict.domain.verification import Baseline
from logverdict.domain.wanted import InlineProfile
from logverdict.domain.window import Window
from logverdict.domain.words import Comparison, Decision, DeploymentKind, Mode, Sensitivity, Severity
from logverdict.rpc.convert_in import check, read_page_size, read_wanted
from logverdict.rpc.faults import faults_of
from logverdict.v1 import verification_service_pb2 as pb

DEPLOYMENT = {"service": "checkout", "environment": "prod", "version": "1.1"}
SOURCE = {"name": "app", "connection": "files", "query": "*.log"}


def a_request(request_id: str = "", **fields: Any) -> pb.CreateVerificationRequest:
    verification = {"deployment": DEPLOYMENT, **fields}
    return ParseDict({"verification": verification, "request_id": request_id}, pb.CreateVerificationRequest())


def faults(request: Any) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as caught:
        read_wanted(request)
    return dict(faults_of(caught.value))


def utc(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 20, hour, minute, tzinfo=UTC)


def window(start: int, end: int) -> dict[str, str]:
    return {"start_time": f"2026-11-20T{start:02}:00:00Z", "end_time": f"2026-11-20T{end:02}:00:00Z"}


def test_the_least_request_is_enough():
    """Service, environment and version are all that is needed; nothing else is made up."""
    wanted = read_wanted(a_request())
    assert (wanted.service, wanted.environment, wanted.version) == ("checkout", "prod", "1.1")
    assert (wanted.profile, wanted.rollout_start, wanted.candidate, wanted.comparison) == ("", None, None, None)
    assert (wanted.policy, wanted.timing, wanted.baseline) == ({}, {}, Baseline())


def test_everything_that_may_be_said_arrives():
    """Each field of the request has its place in what is wanted."""
    wanted = read_wanted(
        a_request(
            "run-1",
            deployment={
                **DEPLOYMENT,
                "rollout_start_time": "2026-11-20T13:00:00+01:00",
                "rollout_end_time": "2026-11-20T12:05:00Z",
                "kind": "ROLLBACK",
                "traffic_share": 0.1,
                "commit": "0a1b",
            },
            profile="shop",
            comparison="CONCURRENT",
            changed_instances={"pattern": "new-.*"},
            baseline={"windows": [window(9, 10)], "verifications": ["verifications/abc"]},
            candidate_window=window(12, 13),
            policy={
                "sensitivity": "HIGH",
                "mode": "OBSERVE",
                "on_warn": "STOP",
                "min_entries": 0,
                "early_stop": False,
                "history": 3,
            },
            timing={"settle": "0s", "duration": "90.5s"},
            labels={"b": "2", "a": "1"},
        )
    )
    assert (wanted.rollout_start, wanted.rollout_end) == (utc(12), utc(12, 5))
    assert (wanted.kind, wanted.traffic_share, wanted.commit) == (DeploymentKind.ROLLBACK, 0.1, "0a1b")
    assert (wanted.profile, wanted.comparison) == ("shop", Comparison.CONCURRENT)
    assert wanted.changed.pattern == "new-.*"
    assert wanted.baseline == Baseline((Window(utc(9), utc(10)),), ("verifications/abc",))
    assert wanted.candidate == Window(utc(12), utc(13))
    assert wanted.policy == {
        "sensitivity": Sensitivity.HIGH,
        "mode": Mode.OBSERVE,
        "on_warn": Decision.STOP,
        "min_entries": 0,
        "early_stop": False,
        "history": 3,
    }
    assert wanted.timing == {"settle": timedelta(0), "duration": timedelta(seconds=90.5)}
    assert (wanted.labels, wanted.request_id, wanted.caller) == ((("a", "1"), ("b", "2")), "run-1", "local")


def test_a_profile_may_be_brought_along():
    """Sources keep their field names, severities and options; fields not named keep the defaults."""
    source = {**SOURCE, "fields": {"message": ["text"]}, "severities": {"E": "ERROR"}, "options": {"format": "json"}}
    profile = read_wanted(
        a_request(inline_profile={"sources": [source], "policy": {"mode": "ENFORCE"}, "timing": {"settle": "5s"}})
    ).profile
    assert isinstance(profile, InlineProfile)
    (spec,) = profile.sources
    assert (spec.fields.message, spec.fields.level[0]) == (("text",), "log.level")
    assert (spec.severities, spec.options) == ({"E": Severity.ERROR}, {"format": "json"})
    assert (profile.policy, profile.timing) == ({"mode": Mode.ENFORCE}, {"settle": timedelta(seconds=5)})


FAULTY: dict[str, tuple[dict[str, Any], str, str]] = {
    "service": ({"deployment": {**DEPLOYMENT, "service": ""}}, "deployment.service", "required"),
    "blank": ({"deployment": {**DEPLOYMENT, "version": "  "}}, "deployment.version", "required"),
    "long": ({"deployment": {**DEPLOYMENT, "version": "1" * 201}}, "deployment.version", "201 characters"),
    "nul": ({"deployment": {**DEPLOYMENT, "commit": "a\0"}}, "deployment.commit", "NUL"),
    "share": ({"deployment": {**DEPLOYMENT, "traffic_share": 1.0}}, "deployment.traffic_share", "below 1"),
    "nan": ({"deployment": {**DEPLOYMENT, "traffic_share": "NaN"}}, "deployment.traffic_share", "below 1"),
    "kind": ({"deployment": {**DEPLOYMENT, "kind": 7}}, "deployment.kind", "7 is no Kind; allowed: DEPLOY, ROLLBACK"),
    "window": ({"candidate_window": window(13, 12)}, "candidate_window.end_time", "not after its start"),
    "open": ({"candidate_window": {"start_time": "2026-11-20T12:00:00Z"}}, "candidate_window.end_time", "required"),
    "early": (
        {"candidate_window": {**window(12, 13), "start_time": "1969-12-31T23:59:59Z"}},
        "candidate_window.start_time",
        "allowed: 1970-01-01 up to 3000-01-01",
    ),
    "baseline": ({"baseline": {"windows": [window(8, 9), window(9, 9)]}}, "baseline.windows[1].end_time", "not after"),
    "pinned": ({"baseline": {"verifications": ["latest"]}}, "baseline.verifications[0]", "verifications/{id}"),
    "many": ({"baseline": {"windows": [window(8, 9)] * 17}}, "baseline", "up to 16"),
    "pattern": ({"changed_instances": {"pattern": "("}}, "changed_instances.pattern", "no regular expression"),
    "huge pattern": ({"changed_instances": {"pattern": "a{99999999999}"}}, "changed_instances.pattern", "regular"),
    "both": ({"changed_instances": {"pattern": "a", "version": "1"}}, "changed_instances", "one of them"),
    "word": ({"policy": {"on_error": 9}}, "policy.on_error", "9 is no Decision; allowed: PROCEED, STOP, ASK"),
    "coverage": ({"policy": {"min_coverage": 1.5}}, "policy.min_coverage", "0 to 1"),
    "entries": ({"policy": {"min_entries": -1}}, "policy.min_entries", "negative"),
    "history": ({"policy": {"history": 16}}, "policy.history", "allowed: 0 to 15"),
    "settle": ({"timing": {"settle": "-1s"}}, "timing.settle", "negative"),
    "interval": ({"timing": {"interval": "0.5s"}}, "timing.interval", "too short"),
    "forever": ({"timing": {"baseline": "99999999s"}}, "timing.baseline", "up to 366 days"),
    "comparison": ({"comparison": 4}, "comparison", "4 is no Comparison"),
    "labels": ({"labels": {str(number): "" for number in range(33)}}, "labels", "up to 32"),
    "label key": ({"labels": {"k" * 64: ""}}, "labels", "key of 64 characters"),
    "label value": ({"labels": {"k": "v" * 257}}, 'labels["k"]', "257 characters; allowed: up to 256"),
    "no sources": ({"inline_profile": {}}, "inline_profile.sources", "required"),
    "source": ({"inline_profile": {"sources": [{"name": "a"}]}}, "inline_profile.sources[0].connection", "required"),
    "twice": ({"inline_profile": {"sources": [SOURCE, SOURCE]}}, "inline_profile.sources", "unique"),
    "level": (
        {"inline_profile": {"sources": [{**SOURCE, "severities": {"E": 0}}]}},
        'inline_profile.sources[0].severities["E"]',
        "names no severity",
    ),
    "inline policy": (
        {"inline_profile": {"sources": [SOURCE], "policy": {"min_coverage": 2}}},
        "inline_profile.policy.min_coverage",
        "0 to 1",
    ),
}


@pytest.mark.parametrize(("fields", "field", "says"), FAULTY.values(), ids=FAULTY)
def test_a_fault_is_named_by_the_path_of_its_field(fields, field, says):
    """The field as the caller wrote it, what is wrong, and what is allowed."""
    found = faults(a_request(**fields))
    assert says in found[f"verification.{field}"]


def test_a_rollout_that_ends_before_it_starts_is_refused():
    """The end is named, as in the domain."""
    deployment = {
        **DEPLOYMENT,
        "rollout_start_time": "2026-11-20T12:00:00Z",
        "rollout_end_time": "2026-11-20T11:00:00Z",
    }
    assert list(faults(a_request(deployment=deployment))) == ["verification.deployment.rollout_end_time"]


def test_all_faults_are_told_at_once():
    """One answer names every field, each once."""
    request = a_request("r" * 101, deployment={}, policy={"mode": 5}, timing={"settle": "-1s"})
    assert list(faults(request)) == [
        "verification.deployment.service",
        "verification.deployment.environment",
        "verification.deployment.version",
        "verification.policy.mode",
        "request_id",
        "verification.timing.settle",
    ]


def test_a_request_without_a_verification_is_refused():
    """What is missing is named before what would be in it."""
    assert faults(pb.CreateVerificationRequest())["verification"] == "is required"


def test_a_field_that_we_do_not_know_is_refused_not_dropped():
    """A newer client learns the number of the field and where it was."""
    request = a_request()
    request.verification.policy.MergeFromString(b"\xa0\x06\x01")
    assert faults(request) == {"verification.policy": "Policy has no field 100; is the client newer?"}


def test_what_only_we_set_is_ignored():
    """A caller may send a verification that it got: name, state, verdict and times are left out, unknown words too."""
    request = a_request()
    plain = read_wanted(request)
    request.verification.name = "verifications/x"
    request.verification.state = 99
    request.verification.create_time.seconds = -(10**15)
    assert read_wanted(request) == plain


def test_the_fingerprint_tells_bodies_apart_but_not_the_order_of_labels():
    """Equal bodies have equal fingerprints; another version has another one."""
    one, two = a_request(labels={"a": "1", "b": "2"}), a_request(labels={"b": "2", "a": "1"})
    other = a_request(labels={"a": "1", "b": "2"}, deployment={**DEPLOYMENT, "version": "1.2"})
    assert read_wanted(one).fingerprint == read_wanted(two).fingerprint != read_wanted(other).fingerprint


@pytest.mark.parametrize(
    "name", ["", "v1", "verifications/", "verifications/a/b", "verifications/ä", "VERIFICATIONS/a"]
)
def test_what_is_no_name_is_refused(name):
    """Names have one form, which the error shows."""
    with pytest.raises(InvalidRequest, match=r"name: (is required|.*verifications/{id})"):
        check(pb.GetVerificationRequest(name=name))


@pytest.mark.parametrize(("asked", "given"), [(0, 50), (1, 1), (1000, 1000), (5000, 1000)])
def test_page_sizes_are_bounded(asked, given):
    """Nothing said is 50, too much is cut to 1,000."""
    assert read_page_size(pb.ListVerificationsRequest(page_size=asked)) == given


def test_a_negative_page_size_is_refused():
    """It is a mistake, not a wish for few."""
    with pytest.raises(InvalidRequest, match="page_size: -1 is negative"):
        check(pb.ListEventsRequest(parent="verifications/a", page_size=-1))


def test_all_faults_of_a_list_are_told_at_once():
    """The parent, the filter and the size in one answer."""
    with pytest.raises(InvalidRequest) as caught:
        check(pb.ListEventsRequest(parent="x", page_size=-1, filter="f" * 4001))
    assert {fault.field for fault in faults_of(caught.value)} == {"parent", "page_size", "filter"}
