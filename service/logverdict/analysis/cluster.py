"""Templates that say the same thing become one cluster; the order in which they came plays no part.

A place in a sentence where the same sentence shows several words is a variable: those templates are one. Words that
tell good from bad never vary: `task PASSED` and `task FAILED` stay apart.
"""

import re

import numpy as np
import polars as pl

from logverdict.analysis.hashing import hashes, mix
from logverdict.analysis.words import words_of

MIN_VALUES = 4
"""So many different words at one place, at least, make it a variable."""
MIN_WORDS = 5
MAX_WORDS = 60
"""Sentences that are shorter say too little besides the variable; of longer ones the first words are compared."""

TELLING = re.compile(
    r"(?i)err|fail|fatal|panic|exception|denied|refus|reject|abort|timeout|timed|kill|crash|lost|invalid|warn|miss|"
    r"unab|cannot|\bno\b|\bnot\b|success|succe|pass|\bok\b|done|ready|health|start|stop|open|clos|up\b|down\b|"
    r"connect|status|code|[45][0-9][0-9]|true|false|null|^\W*$"
)


def clusters(table: pl.DataFrame) -> np.ndarray:
    """For each row of the templates' table the number of its cluster, numbered by the first row of each."""
    parent = np.arange(len(table))
    words, bands = words_of(table["template"], MAX_WORDS), table["band"].to_numpy()
    ids = hashes(words.distinct).to_numpy()[words.codes]
    tells = words.distinct.str.contains(TELLING.pattern).to_numpy()[words.codes]
    for size in np.unique(words.sizes[words.sizes >= MIN_WORDS]).tolist():
        for rank in (0, 1, 2):
            rows = np.flatnonzero((words.sizes == size) & (bands == rank))
            if len(rows) >= MIN_VALUES:
                places = words.places(rows, size)
                _join(rows, ids[places], tells[places], parent)
    while len(parent) and (parent != parent[parent]).any():
        parent = parent[parent]
    return np.unique(parent, return_inverse=True)[1] if len(parent) else parent


def _join(rows: np.ndarray, ids: np.ndarray, tells: np.ndarray, parent: np.ndarray) -> None:
    """Joins rows that differ in one place only, where at least MIN_VALUES words stand there and none of them tells."""
    with np.errstate(over="ignore"):
        weighed = ids * mix(np.arange(1, ids.shape[1] + 1, dtype=np.uint64))[None, :]
        totals = weighed.sum(axis=1)
        for at in range(ids.shape[1]):
            free = np.flatnonzero(~tells[:, at])
            _join_alike(rows[free], totals[free] - weighed[free, at], parent)


def _join_alike(rows: np.ndarray, rest: np.ndarray, parent: np.ndarray) -> None:
    if len(rows) < MIN_VALUES:
        return
    order = np.argsort(rest, kind="stable")
    starts = np.flatnonzero(np.r_[True, rest[order][1:] != rest[order][:-1]])
    ends = np.r_[starts[1:], len(order)]
    large = ends - starts >= MIN_VALUES
    for begin, end in zip(starts[large].tolist(), ends[large].tolist(), strict=True):
        group = rows[order[begin:end]]
        roots = sorted({_root(parent, row) for row in group})
        parent[roots] = roots[0]


def _root(parent: np.ndarray, row: int) -> int:
    while parent[row] != row:
        row = parent[row]
    return int(row)
