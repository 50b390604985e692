"""A deployment, and how its changed instances are told from the others."""

import re
from dataclasses import dataclass
from datetime import datetime

from logverdict.domain.errors import InvalidRequest
from logverdict.domain.words import DeploymentKind


@dataclass(frozen=True, slots=True)
class Deployment:
    """One version of one service going to one environment.

    The rollout is [`rollout_start`, `rollout_end`); without an end it was done at once. `traffic_share` (0–1) is what
    the changed instances get, where the caller knows it.
    """

    service: str
    environment: str
    version: str
    rollout_start: datetime
    rollout_end: datetime | None = None
    kind: DeploymentKind = DeploymentKind.DEPLOY
    traffic_share: float | None = None
    commit: str = ""

    def __post_init__(self) -> None:
        for field in ("service", "environment", "version"):
            text: str = getattr(self, field)
            if not text.strip() or len(text) > 200:
                raise InvalidRequest(f"deployment.{field}", "is required; allowed: 1 to 200 characters")
        for field in ("rollout_start", "rollout_end"):
            time: datetime | None = getattr(self, field)
            if time is not None and time.tzinfo is None:
                raise InvalidRequest(f"deployment.{field}_time", "has no time zone; write an offset or Z")
        if self.rollout_end is not None and self.rollout_end < self.rollout_start:
            raise InvalidRequest(
                "deployment.rollout_end_time",
                f"{self.rollout_end.isoformat()} is before the start {self.rollout_start.isoformat()}",
            )
        if self.traffic_share is not None and not 0 < self.traffic_share < 1:
            raise InvalidRequest(
                "deployment.traffic_share", f"{self.traffic_share} is not a share; allowed: above 0 and below 1"
            )

    @property
    def rolled_out(self) -> datetime:
        return self.rollout_end or self.rollout_start


@dataclass(frozen=True, slots=True)
class ChangedInstances:
    """Tells changed instances: by version field, by pattern (whole name), or by list, tried in this order; with none
    given, by the deployment's version where entries carry one, and last as those that are only there after the start.
    """

    version: str = ""
    pattern: str = ""
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        given = [name for name in ("version", "pattern", "names") if getattr(self, name)]
        if len(given) > 1:
            raise InvalidRequest("changed_instances", f"{' and '.join(given)} are given; allowed: one of them")
        try:
            re.compile(self.pattern)
        except (re.error, OverflowError, RecursionError) as fault:
            raise InvalidRequest("changed_instances.pattern", f"is no regular expression: {fault}") from None

    @property
    def given(self) -> bool:
        return bool(self.version or self.pattern or self.names)
