"""The resource: one judgement of one deployment."""

from dataclasses import dataclass, field
from datetime import datetime

from logverdict.domain.deployment import ChangedInstances, Deployment
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.policy import Policy
from logverdict.domain.profile import Profile, SourceSpec, Timing
from logverdict.domain.result import Event, Judgement
from logverdict.domain.window import Window
from logverdict.domain.words import Comparison, Decision, State

MAX_BASELINES = 16


@dataclass(frozen=True, slots=True)
class Baseline:
    """What to compare with: windows, or earlier good verifications by name; with neither, the time before the
    rollout."""

    windows: tuple[Window, ...] = ()
    verifications: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.windows) + len(self.verifications) > MAX_BASELINES:
            raise InvalidRequest(
                "baseline", f"{len(self.windows) + len(self.verifications)} are given; allowed: up to {MAX_BASELINES}"
            )


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

    `looks` are points of event time in the candidate window, ascending, the last one its end; `bin_seconds` is the
    grain of counts, the same for all windows. `notes` say what was decided and why.
    """

    candidate: Window
    baselines: tuple[Window, ...]
    looks: tuple[datetime, ...]
    bin_seconds: float
    verifications: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


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
    (wrong encoding, no time, cut short) and are not counted as read. `faults` say in words what is missing."""

    expected: int | None = None
    read: int = 0
    broken: int = 0
    duplicate: int = 0
    late: int = 0
    complete: bool = True
    faults: tuple[str, ...] = ()

    def __add__(self, other: "Coverage") -> "Coverage":
        expected = None if self.expected is None or other.expected is None else self.expected + other.expected
        return Coverage(
            expected,
            self.read + other.read,
            self.broken + other.broken,
            self.duplicate + other.duplicate,
            self.late + other.late,
            self.complete and other.complete,
            tuple(dict.fromkeys(self.faults + other.faults)),
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
    `enforced_decision` is what it would be in mode ENFORCE.
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
