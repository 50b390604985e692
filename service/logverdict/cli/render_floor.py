"""How far a verdict can be trusted: where the noise floor lies, what could have been seen, what has to be minded."""

from collections.abc import Iterator

from rich.text import Text

from logverdict.cli.layout import number, wrapped
from logverdict.cli.plain import plain
from logverdict.v1 import verification_service_pb2 as pb

INDENT = 12
MOST_NOTES = 5


def floor_lines(known: pb.Verification, width: int) -> Iterator[Text]:
    if known.HasField("floor"):
        yield from _named("floor", floor_text(known.floor), width)
    if known.HasField("detectable"):
        yield from _named("detects", detectable_text(known.detectable), width)
    for note in known.notes[:MOST_NOTES]:
        yield from _named("note", plain(note), width, most=4)


def _named(name: str, text: str, width: int, most: int = 2) -> Iterator[Text]:
    """At most so many lines, beside the name."""
    for line in wrapped(text, width, most, " " * INDENT):
        yield Text(f" {name:<{INDENT - 1}}{line.plain[INDENT:]}")
        name = ""


def floor_text(floor: pb.Floor) -> str:
    usual = number(floor.expected)
    found = f"{_several(floor.found, 'new kind')} of error, {usual if floor.expected else 'none'} usual"
    if floor.runs < 2:
        return f"{found} by its one baseline"
    earlier = f" ({floor.earlier:,} of them earlier deployments)" if floor.earlier else ""
    return f"{found}, at most {number(floor.most)} in one of {floor.runs:,} good runs{earlier}"


def detectable_text(detectable: pb.Detectable) -> str:
    entries = detectable.new_error_entries
    new = "no single new error"
    if detectable.HasField("new_error_entries"):
        new = f"a new error of {'1 entry' if entries == 1 else f'{entries:,} entries'}"
    changes = [f"of {change.share * 100:.0f} % × {change.ratio:.3g}" for change in detectable.changes if change.ratio]
    return f"{new}; a message {', '.join(changes)}" if changes else f"{new}; no change of frequency"


def _several(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
