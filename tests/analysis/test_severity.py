"""Severity from level and words."""

import polars as pl
import pytest

from logverdict.analysis.key import keys
from logverdict.analysis.severity import combined, key_severities, level_severities
from logverdict.domain.words import Severity


def severity(message: str, level: str = "") -> Severity:
    frame = key_severities(keys(pl.Series([message])))
    return Severity(frame.with_columns(level=level_severities(pl.Series([level]), {})).select(combined()).item())


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("ERROR", Severity.ERROR),
        ("[warn]", Severity.WARN),
        ("W", Severity.WARN),
        ("3", Severity.ERROR),
        ("50", Severity.ERROR),
        ("17", Severity.ERROR),
        ("Fehler", Severity.ERROR),
        ("错误", Severity.ERROR),
        ("crit", Severity.FATAL),
        ("notice", Severity.INFO),
        ("sonstiges", Severity.UNKNOWN),
    ],
)
def test_levels_of_many_kinds(level: str, expected: Severity) -> None:
    """Words of several languages, letters, and the numbers of syslog, OpenTelemetry and JSON loggers are understood."""
    assert severity("all is well", level) is expected


def test_own_levels_go_first() -> None:
    """A profile's own word for a level overrides ours."""
    assert level_severities(
        pl.Series(["Notice", "sos"]), {"notice": Severity.ERROR, "SOS": Severity.FATAL}
    ).to_list() == [4, 5]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("payment failed: card declined", Severity.ERROR),
        ("write gave java.io.IOException: broken", Severity.ERROR),
        ("upstream answered status=503", Severity.ERROR),
        ("worker ended, exit code 2", Severity.ERROR),
        ("3 failed", Severity.ERROR),
        ("Traceback (most recent call last):", Severity.FATAL),
        ("order 7 failed\nTraceback (most recent call last):\n  ...\nKeyError: 'amex'", Severity.ERROR),
        ("request timed out", Severity.WARN),
        ("level=error msg=oops", Severity.ERROR),
        ("[WARNING] disk is filling", Severity.WARN),
        ("0 errors, Failures: 0", Severity.UNKNOWN),
        ("no errors found", Severity.UNKNOWN),
        ("error=null status=200", Severity.UNKNOWN),
        ("loaded com.acme.error.ErrorHandler from /var/error/fatal.log", Severity.UNKNOWN),
        ("GET /errors/fatal done", Severity.UNKNOWN),
    ],
)
def test_words_tell(message: str, expected: Severity) -> None:
    """Error words count; in names, paths, tallies of zero and denials they do not."""
    assert severity(message) is expected


def test_a_warning_of_the_author_stays_one() -> None:
    """What its author marked as a warning is no error, unless it names an exception."""
    assert severity("could not reach peer, will retry", "WARN") is Severity.WARN
    assert severity("shop.PeerException: could not reach peer", "WARN") is Severity.ERROR
