"""The parts of a wanted verification: each value is tried by the domain's own class, so its rules live only there."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from logverdict.domain.deployment import ChangedInstances, Deployment
from logverdict.domain.policy import Policy
from logverdict.domain.profile import FieldNames, Profile, SourceSpec, Timing
from logverdict.domain.words import PushDown
from logverdict.rpc.faults import Faults
from logverdict.rpc.limits import EARLIEST
from logverdict.rpc.times import read_span, read_time
from logverdict.rpc.words import DEPLOYMENT_KIND, POLICY_WORDS, PUSH_DOWN, SEVERITY
from logverdict.v1 import policy_pb2, profile_pb2
from logverdict.v1 import verification_service_pb2 as pb

FINE: Mapping[str, Any] = {"service": "-", "environment": "-", "version": "-", "rollout_start": EARLIEST}
"""A deployment without fault, to try one value at a time in."""


def read_deployment(sent: pb.Deployment, path: str, faults: Faults) -> dict[str, Any]:
    """The fields of Wanted that are a deployment's."""
    given: dict[str, Any] = {name: getattr(sent, name) for name in ("service", "environment", "version", "commit")}
    for name in ("rollout_start", "rollout_end"):
        with faults.under(f"{path}.{name}_time"):
            if sent.HasField(f"{name}_time"):  # type: ignore[arg-type]
                given[name] = read_time(getattr(sent, f"{name}_time"))
    with faults.under(f"{path}.kind"):
        kind = DEPLOYMENT_KIND.word(sent.kind, "")
        given |= {"kind": kind} if kind else {}
    if sent.HasField("traffic_share"):
        given["traffic_share"] = sent.traffic_share
    _try_deployment(given, path.rpartition(".")[0], faults)
    return given


def _try_deployment(given: Mapping[str, Any], path: str, faults: Faults) -> None:
    for name in ("service", "environment", "version", "traffic_share"):
        with faults.under(path):
            Deployment(**{**FINE, name: given.get(name)})
    times = {name: given[name] for name in ("rollout_start", "rollout_end") if name in given}
    with faults.under(path):
        Deployment(**{**FINE, **times})


def read_changed(sent: pb.ChangedInstances, path: str, faults: Faults) -> ChangedInstances:
    with faults.under(path):
        return ChangedInstances(sent.version, sent.pattern, tuple(sent.names))
    return ChangedInstances()


def read_policy(sent: policy_pb2.Policy, path: str, faults: Faults) -> dict[str, object]:
    """What is given, by field name."""
    given: dict[str, Any] = {}
    for name, words in POLICY_WORDS.items():
        with faults.under(f"{path}.policy.{name}"):
            word = words.word(getattr(sent, name), "")
            given |= {name: word} if word else {}
    for name in ("min_entries", "min_coverage", "early_stop", "history"):
        if sent.HasField(name):  # type: ignore[arg-type]
            with faults.under(path):
                Policy(**{name: getattr(sent, name)})
                given[name] = getattr(sent, name)
    return given


def read_timing(sent: policy_pb2.Timing, path: str, faults: Faults) -> dict[str, timedelta]:
    """What is given, by field name."""
    given = {}
    for field, span in sent.ListFields():
        with faults.under(f"{path}.timing.{field.name}"):
            given[field.name] = read_span(span)
            with faults.under(path):
                Timing(**{field.name: given[field.name]})
    return given


def read_sources(sent: Iterable[profile_pb2.Source], path: str, faults: Faults) -> tuple[SourceSpec, ...]:
    specs = tuple(read_source(source, f"{path}.sources[{place}]", faults) for place, source in enumerate(sent))
    with faults.under(path):
        Profile("inline", specs)
    return specs


def read_source(sent: profile_pb2.Source, path: str, faults: Faults) -> SourceSpec:
    for name in ("name", "connection", "query"):
        if not getattr(sent, name).strip():
            faults.add(f"{path}.{name}", "is required")
    severities = {}
    for level, number in sorted(sent.severities.items()):
        field = f'{path}.severities["{level}"]'
        with faults.under(field):
            severities[level] = SEVERITY.word(number, "")
        if number == 0:
            faults.add(field, "names no severity; allowed: DEBUG, INFO, WARN, ERROR, FATAL")
    known = {level: severity for level, severity in severities.items() if severity is not None}
    push_down = PushDown.AUTO
    with faults.under(f"{path}.push_down"):
        push_down = PUSH_DOWN.word(sent.push_down, "") or PushDown.AUTO
    return SourceSpec(
        name=sent.name,
        connection=sent.connection,
        query=sent.query,
        fields=_field_names(sent.fields),
        severities=known,
        options=dict(sorted(sent.options.items())),
        evidence=sent.evidence,
        push_down=push_down,
    )


def _field_names(sent: profile_pb2.FieldNames) -> FieldNames:
    """Those given; the defaults for the others."""
    return FieldNames(**{field.name: tuple(names) for field, names in sent.ListFields()})
