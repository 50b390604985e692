"""One row a cluster, with what it holds on each side: the events before they are judged."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from logverdict.analysis.cluster import clusters
from logverdict.analysis.coarsen import ANY_KEY
from logverdict.analysis.hashing import short_hash
from logverdict.analysis.sides import Sides
from logverdict.analysis.similar import MOST, stories
from logverdict.analysis.template import BACKGROUND, CANDIDATE, Templates, grid, spoken, templates, totals
from logverdict.domain.words import Severity

Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Compared:
    """Arrays have one place a cluster. `cells` are those of `found` with `cluster`; `grids` hold entries per
    cluster and bin, the candidate's first, then each baseline's; `bins` are the numbers of those bins."""

    sides: Sides
    found: Templates
    table: pl.DataFrame
    cells: pl.DataFrame
    bins: tuple[Counts, ...]
    grids: tuple[Counts, ...]
    background: Counts
    beyond: bool = False
    """More clusters are only one side's than are grouped by what they tell."""

    @cached_property
    def candidate(self) -> Counts:
        return np.asarray(self.grids[0].sum(axis=1))

    @cached_property
    def each(self) -> Counts:
        """Entries per baseline and cluster."""
        return np.array([one.sum(axis=1) for one in self.grids[1:]]).reshape(len(self.grids) - 1, len(self.table))

    @cached_property
    def baseline(self) -> Counts:
        return np.asarray(self.each.sum(axis=0))

    @cached_property
    def own(self) -> Counts:
        """Entries in the baselines that are no earlier deployments."""
        return np.asarray(self.each[: len(self.sides.own)].sum(axis=0))

    @cached_property
    def runs(self) -> int:
        """Baselines that hold entries: those of which only evidence is known tell nothing of what is usual."""
        return sum(len(bins) > 0 for bins in self.bins[1:])

    @cached_property
    def recurrence(self) -> Counts:
        """In how many of the earlier deployments a cluster was seen."""
        return np.asarray(np.count_nonzero(self.each[len(self.sides.own) :], axis=0))

    @cached_property
    def severity(self) -> Counts:
        return self.table["severity"].to_numpy().astype(np.int64)

    @cached_property
    def continued(self) -> Mask:
        return self.table["continued"].to_numpy()

    @cached_property
    def new(self) -> Mask:
        """In the candidate, in no baseline, and in no background."""
        return np.asarray((self.candidate > 0) & (self.baseline + self.background == 0))

    def new_trouble(self, severity: Severity) -> Mask:
        """New messages of their own, as bad at least."""
        return np.asarray(self.new & self.worse_than(severity))

    @cached_property
    def vanished(self) -> Mask:
        """In some baseline and not in the candidate."""
        return np.asarray((self.candidate == 0) & (self.baseline > 0))

    @cached_property
    def share(self) -> float:
        """The candidate's part of the entries of both sides, of what is not new."""
        return self.ratio / (1 + self.ratio)

    @cached_property
    def gone(self) -> Mask:
        """In every baseline and not in the candidate."""
        return np.asarray((self.candidate == 0) & (self.each > 0).all(axis=0) & (len(self.each) > 0))

    @cached_property
    def bursts(self) -> tuple[Counts, Counts]:
        """Bins in which a cluster speaks, in the candidate and in all baselines: a burst is one observation."""
        base = [np.count_nonzero(one, axis=1) for one in self.grids[1:]]
        return np.count_nonzero(self.grids[0], axis=1), np.sum(base, axis=0, initial=0) * np.ones(
            len(self.table), np.int64
        )

    def bins_of(self, which: Mask) -> int:
        """In how many of the candidate's bins some of those clusters speak."""
        return int(np.count_nonzero(self.grids[0][which].any(axis=0)))

    def event_id(self, cluster: int) -> str:
        return short_hash(self.table["template"][cluster])

    @cached_property
    def heads(self) -> Mask:
        """Clusters that are messages of their own, not frames of a stack."""
        return ~self.continued

    def worse_than(self, severity: Severity) -> Mask:
        return np.asarray((self.severity >= int(severity)) & self.heads)

    @cached_property
    def sizes(self) -> tuple[int, int]:
        """Entries of the candidate and of all baselines."""
        return int(self.candidate.sum()), int(self.baseline.sum())

    @cached_property
    def ratio(self) -> float:
        """How much longer the candidate is than the baselines together, in entries of what is not new: a storm of
        new errors makes no window longer, nor does a flood of what is no longer told apart."""
        told = (self.table["template"] != ANY_KEY).to_numpy()
        return int(self.candidate[told & ~self.new].sum()) / max(1, int(self.baseline[told].sum()))

    @cached_property
    def traffic(self) -> float:
        """By what factor the candidate's messages are more frequent than the baseline's: the weighted median over
        clusters, so a change of all traffic is none of a message, and one message does not count as traffic."""
        return median_ratio(self.candidate, self.baseline, self.ratio)


