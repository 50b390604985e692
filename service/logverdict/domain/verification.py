"""The resource: one judgement of one deployment."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from itertools import chain

from logverdict.domain.afterwards import Outcome, Override
from logverdict.domain.calls import SourceCall as SourceCall  # noqa: PLC0414 - so that it is found here
from logverdict.domain.coverage import InstanceCoverage, MinuteCoverage, add_faults, add_instances, add_minutes, either
from logverdict.domain.deployment import ChangedInstances, Deployment
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.nearby import Nearby
from logverdict.domain.policy import Policy
from logverdict.domain.profile import Profile, SourceSpec, Timing
from logverdict.domain.result import Event, Judgement
from logverdict.domain.window import Grid, Window
from logverdict.domain.words import Comparison, Decision, State

MAX_BASELINES = 16


@dataclass(frozen=True, slots=True)
class Baseline:
    """What to compare with: windows, or good verifications by name, or (`pinned`) those that are pinned for the service
    and environment; with none of them, the time before the rollout."""

    windows: tuple[Window, ...] = ()
    verifications: tuple[str, ...] = ()
    pinned: bool = False

    def __post_init__(self) -> None:
        given = len(self.windows) + len(self.verifications)
        if given > MAX_BASELINES:
            raise InvalidRequest("baseline", f"{given} are given; allowed: up to {MAX_BASELINES}")


@dataclass(frozen=True, slots=True)
class Request:
    """What a caller asks for, once its profile is resolved. `candidate` overrides the window that timing gives."""

    deployment: Deployment
    profile: Profile
    comparison: Comparison = Comparison.AUTO
    changed: ChangedInstances = ChangedInstances()
    baseline: Baseline = Baseline()
    candidate: Window | None = None
    labels: tuple[tuple[str, str], ...] = ()
    request_id: str = ""
    caller: str = ""
    fingerprint: str = ""
    """Hash of the request as it was sent: tells a retry from another request with the same id."""

    @property
    def policy(self) -> Policy:
        return self.profile.policy

    @property
    def timing(self) -> Timing:
        return self.profile.timing


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be read and when it will be judged, fixed when the verification is created.

    `looks` are points of event time in the candidate window, ascending, the last its end; `bin_seconds` is the grain
    of counts. `history`: good verifications that feed the noise floor, newest first. `notes` say what and why.
    `rules` are the versions of key and mask table by which it is counted and judged to its end, `judge` is that of the
    judge that has it, the one it began under unless that is gone; each "" in plans that were made before there were
    several.
    """

    candidate: Window
    baselines: tuple[Window, ...]
    looks: tuple[datetime, ...]
    bin_seconds: float
    verifications: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    rules: str = ""
    judge: str = ""

    def window(self, name: str) -> Window:
        """The window of a slice: "candidate", or "baseline-0", "baseline-1", …"""
        return self.candidate if name == "candidate" else self.baselines[int(name.removeprefix("baseline-"))]

    def grid(self, name: str) -> Grid:
        """The bins of that window."""
        return Grid(self.window(name).start, timedelta(seconds=self.bin_seconds))

    @property
    def step(self) -> timedelta:
        """A "minute" of coverage: a minute, or a bin where bins are longer."""
        return max(timedelta(minutes=1), timedelta(seconds=self.bin_seconds))

    def first_step(self, name: str) -> int:
        """The number of a window's first minute: those of the baseline windows follow one another."""
        before = [] if name == "candidate" else self.baselines[: int(name.removeprefix("baseline-"))]
        return sum(math.ceil(window.length / self.step) for window in before)

    def minute(self, side: str, number: int) -> datetime:
        """When a minute of "baseline" or "candidate" begins."""
        windows = (self.candidate,) if side == "candidate" else self.baselines
        for window in windows[:-1]:
            steps = math.ceil(window.length / self.step)
            if number < steps:
                return window.start + number * self.step
            number -= steps
        return windows[-1].start + number * self.step


