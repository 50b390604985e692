"""From options to requests."""

import json
from datetime import UTC, datetime

import pytest

from logverdict.cli.faults import Fault
from logverdict.cli.request import wishes
from logverdict.cli.verify_options import VerifyOptions
from logverdict.v1 import policy_pb2, profile_pb2
from logverdict.v1 import verification_service_pb2 as pb

NOW = datetime(2026, 11, 3, 14, 0, tzinfo=UTC)


def wanted(*services, **options):
    made = VerifyOptions(services=list(services or ("checkout@1.1",)), **{"environment": "prod", **options})
    return [wish.request.verification for wish in wishes(made, {}, NOW)]


def test_services_have_their_own_or_the_common_version():
    """SERVICE@VERSION, or SERVICE with --version; a digest keeps its colon."""
    found = [each.deployment for each in wanted("a@1", "b", "c@sha256:ff", version="2")]
    assert [(each.service, each.version) for each in found] == [("a", "1"), ("b", "2"), ("c", "sha256:ff")]


@pytest.mark.parametrize(
    ("services", "options", "word"),
    [
        (["a"], {}, "no version"),
        (["@1"], {}, "no service"),
        (["a@1", "a@2"], {}, "twice"),
        (["a@1"], {"environment": " "}, "--environment"),
        (["a@1"], {"label": ["team"]}, "--label"),
        (["a@1"], {"changed_version": "1", "changed_pattern": "x"}, "--changed-version and --changed-pattern"),
        (["a@1"], {"profile": "p", "inline_profile": "f"}, "--inline-profile"),
        (["a@1"], {"config": "f"}, "--local"),
        (["a@1"], {"duration": "10"}, "--duration"),
        (["a@1"], {"rollout_start": "2026-11-03T14:00:00"}, "time zone"),
    ],
)
def test_what_cannot_be_meant_is_refused(services, options, word):
    """Each wrong call is refused in a sentence that names what is wrong, with exit code 2."""
    with pytest.raises(Fault, match=word) as fault:
        wanted(*services, **options)
    assert fault.value.code == 2


def test_every_option_arrives():
    """What is typed is what the server gets."""
    (found,) = wanted(
        kind="rollback", rollout_start="-15m", rollout_end="-10m", traffic_share=0.1, commit="1f3a", profile="shop",
        comparison="before-after", changed_instance=["pod-1", "pod-2"], baseline=["-2h/-1h", "-4h/-3h"],
        baseline_verification=["abc"], candidate="-10m/now", sensitivity="high", false_alarm_level="low",
        mode="observe", on_inconclusive="stop", on_error="proceed", duration="10m", settle="0s", interval="30s",
        ingest_lag="5s", max_lag="3m", baseline_duration="1h", label=["team=shop", "x=a=b"],
    )  # fmt: skip
    assert found.deployment.kind == pb.Deployment.ROLLBACK
    assert found.deployment.rollout_start_time.ToDatetime(UTC).minute == 45
    assert found.deployment.rollout_end_time.ToDatetime(UTC).minute == 50
    assert (found.deployment.traffic_share, found.deployment.commit, found.profile) == (0.1, "1f3a", "shop")
    assert found.comparison == pb.BEFORE_AFTER
    assert list(found.changed_instances.names) == ["pod-1", "pod-2"]
    assert [window.start_time.ToDatetime(UTC).hour for window in found.baseline.windows] == [12, 10]
    assert list(found.baseline.verifications) == ["verifications/abc"]
    assert found.candidate_window.end_time.ToDatetime(UTC) == NOW
    policy = found.policy
    assert (policy.sensitivity, policy.false_alarm_level) == (policy_pb2.HIGH, policy_pb2.FALSE_ALARM_LEVEL_LOW)
    assert (policy.mode, policy.on_inconclusive, policy.on_error) == (
        policy_pb2.OBSERVE,
        policy_pb2.STOP,
        policy_pb2.PROCEED,
    )
    timing = found.timing
    names = ("duration", "settle", "interval", "ingest_lag", "max_lag", "baseline")
    assert [getattr(timing, name).ToSeconds() for name in names] == [600, 0, 30, 5, 180, 3600]
    assert timing.HasField("settle")
    assert dict(found.labels) == {"team": "shop", "x": "a=b"}


def test_what_is_not_typed_is_left_to_the_server():
    """No option, no field: defaults are the profile's."""
    (found,) = wanted()
    assert not found.deployment.HasField("rollout_start_time")
    assert not found.HasField("candidate_window")
    assert found.policy == policy_pb2.Policy()
    assert found.timing == policy_pb2.Timing()


def test_a_request_id_of_ones_own_is_told_apart_by_service():
    """One --request-id for several services gives each its own."""
    made = VerifyOptions(services=["a@1", "b@1"], environment="prod", request_id="r")
    assert [wish.request.request_id for wish in wishes(made, {}, NOW)] == ["r/a", "r/b"]


@pytest.mark.parametrize("suffix", [".json", ".yaml"])
def test_an_inline_profile_is_json_or_yaml(tmp_path, suffix):
    """A profile brought along may write spans, words and single field names as people do."""
    path = tmp_path / f"profile{suffix}"
    source = {
        "name": "app",
        "connection": "c",
        "query": "*.log",
        "fields": {"time": "ts"},
        "severities": {"oops": "error"},
    }
    profile = {
        "sources": [source],
        "policy": {"false_alarm_level": "low", "mode": "observe"},
        "timing": {"duration": "10m"},
    }
    path.write_text(json.dumps(profile))
    (found,) = wanted(inline_profile=path)
    inline = found.inline_profile
    assert list(inline.sources[0].fields.time) == ["ts"]
    assert inline.sources[0].severities["oops"] == profile_pb2.ERROR
    assert (inline.policy.false_alarm_level, inline.policy.mode) == (
        policy_pb2.FALSE_ALARM_LEVEL_LOW,
        policy_pb2.OBSERVE,
    )
    assert inline.timing.duration.ToSeconds() == 600


@pytest.mark.parametrize("text", ['{"sauces": []}', "[]", "{", '{"sources": [{"name": 3}]}'])
def test_a_wrong_inline_profile_is_refused(tmp_path, text):
    """Unknown fields, wrong types and broken files are named with the file."""
    path = tmp_path / "profile.json"
    path.write_text(text)
    with pytest.raises(Fault, match=r"profile\.json"):
        wanted(inline_profile=path)


def test_a_missing_inline_profile_is_refused(tmp_path):
    """A file that is not there is named."""
    with pytest.raises(Fault, match=r"none\.yaml"):
        wanted(inline_profile=tmp_path / "none.yaml")
