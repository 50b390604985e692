"""Drafts a profile from what a sample shows."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from logverdict.analysis.levels import LEVELS
from logverdict.analysis.redact import redact
from logverdict.domain.probe import Draft, FieldFound, Probe
from logverdict.domain.profile import SourceSpec
from logverdict.domain.redaction import Redaction
from logverdict.verify.findings import fields

SERVICE_NAMES = (
    "service.name",
    "kubernetes.labels.app_kubernetes_io/name",
    "kubernetes.labels.app",
    "kubernetes.deployment.name",
    "kubernetes.container.name",
    "resource.attributes.service.name",
    "service",
    "app",
    "application",
    "container.name",
    "sourcetype",
)
PLAIN = re.compile(r"[A-Za-z_][\w./-]*")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
USEFUL = 12
"""Fields that are listed at the end."""
EXAMPLE = 60
MANY = 4
"""Entries for each value of a field of few values."""
WHY = {
    "time": "when it happened",
    "message": "the text that is judged",
    "level": "how bad it is",
    "instance": "who wrote it, by which changed and unchanged instances are told apart",
    "version": "which version wrote it, which tells changed instances by itself",
    "stream": "what it is part of, so that lines of a split stack trace are joined",
    "offset": "its place in the stream, a number",
    "details": "what stands beside the message and is judged with it",
}


def draft(spec: SourceSpec, service: str, probe: Probe) -> Draft:
    probe = replace(probe, records=tuple(_without_own(record, spec.redactions) for record in probe.records))
    found = fields(spec.fields, probe)
    name = service if NAME.fullmatch(service) else "service"
    lines = [
        *_head(spec, probe),
        "profiles:",
        f"  {quoted(name)}:",
        "    sources:",
        "      logs:",
        *(f"        {line}".rstrip() for line in _source(spec, service, probe, found)),
        *_rest(),
        *_others(spec, probe, found),
    ]
    return Draft("\n".join(lines) + "\n", len(probe.records), tuple(_warnings(spec, probe, found)))


def _head(spec: SourceSpec, probe: Probe) -> Iterator[str]:
    yield "# A draft, made from a sample of entries: read it, correct it, keep what is right."
    where = ", ".join(probe.places[:3]) + (" and others" if len(probe.places) > 3 else "")
    yield f"# Sample: {len(probe.records)} entries of connection {comment(spec.connection)}" + (
        f" ({comment(where)})." if where else "."
    )
    yield "# Check it:  logverdict profile check FILE"
    yield "# Try it:    logverdict source test SERVICE --profile FILE"


def _source(spec: SourceSpec, service: str, probe: Probe, found: Sequence[FieldFound]) -> Iterator[str]:
    yield "# Of the operator's settings; never a host or a credential."
    yield f"connection: {quoted(spec.connection)}"
    yield "# In the connection's own language: the entries to judge, all levels, so that what is normal is seen too."
    yield f"query: {quoted(spec.query)}"
    yield "# Where `query` means errors only, a wider query to count, so that no error is health and not silence:"
    yield '# evidence: "..."'
    yield from _options(spec, service, probe)
    yield from _fields(found)
    yield from _severities(probe, found)


def _options(spec: SourceSpec, service: str, probe: Probe) -> Iterator[str]:
    lines = [f"  {quoted(name)}: {quoted(value)}" for name, value in spec.options.items()]
    filters = [name for name in spec.options if name.startswith("filter.")]
    if not filters and "index" in spec.options:
        lines += [f"  {line}" for line in _filters(service, probe)]
    set_ones = [line for line in lines if not line.lstrip().startswith("#")]
    yield from (["options:"] if set_ones else [])
    yield from (lines if set_ones else map(str.strip, lines))


def _filters(service: str, probe: Probe) -> Iterator[str]:
    """A field that tells the service, where one does."""
    for name in SERVICE_NAMES:
        values = Counter(record[name] for record in probe.records if record.get(name))
        if service and values[service]:
            others = _listed(name, values, service)
            yield f"# {_percent(values[service], probe)} of the sample; other values: {others}"
            yield f"{quoted(f'filter.{name}')}: {quoted(service)}"
            return
        if values:
            yield f"# To narrow it to one service (values seen: {_listed(name, values, '')}):"
            yield f'# {quoted(f"filter.{name}")}: "${{service}}"'
            return


def _fields(found: Sequence[FieldFound]) -> Iterator[str]:
    yield "# Names to try, first hit wins. Without a line here the usual names are tried."
    held = [one for one in found if one.name and (one.share or one.type)]
    # Details keep their usual names: what an entry has when it fails may not be in the sample.
    own = [one for one in held if one.what != "details" and any(one.name == each.name for each in one.candidates)]
    yield from (["fields:"] if own else [])
    pad = "  " if own else ""
    for one in found:
        if one in own:
            names = [each.name for each in one.candidates if each.share] or [one.name]
            yield f"  # {WHY[one.what]}: {_share(one.share)}" + (f", type {comment(one.type)}" if one.type else "")
            yield f"  {one.what}: [{', '.join(map(quoted, names))}]"
        elif one in held and one.what == "details":
            there = ", ".join(comment(each.name) for each in one.candidates if each.share or each.type)
            yield f"{pad}# details ({WHY[one.what]}): {there}; to add one: details: [usual, NAME]"
        elif one in held:
            yield f"{pad}# {one.what} ({WHY[one.what]}): comes from {comment(one.name)}"
        else:
            tried = ", ".join(each.name for each in one.candidates)
            yield f"{pad}# {one.what} ({WHY[one.what]}): not found; tried {tried}"


def _severities(probe: Probe, found: Sequence[FieldFound]) -> Iterator[str]:
    level = next(one for one in found if one.what == "level")
    words = Counter(record[level.name] for record in probe.records if record.get(level.name))
    if not words:
        return
    yield f"# Levels seen: {_listed(level.name, words, '')}"
    unknown = [word for word in words if word.strip(" []<>():").lower() not in LEVELS]
    if unknown:
        yield "# Say what this source's own words mean (DEBUG, INFO, WARN, ERROR, FATAL):"
        yield "# severities:"
        yield from (f"#   {quoted(_clean(level.name, word))}: ERROR" for word in sorted(unknown)[:5])


def _rest() -> Iterator[str]:
    yield "    # Spans and tolerance as the settings have them; what differs for this service goes here, such as:"
    yield "    # timing: {duration: 10m, baseline: 30m, settle: 1m}"
    yield "    # policy: {mode: OBSERVE}   # at first: judge, say what it would have decided, and stop nothing"


def _others(spec: SourceSpec, probe: Probe, found: Sequence[FieldFound]) -> Iterator[str]:
    """The fields that most entries have, with an example: what else could be used."""
    used = {one.name for one in found}
    counts = Counter(name for record in probe.records for name in record if name not in used and name[:1] not in "_(")
    if counts:
        yield "#"
        yield "# Other fields of the sample, for filters or names (those of few values: maybe for fields.details):"
    for name, count in counts.most_common(USEFUL):
        kind = f", {probe.types[name]}" if name in probe.types else ""
        values = Counter(record[name] for record in probe.records if record.get(name))
        few = MANY * len(values) <= count and len(values) > 1
        example = _listed(name, values, "") if few else comment(_clean(name, next(iter(values))))[:EXAMPLE]
        yield f"#   {comment(name)} ({_percent(count, probe)}{kind}): {example}"


def _warnings(spec: SourceSpec, probe: Probe, found: Sequence[FieldFound]) -> Iterator[str]:
    if not probe.records:
        yield "no entries in the window: the field names are guessed from the index alone, or the usual ones"
    for one in found:
        if one.what in ("message", "instance", "time") and not one.name:
            yield f"none of the usual names of fields.{one.what} is there: choose one of the fields in the draft's end"
    yield from probe.faults
    yield from probe.notes


def quoted(text: str) -> str:
    """As YAML has it: plain where that is safe, else in quotes as JSON writes them, which YAML reads alike."""
    return text if PLAIN.fullmatch(text) and text.lower() not in RESERVED else json.dumps(text, ensure_ascii=True)


RESERVED = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")


def comment(text: str) -> str:
    """Fit for a comment: one line, nothing that ends it."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _without_own(record: Mapping[str, str], own: Sequence[Redaction]) -> Mapping[str, str]:
    """Without what the operator's own rules take."""
    if not own:
        return record
    return dict(zip(record, redact(pl.Series(list(record.values()), dtype=pl.String), own), strict=True))


def _clean(name: str, value: str) -> str:
    """A value without secrets; the field's name may be what tells that it is one."""
    told = str(redact(pl.Series([f"{name}={value}"], dtype=pl.String))[0])
    return told.removeprefix(f"{name}=")


def _listed(name: str, values: Counter[str], but: str) -> str:
    shown = [value for value, _ in values.most_common(6) if value != but][:5]
    return comment(", ".join(_clean(name, value)[:EXAMPLE] for value in shown)) or "none"


def _share(share: float | None) -> str:
    return "not seen in the sample" if not share else f"{share:.0%} of the sample have it"


def _percent(count: int, probe: Probe) -> str:
    return f"{count / max(1, len(probe.records)):.0%}"
