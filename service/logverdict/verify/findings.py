"""What a sample of a source shows: which fields hold what, and what should be looked at."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields as parts
from datetime import datetime, timedelta

import polars as pl

from logverdict.analysis.levels import LEVELS
from logverdict.analysis.redact import MAX_SAMPLE, redact
from logverdict.analysis.severity import level_severities
from logverdict.domain.probe import Candidate, FieldFound, Probe, SampleEntry, SourceReport
from logverdict.domain.profile import FieldNames, SourceSpec
from logverdict.domain.redaction import Redaction
from logverdict.domain.words import Severity

SHOWN = 10
ENOUGH = 20
"""Entries that tell whether all of them are errors."""
ERRORS_ONLY = re.compile(
    r"(?i)\b(?:level|severity\w*|lvl|loglevel)\s*[:=]\s*[(\"']*\s*(?:error|err|fatal|critical|warn)"
)
AHEAD, FAR = timedelta(minutes=1), timedelta(minutes=20)


def fields(names: FieldNames, probe: Probe) -> tuple[FieldFound, ...]:
    """For each thing an entry has, which candidate holds it in the probe's records."""
    named = {part.name: getattr(names, part.name) for part in parts(FieldNames)} | {"details": names.named_details}
    return tuple(_field(what, some, probe) for what, some in named.items())


def _field(what: str, names: Sequence[str], probe: Probe) -> FieldFound:
    tried = tuple(Candidate(name, probe.types.get(name, ""), _share([name], probe)) for name in names)
    if own := probe.always.get(what):
        return FieldFound(what, own, "the source's own", _share([own], probe), tried)
    other = [probe.otherwise[what]] if what in probe.otherwise else []
    share = _share([*names, *other], probe)
    held = next((one for one in tried if one.share), None)
    if held is None and other and _share(other, probe):
        return FieldFound(what, other[0], "the source's own", share, tried)
    held = held or next((one for one in tried if one.type), None)
    return FieldFound(what, held.name if held else "", held.type if held else "", share, tried)


def _share(names: Sequence[str], probe: Probe) -> float | None:
    if not probe.records:
        return None
    return sum(any(record.get(name) for name in names) for record in probe.records) / len(probe.records)


def samples(entries: pl.DataFrame, own: Sequence[Redaction] = ()) -> tuple[SampleEntry, ...]:
    """The newest ones, redacted and cut."""
    newest = entries.sort("time", descending=True).head(SHOWN)
    texts = [redact(newest[name], own).str.head(MAX_SAMPLE) for name in ("message", "level", "instance", "version")]
    return tuple(SampleEntry(*row) for row in zip(newest["time"], *texts, strict=True))


def warnings(
    spec: SourceSpec, report: SourceReport, entries: pl.DataFrame, said: Sequence[str], now: datetime
) -> tuple[str, ...]:
    """In words, what is worth a look though entries can be read."""
    found = [
        *(f"missing privilege: {one.name}" for one in report.probe.privileges if not one.granted),
        *_silence(spec, report, entries, now),
        *_query(spec, report, entries),
        *_fields(report, entries),
        *_levels(spec, entries),
        *report.probe.notes,
        *said,
    ]
    return tuple(dict.fromkeys(found))


def _silence(spec: SourceSpec, report: SourceReport, entries: pl.DataFrame, now: datetime) -> Iterator[str]:
    newest = report.probe.newest
    if entries.is_empty() and not report.counts.total:
        told = f"; the newest one that matches is of {newest:%Y-%m-%d %H:%M:%S} UTC" if newest else ""
        yield f"no entries in the window{told}: look at the query, the index and the window (--last)"
        if report.counts.evidence:
            yield f"the evidence query counts {report.counts.evidence:,} entries: the service logs, and nothing matches"
        elif spec.evidence:
            yield "the evidence query counts nothing either: silence would be INCONCLUSIVE"
    if newest and newest > now + AHEAD:
        yield (
            f"the newest entry is of {newest:%Y-%m-%d %H:%M:%S} UTC, which is still to come: its time zone is not what "
            "its time says; write options.timezone for files, or have the shipper write an offset"
        )
    elif newest and report.window.end >= now - AHEAD and _hours(now - newest):
        yield (
            f"the newest entry is about {round((now - newest) / timedelta(hours=1))} hours old: the service is silent, "
            "or its times lack their time zone"
        )


def _hours(behind: timedelta) -> bool:
    """Whether it looks like a time zone: whole hours, give or take five minutes."""
    rest = behind % timedelta(hours=1)
    near = min(rest, timedelta(hours=1) - rest) <= timedelta(minutes=5)
    return FAR < behind < timedelta(hours=15) and near


def _query(spec: SourceSpec, report: SourceReport, entries: pl.DataFrame) -> Iterator[str]:
    if report.probe.everything:
        yield (
            "the query lets every entry of the index through: narrow it to the service, with a query or with "
            "options such as filter.service.name"
        )
    bad = level_severities(entries["level"], spec.severities) >= int(Severity.ERROR)
    only = entries.height >= ENOUGH and bool(bad.all())
    if not spec.evidence and (only or ERRORS_ONLY.search(spec.query)):
        yield (
            "the query seems to mean errors only, and there is no evidence query: without errors nobody can tell "
            "health from silence; write `evidence` with a wider query, such as one for all entries of the service"
        )


def _fields(report: SourceReport, entries: pl.DataFrame) -> Iterator[str]:
    found = {one.what: one for one in report.fields}
    advice = {
        "message": "those entries are judged by what else they hold, or not at all",
        "instance": "instances can't be told apart; comparison is by time only, and a dead instance is not seen",
        "level": "severity then comes from the words of the message",
    }
    for what, then in advice.items():
        field, tried = found[what], ", ".join(one.name for one in found[what].candidates)
        if field.share == 0 or (not field.name and not entries.is_empty()):
            yield f"no sampled entry has a field of fields.{what} (tried {tried}): {then}"
        elif field.share is not None and field.share < 1:
            yield f"{1 - field.share:.0%} of the sampled entries have no field of fields.{what}: {then}"


def _levels(spec: SourceSpec, entries: pl.DataFrame) -> Iterator[str]:
    own = {word.strip().lower() for word in spec.severities}
    words = entries["level"].str.strip_chars(" []<>():").unique().drop_nulls().to_list()
    unknown = sorted(word for word in words if word and word.lower() not in LEVELS and word.lower() not in own)
    if unknown:
        shown = ", ".join(redact(pl.Series(unknown[:5], dtype=pl.String), spec.redactions))
        yield f"levels that are not understood: {shown}; say in `severities` what they mean"
