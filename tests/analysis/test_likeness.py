"""Which templates say the same to a person, and what is never the same."""

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fakes.feedback import a_feedback
from logverdict.analysis.declare import of_message, template_of
from logverdict.analysis.likeness import ALIKE_COSINE, ALIKE_JACCARD, marks, similarity
from logverdict.analysis.reach import Reach
from logverdict.domain.feedback import FeedbackLevel
from logverdict.domain.words import Severity

by_chance = settings(derandomize=True, database=None, deadline=None, max_examples=200)
WORDS = ["order", "customer", "basket", "voucher", "parcel", "invoice", "session", "answer", "queue", "buffer", "index",
         "region", "tenant", "batch", "record", "mirror", "broker", "cursor", "shard", "packet"]  # fmt: skip
text = st.lists(st.sampled_from(WORDS), min_size=1, max_size=20).map(" ".join)
exception = st.sampled_from(["shop.KeyException", "java.io.IOException", "TypeError", "OutOfMemoryError", "SIGSEGV"])
frame = st.sampled_from(
    ["at shop.Store.read(Store.java:<num>)", "at shop.Cart.add(Cart.java:<num>)", "main.run(<num>)"]
)
code = st.sampled_from(["status=500", "status=503", "exit code 1", "exit code 2"])
severity = st.sampled_from(list(Severity))


def reached(known: str, other: str, its: Severity = Severity.ERROR, other_severity: Severity | None = None) -> bool:
    reach = Reach([a_feedback(FeedbackLevel.IGNORE, known, severity=its)])
    return bool(reach.of(other, [other], its if other_severity is None else other_severity))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cannot reach the store of region for order <num>", "cannot reach the store of region for the order <num>"),
        ("cache of size <num> is full, dropped", "cache of size <num> is full, dropped it"),
        ("order <num> accepted", "order <num> accepted [ERROR]"),
        ("a <*> of order", "a <*> of order (2)"),
    ],
)
def test_a_little_rewording_is_the_same(one: str, other: str) -> None:
    """A word more or less in a longer message, and what only an event's name carries, make no difference."""
    assert reached(one, other) and reached(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("payment of order <num> for customer was settled", "payment of order <num> for customer was not settled"),
        ("nightly job of region east for all tenants: PASSED", "nightly job of region east for all tenants: FAILED"),
        ("cannot reach store of region for order status=500", "cannot reach store of region for order status=503"),
        ("upstream could connect to all of the nodes there", "upstream couldn't connect to all of the nodes there"),
        ("Failures: <some> in all the suites of the shop", "Failures: 0 in all the suites of the shop"),
        ("shop.KeyException: no key for customer <num>", "shop.ValueException: no key for customer <num>"),
        ("write of the block failed on all mirrors: ENOSPC", "write of the block failed on all mirrors: EACCES"),
    ],
)  # fmt: skip
def test_what_tells_is_never_the_same(one: str, other: str) -> None:
    """Negations, outcomes, codes and exception types are kept apart, however alike the rest is."""
    assert not reached(one, other) and not reached(other, one)


def test_short_messages_have_to_be_the_same() -> None:
    """Of a few words each one matters."""
    assert not reached("order <num> lost", "parcel <num> lost")
    assert not reached("disk is full", "disk is full again")
    assert reached("disk is full", "disk is full")


@by_chance
@given(text, text)
def test_similarity_is_symmetric_and_bounded(one: str, other: str) -> None:
    """It does not matter who was there first; alike means above the threshold, and the same is 1."""
    found = similarity(one, other)
    assert found == similarity(other, one)
    assert similarity(one, one) == 1
    assert found is None or ALIKE_JACCARD <= found <= 1
    assert ALIKE_JACCARD < ALIKE_COSINE < 1


@by_chance
@given(text, exception, exception, frame, frame, code, code)
def test_never_beyond_exception_frame_or_code(
    words: str, mine: str, its: str, top: str, its_top: str, status: str, its_status: str
) -> None:
    """Whatever else is the same, another exception type, top frame, status or exit code is another event."""
    one, other = f"{words} {status} {mine}: {words} | {top}", f"{words} {its_status} {its}: {words} | {its_top}"
    assert reached(one, other) is ((mine, top, status) == (its, its_top, its_status))


