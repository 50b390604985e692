"""Who fell silent, and what is only chance."""

import pytest

from logverdict.verify.presence import Asked, Silence, all_silences, asked, fell_silent

ALL = Asked(frozenset({"a"}), frozenset(), {})


@pytest.mark.parametrize(
    ("counts", "silent"),
    [
        ([60, 60, 60, 0], True),
        ([60, 60, 60, 60], False),
        ([60, 0, 60, 0], False),
        ([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0], False),
        ([9, 9, 9, 9, 9, 9, 9, 0], False),
        ([9, 9, 9, 9, 9, 9, 0, 0], True),
        ([0, 0, 0, 1, 0, 0], False),
        ([0, 1, 0, 0, 0, 0], True),
    ],
)
def test_silence_at_the_end_is_longer_than_any_before(counts: list[int], silent: bool):
    """Else nothing speaks for entries on their way; in longer windows one silent minute is not enough."""
    assert fell_silent(counts) is silent


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        ([60, 60, 0, 60], [(2, 3)]),
        ([0, 60, 60, 60], []),
        ([2, 2, 2, 0], []),
        ([2, 2, 2, 0, 0, 0, 0], [(3, 7)]),
        ([60, 0, 60, 0], [(1, 2), (3, 4)]),
        ([0, 0, 0, 0], []),
    ],
)
def test_a_stretch_counts_where_chance_does_not_explain_it(counts: list[int], found: list[tuple[int, int]]):
    """By the instance's own rate in the other minutes, from its first entry on."""
    assert [(one.start, one.end) for one in all_silences({"a": counts}, ALL, len(counts))] == found


def test_the_changed_instances_are_those_that_came():
    """Pods that are replaced just end; hosts keep their names, so all of them should be there."""
    assert asked(["new", "old"], {"old": 3.0}, ()).instances == {"new"}
    assert asked(["a"], {"a": 3.0, "b": 3.0}, ()).instances == {"a", "b"}
    assert asked(["a", "b"], {"a": 3.0}, ("z",)).instances == {"z"}


def test_a_host_that_hardly_wrote_before_is_not_missed():
    """Three entries in half an hour are no promise."""
    hosts = Asked(frozenset({"a", "b"}), frozenset(), {"a": 0.1, "b": 60.0})
    assert all_silences({}, hosts, 10) == [Silence("b", 0, 10, 60.0)]
