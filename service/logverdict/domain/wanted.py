"""What a caller asks for, before its profile is resolved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from logverdict.domain.deployment import ChangedInstances
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Baseline
from logverdict.domain.window import Window
from logverdict.domain.words import Comparison, DeploymentKind

PolicyOverrides = Mapping[str, object]
"""Field name of Policy → value of its type."""
TimingOverrides = Mapping[str, timedelta]
"""Field name of Timing → span."""


@dataclass(frozen=True, slots=True)
class InlineProfile:
    """A profile brought along: over the operator's defaults, and naming only connections."""

    sources: tuple[SourceSpec, ...]
    policy: PolicyOverrides = field(default_factory=dict)
    timing: TimingOverrides = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """`profile` is a name, "" for the service's own; `rollout_start` None means now. `fingerprint` is the hash of
    the request as it was sent."""

    service: str
    environment: str
    version: str
    profile: str | InlineProfile = ""
    rollout_start: datetime | None = None
    rollout_end: datetime | None = None
    kind: DeploymentKind = DeploymentKind.DEPLOY
    traffic_share: float | None = None
    commit: str = ""
    comparison: Comparison | None = None
    changed: ChangedInstances = ChangedInstances()
    baseline: Baseline = Baseline()
    candidate: Window | None = None
    policy: PolicyOverrides = field(default_factory=dict)
    timing: TimingOverrides = field(default_factory=dict)
    labels: tuple[tuple[str, str], ...] = ()
    request_id: str = ""
    caller: str = ""
    fingerprint: str = ""