@by_chance
@given(text, severity, severity)
def test_never_beyond_severity(words: str, mine: Severity, its: Severity) -> None:
    """The same message at another severity is another event; harmless severities are one."""
    harmless = max(mine, its) <= Severity.INFO
    assert reached(words, words, mine, its) is (mine is its or harmless)


@by_chance
@given(text, exception, exception)
def test_all_members_have_to_be_reached(words: str, mine: str, its: str) -> None:
    """An event of several templates is reached only when each of them is."""
    assume(mine != its)
    known, other = f"{mine}: {words}", f"{its}: {words}"
    reach = Reach([a_feedback(FeedbackLevel.IGNORE, known)])
    assert reach.of(known, [known], Severity.ERROR)
    assert not reach.of(known, [known, other], Severity.ERROR)
    both = Reach([a_feedback(FeedbackLevel.IGNORE, known, other)])
    assert both.of(known, [known, other], Severity.ERROR)


def test_what_is_alike_and_not_reached_is_told() -> None:
    """A preview says which mark keeps feedback from an event that reads alike."""
    known = "worker <num> ended with exit code 1 after it had written all records of the nightly batch"
    reach, other = Reach([a_feedback(FeedbackLevel.IGNORE, known)]), known.replace("code 1", "code 2")
    (one,) = reach.near(other, [other], Severity.ERROR)
    assert "code 2, not 1" in one.unlike
    (one,) = reach.near(known, [known], Severity.FATAL)
    assert one.unlike == "severity FATAL, not ERROR"


@pytest.mark.parametrize(
    ("message", "template", "severity"),
    [
        ("ERROR shop.KeyException: no key for 4711", "ERROR shop.KeyException: no key for <num>", "ERROR"),
        ("took 41 ms", "took <num>", "UNKNOWN"),
        ("java.io.IOException: gone", "java.io.IOException: gone", "ERROR"),
        ("login password=hunter2 is slow", "login password=<secret> is slow", "WARN"),
        ("GET /orders/7 status=503", "GET /orders/<num> status=503", "ERROR"),
    ],
)  # fmt: skip
def test_a_message_is_masked_and_weighed(message: str, template: str, severity: str) -> None:
    """Feedback may be declared before an event was seen; it gets the template and severity that the event will have."""
    made = of_message(message, None)
    assert (made.template, made.severity.name) == (template, severity)
    assert "hunter2" not in repr(made)


@settings(by_chance, max_examples=50)
@given(st.text(max_size=200))
def test_a_template_stays_what_it_is(message: str) -> None:
    """A template that is declared as one is not masked twice."""
    once = template_of(message)
    assume(not re.search("<(?!num>)", message))
    assert template_of(once) == once


def test_marks_of_a_trace() -> None:
    """Exception types with their causes, and the frame on top; of Python's traces all frames that are shown."""
    java = marks(
        "shop.KeyException: gone | Caused by: java.io.IOException | at a.B.c(B.java:<num>) | at d.E.f(E.java:<num>)"
    )
    assert (java.exceptions, java.frame) == (("shop.KeyException", "java.io.IOException"), "at a.B.c(B.java:<num>)")
    python = marks('Traceback: shop.Gone: stock | File "a.py", line <num>, in b | File "c.py", line <num>, in d')
    assert python.exceptions == ("shop.Gone",)
    assert python.frame == 'File "a.py", line <num>, in b | File "c.py", line <num>, in d'


def test_marks_of_traces_whose_names_hold_numbers() -> None:
    """A module with a digit in its name, Ruby's modules, and a goroutine hide neither type nor frame."""
    assert marks("Traceback | <num>.OperationalError: refused").exceptions == ("<num>.OperationalError",)
    assert marks("a.rb:<num>:in `b': cut (PG::ConnectionBad)").exceptions == ("PG::ConnectionBad",)
    assert marks("panic: gone | goroutine <num> | main.(*Shop).Price() | main.main()").frame == "main.(*Shop).Price()"
