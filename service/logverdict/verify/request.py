"""From what a caller wants to a request whose profile is resolved and whose every part is valid."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import TypeVar

from logverdict.analysis.split import matching
from logverdict.domain.deployment import Deployment
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.profile import Profile, UsualBaseline
from logverdict.domain.verification import Baseline, Request
from logverdict.domain.wanted import InlineProfile, Wanted
from logverdict.verify.ports import Profiles, Sources

MAX_LABELS = 32
Settings = TypeVar("Settings")


def resolve(wanted: Wanted, profiles: Profiles, sources: Sources, now: datetime) -> Request:
    """Raises InvalidRequest, or NotFound for a profile that does not exist."""
    if len(wanted.labels) > MAX_LABELS:
        raise InvalidRequest("labels", f"{len(wanted.labels)} are given; allowed: up to {MAX_LABELS}")
    start = wanted.rollout_start or (wanted.candidate.start if wanted.candidate else now)
    deployment = Deployment(
        service=wanted.service,
        environment=wanted.environment,
        version=wanted.version,
        rollout_start=start,
        rollout_end=wanted.rollout_end,
        kind=wanted.kind,
        traffic_share=wanted.traffic_share,
        commit=wanted.commit,
    )
    try:
        matching(wanted.changed.pattern, frozenset({""}))
    except ValueError as fault:
        raise InvalidRequest("changed_instances.pattern", f"cannot be used: {fault}") from None
    profile = _profile(wanted, profiles)
    _check_sources(profile, sources, "inline_profile" if isinstance(wanted.profile, InlineProfile) else "profile")
    return Request(
        deployment=deployment,
        profile=profile,
        comparison=wanted.comparison or profile.comparison,
        changed=wanted.changed,
        baseline=_baseline(wanted.baseline, profile),
        candidate=wanted.candidate,
        labels=wanted.labels,
        request_id=wanted.request_id,
        caller=wanted.caller,
        fingerprint=wanted.fingerprint,
    )


def _baseline(wanted: Baseline, profile: Profile) -> Baseline:
    """What the request names goes before the profile's word."""
    named = wanted.windows or wanted.verifications or wanted.pinned
    return wanted if named or profile.baseline is UsualBaseline.BEFORE else Baseline(pinned=True)


def _profile(wanted: Wanted, profiles: Profiles) -> Profile:
    if isinstance(wanted.profile, InlineProfile):
        profile = profiles.inline(wanted.profile, wanted.service, wanted.environment)
    else:
        profile = profiles.named(wanted.profile, wanted.service, wanted.environment)
    policy = override(profile.policy, wanted.policy, "policy")
    return replace(profile, policy=policy, timing=override(profile.timing, wanted.timing, "timing"))


def override(settings: Settings, changes: Mapping[str, object], field: str) -> Settings:
    """The settings with some of their fields changed. Raises InvalidRequest for a field they do not have."""
    known = [known.name for known in fields(settings)]  # type: ignore[arg-type]
    for name in changes:
        if name not in known:
            raise InvalidRequest(f"{field}.{name}", f"is not known; allowed: {', '.join(known)}")
    return replace(settings, **changes)  # type: ignore[type-var]


def _check_sources(profile: Profile, sources: Sources, field: str) -> None:
    """Faults are named below `field`."""
    for place, spec in enumerate(profile.sources):
        path = f"{field}.sources[{place}]"
        if spec.connection not in sources:
            known = ", ".join(sorted(sources)) or "none"
            raise InvalidRequest(f"{path}.connection", f"unknown connection {spec.connection!r}; known: {known}")
        try:
            sources[spec.connection].check(spec)
        except InvalidRequest as wrong:
            raise InvalidRequest(f"{path}.{wrong.field}", wrong.fault) from None
