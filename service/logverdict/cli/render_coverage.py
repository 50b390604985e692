"""What could not be read, briefly: the minutes and the instances that lack entries."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from logverdict.cli.layout import cut
from logverdict.cli.plain import plain
from logverdict.v1 import verification_service_pb2 as pb

MOST = 3
"""Stretches and instances that are shown of each."""
Minute = pb.Coverage.Minute


def shortfalls(reads: Sequence[pb.Coverage], width: int) -> Iterator[Text]:
    """One line a stretch of minutes, one for the instances; nothing where nothing is known to be missing."""
    for part in reads:
        source = f"{plain(part.source)}: " if len(reads) > 1 else ""
        for line in (*_minutes(part), *_instances(part)):
            yield cut(Text(f"            {source}{line}", "yellow"), width)


def _minutes(part: pb.Coverage) -> Iterator[str]:
    stretches = list(_stretches(part.minutes))
    for stretch in stretches[:MOST]:
        first, last = (f"{one.start_time.ToDatetime():%H:%M}" for one in (stretch[0], stretch[-1]))
        when = f"minute {first}" if len(stretch) == 1 else f"minutes {first}–{last}"
        expected, read = sum(one.expected for one in stretch), sum(one.read for one in stretch)
        yield f"{when} incomplete: {read:,} of {expected:,} read"
    if (more := len(stretches) - MOST) > 0:
        yield f"and {more:,} more stretches"


def _stretches(minutes: Sequence[Minute]) -> Iterator[list[Minute]]:
    """Neighbours that lack entries."""
    run: list[Minute] = []
    for minute in minutes:
        if minute.HasField("expected") and minute.expected > minute.read:
            run.append(minute)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _instances(part: pb.Coverage) -> Iterator[str]:
    short = [one for one in part.instances if one.HasField("expected") and one.expected > one.read]
    if not short:
        return
    short.sort(key=lambda one: (one.read - one.expected, one.instance))
    named = ", ".join(f"{plain(one.instance) or '(none)'} {one.read:,} of {one.expected:,}" for one in short[:MOST])
    more = f", and {len(short) - MOST:,} more" if len(short) > MOST else ""
    yield f"of instances: {named}{more}"
