"""Two recordings of the same entries prove nothing against each other, so they are told."""

from datetime import timedelta

import pytest

from fakes.logs import START, batch, usual
from logverdict.verify.marks import KEPT, Mark, mark

LATER = START + timedelta(days=1)
MANY = [(float(at), f"order {at} accepted", "INFO") for at in range(3 * KEPT)]


def test_equal_recordings_have_equal_marks() -> None:
    """Whatever the order of their entries, and its level is no part of it."""
    assert mark(batch(usual())) == mark(batch(usual())[::-1])


def test_the_same_messages_at_another_time_are_another_recording() -> None:
    """Quiet services say the same each day."""
    assert mark(batch(usual())).apart(mark(batch(usual(), start=LATER)))


@pytest.mark.parametrize(("first", "last", "apart"), [(0, 1, False), (0.5, 1.5, False), (0.95, 1.95, True)])
def test_parts_of_each_other_are_not_apart(first: float, last: float, apart: bool) -> None:
    """Longer recordings than a mark keeps are told by what it keeps: half shared is told, 5 % are let pass."""
    both = batch([*MANY, *((second + len(MANY), message, level) for second, message, level in MANY)])
    whole = both[: len(MANY)]
    other = both[int(first * len(MANY)) : int(last * len(MANY))]
    assert mark(whole).apart(mark(other)) is apart is mark(other).apart(mark(whole))


def test_a_small_part_of_a_large_recording_is_told() -> None:
    """The smaller one's entries are what counts."""
    large = batch(MANY)
    assert not mark(large).apart(mark(large[100:400]))


def test_an_empty_recording_is_part_of_none() -> None:
    """It has nothing that it could share."""
    empty = mark(batch([]))
    assert empty == Mark(0, frozenset()) and empty.apart(mark(batch(usual())))
