"""What clients see of coverage: by the minute, by instance, evidence and lag."""

from dataclasses import replace
from typing import Any

from fakes.verifications import a_plan, a_verification, at
from logverdict.domain.coverage import InstanceCoverage, MinuteCoverage
from logverdict.domain.verification import Coverage, SourceCoverage
from logverdict.domain.window import Window
from logverdict.rpc.convert_out import write_verification
from logverdict.rpc.convert_out_coverage import MAX_INSTANCES, MAX_MINUTES, write_coverage
from logverdict.v1 import verification_service_pb2 as pb


def covered(side: str = "candidate", **changes: Any) -> SourceCoverage:
    whole = Coverage(
        expected=12,
        read=10,
        broken=1,
        duplicate=1,
        late=2,
        faults=("a shard is away",),
        notes=("reduced at the source",),
        minutes=(MinuteCoverage(0, 6, 6, 2), MinuteCoverage(2, 6, 4)),
        instances=(InstanceCoverage("a", 12, 10, 70, 2.5), InstanceCoverage("b", 0, 0, 3)),
        evidence=73,
    )
    return SourceCoverage("app", side, 0.5, replace(whole, **changes))


def test_no_field_of_coverage_is_forgotten():
    """Each field of the protocol is set from a coverage that has everything."""
    (message,) = write_verification(replace(a_verification(), coverage=(covered(),))).coverage
    for part in (message, message.minutes[0], message.instances[0]):
        assert {field.name for field in part.DESCRIPTOR.fields} == {field.name for field, _ in part.ListFields()}
    assert [minute.start_time.ToJsonString() for minute in message.minutes] == [
        "2026-11-20T12:01:00Z",
        "2026-11-20T12:03:00Z",
    ]
    assert (message.lag.ToTimedelta().total_seconds(), message.instances[1].HasField("lag")) == (2.5, False)


def test_minutes_of_later_baseline_windows_have_their_own_start():
    """Numbers go on over windows, times do not."""
    plan = a_plan(baselines=(Window(at(-900), at(-780)), Window(at(-300), at(0))))
    minutes = tuple(MinuteCoverage(number, 1, 1) for number in range(3))
    message = write_coverage(covered("baseline", minutes=minutes), plan)
    assert [minute.start_time.ToDatetime(at(0).tzinfo) for minute in message.minutes] == [at(-900), at(-840), at(-300)]


def test_many_minutes_are_shown_coarser():
    """Neighbours are one, and no entry is lost."""
    minutes = tuple(MinuteCoverage(number, 2, 1, 1) for number in range(2000))
    shown = write_coverage(covered(minutes=minutes), a_plan()).minutes
    assert len(shown) == 1000 <= MAX_MINUTES
    assert (shown[1].expected, shown[1].read, shown[1].late) == (4, 2, 2)
    assert shown[1].start_time.ToDatetime(at(0).tzinfo) == at(60 + 120)


def test_of_many_instances_those_that_lack_most_are_shown():
    """The others are in the sums."""
    instances = tuple(InstanceCoverage(f"pod-{number:04}", 5, 5) for number in range(500))
    short = InstanceCoverage("pod-0400", 5, 1)
    shown = write_coverage(covered(instances=(*instances[:400], short, *instances[401:])), a_plan()).instances
    assert len(shown) == MAX_INSTANCES
    assert [row.instance for row in shown] == sorted(row.instance for row in shown)
    assert any(row.instance == "pod-0400" for row in shown)


def test_what_is_not_known_is_not_set():
    """No expectation, no evidence, no lag: that is not 0."""
    unknown = covered(
        expected=None,
        evidence=None,
        minutes=(MinuteCoverage(0, None, 3),),
        instances=(InstanceCoverage("a", None, 3),),
    )
    message = write_coverage(unknown, a_plan())
    assert not any(message.HasField(name) for name in ("expected", "evidence", "lag"))
    assert not message.minutes[0].HasField("expected")
    assert not message.instances[0].HasField("evidence")
    assert isinstance(message, pb.Coverage)