@dataclass(frozen=True, slots=True)
class Slice:
    """One source × one span of time of one window: what is read, counted, and replaced as a whole.

    `window` names the side it belongs to: "candidate", or "baseline-0", "baseline-1", …
    """

    source: SourceSpec
    window: str
    span: Window

    @property
    def key(self) -> str:
        return f"{self.window}/{self.source.name}/{self.span.start.isoformat()}/{self.span.end.isoformat()}"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a read gave. `expected` is None where the source cannot say; `broken` entries could not be understood
    (wrong encoding, no time, cut short) and are not counted as read; of them `undated` lie at no time, so that each
    read of the source meets them again. `faults` say in words what is missing, `notes`
    how it was read. `evidence` is what the source's evidence query counts, None where it has none."""

    expected: int | None = None
    read: int = 0
    broken: int = 0
    duplicate: int = 0
    late: int = 0
    complete: bool = True
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    minutes: tuple[MinuteCoverage, ...] = ()
    instances: tuple[InstanceCoverage, ...] = ()
    evidence: int | None = None
    undated: int = 0

    def __add__(self, other: "Coverage") -> "Coverage":
        return whole((self, other))

    @property
    def missing(self) -> int:
        """Entries that the source counts and that were neither read nor refused for a known cause."""
        return max(0, (self.expected or 0) - self.read - self.broken - self.duplicate)


def whole(parts: Sequence[Coverage]) -> Coverage:
    """The coverage of all of them together; of none: nothing expected, nothing read, complete."""
    known = [part.expected for part in parts if part.expected is not None]
    undated = max((part.undated for part in parts), default=0)
    return Coverage(
        expected=sum(known) if len(known) == len(parts) else None,
        read=sum(part.read for part in parts),
        broken=sum(part.broken - part.undated for part in parts) + undated,
        undated=undated,
        duplicate=sum(part.duplicate for part in parts),
        late=sum(part.late for part in parts),
        complete=all(part.complete for part in parts),
        faults=add_faults(part.faults for part in parts),
        notes=tuple(dict.fromkeys(chain.from_iterable(part.notes for part in parts))),
        minutes=add_minutes(chain.from_iterable(part.minutes for part in parts)),
        instances=add_instances(chain.from_iterable(part.instances for part in parts)),
        evidence=reduce(either, (part.evidence for part in parts), None),
    )


@dataclass(frozen=True, slots=True)
class SourceCoverage:
    """Coverage of one source over the baseline or the candidate; `share` (0–1) is slices read over slices due."""

    source: str
    side: str
    share: float
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Verification:
    """The present state. `closes_at` is set when a newer deployment cuts the window short (SUPERSEDED).

    `judgement` is provisional until the state has ended. `decision` is what the orchestrator reads;
    `enforced_decision` is what it would be in mode ENFORCE. `outcome` is what was recorded last of the deployment: the
    store tells it, whoever saves changes nothing about it. `concurrent` are other deployments of the time.
    """

    id: str
    request: Request
    plan: Plan
    created: datetime
    updated: datetime
    state: State = State.PENDING
    revision: int = 0
    look: int = 0
    judgement: Judgement | None = None
    coverage: tuple[SourceCoverage, ...] = ()
    decision: Decision | None = None
    enforced_decision: Decision | None = None
    closes_at: datetime | None = None
    superseded_by: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    error: str = ""
    override: Override | None = None
    outcome: Outcome | None = None
    concurrent: tuple[Nearby, ...] = ()

    @property
    def name(self) -> str:
        return f"verifications/{self.id}"


@dataclass(frozen=True, slots=True)
class Revision:
    """A stored change: numbered from 1 without holes, never altered. `verification` holds no events of its
    judgement; `changed` are at most 100 of those that are new or different since the revision before."""

    number: int
    verification: Verification
    changed: tuple[Event, ...] = ()
    more_changed: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the work stands, between revisions; not stored. `share` is 0–1, `remaining_seconds` an estimate."""

    step: str
    share: float
    remaining_seconds: float
    entries_read: int = 0
    coverage: tuple[SourceCoverage, ...] = field(default=())
