"""How alike two templates are: cosine of their TF-IDF vectors, Jaccard of their words; k-means finds who to compare."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import sparse
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from logverdict.analysis.words import Words, words_of

WORD = r"(?u)[^\W\d_]{2,}|[0-9]{1,3}"
_TOKEN = re.compile(WORD)
ALIKE_COSINE, ALIKE_JACCARD = 0.8, 0.6
"""Templates that only one side has say the same thing when both similarities reach these."""
BLOCK = 12
"""Templates in a block, about, within which all are compared with each other."""
FEW = 40
"""Templates of a block that are compared one by one."""
MOST = 3_000
"""Templates that are vectorised for grouping; more of them stay on their own, which is said in a note."""
ROWS = 1_024


@dataclass(frozen=True, slots=True)
class Match:
    """The place of the best match, and both similarities (0–1)."""

    place: int
    cosine: float
    jaccard: float


def words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _TOKEN.findall(text))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if one or other else 1.0


def vectors(texts: Sequence[str]) -> sparse.csr_matrix:
    """A row of unit length a text, TF-IDF with the logarithm of counts; of zeros for one without words."""
    from sklearn.feature_extraction.text import TfidfTransformer  # late: takes half a second, and servers need it not

    counts = counted(words_of(pl.Series(texts, dtype=pl.String)))
    return sparse.csr_matrix(TfidfTransformer(sublinear_tf=True).fit_transform(counts)) if counts.nnz else counts


def counted(found: Words) -> sparse.csr_matrix:
    """How often each text has each token: how often it has each word, times what tokens that has. A row's tokens stand
    as they first came, the columns are sorted, as scikit-learn has both: sums are the same to the last bit."""
    tokens = [_TOKEN.findall(word.lower()) for word in found.distinct.to_list()]
    came = {token: at for at, token in enumerate(dict.fromkeys(token for row in tokens for token in row))}
    columns = [came[token] for row in tokens for token in row]
    starts = np.cumsum([0, *map(len, tokens)])
    of_words = sparse.csr_matrix((np.ones(len(columns)), columns, starts), (len(tokens), max(1, len(came))))
    in_texts = sparse.csr_matrix((np.ones(len(found.codes)), found.codes, found.starts), (len(found), len(tokens)))
    counts = sparse.csr_matrix(in_texts @ of_words)
    counts.sort_indices()
    place = {token: at for at, token in enumerate(sorted(came))}
    counts.indices = np.array([place[token] for token in came], np.int32)[counts.indices]
    return counts


def nearest(texts: Sequence[str], known: Sequence[str]) -> list[Match | None]:
    """For each text the known one of greatest cosine, then Jaccard, then first place; None where nothing is shared."""
    if not texts or not known:
        return [None] * len(texts)
    both = vectors([*known, *texts])
    base, mine = both[: len(known)], both[len(known) :]
    out: list[Match | None] = []
    for start in range(0, len(texts), ROWS):
        cosines = sparse.csr_matrix(mine[start : start + ROWS] @ base.T)
        for row, text in enumerate(texts[start : start + ROWS]):
            begin, end = cosines.indptr[row], cosines.indptr[row + 1]
            out.append(_best(text, known, cosines.indices[begin:end], np.round(cosines.data[begin:end], 9)))
    return out


def _best(text: str, known: Sequence[str], places: np.ndarray, cosines: np.ndarray) -> Match | None:
    if not len(places):
        return None
    mine = words(text)
    best = [int(place) for place in places[cosines == cosines.max()]]
    pairs = [(jaccard(mine, words(known[place])), -place) for place in best]
    overlap, place = max(pairs)
    return Match(-place, min(1.0, float(cosines.max())), overlap)


def stories(texts: Sequence[str]) -> np.ndarray:
    """Group numbers of sorted, distinct texts: alike ones share a group, numbered by its first text.

    K-means makes blocks of texts that may be alike; within a block both similarities decide.
    """
    groups = np.arange(len(texts))
    size = min(len(texts), MOST)
    if size < 2:
        return groups
    rows = vectors(texts[:size])
    sets = [words(text) for text in texts[:size]]
    for block in _blocks(rows):
        for row, earlier in (_few if len(block) <= FEW else _many)(rows, sets, block.tolist()):
            leader = next((one for one in earlier if groups[one] == one), None)
            if leader is not None:
                groups[row] = leader
    return groups


Earlier = Iterator[tuple[int, Iterator[int]]]
"""Rows of a block, each with those of the rows before it that are like it, in order."""


def _few(rows: sparse.csr_matrix, sets: Sequence[frozenset[str]], block: list[int]) -> Earlier:
    """Words first: to multiply a matrix takes longer than to compare a few sets."""
    for at, row in enumerate(block):
        alike = (other for other in block[:at] if jaccard(sets[row], sets[other]) >= ALIKE_JACCARD)
        yield row, (other for other in alike if _cosine(rows, row, other) >= ALIKE_COSINE)


def _many(rows: sparse.csr_matrix, sets: Sequence[frozenset[str]], block: list[int]) -> Earlier:
    cosines = (rows[block] @ rows[block].T).toarray() >= ALIKE_COSINE
    for at, row in enumerate(block):
        alike = (block[other] for other in np.flatnonzero(cosines[at, :at]))
        yield row, (other for other in alike if jaccard(sets[row], sets[other]) >= ALIKE_JACCARD)


def _cosine(rows: sparse.csr_matrix, one: int, other: int) -> float:
    """Added up in the order of the product of two matrices, so that both ways give the same to the last bit."""
    mine, its = (slice(rows.indptr[row], rows.indptr[row + 1]) for row in (one, other))
    known = dict(zip(rows.indices[its].tolist(), rows.data[its].tolist(), strict=True))
    total = 0.0
    for word, weight in zip(rows.indices[mine].tolist(), rows.data[mine].tolist(), strict=True):
        total += weight * known.get(word, 0.0)
    return total


def _blocks(rows: sparse.csr_matrix) -> list[np.ndarray]:
    distinct = min(rows.shape[0], len(np.unique(np.round(rows.sum(axis=1), 9))))
    count = max(1, min(rows.shape[0] // BLOCK, distinct, 256))
    if count == 1:
        return [np.arange(rows.shape[0])]
    from sklearn.cluster import KMeans

    with threadpool_limits(1):
        labels = KMeans(count, init="random", n_init=1, random_state=0, max_iter=20).fit_predict(rows)
    return [np.flatnonzero(labels == label) for label in range(count)]
