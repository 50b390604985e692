"""Every way to write a time is understood."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from logverdict.adapters.sources.times import FORMS, TimeForm, Times, micros, zone_of

NEAR = datetime(2026, 11, 22, tzinfo=UTC)
TIMES = Times(UTC, NEAR)
MOMENT = micros(datetime(2026, 11, 22, 3, 44, 1, tzinfo=UTC))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_each_form_means_what_it_shows(form: TimeForm) -> None:
    """A form's example is understood, as a field's value too."""
    meant = micros(datetime.fromisoformat(form.means).replace(tzinfo=UTC))
    match = re.fullmatch(form.pattern, form.example)
    assert match
    assert TIMES.of_match(match) == meant
    if form.name != "klog":
        assert TIMES.of_value(form.example) == meant


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-22T03:44:01Z",
        "2026-11-22 03:44:01.000",
        "2026-11-22T03:44:01,000000000+00:00",
        "2026-11-22T04:44:01+0100",
        "20261122T034401Z",
        "2026-11-22 03:44:01 UTC",
        "2026/11/22 03:44:01",
        "[22/Nov/2026:04:44:01 +0100]".strip("[]"),
        "Nov 22 03:44:01",
        1795319041,
        1795319041.0,
        1795319041000,
        1795319041000000,
        1795319041000000000,
        "1795319041",
        "1795319041.000",
        "1795319041000",
    ],
)
def test_one_moment_in_many_ways(value: object) -> None:
    """ISO 8601 variants, access logs, syslog and epochs of any unit mean the same moment."""
    assert TIMES.of_value(value) == MOMENT


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "2026-13-01T00:00:00Z",
        "2026/02/30 00:00:00",
        "Feb 30 00:00:00",
        True,
        None,
        {},
        [],
        float("inf"),
        "0001-01-01T00:00:00+14:00x",
        "9" * 400,
        10**400,
        0.123,
        "0.123",
        -1795319041,
        float("nan"),
    ],
)
def test_what_is_no_time_is_none(value: object) -> None:
    """Neither words nor impossible days nor truth values are times."""
    assert TIMES.of_value(value) is None


def test_a_time_without_a_zone_is_in_the_given_one() -> None:
    """Noon in Berlin in November is eleven in UTC."""
    berlin = Times(zone_of("Europe/Berlin"), NEAR)
    noon = micros(datetime(2026, 11, 22, 11, tzinfo=UTC))
    assert berlin.of_value("2026-11-22 12:00:00") == noon
    assert berlin.of_value("Nov 22 12:00:00") == noon
    assert berlin.of_value("2026-11-22T11:00:00Z") == noon


@pytest.mark.parametrize(("text", "year"), [("Dec 31 23:59:59", 2026), ("Jan  1 00:00:01", 2027)])
def test_a_missing_year_is_the_nearest(text: str, year: int) -> None:
    """Around New Year a time without a year belongs to the year that is nearer."""
    time = Times(UTC, datetime(2027, 1, 1, tzinfo=UTC)).of_value(text)
    assert time is not None
    assert (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time)).year == year


def test_nothing_of_microseconds_is_lost() -> None:
    """A text and an epoch in microseconds keep the last digit."""
    assert TIMES.of_value("2026-11-22T03:44:01.123457Z") == MOMENT + 123457 == TIMES.of_value(MOMENT + 123457)


@pytest.mark.parametrize("name", ["", "Mars/Base", "../etc", "+25:00", "Europe", "/etc/localtime"])
def test_an_unknown_zone_is_an_error(name: str) -> None:
    """A word that is no zone never becomes UTC."""
    with pytest.raises(ValueError, match=r"zone|offset"):
        zone_of(name)