def median_ratio(candidate: Counts, baseline: Counts, otherwise: float | None = None) -> float:
    """The weighted median of each one's ratio; where none is on both sides `otherwise`, or the ratio of the sums."""
    both = np.flatnonzero((candidate > 0) & (baseline > 0))
    if not len(both):
        return float(candidate.sum() / max(1, baseline.sum())) if otherwise is None else otherwise
    ratios = candidate[both] / baseline[both]
    weights = np.sqrt(np.minimum(candidate[both], baseline[both]))
    order = np.lexsort((both, ratios))
    reached = np.cumsum(weights[order])
    return float(ratios[order][np.searchsorted(reached, reached[-1] / 2)])


def compare(sides: Sides) -> Compared:
    """Clusters of the templates of both sides together; then those that only one side has, by what they tell."""
    found = templates(sides)
    first = clusters(found.table)
    groups, beyond = _stories(found, first)
    return replace(regroup(sides, found, groups[first]), beyond=beyond)


def _stories(found: Templates, cluster: Counts) -> tuple[Counts, bool]:
    """For each cluster the number of its story, and whether there were more than are grouped. Known clusters are never
    widened: what falls into a wide cluster is never new."""
    table = _table(found, cluster)
    out = np.arange(len(table))
    here, before, background = _sums(found, cluster, len(table))
    only = np.where((here > 0) & (before + background == 0), 1, np.where((here == 0) & (background == 0), 2, 0))
    texts = table["template"].to_list()
    kinds, beyond = table["severity"].to_numpy().astype(np.int64) * 2 + table["continued"].to_numpy(), False
    for side in (1, 2):
        for kind in np.unique(kinds[only == side]):
            rows = np.flatnonzero((only == side) & (kinds == kind))
            rows = np.array(sorted(rows.tolist(), key=texts.__getitem__), np.int64)
            out[rows] = rows[stories([texts[row] for row in rows.tolist()])]
            beyond |= len(rows) > MOST
    return (np.unique(out, return_inverse=True)[1] if len(out) else out), beyond


def _sums(found: Templates, cluster: Counts, size: int) -> tuple[Counts, Counts, Counts]:
    """Entries per cluster in the candidate, the baselines, and the background."""
    groups, stretch = _groups(found, cluster), found.cells["stretch"].to_numpy()
    count = found.cells["count"].to_numpy()
    here, before, background = (
        totals(groups[its], count[its], size)
        for its in (stretch == CANDIDATE, stretch > CANDIDATE, stretch == BACKGROUND)
    )
    return here, before, background


def _groups(found: Templates, cluster: Counts) -> Counts:
    """The group of each cell."""
    return cluster[found.cells["row"].to_numpy()] if len(found.cells) else np.empty(0, np.int64)


def _table(found: Templates, cluster: Counts) -> pl.DataFrame:
    """One row a group; members are in the order of the templates, which are sorted."""
    rows = found.table.with_columns(cluster=pl.Series(cluster, dtype=pl.Int64))
    table = (
        rows.group_by("cluster", maintain_order=True)
        .agg(
            members=pl.col("template"),
            severity=pl.col("severity").max(),
            band=pl.col("band").max(),
            continued=pl.col("continued").all(),
        )
        .sort("cluster")
    )
    return table.with_columns(template=_names(table))


def regroup(sides: Sides, found: Templates, cluster: Counts) -> Compared:
    """The comparison of templates grouped so; `cluster` has the number of each template's group."""
    groups, table = _groups(found, cluster), _table(found, cluster)
    cells = found.cells.with_columns(cluster=pl.Series(groups, dtype=pl.Int64))
    numbers = range(1, len(sides.baselines) + 1)
    shared = [CANDIDATE, 1] if sides.concurrent and sides.baselines else None
    bins = tuple(spoken(cells, shared if shared and number in shared else [number]) for number in (CANDIDATE, *numbers))
    grids = grids_of(found, groups, len(table), bins)
    known = _sums(found, cluster, len(table))[2]
    return Compared(sides, found, table, cells, bins, grids, known)


def grids_of(found: Templates, groups: Counts, size: int, bins: tuple[Counts, ...]) -> tuple[Counts, ...]:
    """Entries per group (of `size`) and bin, the candidate's first; `groups` has the number of each cell's group."""
    return tuple(grid(groups, size, found.cells, number, its) for number, its in enumerate(bins))


def _names(table: pl.DataFrame) -> pl.Series:
    """A cluster's name is its template; of several, what they share, with `<*>` where they differ."""
    names = table["members"].list.first().to_list()
    several = (table["members"].list.len() > 1).arg_true()
    for place, members in zip(several, table["members"].gather(several).to_list(), strict=True):
        names[place] = _shared(members)
    seen: dict[str, int] = {}
    for place, name in enumerate(names if len(set(names)) < len(names) else ()):
        seen[name] = seen.get(name, 0) + 1
        names[place] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return pl.Series("template", names, dtype=pl.String)


def _shared(members: list[str]) -> str:
    split = [member.split(" ") for member in members]
    if len({len(row) for row in split}) > 1:
        return members[0]
    kept = sum(len(set(words)) == 1 for words in zip(*split, strict=True))
    if 2 * kept < len(split[0]):
        return members[0]
    return " ".join(words[0] if len(set(words)) == 1 else "<*>" for words in zip(*split, strict=False))
