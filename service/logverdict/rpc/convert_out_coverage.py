"""From coverage to the protocol."""

from logverdict.domain.coverage import InstanceCoverage, MinuteCoverage, coarser, most_telling
from logverdict.domain.verification import Plan, SourceCoverage
from logverdict.rpc.times import write_seconds
from logverdict.v1 import verification_service_pb2 as pb

MAX_MINUTES = 1_440
MAX_INSTANCES = 200


def write_coverage(part: SourceCoverage, plan: Plan | None = None) -> pb.Coverage:
    """Minutes need the plan, which says when they begin; without it they are left out."""
    coverage = part.coverage
    lags = [row.lag for row in coverage.instances if row.lag is not None]
    return pb.Coverage(
        source=part.source,
        side=part.side,
        share=part.share,
        read=coverage.read,
        expected=coverage.expected,
        broken=coverage.broken,
        duplicate=coverage.duplicate,
        late=coverage.late,
        faults=coverage.faults,
        minutes=[_minute(minute, plan, part.side) for minute in coarser(coverage.minutes, MAX_MINUTES)] if plan else (),
        instances=map(_instance, most_telling(coverage.instances, MAX_INSTANCES)),
        notes=coverage.notes,
        evidence=coverage.evidence,
        lag=write_seconds(max(lags)) if lags else None,
    )


def _minute(minute: MinuteCoverage, plan: Plan, side: str) -> pb.Coverage.Minute:
    message = pb.Coverage.Minute(expected=minute.expected, read=minute.read, late=minute.late)
    message.start_time.FromDatetime(plan.minute(side, minute.number))
    return message


def _instance(row: InstanceCoverage) -> pb.Coverage.Instance:
    return pb.Coverage.Instance(
        instance=row.instance,
        expected=row.expected,
        read=row.read,
        evidence=row.evidence,
        lag=None if row.lag is None else write_seconds(row.lag),
    )
