"""What the engine found: events, and the judgement of them."""

from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter

from logverdict.domain.feedback import AppliedFeedback, Feedback, WithoutFeedback
from logverdict.domain.window import Window
from logverdict.domain.words import Comparison, Direction, EventKind, Impact, Reason, Severity, Verdict


@dataclass(frozen=True, slots=True)
class Nearest:
    """The baseline cluster that is most like an event, and how much: both similarities are 0–1."""

    event_id: str
    template: str
    cosine: float
    jaccard: float


@dataclass(frozen=True, slots=True)
class NewValue:
    """A word that is new at a place where the baseline has few others: `value` beside the `known` ones, sorted. `place`
    is the name or the word before it, "" where there is none; `level` where the text is known at another level."""

    place: str
    value: str
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InstanceCount:
    instance: str
    count: int


@dataclass(frozen=True, slots=True)
class WayBack:
    """A way to an event's raw entries: a query in the connection's own language, to be run over `span`, and a page
    that shows what it finds ("" where the operator gave no link). It may find other entries that read alike."""

    source: str
    query: str
    link: str
    span: Window


@dataclass(frozen=True, slots=True)
class Event:
    """A cluster as the comparison sees it.

    `expected` and `seen` are entries in the candidate: what the baseline's rate gives for the candidate's exposure,
    and what was counted. `ratio` is seen / expected (inf when nothing was expected), `p_value` the chance of a
    departure at least as large without a change (1.0 where no test was made). Series are entries per bin of each
    side. `sentence` says why in words.
    """

    id: str
    kind: EventKind
    impact: Impact
    direction: Direction
    severity: Severity
    template: str
    templates: tuple[str, ...]
    sentence: str
    candidate_count: int
    baseline_count: int
    expected: float
    seen: float
    ratio: float
    p_value: float
    weight: float
    """How strongly it speaks against the deployment; 0 for a known event. Events are ordered by it."""
    nearest: Nearest | None
    first_seen: datetime | None
    last_seen: datetime | None
    instances: tuple[InstanceCount, ...]
    sources: tuple[str, ...]
    samples: tuple[str, ...]
    candidate_series: tuple[int, ...]
    baseline_series: tuple[int, ...]
    ways_back: tuple[WayBack, ...] = ()
    feedback: tuple[AppliedFeedback, ...] = ()
    """What reached it, the one that decided first."""
    new_value: NewValue | None = None
    x: float | None = None
    """With `y` its place on the map of events, where the nearer ones are the more alike; None where it has none."""
    y: float | None = None

    def __reduce__(self) -> tuple[type["Event"], tuple[object, ...]]:
        """There may be tens of thousands between processes: field by field, as dataclasses do it, takes longer."""
        return Event, _VALUES(self)


_VALUES = attrgetter(*(field.name for field in fields(Event)))


@dataclass(frozen=True, slots=True)
class Side:
    """What one side of the comparison holds. `exposure_seconds` is instances × seconds."""

    entries: int
    templates: int
    instances: int
    exposure_seconds: float


@dataclass(frozen=True, slots=True)
class NoiseFloor:
    """New error templates in the candidate, and how many of them a good deployment brings by chance.

    Learned from so many good `runs`, `earlier` of which are earlier verifications; `most` is what one of several runs
    brought at most, 0 where there is one.
    """

    found: int
    expected: float
    most: float
    runs: int
    earlier: int


@dataclass(frozen=True, slots=True)
class Change:
    """How many times as frequent (`ratio`) a steady message of so large a share (0–1) of all entries has to become;
    None where its frequency can't be judged."""

    share: float
    ratio: float | None


@dataclass(frozen=True, slots=True)
class Detectable:
    """The smallest changes that the evidence at hand shows: entries of one new error, each in a bin of its own (None
    where no number of them would do), and changes of frequency."""

    new_error_entries: int | None
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its grounds. `score` is 0–100, 100 being as good as the baseline.

    `comparison` is the strategy used, `comparison_reason` why. Events are ordered by weight, then id; all of them,
    known ones included. `judge_version` and `mask_version` say by which rules. `floor` and `detectable` are None where
    nothing could be judged.
    """

    verdict: Verdict
    score: int
    reason: Reason
    sentence: str
    comparison: Comparison
    comparison_reason: str
    baseline: Side
    candidate: Side
    events: tuple[Event, ...] = ()
    event_counts: tuple[tuple[EventKind, int], ...] = ()
    notes: tuple[str, ...] = ()
    judge_version: str = ""
    mask_version: str = ""
    floor: NoiseFloor | None = None
    detectable: Detectable | None = None
    feedback: tuple[Feedback, ...] = ()
    """What reached an event, as it was when this was judged: with it the same counts give the same verdict."""
    without_feedback: WithoutFeedback | None = None
    """None where no feedback reached an event."""
