"""What can go wrong for a command, and how it is said: one sentence, what to do, an exit code."""

from collections.abc import Iterator
from typing import Any

import grpc
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]

from logverdict.cli.exits import UNREACHABLE, USAGE
from logverdict.cli.plain import plain

CALLERS_FAULT = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.OUT_OF_RANGE,
}
"""Another call is needed; everything else is an outage of ours, which never decides by accident."""

PASSING = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
}
"""Worth waiting for: the server goes, comes, is slow, or has too much to do."""

ANSWERED = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED}
"""With a reason of ours, the server itself says so: its store or a source is away, or there is too much."""

OPTION_OF_FIELD = {
    "rollout_start_time": "--rollout-start",
    "rollout_end_time": "--rollout-end",
    "traffic_share": "--traffic-share",
    "candidate_window": "--candidate",
    "baseline": "--baseline",
    "verifications": "--baseline-verification",
    "pattern": "--changed-pattern",
    "changed_instances": "--changed-version, --changed-pattern, --changed-instance",
    "settle": "--settle",
    "ingest_lag": "--ingest-lag",
    "max_lag": "--max-lag",
    "interval": "--interval",
    "duration": "--duration",
    "labels": "--label",
    "profile": "--profile",
    "inline_profile": "--inline-profile",
    "request_id": "--request-id",
    "filter": "--filter",
    "page_token": "--next",
    "link": "--link",
    "note": "--note",
    "force": "--force",
    "environment": "--environment",
    "end_time": "--until",
    "expire_time": "--expires",
    "ticket": "--ticket",
    "reason": "--reason",
    "sample": "--sample",
    "template": "--template",
    "feedback_id": "--id",
}


class Fault(Exception):
    """Ends a command: `message` is one sentence, `hints` are lines to show below it."""

    def __init__(self, message: str, *hints: str, code: int = USAGE) -> None:
        super().__init__(message)
        self.message = message
        self.hints = hints
        self.code = code


def fault_of(error: grpc.aio.AioRpcError, server: str) -> Fault:
    """The server's error in our words, never with a stack trace."""
    code = error.code()
    if code in ANSWERED and any(detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR) for detail in _details(error)):
        return _answered(error, server)
    if code is grpc.StatusCode.UNAVAILABLE:
        return Fault(f"server {server} is unreachable", f"said: {brief(error)}", *_where(), code=UNREACHABLE)
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return Fault(f"server {server} did not answer in time", *_where(), code=UNREACHABLE)
    if code is grpc.StatusCode.UNIMPLEMENTED:
        return Fault(f"server {server} does not speak logverdict.v1", *_where(), code=UNREACHABLE)
    if code in CALLERS_FAULT:
        return _callers(error)
    return Fault(f"server {server} failed: {code.name}: {brief(error)}", *_hints(error), code=UNREACHABLE)


def _callers(error: grpc.aio.AioRpcError) -> Fault:
    """One mistake in a sentence, several in a line each."""
    found = [_unpacked(one, error_details_pb2.BadRequest()) for one in _details(error) if _is_bad(one)]
    count = sum(len(bad.field_violations) for bad in found)
    return Fault(brief(error) if count < 2 else f"what was sent has {count} mistakes", *_hints(error))


def _is_bad(detail: Any) -> bool:
    return bool(detail.Is(error_details_pb2.BadRequest.DESCRIPTOR))


def _answered(error: grpc.aio.AioRpcError, server: str) -> Fault:
    """The server is there, and says what is not, or what is full. A quota does not pass: it says no time."""
    waits = [_unpacked(detail, error_details_pb2.RetryInfo()) for detail in _details(error) if _is_retry(detail)]
    if not waits and error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return Fault(brief(error), *_hints(error))
    later = f"in {waits[0].retry_delay.seconds} s or later" if waits else "later"
    hint = f"The server {server} answers; the same call may succeed {later}."
    return Fault(brief(error), *_hints(error), hint, code=UNREACHABLE)


def _is_retry(detail: Any) -> bool:
    return bool(detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR))


def brief(error: grpc.aio.AioRpcError) -> str:
    """The error's text, fit for a terminal and for one line."""
    text = plain(error.details() or "").rpartition("last error: ")[2].removeprefix("UNKNOWN: ").strip()
    return text or f"no text, code {error.code().name}"


def _where() -> tuple[str, ...]:
    return ("Name the server by --server HOST:PORT or the variable LOGVERDICT_SERVER.",)


def _hints(error: grpc.aio.AioRpcError) -> Iterator[str]:
    for detail in _details(error):
        if _is_bad(detail):
            bad = _unpacked(detail, error_details_pb2.BadRequest())
            yield from _violations(bad, brief(error) if len(bad.field_violations) < 2 else "")
        elif detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
            yield f"reason: {plain(_unpacked(detail, error_details_pb2.ErrorInfo()).reason)}"
    if error.code() is grpc.StatusCode.ALREADY_EXISTS and "feedback/" not in brief(error):
        yield "The same request id was sent before with other contents (relative times such as -15m differ from call"
        yield "to call). Write absolute times, or give another --request-id."


def _violations(bad: Any, said: str) -> Iterator[str]:
    for violation in bad.field_violations:
        option = OPTION_OF_FIELD.get(violation.field.rsplit(".", 1)[-1])
        if violation.description.removesuffix("…") not in said:
            yield f"{plain(violation.field)}: {plain(violation.description)}"
        if option:
            yield f"option: {option}"


def _details(error: grpc.aio.AioRpcError) -> Any:
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            return status_pb2.Status.FromString(value if isinstance(value, bytes) else value.encode()).details
    return ()


def _unpacked(detail: Any, message: Any) -> Any:
    detail.Unpack(message)
    return message
