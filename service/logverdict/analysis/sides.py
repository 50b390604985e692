"""The two sides of a comparison: whose counts are baseline, whose are candidate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

import polars as pl

from logverdict.analysis.coarsen import EXACT, told
from logverdict.analysis.counts import TemplateCounts, add
from logverdict.analysis.rules import RULES_VERSION
from logverdict.domain.words import Comparison


@dataclass(frozen=True)
class Stretch:
    """Counts of one window, or of some instances in it, and what they were exposed to.

    `seconds` is the time that was really covered; bins are numbered 0 to `bins` - 1. `evidence` is how many entries a
    wider query counts, by instance ("" for those that name none): what shows that the service logs where its own query
    finds nothing. None where there is no such query.
    """

    counts: TemplateCounts
    seconds: float
    bins: int
    evidence: Mapping[str, int] | None = None

    @property
    def names(self) -> frozenset[str]:
        """Instances that wrote anything, by entries or by evidence."""
        shown = {name for name, count in (self.evidence or {}).items() if count}
        return frozenset(self.counts.instances["instance"]) | shown

    @property
    def named(self) -> frozenset[str]:
        """Those of them that name themselves: entries that name none are of any."""
        return self.names - {""}

    @property
    def instances(self) -> int:
        """How many wrote anything; at least 1, as entries may name none."""
        return max(1, len(self.named))

    @property
    def entries(self) -> int:
        """Entries that show that the service logs: by the wider query where that finds more."""
        return max(self.counts.total(), sum((self.evidence or {}).values()))

    @property
    def quiet(self) -> bool:
        """Only evidence shows that the service logs."""
        return not self.counts.total() and self.entries > 0

    @property
    def exposure(self) -> float:
        """Instances × seconds."""
        return self.instances * self.seconds

    def only(self, instances: frozenset[str]) -> "Stretch":
        """Those instances' part. Samples are kept whole: they are looked up by key."""
        keep, whole = pl.col("instance").is_in(sorted(instances)), self.counts
        frames = {name: getattr(whole, name).filter(keep) for name in ("counts", "edges", "instances")}
        counts = replace(whole, **frames)
        shown = self.evidence
        its = None if shown is None else {name: count for name, count in shown.items() if name in instances}
        return replace(self, counts=counts, evidence=its)


@dataclass(frozen=True)
class Sides:
    """What is compared with what, and why so.

    `baselines` are windows of their own (several runs, several days), never one cut into pieces; their rates are
    the noise floor. `background` is further evidence of what is ordinary (the time before the rollout, when the
    comparison is concurrent): a template seen there is not new, but its rate says nothing.
    The last `history` of the baselines are earlier good deployments: they tell what is usual, but are not what was
    read for this comparison.
    `beside`: what surely unchanged instances wrote in the candidate's window, where it is no baseline; what is as new
    there is not of this deployment.
    `traffic_share` (0–1) is what the changed instances get; None where exposure has to do. `notes` are for people.
    `rules` are those by whose mask table the keys become templates.
    """

    candidate: Stretch
    baselines: tuple[Stretch, ...]
    background: tuple[Stretch, ...]
    comparison: Comparison
    reason: str
    traffic_share: float | None = None
    notes: tuple[str, ...] = ()
    history: int = 0
    rules: str = RULES_VERSION
    beside: Stretch | None = None

    @property
    def own(self) -> tuple[Stretch, ...]:
        """The baselines without history."""
        return self.baselines[: len(self.baselines) - self.history]

    @property
    def concurrent(self) -> bool:
        return self.comparison is Comparison.CONCURRENT

    @property
    def odds(self) -> float:
        """The candidate's share of the traffic over that of the first baseline, as its exposure tells."""
        if self.traffic_share is not None:
            return self.traffic_share / (1 - self.traffic_share)
        return max(1e-9, self.candidate.exposure) / max(1e-9, self.baselines[0].exposure)

    def alike(self) -> "Sides":
        """With counts that tell keys and instances apart equally finely; where not exactly, a note says so."""
        beside = () if self.beside is None else (self.beside,)
        candidate, *others = alike([self.candidate, *self.baselines, *self.background, *beside])
        size, compared = len(self.baselines), len(self.baselines) + len(self.background)
        counts = pl.concat([one.counts.counts for one in (candidate, *others[:compared])])
        return replace(
            self,
            candidate=candidate,
            baselines=tuple(others[:size]),
            background=tuple(others[size:compared]),
            beside=others[compared] if beside else None,
            notes=(*self.notes, *told(counts, candidate.counts.levels)),
        )


def alike(stretches: Sequence[Stretch]) -> list[Stretch]:
    """The same stretches, all as coarse as the coarsest."""
    levels = reduce(or_, (one.counts.levels for one in stretches), EXACT)
    return [
        one if one.counts.levels == levels else replace(one, counts=add([one.counts], least=levels))
        for one in stretches
    ]
