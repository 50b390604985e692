"""What the files of a query are: how many, in which format, and a sample of their last entries."""

from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import orjson

from logverdict.adapters.sources.file_formats import PAIR, formats_of, names_of, pairs
from logverdict.adapters.sources.file_names import instance_of
from logverdict.adapters.sources.file_options import Options, parse_options
from logverdict.adapters.sources.file_plain import PlainFormat
from logverdict.adapters.sources.file_query import Found, find_files
from logverdict.adapters.sources.lines import Passed, Unreadable, lines_of
from logverdict.adapters.sources.records import Parsed, Reading, flat
from logverdict.adapters.sources.times import Times
from logverdict.domain.errors import QueryRejected
from logverdict.domain.probe import Probe, Record
from logverdict.domain.profile import SourceSpec
from logverdict.domain.window import Window

MOST_FILES = 10
MOST_PLACES = 100
SAMPLE = 50
"""Entries in all: the last ones of the files that were written to last."""
EVER = (0, 4_102_444_800_000_000)
"""From 1970 to 2100, in microseconds."""
PARTS = {"time": "(time in the line)", "message": "(rest of the line)", "level": "(level in the line)"}
FILE = {"instance": "(name of the file)", "version": "(path of the file)"}


@dataclass
class _Seen:
    records: list[tuple[int, Record]] = field(default_factory=list)
    formats: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def probe(root: Path, spec: SourceSpec, span: Window) -> Probe:
    """Raises SourceUnavailable for a root that can't be read. Blocks: for a thread."""
    options, unread = parse_options(spec.options), list[str]()
    try:
        found = find_files(root, spec.query, options.missing_ok, unread)
    except QueryRejected as fault:
        return Probe(server="files", faults=(fault.message,))
    seen = _Seen(faults=unread)
    newest = sorted(found, key=lambda file: -file.modified)[:MOST_FILES]
    for file in newest:
        _look(file, spec, options, span, seen)
    records = sorted(seen.records, key=lambda pair: -pair[0])[:SAMPLE]
    formats = ", ".join(f"{count} of format {name}" for name, count in seen.formats.most_common())
    return Probe(
        server=f"{len(found):,} file{'' if len(found) == 1 else 's'}" + (f", looked into {formats}" if formats else ""),
        places=tuple(file.name for file in found)[:MOST_PLACES],
        records=tuple(record for _, record in records),
        otherwise=PARTS | FILE,
        newest=datetime.fromtimestamp(records[0][0] / 1e6, UTC) if records else None,
        notes=tuple(seen.faults),
    )


def _look(file: Found, spec: SourceSpec, options: Options, span: Window, seen: _Seen) -> None:
    """The last lines of a file that begin an entry."""
    times = Times(options.zone, span.start + span.length / 2)

    def reading(word: str) -> Reading:
        default = instance_of(file.name) if word == "plain" else ""
        instance, version = options.instance.name(file.name, default), options.version.name(file.name, "")
        return Reading(*EVER, spec.fields, times, instance=instance, version=version)

    last: deque[bytes] = deque(maxlen=20 * SAMPLE)
    first: Sequence[bytes] = ()
    try:
        for block in lines_of(file.path):
            if isinstance(block, Passed):
                continue
            first = first or block.lines
            last.extend(block.lines[-20 * SAMPLE :])
    except Unreadable as fault:
        seen.faults.append(f"{file.name}: {fault}")
    names = names_of(options.format, first, reading)
    formats = formats_of(names, reading(names[0]))
    seen.formats[names[0]] += 1
    kept = 0
    for line in reversed(last):
        good = line.decode(errors="replace").encode()
        for form in formats:
            if kept < SAMPLE and (parsed := form.parse(good)) is not None:
                seen.records.append((parsed[0], _record(good, parsed, plain=isinstance(form, PlainFormat))))
                kept += 1
                break


def _record(line: bytes, parsed: Parsed, plain: bool) -> Record:
    _, message, level, instance, version = parsed
    named = {FILE["instance"]: instance, FILE["version"]: version}
    if plain:
        parts = {PARTS["time"]: "in the line", PARTS["message"]: message, PARTS["level"]: level}
        return {name: text for name, text in (parts | named).items() if text}
    fields: dict[str, str] = {}
    with suppress(orjson.JSONDecodeError):
        value = orjson.loads(line)
        fields = flat(value) if isinstance(value, dict) else {}
    if not fields and PAIR.match(text := line.decode()):
        fields = flat(pairs(text))
    values = set(fields.values())
    return {**fields, **{name: text for name, text in named.items() if text and text not in values}}
