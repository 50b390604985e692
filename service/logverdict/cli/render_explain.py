"""How one event is explained: what it says, how it differs, when and where it came, what people said of it."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from rich.text import Text

from logverdict.cli import words
from logverdict.cli.feedback_calls import EventName
from logverdict.cli.layout import ends, folded, number, styled, wrapped
from logverdict.cli.plain import plain
from logverdict.cli.render import DIM, event_lines, way_lines, what
from logverdict.cli.render_feedback import applied_lines
from logverdict.v1 import event_pb2
from logverdict.v1 import verification_service_pb2 as pb

BARS = "▁▂▃▄▅▆▇█"
MOST_LINES = 4
MOST_SAMPLES = 5
MOST_INSTANCES = 10
Event = event_pb2.Event


def short_lines(event: Event, rank: int, name: EventName, width: int) -> Iterator[Text]:
    """An event among others: its numbers, its template, why, and in which words it differs."""
    yield from event_lines(event, rank, width, most=4)
    yield Text(f"    {plain(event.sentence)}", DIM)
    yield from _nearest(event, width)
    yield Text(f"    {name}", DIM)
    yield Text()


def event_page(event: Event, known: pb.Verification, name: EventName, width: int) -> Iterator[Text]:
    impact = words.name(Event.Impact, event.impact)
    head = Text.assemble(styled(impact) if impact not in ("", "NONE") else "note", " ", (what(event), "bold"))
    yield ends(head, Text(f"expected {number(event.expected)}, seen {number(event.seen)}"), width)
    yield from wrapped(plain(event.template), width, 12, "    ")
    yield from wrapped(plain(event.sentence), width, 4, " ")
    yield Text(f" {name}, in {plain(known.deployment.service)} {plain(known.deployment.version)}", DIM)
    yield from applied_lines(event, width)
    yield from _nearest(event, width)
    yield from _listed("other templates", [plain(one) for one in event.templates[1:]], width)
    yield from _listed("samples", [plain(one) for one in event.samples], width)
    yield from _times(event)
    yield from _instances(event, width)
    if event.ways_back:
        yield Text(" raw entries", "bold")
        yield from way_lines(event)
    yield Text()


def _nearest(event: Event, width: int) -> Iterator[Text]:
    """The known message that is most like it, with the words that differ."""
    if not event.HasField("nearest"):
        return
    nearest = event.nearest
    share = f"{nearest.jaccard_similarity:.0%} of the words"
    yield Text(f"    nearest known message ({share}):", DIM)
    for line in difference(plain(nearest.template), plain(event.template)):
        for part in folded(line, width - 6)[:MOST_LINES]:
            yield Text.assemble("      ", part)


def difference(known: str, now: str) -> Sequence[Text]:
    """Both messages, in brackets the words that the other does not have: colours alone say nothing in a CI log."""
    before, after = known.split(), now.split()
    lines = Text("- "), Text("+ ")
    for kind, start, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for line, part, style in ((lines[0], before[start:end], "red"), (lines[1], after[first:last], "green")):
            if part:
                text = " ".join(part)
                line.append(text if kind == "equal" else f"[{text}]", "" if kind == "equal" else style)
                line.append(" ")
    return lines


def _listed(title: str, texts: Sequence[str], width: int) -> Iterator[Text]:
    if texts:
        yield Text(f" {title}", "bold")
    for text in texts[:MOST_SAMPLES]:
        yield from wrapped(text, width, 3, "    ")
    if len(texts) > MOST_SAMPLES:
        yield Text(f"    and {len(texts) - MOST_SAMPLES:,} more", DIM)


def _times(event: Event) -> Iterator[Text]:
    yield Text(" when", "bold")
    if event.HasField("first_seen_time"):
        first, last = event.first_seen_time.ToDatetime(), event.last_seen_time.ToDatetime()
        yield Text(f"    first {first:%Y-%m-%d %H:%M:%S}, last {last:%Y-%m-%d %H:%M:%S} UTC")
    most = max([*event.baseline_series, *event.candidate_series], default=0)
    for side, series, count in (
        ("baseline", event.baseline_series, event.baseline_count),
        ("candidate", event.candidate_series, event.candidate_count),
    ):
        if series:
            yield Text(f"    {side:<9}  {spark(series, most)}  {count:,}")


def spark(series: Sequence[int], most: int) -> str:
    """A bar a bin; a dot for none, so that one entry is seen beside thousands."""
    return "".join("·" if not one else BARS[min(7, one * 8 // (most + 1))] for one in series)


def _instances(event: Event, width: int) -> Iterator[Text]:
    if event.instances:
        told = ", ".join(
            f"{plain(one.instance) or 'unnamed'} {one.count:,}" for one in event.instances[:MOST_INSTANCES]
        )
        more = f" and {len(event.instances) - MOST_INSTANCES} more" if len(event.instances) > MOST_INSTANCES else ""
        yield Text(" where", "bold")
        yield from wrapped(told + more, width, 4, "    ")
