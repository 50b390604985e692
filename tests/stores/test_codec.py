"""Documents give back what was written, with the same bytes for the same value."""

import json
import math
from datetime import timedelta, timezone

import pytest

from fakes.verifications import NOON, a_finished_verification, a_plan, a_profile, a_request, a_source, an_event
from logverdict.adapters.stores.codec import EVENTS, VERIFICATIONS
from logverdict.domain.errors import VerifyError
from logverdict.domain.profile import Timing
from logverdict.domain.words import Severity


@pytest.mark.parametrize("number", [math.inf, -math.inf, 0.1 + 0.2, 5e-324, 1.7976931348623157e308, -0.0, 1e22])
def test_numbers_survive(number: float) -> None:
    """Infinite, smallest, largest and uneven numbers come back the same."""
    event = EVENTS.read(EVENTS.write(an_event(ratio=number)), "e1")
    assert (event.ratio, math.copysign(1, event.ratio)) == (number, math.copysign(1, number))


def test_undefined_numbers_survive() -> None:
    """NaN comes back as NaN."""
    assert math.isnan(EVENTS.read(EVENTS.write(an_event(p_value=math.nan)), "e1").p_value)


def test_documents_are_json() -> None:
    """Also with infinite numbers, so that databases that check JSON take them."""

    def refuse(word: str) -> None:
        raise AssertionError(word)

    assert json.loads(EVENTS.write(an_event(ratio=math.inf)), parse_constant=refuse)["ratio"] == "Infinity"


def test_bytes_are_stable() -> None:
    """What is read and written again is the same text, whatever the time zones, spans, words and maps."""
    source = a_source(severities={"z": Severity.FATAL, "a": Severity.DEBUG}, options={"b": "é☃\u0000", "a": '"'})
    timing = Timing(settle=timedelta(microseconds=1), baseline=timedelta(days=9, seconds=1))
    request = a_request(profile=a_profile(sources=(source,), timing=timing), labels=(("b", "1"), ("a", "2")))
    zone = timezone(timedelta(hours=5, minutes=45))
    plan = a_plan(looks=(NOON.astimezone(zone), NOON + timedelta(microseconds=1)))
    verification = a_finished_verification(request=request, plan=plan)
    document = VERIFICATIONS.write(verification)
    again = VERIFICATIONS.read(document, "v1")
    assert again == verification
    assert VERIFICATIONS.write(again) == document
    assert again.plan.looks[0].utcoffset() == timedelta(hours=5, minutes=45)


def test_a_value_that_cannot_be_is_unreadable() -> None:
    """A document that breaks a rule of the domain is our fault, never the caller's InvalidRequest."""
    document = VERIFICATIONS.write(a_finished_verification()).replace('"min_coverage":0.95', '"min_coverage":2')
    with pytest.raises(VerifyError, match="cannot be read") as fault:
        VERIFICATIONS.read(document, "verifications/v1")
    assert fault.value.reason == "STORED_DATA_UNREADABLE"
