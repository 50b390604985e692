"""The lines on the noise floor and on what could have been seen."""

import pytest

from logverdict.cli.render_floor import detectable_text, floor_lines, floor_text
from logverdict.v1 import verification_service_pb2 as pb

CHANGE = pb.Detectable.Change


@pytest.mark.parametrize(
    ("floor", "text"),
    [
        (
            pb.Floor(found=3, expected=0.4, most=1, runs=9, earlier=8),
            "3 new kinds of error, 0.4 usual, at most 1 in one of 9 good runs (8 of them earlier deployments)",
        ),
        (
            pb.Floor(found=1, expected=0, most=2, runs=2),
            "1 new kind of error, none usual, at most 2 in one of 2 good runs",
        ),
        (pb.Floor(found=0, expected=23.6, runs=1), "0 new kinds of error, 24 usual by its one baseline"),
    ],
)
def test_the_floor_is_one_line(floor: pb.Floor, text: str) -> None:
    """What was found, what is usual, and what that was learned from."""
    assert floor_text(floor) == text


@pytest.mark.parametrize(
    ("detectable", "text"),
    [
        (
            pb.Detectable(new_error_entries=9, changes=[CHANGE(share=0.05, ratio=3.2), CHANGE(share=0.01, ratio=11.2)]),
            "a new error of 9 entries; a message of 5 % × 3.2, of 1 % × 11.2",
        ),
        (
            pb.Detectable(new_error_entries=1, changes=[CHANGE(share=0.05)]),
            "a new error of 1 entry; no change of frequency",
        ),
        (
            pb.Detectable(changes=[CHANGE(share=0.05, ratio=3), CHANGE(share=0.01)]),
            "no single new error; a message of 5 % × 3",
        ),
    ],
)
def test_what_could_have_been_seen_is_one_line(detectable: pb.Detectable, text: str) -> None:
    """What could not be seen at all is said, too."""
    assert detectable_text(detectable) == text


def test_without_a_judgement_nothing_is_said() -> None:
    """An older server, or a verification that could not be judged."""
    assert list(floor_lines(pb.Verification(), 100)) == []


def test_a_narrow_screen_gets_two_lines() -> None:
    """The second one stands below the first, not below the name."""
    floor = pb.Floor(found=3, expected=0.4, most=1, runs=9, earlier=8)
    assert [line.plain for line in floor_lines(pb.Verification(floor=floor), 80)] == [
        " floor      3 new kinds of error, 0.4 usual, at most 1 in one of 9 good runs (8",
        "            of them earlier deployments)",
    ]


def test_notes_stand_below() -> None:
    """What has to be minded about a verdict is read where the verdict is."""
    known = pb.Verification(notes=["The log seems to have another format.", "An instance fell silent."])
    lines = [line.plain for line in floor_lines(known, 80)]
    assert lines == [" note       The log seems to have another format.", " note       An instance fell silent."]
