"""The one family of errors. Edges translate it; nothing else leaves as text to a client.

VerifyError
├── InvalidRequest       what the caller sent is wrong: names the field, the fault, what is allowed
│   └── InvalidText      a text with several mistakes
├── NotFound             the named thing does not exist
├── AlreadyExists        the same request_id with another body
├── FailedPrecondition   right request, wrong moment (cancel of an ended verification …)
├── SourceUnavailable    a source did not answer; try again
├── QueryRejected        a source refuses this query; do not try again
├── CannotReduce         a source can't count templates itself here; its entries are to be read
├── LimitReached         too much at once; try again later
│   └── QuotaReached     as much is kept as is allowed: time does not help, deleting does
├── WorkerDied           the process that analysed was killed
├── LeaseLost            another replica works on the verification by now
├── StoreBusy            another process holds the store
├── StoreUnavailable     the store does not answer, its disk is full, its file cannot be opened
└── StoreBroken          what was stored cannot be read back, or not by this version
"""

from collections.abc import Sequence
from typing import Any


class VerifyError(Exception):
    """Base of the family: a sentence for people, a REASON for machines, and the sentence's variable parts."""

    reason = "INTERNAL"

    def __init__(self, message: str, *, reason: str | None = None, **details: str) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        if reason is not None:
            self.reason = reason

    def __reduce__(self) -> tuple[Any, ...]:
        """From what it holds, whatever its class takes: errors of worker processes arrive whole."""
        return _again, (type(self), self.args), self.__dict__


def _again(kind: type[VerifyError], args: tuple[object, ...]) -> VerifyError:
    return kind.__new__(kind, *args)


class InvalidRequest(VerifyError):
    """`field` is the path of the faulty field as the caller wrote it (`deployment.service`)."""

    reason = "INVALID_REQUEST"

    def __init__(self, field: str, message: str, **details: str) -> None:
        super().__init__(f"{field}: {message}", field=field, **details)
        self.field = field
        self.fault = message


class InvalidText(InvalidRequest):
    """A text of the caller's with `mistakes`, each a sentence that says where it is."""

    def __init__(self, field: str, mistakes: Sequence[str]) -> None:
        count = "a mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        super().__init__(field, f"has {count}: {'; '.join(mistakes)}")
        self.mistakes = tuple(mistakes)


class NotFound(VerifyError):
    reason = "NOT_FOUND"


class AlreadyExists(VerifyError):
    reason = "ALREADY_EXISTS"


class FailedPrecondition(VerifyError):
    reason = "FAILED_PRECONDITION"


class SourceUnavailable(VerifyError):
    reason = "SOURCE_UNAVAILABLE"


class QueryRejected(VerifyError):
    reason = "QUERY_REJECTED"


class CannotReduce(VerifyError):
    reason = "CANNOT_REDUCE"


class LeaseLost(VerifyError):
    reason = "LEASE_LOST"


class StoreBusy(VerifyError):
    reason = "STORE_BUSY"


class StoreUnavailable(VerifyError):
    reason = "STORE_UNAVAILABLE"


class StoreBroken(VerifyError):
    reason = "STORE_BROKEN"


class LimitReached(VerifyError):
    reason = "LIMIT_REACHED"


class QuotaReached(LimitReached):
    reason = "QUOTA_REACHED"


class WorkerDied(VerifyError):
    reason = "WORKER_DIED"
