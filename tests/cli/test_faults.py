"""What went wrong at the server, in the words of a command."""

import grpc
import pytest
from google.rpc import status_pb2  # type: ignore[import-untyped]

from logverdict.cli.faults import fault_of
from logverdict.domain.errors import LimitReached, QuotaReached, StoreBusy, StoreUnavailable, VerifyError
from logverdict.rpc.errors import status_of


def sent(error: VerifyError) -> grpc.aio.AioRpcError:
    """As a client gets it."""
    status = status_of(error)
    trailing = grpc.aio.Metadata(*status.trailing_metadata)
    assert status_pb2.Status.FromString(dict(status.trailing_metadata)["grpc-status-details-bin"])
    return grpc.aio.AioRpcError(status.code, grpc.aio.Metadata(), trailing, details=status.details)


@pytest.mark.parametrize(
    ("error", "seconds"),
    [(StoreUnavailable("the disk is full"), 5), (StoreBusy("it is locked"), 1), (LimitReached("too many"), 30)],
)
def test_a_server_that_answers_is_not_called_unreachable(error: VerifyError, seconds: int):
    """Whose store is away, or who has too much to do, says so and when to come back: nobody looks for the address."""
    fault = fault_of(sent(error), "here:1")
    told = "\n".join((fault.message, *fault.hints))
    assert (fault.message, fault.code) == (error.message, 4)
    assert f"in {seconds} s or later" in told and error.reason in told
    assert "unreachable" not in told and "--server" not in told


def test_what_is_full_does_not_pass_by_waiting():
    """More feedback or pins than are allowed are the caller's to delete: exit code 2, no time to come back."""
    fault = fault_of(sent(QuotaReached("500 are said of shop, delete some")), "here:1")
    assert (fault.message, fault.code) == ("500 are said of shop, delete some", 2)
    assert fault.hints == ("reason: QUOTA_REACHED",)


def test_who_is_not_there_is_unreachable():
    """Without an answer of ours, the address may be wrong."""
    error = grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), grpc.aio.Metadata(), details="no")
    fault = fault_of(error, "here:1")
    assert (fault.code, "unreachable" in fault.message, "--server" in fault.hints[-1]) == (4, True, True)
