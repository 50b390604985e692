"""Profiles that requests bring along: over the operator's defaults, and within limits."""

from collections.abc import Collection
from dataclasses import replace

from logverdict.adapters.profiles.faults import listed, near
from logverdict.adapters.profiles.models import MAX_QUERY
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.profile import MAX_SOURCES, Profile, SourceSpec
from logverdict.domain.wanted import InlineProfile
from logverdict.verify.request import override

NAME = "inline"


def over_defaults(brought: InlineProfile, defaults: Profile, connections: Collection[str]) -> Profile:
    """Raises InvalidRequest naming the field below `inline_profile`."""
    if not 1 <= len(brought.sources) <= MAX_SOURCES:
        raise InvalidRequest(
            "inline_profile.sources", f"has {len(brought.sources)} sources; allowed: 1 to {MAX_SOURCES}"
        )
    for at, source in enumerate(brought.sources):
        _check(f"inline_profile.sources[{at}]", source, connections)
    try:
        return replace(
            defaults,
            name=NAME,
            sources=brought.sources,
            policy=override(defaults.policy, brought.policy, "policy"),
            timing=override(defaults.timing, brought.timing, "timing"),
        )
    except InvalidRequest as wrong:
        raise InvalidRequest(f"inline_profile.{wrong.field}", wrong.fault) from None


def _check(field: str, source: SourceSpec, connections: Collection[str]) -> None:
    if not source.name.strip() or len(source.name) > 100:
        raise InvalidRequest(f"{field}.name", "is required; allowed: 1 to 100 characters")
    if not source.query.strip():
        raise InvalidRequest(f"{field}.query", f"is required; allowed: 1 to {MAX_QUERY:,} characters")
    if len(source.query) > MAX_QUERY:
        raise InvalidRequest(
            f"{field}.query", f"has {len(source.query):,} characters; allowed: 1 to {MAX_QUERY:,} characters"
        )
    if source.connection not in connections:
        known = listed(sorted(connections)) or "none: the settings have no connections"
        hint = near(source.connection, connections)
        meant = f"; did you mean {hint}?" if hint else ""
        raise InvalidRequest(
            f"{field}.connection", f"unknown connection {source.connection!r}{meant}; allowed: {known}"
        )
