"""Errors leave as statuses that machines and people can read."""

import copy
import importlib
import pickle
import pkgutil
from collections.abc import Iterator

import pytest
from google.rpc import error_details_pb2, status_pb2
from grpc import StatusCode

import logverdict
from logverdict.adapters.profiles import faults as profile_faults
from logverdict.domain.errors import InvalidRequest, InvalidText, NotFound, QuotaReached, VerifyError
from logverdict.rpc.errors import COME_BACK, STATUS, code_of, status_of
from logverdict.rpc.faults import Fault, InvalidFields

CORE = ("domain", "analysis", "verify", "adapters", "rpc")


def family(kind: type[VerifyError] = VerifyError) -> Iterator[type[VerifyError]]:
    for below in kind.__subclasses__():
        yield below
        yield from family(below)


TAKES = {
    InvalidRequest: ("verdict", "is missing"),
    InvalidText: ("text", ["line 1", "line 2"]),
    InvalidFields: ([Fault("a.b", "is required"), Fault("c", "is negative")],),
    profile_faults.ConfigError: ([profile_faults.Fault("a.yaml", 1, 2, "x", "is unknown")],),
}
"""What those classes take that take more than a sentence."""


def ours() -> list[type[VerifyError]]:
    """All classes of the family, wherever they are defined."""
    for part in CORE:
        package = importlib.import_module(f"logverdict.{part}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name:
                importlib.import_module(module.name)
    mine = tuple(f"{logverdict.__name__}.{part}." for part in CORE)
    return [kind for kind in dict.fromkeys(family()) if kind.__module__.startswith(mine)]


def rich(error: VerifyError) -> status_pb2.Status:
    ((_, data),) = status_of(error).trailing_metadata
    return status_pb2.Status.FromString(data)


def test_every_error_has_a_status():
    """No class of the family, wherever it is defined, is told as an internal error by mistake."""
    known = set(STATUS) - {VerifyError}
    assert [kind.__name__ for kind in ours() if known.isdisjoint(kind.__mro__)] == []


@pytest.mark.parametrize("again", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy], ids=["sent", "copied"])
def test_every_error_comes_whole_from_another_process(again):
    """Whatever its class takes: the same sentence, reason, details and fields."""
    for kind in (VerifyError, *ours()):
        error = kind(*TAKES.get(kind, ("the disk is full",)))
        error.details["name"] = "verifications/x"
        other = again(error)
        assert (type(other), str(other), vars(other)) == (kind, str(error), vars(error))


def test_a_subclass_has_the_status_of_its_nearest_base():
    """A finer error needs no line of its own."""
    assert code_of(InvalidFields) is StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("kind", STATUS, ids=lambda kind: kind.__name__)
def test_reasons_are_words_for_machines(kind):
    """UPPER_SNAKE, at most 63 characters."""
    assert kind.reason.replace("_", "").isalpha()
    assert kind.reason == kind.reason.upper()
    assert len(kind.reason) <= 63


def test_what_passes_says_when_to_come_back():
    """Every error that clients may try again carries a delay, and no other one does."""
    passing = (StatusCode.UNAVAILABLE, StatusCode.RESOURCE_EXHAUSTED)
    assert {kind for kind in STATUS if STATUS[kind] in passing} == set(COME_BACK)
    for kind in set(STATUS) - {InvalidRequest}:
        details = [detail for detail in rich(kind("busy")).details if detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR)]
        assert len(details) == (kind in COME_BACK)


def test_the_variable_parts_are_in_the_metadata():
    """A machine need not read the sentence."""
    status = rich(NotFound("there is no verifications/x", name="verifications/x"))
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    assert (status.code, status.message) == (5, "there is no verifications/x")
    assert (info.reason, info.domain, dict(info.metadata)) == ("NOT_FOUND", "logverdict", {"name": "verifications/x"})


def test_each_fault_is_a_field_violation():
    """Several faults make one sentence and one violation each."""
    status = rich(InvalidFields([Fault("a.b", "is required"), Fault("c", "is negative")]))
    bad = error_details_pb2.BadRequest()
    assert status.details[1].Unpack(bad)
    assert status.message == "a.b: is required; c: is negative"
    assert [(part.field, part.description) for part in bad.field_violations] == [
        ("a.b", "is required"),
        ("c", "is negative"),
    ]


@pytest.mark.parametrize(
    "error",
    [
        InvalidFields([Fault(f"field{place}", "ä" * 500) for place in range(500)]),
        InvalidRequest("x", "日" * 5000, value="y" * 90_000),
        InvalidRequest("x", "lone \ud800 surrogate"),
    ],
    ids=["many", "long", "surrogate"],
)
def test_an_error_never_outgrows_the_trailers(error):
    """Whatever the caller sent, the status stays below what clients take, and says that it was cut."""
    status = status_of(error)
    ((_, data),) = status.trailing_metadata
    assert len(status.details.encode()) * 3 + len(data) * 4 / 3 < 8_000


def test_faults_that_do_not_fit_are_counted():
    """The last violation says how many more there are."""
    status = rich(InvalidFields([Fault(f"field{place}", "is required") for place in range(200)]))
    bad = error_details_pb2.BadRequest()
    status.details[1].Unpack(bad)
    assert bad.field_violations[-1].description == f"and {200 - len(bad.field_violations) + 1} more faults"


def test_a_quota_says_no_time_to_come_back():
    """Clients try again what carries a delay; what is full stays full until somebody deletes."""
    status = rich(QuotaReached("500 are said of shop"))
    assert status.code == StatusCode.RESOURCE_EXHAUSTED.value[0]
    assert not [detail for detail in status.details if detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR)]
