"""A new version words its messages otherwise: what says the same as a message that is gone is not new trouble."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice, product

import numpy as np
import polars as pl
from scipy import sparse

from logverdict.analysis.compare import Compared, Counts, Mask
from logverdict.analysis.history import longer
from logverdict.analysis.likeness import Marks, band, marks, text_of
from logverdict.analysis.quoting import quoted
from logverdict.analysis.similar import counted
from logverdict.analysis.thresholds import DEFAULT, Thresholds
from logverdict.analysis.words import words_of
from logverdict.analysis.words_differ import other_outcome
from logverdict.domain.words import Severity

SHARED, WORDS = 0.8, 3
"""Share of the words of the shorter of two messages that the longer one has, and how many words that has to be: another
format wraps a message in names of fields, a new version adds a word or two."""
MOST_NEW, MOST_GONE = 300, 1_000
"""Messages that are compared, those of most entries first: who rewords more has another format (`other_format`)."""
MOST_PAIRS = 100
"""Pairs of messages of two clusters that are compared for their outcomes."""
FORMAT = 0.5
"""Share of the baseline's entries whose harmless messages are gone, and share of these that new harmless ones make up
for, from which the log has another format."""


@dataclass(frozen=True)
class Reworded:
    """`twins`: for clusters that only one side has, the one of the other side that says the same, about as often.
    `other_format`: as much harmless as is gone is new."""

    twins: Mapping[int, int] = field(default_factory=dict)
    other_format: bool = False
    told: Mapping[str, str] = field(default_factory=dict)
    """What the sentences of those clusters' events say of it, by event."""


def reworded(compared: Compared, counts: Mask, limits: Thresholds = DEFAULT) -> Reworded:
    """Of the clusters that `counts` is of. A pair shares nearly all words of the shorter one, is equally bad, and
    differs in no exception, frame, code or telling word; what is new comes no more often than a known message may."""
    new = _loudest(compared.candidate, compared.new & compared.heads, MOST_NEW)
    gone = _loudest(compared.baseline, compared.vanished & compared.heads, MOST_GONE)
    if not len(gone) or not (counts[new].any() or counts[gone].any()):
        return Reworded()
    effect = limits.effect(compared.sides.concurrent)
    here, before = compared.candidate[new], compared.baseline[gone] * _scale(compared)
    alike = _alike(compared, new, gone)
    others = _other_outcomes(compared, alike, new, gone)
    alike &= ~others
    twins = dict[int, int]()
    as_often = counts[new] & (here <= effect * np.maximum(1.0, alike @ before)) & alike.any(axis=1)
    for at in np.flatnonzero(as_often):
        twins[int(new[at])] = int(gone[alike[at].argmax()])
    made_up = counts[gone] & (here @ alike >= before / effect) & alike.any(axis=0)
    for at in np.flatnonzero(made_up):
        twins[int(gone[at])] = int(new[alike[:, at].argmax()])
    told = {compared.event_id(one): _told(compared, one, other) for one, other in twins.items()}
    worse = frozenset([*new[others.any(axis=1)].tolist(), *gone[others.any(axis=0)].tolist()])
    return Reworded(twins, _other_format(compared, worse), told)


def _loudest(entries: Counts, which: Mask, most: int) -> Counts:
    rows = np.flatnonzero(which)
    return np.sort(rows[np.argsort(-entries[rows], kind="stable")][:most])


def _scale(compared: Compared) -> float:
    """Entries of the candidate that one of the baseline lets expect, whatever either says."""
    if compared.sides.concurrent:
        trouble = compared.new & (compared.severity >= int(Severity.WARN))
        return int(compared.candidate[~trouble].sum()) / max(1, compared.sizes[1])
    return longer(compared.sides, compared.sides.baselines)


def _alike(compared: Compared, new: Counts, gone: Counts) -> Mask:
    """Pairs of new and gone clusters that say the same."""
    texts = [text_of(text) for text in compared.table["template"].gather(np.concatenate([new, gone])).to_list()]
    has = counted(words_of(pl.Series(texts, dtype=pl.String))).astype(bool).astype(np.int64)
    mine, theirs = has[: len(new)], has[len(new) :]
    shared = sparse.csr_matrix(mine @ theirs.T).toarray()
    shorter = np.minimum.outer(mine.sum(axis=1).A1, theirs.sum(axis=1).A1)
    alike = (
        (shorter >= WORDS)
        & (shared >= SHARED * shorter)
        & np.equal.outer(_bands(compared, new), _bands(compared, gone))
    )
    told = [marks(text) for text in texts]
    for row, column in zip(*np.nonzero(alike), strict=True):
        alike[row, column] = _same(told[row], told[len(new) + column])
    return np.asarray(alike)


def _bands(compared: Compared, rows: Counts) -> Counts:
    return np.array([int(band(Severity(one))) for one in compared.severity[rows].tolist()], np.int64)


def _same(one: Marks, other: Marks) -> bool:
    """What another format adds are words and numbers, such as that of a level; of those that tell good from bad, and of
    codes, it changes none."""
    pairs = ((one.telling, other.telling), (frozenset(one.codes), frozenset(other.codes)))
    within = all(mine <= its or its <= mine for mine, its in pairs)
    return within and (one.exceptions, one.frame) == (other.exceptions, other.frame)


def _other_outcomes(compared: Compared, alike: Mask, new: Counts, gone: Counts) -> Mask:
    """Pairs of those that say the same that differ in how it ended: no other wording."""
    mine, its = (compared.table["members"].gather(which).to_list() for which in (new, gone))
    out = np.zeros_like(alike)
    for row, column in zip(*np.nonzero(alike), strict=True):
        pairs = islice(product(mine[row], its[column]), MOST_PAIRS)
        out[row, column] = any(other_outcome(text_of(one), text_of(other)) for one, other in pairs)
    return out


def _other_format(compared: Compared, outcomes: frozenset[int]) -> bool:
    """Beside the clusters that tell another outcome of what the other side tells."""
    harmless = (compared.severity < int(Severity.WARN)) & compared.heads
    harmless[list(outcomes)] = False
    lost = int(compared.baseline[(compared.candidate == 0) & harmless].sum())
    come = int(compared.candidate[compared.new & harmless].sum())
    return lost >= FORMAT * max(1, compared.sizes[1]) and come >= FORMAT * lost * _scale(compared)


def _told(compared: Compared, one: int, other: int) -> str:
    says = quoted(compared.table["template"][other])
    if compared.new[one]:
        return f"Says the same as “{says}”, which is gone: reworded."
    return f"“{says}” is new and says the same about as often: reworded."


def note(found: Reworded) -> tuple[str, ...]:
    """That messages which are gone do not count."""
    if not found.other_format:
        return ()
    return (
        "Most of what the baseline writes is gone, and as much is new and harmless: the log seems to have another "
        "format, so what is gone only warns.",
    )
