"""The two sides of a comparison: whose counts are baseline, whose are candidate."""

from dataclasses import dataclass

from logverdict.analysis.counts import TemplateCounts
from logverdict.domain.words import Comparison


@dataclass(frozen=True)
class Stretch:
    """Counts of one window, or of some instances in it, and what they were exposed to.

    `seconds` is the time that was really covered; bins are numbered 0 to `bins` - 1.
    """

    counts: TemplateCounts
    seconds: float
    bins: int

    @property
    def instances(self) -> int:
        """Instances that wrote anything; at least 1, as entries may name none."""
        return max(1, self.counts.instances["instance"].n_unique())

    @property
    def exposure(self) -> float:
        """Instances × seconds."""
        return self.instances * self.seconds


@dataclass(frozen=True)
class Sides:
    """What is compared with what, and why so.

    `baselines` are windows of their own (several runs, several days), never one cut into pieces; their rates are
    the noise floor. `background` is further evidence of what is ordinary (the time before the rollout, when the
    comparison is concurrent): a template seen there is not new, but its rate says nothing.
    `traffic_share` (0–1) is what the changed instances get; None where exposure has to do. `notes` are for people.
    """

    candidate: Stretch
    baselines: tuple[Stretch, ...]
    background: tuple[Stretch, ...]
    comparison: Comparison
    reason: str
    traffic_share: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def concurrent(self) -> bool:
        return self.comparison is Comparison.CONCURRENT
