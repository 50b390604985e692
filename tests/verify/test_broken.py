"""Entries that could not be understood, in the coverage of a slice."""

import polars as pl

from fakes.verifications import a_plan, a_slice
from logverdict.analysis.reduced import SURVEY
from logverdict.domain.verification import Coverage, whole
from logverdict.verify.coverage import TALLY, slice_coverage
from logverdict.verify.ports import Survey


def test_broken_entries_after_the_slice_are_the_next_slices() -> None:
    """A read goes on after the slice's end, for stack traces: what is broken there is not counted here as well."""
    counted = {"instance": ["a"], "bin": [0], "count": [10], "arrived": [None]}
    survey = Survey(pl.DataFrame(counted, schema=SURVEY), ())
    read = pl.DataFrame({"bin": [0], "instance": ["a"], "count": [8]}, schema=TALLY)
    found = slice_coverage(a_slice(), a_plan(), survey, read, Coverage(15, 10, 5))
    assert (found.expected, found.read, found.broken, found.missing) == (10, 8, 2, 0)


def test_what_lies_at_no_time_counts_once_in_all_slices() -> None:
    """Each read of a file without any time meets all of its lines: the last and greatest count holds."""
    parts = [
        Coverage(None, 5, 2 + met, undated=met, faults=("2 lines are odd", f"in all {met:,} lines have no time"))
        for met in (1_000, 1_200, 1_100)
    ]
    found = whole(parts)
    assert (found.broken, found.undated) == (1_206, 1_200)
    assert found.faults == ("6 lines are odd", "in all 1,200 lines have no time")
