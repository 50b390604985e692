"""The operator's redactions reach what is kept of a source's entries."""

from datetime import timedelta

import polars as pl

from fakes.verifications import at
from logverdict.adapters.profiles.redacting import redacting
from logverdict.analysis.counts import TemplateCounts
from logverdict.analysis.entries import SCHEMA
from logverdict.domain.profile import Profile, SourceSpec
from logverdict.domain.redaction import Redaction
from logverdict.domain.verification import Plan, Slice
from logverdict.domain.window import Window
from logverdict.verify.findings import samples
from logverdict.verify.judging import reduce_slice
from logverdict.verify.recording import cleaned

RULE = Redaction("customer", "customer [A-Za-z#]+", "<customer>")


def an_entry(message: str) -> pl.DataFrame:
    values = {"time": at(1), "message": message}
    row = {name: [values.get(name, "" if kind == pl.String else None)] for name, kind in SCHEMA.items()}
    return pl.DataFrame(row, schema=SCHEMA)


def test_they_reach_counts_recordings_and_samples() -> None:
    """Counts, their samples, recorded cases and the samples of a tested source are all without what a rule takes."""
    profile = redacting(Profile("shop", (SourceSpec("app", "logs", "*"),)), [RULE])
    (spec,) = profile.sources
    span = Window(at(0), at(10))
    plan = Plan(span, (Window(at(0) - timedelta(minutes=1), at(0)),), (span.end,), 1.0)
    entry = an_entry("customer Meier paid")
    counts = TemplateCounts.from_bytes(reduce_slice([entry], Slice(spec, "candidate", span), plan, span))
    assert counts.counts["key"].to_list() == counts.samples["sample"].to_list() == ["<customer> paid"]
    assert cleaned(entry, spec)["message"].to_list() == ["<customer> paid"]
    assert samples(entry, spec.redactions)[0].message == "<customer> paid"
