"""A map of the events: the nearer two of them, the more alike are their texts.

Distances on the map stand for 1 - cosine of the TF-IDF vectors. Two dimensions can't hold them all: over the recorded
cases (`benchmarks/grouping.py`) the rank correlation of both is 0.55 and Kruskal's stress 0.35, where a truncated SVD
has 0.24 and 0.54, and classical scaling alone 0.33 and 0.47. So scaling only begins, and SMACOF (de Leeuw 1977, by
scikit-learn) goes on from there; it starts at no random point, so the same events have the same map.
"""

from collections.abc import Sequence
from dataclasses import replace
from heapq import nsmallest

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from logverdict.analysis.similar import vectors
from logverdict.domain.result import Event

MOST = 200
"""Events on the map: its time grows by the square. The others have no place."""
STEPS = 60
ENOUGH = 1e-4
"""Relative gain of a step that is worth no further one."""
DIGITS = 4
Points = npt.NDArray[np.float64]


def projected(events: Sequence[Event]) -> tuple[Event, ...]:
    """The events in their order, the strongest ones with their place; of known ones those that are seen most."""
    rank = [(-event.weight, -event.candidate_count, event.id, at) for at, event in enumerate(events)]
    chosen = [at for *_, at in nsmallest(MOST, rank)]
    places = points([events[at].template for at in chosen])
    out = list(events)
    for at, (x, y) in zip(chosen, places.tolist(), strict=True):
        out[at] = replace(events[at], x=x, y=y)
    return tuple(out)


def points(texts: Sequence[str]) -> Points:
    """A place for each text, the middle of all at 0. Texts that are the same have the same place."""
    if not texts:
        return np.zeros((0, 2))
    distinct = sorted(set(texts))
    with threadpool_limits(1):
        places = _scaled(dissimilarity(distinct))
    at = {text: place for place, text in enumerate(distinct)}
    return places[[at[text] for text in texts]]


def dissimilarity(texts: Sequence[str]) -> Points:
    """1 - cosine of each two."""
    rows = vectors(texts)
    found = np.clip(1 - (rows @ rows.T).toarray(), 0, 1)
    np.fill_diagonal(found, 0)
    return np.asarray(found)


def _scaled(apart: Points) -> Points:
    if len(apart) < 3:
        return np.array([[at * apart[0, -1], 0.0] for at in range(len(apart))])
    start = _classical(apart)
    if not start.any():
        return start
    from sklearn.manifold import smacof  # takes half a second, and may load libraries with threads of their own

    with threadpool_limits(1):
        found, _ = smacof(
            apart, n_components=2, init=start, n_init=1, max_iter=STEPS, eps=ENOUGH, normalized_stress=False
        )
    return _settled(np.asarray(found))


def _classical(apart: Points) -> Points:
    """The two greatest principal coordinates (Gower 1966)."""
    squared = -0.5 * apart**2
    rows = squared.mean(axis=0)
    values, directions = np.linalg.eigh(squared - rows - rows[:, None] + squared.mean())
    return np.asarray(directions[:, [-1, -2]] * np.sqrt(np.maximum(values[[-1, -2]], 0)))


def _settled(places: Points) -> Points:
    """The middle at 0, the widest direction across, each axis towards its farthest place: mirrored maps are one."""
    places = places - places.mean(axis=0)
    _, directions = np.linalg.eigh(places.T @ places)
    turned = places @ directions[:, ::-1]
    farthest = np.abs(turned).argmax(axis=0)
    signs = np.where(turned[farthest, [0, 1]] < 0, -1.0, 1.0)
    return np.asarray(np.round(turned * signs, DIGITS) + 0.0)
