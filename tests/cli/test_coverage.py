"""What pages say of entries that could not be read."""

from collections.abc import Sequence

from google.protobuf.timestamp_pb2 import Timestamp

from logverdict.cli.render import verification_page
from logverdict.cli.render_coverage import shortfalls
from logverdict.v1 import verification_service_pb2 as pb

NOON = 1_795_176_000
"""A Friday's, in seconds from 1970."""


def covered(read: Sequence[int], expected: int = 100, **more: object) -> pb.Coverage:
    """A minute each from 12:00 UTC on."""
    minutes = [
        pb.Coverage.Minute(start_time=Timestamp(seconds=NOON + 60 * place), expected=expected, read=count)
        for place, count in enumerate(read)
    ]
    return pb.Coverage(source="app", side="candidate", minutes=minutes, **more)  # type: ignore[arg-type]


def lines(*parts: pb.Coverage, width: int = 100) -> list[str]:
    return [line.plain.strip() for line in shortfalls(parts, width)]


def test_minutes_that_lack_entries_are_told_in_stretches():
    """Neighbours together, with their sums."""
    assert lines(covered([100, 20, 30, 100, 99])) == [
        "minutes 12:01–12:02 incomplete: 50 of 200 read",
        "minute 12:04 incomplete: 99 of 100 read",
    ]


def test_a_complete_read_says_nothing():
    """Nor does one of which nobody knows what to expect."""
    unknown = pb.Coverage(minutes=[pb.Coverage.Minute(read=3)], instances=[pb.Coverage.Instance(read=3)])
    assert lines(covered([100, 100]), unknown) == []


def test_the_list_is_short():
    """Three stretches and three instances, those that lack most; sources are named where there are several."""
    instances = [pb.Coverage.Instance(instance=f"pod-{place}", expected=100, read=10 * place) for place in range(6)]
    assert lines(covered([9, 100] * 5, instances=instances), covered([])) == [
        "app: minute 12:00 incomplete: 9 of 100 read",
        "app: minute 12:02 incomplete: 9 of 100 read",
        "app: minute 12:04 incomplete: 9 of 100 read",
        "app: and 2 more stretches",
        "app: of instances: pod-0 0 of 100, pod-1 10 of 100, pod-2 20 of 100, and 3 more",
    ]


def test_the_page_shows_them_below_their_side():
    """And cuts them to the terminal's width."""
    known = pb.Verification(coverage=[covered([100, 20])])
    shown = [line.plain for line in verification_page(known, [], 48, 3)]
    place = next(place for place, line in enumerate(shown) if line.startswith(" candidate"))
    assert shown[place + 1].strip() == "minute 12:01 incomplete: 20 of 100 …"
