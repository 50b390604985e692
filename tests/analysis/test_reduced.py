"""What a source counted by itself becomes the counts that its entries would."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from fakes.logs import START, batch, every, usual
from fakes.reduced import reduced
from fakes.traces import TRACES
from logverdict.analysis.count import of_reduced
from logverdict.analysis.counts import EDGE, FRAMES, TemplateCounts, add
from logverdict.analysis.engine import reduce
from logverdict.analysis.entries import SCHEMA
from logverdict.analysis.key import MAX_KEYED
from logverdict.analysis.sides import Stretch
from logverdict.analysis.statement import Outcome, statement
from logverdict.domain.words import Severity

OWN = {"boo": Severity.ERROR}


def whole(entries: pl.DataFrame) -> TemplateCounts:
    return reduce([entries], source="app", start=START, bin_seconds=60, severities=OWN)


def counted(entries: pl.DataFrame) -> TemplateCounts:
    return of_reduced(*reduced(entries, START, 60), source="app", severities=OWN)


def varied() -> pl.DataFrame:
    """Secrets, levels of all kinds, stack traces, long and empty messages, several instances and versions."""
    odd = [(7.5, trace, "ERROR") for trace in TRACES.values()]
    odd += [
        (9.25, "x" * MAX_KEYED + "1", ""),
        (9.25, "", "boo"),
        (9.5, "\x00", "boo"),
        (9.75, "größe 5 文件 😀", "WARN"),
    ]
    odd += every(11, "login of ann.lee{n}@example.org with password=hunter{n} status={n}", "boo")
    frames = [batch([*usual(), *odd]), batch(every(1, "order {n} stored", ""), instance="")]
    odd_keys = every(40, "Completed 404 Not Found in {n} ms", "")  # to key such a key changes it
    frames += [batch(odd_keys, instance="pod-3")]
    frames += [batch(every(13, "exit code {n}"), instance="pod-2").with_columns(version=pl.lit("1.1"))]
    return pl.concat(frames)


def test_counts_of_entries_and_of_what_a_source_counted_are_equal() -> None:
    """All four frames, to the last value."""
    one, other = whole(varied()), counted(varied())
    for name in FRAMES:
        assert_frame_equal(getattr(one, name), getattr(other, name))
    assert one.to_bytes() == other.to_bytes()


def test_pages_of_what_a_source_counted_add() -> None:
    """Reduced in two spans that share a bin, the counts are those of the whole."""
    entries = varied().sort("time", *SCHEMA.names()[1:])
    parts = [entries[:1000], entries[1000:]]
    assert add(counted(part) for part in parts).to_bytes() == whole(entries).to_bytes()


@pytest.mark.parametrize("instances", [1, EDGE, EDGE + 1])
def test_what_a_job_says_of_itself_is_the_same_either_way(instances: int) -> None:
    """However many instances there are, of which a source gives the last entries of some only."""
    lines = [*every(60, "step {n}"), (1795.0, "Finished: FAILURE", "")]
    entries = pl.concat([batch(lines, instance=f"job-{number}") for number in range(instances)])
    stretches = [Stretch(made, 1800, 30) for made in (whole(entries), counted(entries))]
    assert [statement(one).outcome for one in stretches] == [Outcome.FAILED] * 2
    parts = [statement(one.only(frozenset({"job-0"}))) for one in stretches]
    assert parts[0] == parts[1]


def test_nothing_counted_gives_nothing() -> None:
    """No rows and no last entries give empty counts."""
    assert counted(varied().clear()).to_bytes() == whole(varied().clear()).to_bytes()
