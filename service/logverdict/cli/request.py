"""From options to requests of the protocol."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from logverdict.cli import ci, times
from logverdict.cli.faults import Fault
from logverdict.cli.inline_profile import inline_profile
from logverdict.cli.verify_options import VerifyOptions
from logverdict.v1 import policy_pb2 as policy_pb
from logverdict.v1 import verification_service_pb2 as pb


@dataclass(frozen=True)
class Wish:
    """One service's request; `label` is how its lines are headed."""

    service: str
    version: str
    environment: str
    request: pb.CreateVerificationRequest

    @property
    def label(self) -> str:
        return f"{self.service} {self.version}"


def wishes(options: VerifyOptions, environ: Mapping[str, str], now: datetime) -> list[Wish]:
    """A request for each service. Raises Fault for what cannot be meant."""
    _check(options)
    common = _verification(options, now)
    return [_wish(service, version, common, options, environ) for service, version in _services(options)]


def _wish(
    service: str, version: str, common: pb.Verification, options: VerifyOptions, environ: Mapping[str, str]
) -> Wish:
    wanted = pb.Verification()
    wanted.CopyFrom(common)
    wanted.deployment.service, wanted.deployment.version = service, version
    deployment = (service, options.environment, version)
    request_id = options.request_id or ci.request_id(environ, deployment, _asked(options))
    if options.request_id and len(options.services) > 1:
        request_id = f"{options.request_id}/{service}"[:100]
    return Wish(
        service, version, options.environment, pb.CreateVerificationRequest(verification=wanted, request_id=request_id)
    )


def _asked(options: VerifyOptions) -> tuple[str, ...]:
    """The call as it was typed, less what concerns this call only, or is in the id already."""
    own = replace(
        options, services=[], version=None, server="", local=False, config=None,
        timeout="", quiet=False, json=False, fail_fast=False,
    )  # fmt: skip
    return (repr(own),)


def _check(options: VerifyOptions) -> None:
    if not options.environment.strip():
        raise Fault("--environment is empty", "Write where the deployment went: --environment prod.")
    if options.profile and options.inline_profile:
        raise Fault("--profile and --inline-profile are both given", "Write one of them.")
    if options.config and not options.local:
        raise Fault("--config is given without --local", "A server has its settings from its own --config.")
    given = [option for option in ("version", "pattern", "instance") if getattr(options, f"changed_{option}")]
    if len(given) > 1:
        raise Fault(f"{' and '.join(f'--changed-{option}' for option in given)} are given", "Write one of them.")


def _services(options: VerifyOptions) -> list[tuple[str, str]]:
    pairs = []
    for text in options.services:
        service, _, version = text.partition("@")
        version = version or options.version or ""
        if not service or not version:
            raise Fault(
                f"{text!r} has no {'version' if service else 'service'}",
                f"Write {service or 'SERVICE'}@VERSION, or --version VERSION for all services.",
            )
        pairs.append((service, version))
    twice = sorted({service for service, _ in pairs if [name for name, _ in pairs].count(service) > 1})
    if twice:
        raise Fault(f"{twice[0]!r} is given twice", "Verify each service once in a call.")
    return pairs


def _verification(options: VerifyOptions, now: datetime) -> pb.Verification:
    wanted = pb.Verification(
        deployment=_deployment(options, now),
        comparison=_enum(pb.Comparison, options.comparison),
        baseline=pb.Baseline(
            windows=[_window(text, "--baseline", now) for text in options.baseline or ()],
            verifications=[full_name(text) for text in options.baseline_verification or ()],
            pinned=options.baseline_pinned,
        ),
        labels=dict(_labels(options)),
    )
    _put_changed(wanted, options)
    if options.profile:
        wanted.profile = options.profile
    if options.inline_profile:
        wanted.inline_profile.CopyFrom(inline_profile(options.inline_profile))
    if options.candidate:
        wanted.candidate_window.CopyFrom(_window(options.candidate, "--candidate", now))
    wanted.policy.CopyFrom(_policy(options))
    for field, length in _timing(options):
        getattr(wanted.timing, field).CopyFrom(length)
    return wanted


def _deployment(options: VerifyOptions, now: datetime) -> pb.Deployment:
    deployment = pb.Deployment(environment=options.environment, commit=options.commit or "")
    deployment.kind = _enum(pb.Deployment.Kind, options.kind)
    if options.traffic_share is not None:
        deployment.traffic_share = options.traffic_share
    if options.rollout_start:
        deployment.rollout_start_time.CopyFrom(stamp(times.time(options.rollout_start, "--rollout-start", now)))
    if options.rollout_end:
        deployment.rollout_end_time.CopyFrom(stamp(times.time(options.rollout_end, "--rollout-end", now)))
    return deployment


def _put_changed(wanted: pb.Verification, options: VerifyOptions) -> None:
    if options.changed_version or options.changed_pattern or options.changed_instance:
        wanted.changed_instances.version = options.changed_version or ""
        wanted.changed_instances.pattern = options.changed_pattern or ""
        wanted.changed_instances.names.extend(options.changed_instance or ())


def _policy(options: VerifyOptions) -> policy_pb.Policy:
    level = f"false_alarm_level_{options.false_alarm_level}" if options.false_alarm_level else None
    return policy_pb.Policy(
        sensitivity=_enum(policy_pb.Sensitivity, options.sensitivity),
        false_alarm_level=_enum(policy_pb.FalseAlarmLevel, level),
        mode=_enum(policy_pb.Mode, options.mode),
        on_inconclusive=_enum(policy_pb.Decision, options.on_inconclusive),
        on_error=_enum(policy_pb.Decision, options.on_error),
    )


def _timing(options: VerifyOptions) -> Iterator[tuple[str, Duration]]:
    for field, option in (
        ("settle", "settle"),
        ("ingest_lag", "ingest_lag"),
        ("interval", "interval"),
        ("duration", "duration"),
        ("max_lag", "max_lag"),
        ("baseline", "baseline_duration"),
    ):
        text = getattr(options, option)
        if text is not None:
            yield field, _duration(times.span(text, f"--{option.replace('_', '-')}"))


def _labels(options: VerifyOptions) -> Iterator[tuple[str, str]]:
    for text in options.label or ():
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise Fault(f"--label: {text!r} is no label", "Write KEY=VALUE, such as team=payments.")
        yield key, value


def _window(text: str, option: str, now: datetime) -> pb.Window:
    start, end = times.window(text, option, now)
    return pb.Window(start_time=stamp(start), end_time=stamp(end))


def _enum(words: Any, word: str | None) -> Any:
    """The number of a word as typed; 0 (take the profile's) where none was."""
    return words.Value(word.upper().replace("-", "_")) if word else 0


def stamp(moment: datetime) -> Timestamp:
    result = Timestamp()
    result.FromDatetime(moment)
    return result


def _duration(length: timedelta) -> Duration:
    result = Duration()
    result.FromTimedelta(length)
    return result


def full_name(text: str) -> str:
    """verifications/{id}; the id alone will do."""
    name = text.strip()
    return name if name.startswith("verifications/") else f"verifications/{name}"
