"""The map of events: what is near on it reads alike."""

import numpy as np
import pytest

from fakes.logs import before_after, every, usual
from fakes.verifications import an_event
from logverdict.analysis import projection
from logverdict.analysis.engine import judge
from logverdict.analysis.projection import dissimilarity, points, projected
from logverdict.domain.policy import Policy

TEXTS = [
    *(f"order {word} was accepted by the shop" for word in ("red", "blue", "green")),
    *(f"cannot open the ledger of {word}" for word in ("berlin", "paris", "rome")),
    *(f"GET /health status={code} in <num>" for code in (200, 500, 503)),
]


def apart(places: np.ndarray) -> np.ndarray:
    return np.asarray(np.sqrt(((places[:, None] - places[None]) ** 2).sum(axis=-1)))


def test_texts_that_are_alike_lie_together() -> None:
    """Each is nearer to both of its own kind than to any other."""
    found = apart(points(TEXTS))
    for at in range(len(TEXTS)):
        kind = [other for other in range(len(TEXTS)) if other // 3 == at // 3 and other != at]
        others = [other for other in range(len(TEXTS)) if other // 3 != at // 3]
        assert max(found[at, kind]) < min(found[at, others])


def test_distances_follow_dissimilarity() -> None:
    """Not exactly, as two dimensions can't, but in their order."""
    upper = np.triu_indices(len(TEXTS), 1)
    mine, theirs = apart(points(TEXTS))[upper], dissimilarity(TEXTS)[upper]
    assert np.corrcoef(mine.argsort().argsort(), theirs.argsort().argsort())[0, 1] > 0.8


def test_the_order_of_texts_changes_no_place() -> None:
    """Neither does asking twice."""
    found = points(TEXTS)
    assert (points(TEXTS[::-1])[::-1] == found).all()
    assert (points(TEXTS) == found).all()


@pytest.mark.parametrize(
    "texts", [[], ["a b"], ["one thing", "one thing"], ["one thing", "another story"], ["a", "b", "c"], ["", "", "#"]]
)
def test_few_texts_or_none_with_words_have_places_too(texts: list[str]) -> None:
    """All finite, the same for the same text."""
    found = points(texts)
    assert found.shape == (len(texts), 2)
    assert np.isfinite(found).all()


def test_the_strongest_events_are_on_the_map(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a number the others have no place, and the order stays."""
    monkeypatch.setattr(projection, "MOST", 3)
    events = [an_event(id=str(at), weight=float(at % 5), template=TEXTS[at], x=None, y=None) for at in range(9)]
    found = projected(events)
    assert [event.id for event in found] == [event.id for event in events]
    assert {event.id for event in found if event.x is not None and event.y is not None} == {"4", "3", "8"}


def test_a_judgement_has_a_map() -> None:
    """Each event of a small service has its place."""
    found = judge(before_after(usual(), [*usual(), *every(90, "cannot open {n}", "ERROR")]), Policy(), look=1, looks=1)
    assert len({(event.x, event.y) for event in found.events}) == len(found.events) == 6
