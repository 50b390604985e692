"""Times and spans of the protocol, and ours."""

import math
from datetime import UTC, datetime, timedelta

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from logverdict.domain.errors import InvalidRequest
from logverdict.rpc.limits import EARLIEST, LATEST, LONGEST

NANOS = 1_000_000_000


def time_fault(time: Timestamp) -> str | None:
    if not 0 <= time.nanos < NANOS:
        return f"has {time.nanos} nanos; allowed: 0 to 999999999"
    if not EARLIEST.timestamp() <= time.seconds < LATEST.timestamp():
        return f"is {time.seconds} s from 1970; allowed: {EARLIEST:%Y-%m-%d} up to {LATEST:%Y-%m-%d}"
    return None


def span_fault(span: Duration) -> str | None:
    if abs(span.nanos) >= NANOS or span.nanos * span.seconds < 0:
        return f"has {span.seconds} s and {span.nanos} nanos; allowed: below one second of nanos, of the same sign"
    if abs(span.seconds) > LONGEST.total_seconds():
        return f"is {span.seconds} s; allowed: up to {LONGEST.days} days"
    return None


def read_time(time: Timestamp) -> datetime:
    """To the microsecond, later digits cut off. Raises InvalidRequest, without a field, out of range."""
    fault = time_fault(time)
    if fault:
        raise InvalidRequest("", fault)
    return datetime.fromtimestamp(time.seconds, UTC).replace(microsecond=time.nanos // 1000)


def read_span(span: Duration) -> timedelta:
    """To the microsecond. Raises InvalidRequest, without a field, out of range."""
    fault = span_fault(span)
    if fault:
        raise InvalidRequest("", fault)
    return timedelta(seconds=span.seconds, microseconds=span.nanos / 1000)


def write_time(time: datetime | None) -> Timestamp | None:
    if time is None:
        return None
    message = Timestamp()
    message.FromDatetime(time)
    return message


def write_span(span: timedelta) -> Duration:
    message = Duration()
    message.FromTimedelta(span)
    return message


def write_seconds(seconds: float) -> Duration | None:
    """None for an estimate that is none."""
    bounded = math.isfinite(seconds) and 0 <= seconds <= LONGEST.total_seconds()
    return write_span(timedelta(seconds=seconds)) if bounded else None
