"""The page on one verification: what to do, why, the strongest events, what was read, what to type next."""

import math
import re
from collections.abc import Iterator, Sequence

from rich.style import Style
from rich.text import Text

from logverdict.cli import words
from logverdict.cli.layout import badge, cut, ends, number, percent, styled, wrapped
from logverdict.cli.outcome import Outcome
from logverdict.cli.plain import plain
from logverdict.cli.render_after import instead_lines
from logverdict.cli.render_coverage import shortfalls
from logverdict.cli.render_feedback import applied_lines
from logverdict.cli.render_floor import floor_lines
from logverdict.v1 import event_pb2
from logverdict.v1 import verification_service_pb2 as pb

DIM = "dim"
LINK = re.compile("https?://[!-~]+")
Event = event_pb2.Event


def outcome_page(one: Outcome, width: int, most: int) -> Iterator[Text]:
    """What `verify` and `watch` say at the end."""
    known = one.verification
    where = f" {plain(one.label)} in {plain(one.environment)}" if one.environment else f" {plain(one.label)}"
    right = Text("UNVERIFIED", "bold magenta") if one.unverified else _verdict(known)
    yield ends(Text.assemble(badge(one.decision), (where, "bold")), right, width)
    yield from wrapped(plain(one.sentence), width, 4, " ")
    if one.unverified:
        yield from wrapped(f"The decision {one.decision} was chosen by: {one.chosen_by}.", width, 2, " ")
    else:
        yield from instead_lines(known, one.decision, one.enforced_decision, width)
    if known:
        yield from _details(known, one.events, width, most)


def verification_page(known: pb.Verification, events: Sequence[Event], width: int, most: int) -> Iterator[Text]:
    """What `get` says: the state of a verification, ended or not."""
    deployment = known.deployment
    label = f" {plain(deployment.service)} {plain(deployment.version)} in {plain(deployment.environment)}"
    head = words.decision(known.decision) or words.state(known)
    yield ends(Text.assemble(badge(head), (label, "bold")), _verdict(known), width)
    yield from wrapped(plain(known.error or known.sentence or "Nothing has been judged yet."), width, 3, " ")
    decision, enforced = words.decision(known.decision), words.decision(known.enforced_decision)
    yield from instead_lines(known, decision, enforced, width)
    yield from _details(known, events, width, most)


def _details(known: pb.Verification, events: Sequence[Event], width: int, most: int) -> Iterator[Text]:
    yield cut(Text(" " + " · ".join(_facts(known)), DIM), width)
    shown = events[:most]
    for rank, event in enumerate(shown, 1):
        yield Text()
        yield from event_lines(event, rank, width)
    more = max(words.anomalies(known), len(events)) - len(shown)
    if shown and more > 0:
        yield Text(f"    and {more:,} more that depart from the baseline", DIM)
    yield Text()
    yield from _beside(known, width)
    yield from _sides(known, width)


def _beside(known: pb.Verification, width: int) -> Iterator[Text]:
    """What else changed: at 3 a.m. the one to ask next."""
    if known.concurrent:
        shown = [f"{plain(one.service)}@{plain(one.version)} ({_found(one)})" for one in known.concurrent[:5]]
        more = f" and {len(known.concurrent) - 5} more" if len(known.concurrent) > 5 else ""
        yield from wrapped(f"At the same time: {', '.join(shown)}{more}", width, 2, " ")


def _found(one: pb.Verification.Concurrent) -> str:
    return words.name(pb.Verification.Verdict, one.verdict) if one.verdict else "no verdict yet"


def _facts(known: pb.Verification) -> Iterator[str]:
    if known.reason:
        yield plain(known.reason)
    if known.without_feedback.verdict not in (0, known.verdict):
        yield f"{words.name(pb.Verification.Verdict, known.without_feedback.verdict)} without feedback"
    if words.state(known) not in ("", "SUCCEEDED"):
        yield words.state(known)
    if known.comparison_used:
        yield words.comparison(known)
    if known.looks_planned:
        yield f"look {known.looks} of {known.looks_planned}"
    if known.HasField("candidate_window"):
        window = known.candidate_window
        start, end = window.start_time.ToDatetime(), window.end_time.ToDatetime()
        yield (
            f"{start:%d %b %H:%M:%S}–{end:%H:%M:%S} UTC"
            if start.date() == end.date()
            else (f"{start:%d %b %H:%M}–{end:%d %b %H:%M} UTC")
        )
    if known.superseded_by:
        yield f"superseded by {plain(known.superseded_by)}"


def _verdict(known: pb.Verification | None) -> Text:
    if known is None or not known.verdict:
        return Text("no verdict")
    so_far = "" if words.ended(known) else " so far"
    return Text.assemble("verdict ", styled(words.verdict(known)), f"{so_far}, score {known.score} of 100")


def event_lines(event: Event, rank: int, width: int, most: int = 2) -> Iterator[Text]:
    """One line of numbers, then the template, which leads to its raw entries where a click can be followed."""
    impact = words.name(Event.Impact, event.impact)
    left = Text.assemble(
        f" {rank:>2} ", styled(impact) if impact not in ("", "NONE") else "note", " ", (what(event), "bold")
    )
    yield ends(left, Text(f"expected {number(event.expected)}, seen {number(event.seen)}"), width)
    style = Style(link=next(links(event), None))
    for line in wrapped(plain(event.template), width, most, "    "):
        line.stylize(style, start=4)
        yield line
    if event.HasField("new_value"):
        new, known = event.new_value, ", ".join(event.new_value.known_values)
        yield from wrapped(plain(f"new: {new.place} {new.value}, known: {known}"), width, 1, "    ")
    yield from applied_lines(event, width)


def links(event: Event) -> Iterator[str]:
    """Those that a browser opens, whatever the server sends."""
    for way in event.ways_back:
        if LINK.fullmatch(way.link):
            yield way.link


def way_lines(event: Event) -> Iterator[Text]:
    """How to get the raw entries, per source: a line that is never cut, as it is there to be copied."""
    for way in event.ways_back:
        shown = f"raw entries: {way.link}" if LINK.fullmatch(way.link) else f"query: {plain(way.query)}"
        several = f"{plain(way.source)}, " if len(event.ways_back) > 1 else ""
        yield Text(f"    {several}{shown}", DIM)


def what(event: Event) -> str:
    """The kind of an event in people's words."""
    severity = words.severity(event)
    tail = f" (level {severity})" if severity else ""
    if event.kind == Event.UNKNOWN:
        return f"new {severity or 'message'}"
    if event.kind == Event.UNEXPECTED_FREQUENCY:
        return f"{_times(event)}{tail}"
    if event.kind == Event.GONE:
        return f"gone{tail}"
    return f"{words.name(Event.Kind, event.kind).lower().replace('_', ' ')}{tail}"


def _times(event: Event) -> str:
    ratio = event.ratio
    if not math.isfinite(ratio) or ratio <= 0:
        return "less often" if event.direction == Event.DOWN else "more often"
    if ratio < 1:
        return f"{percent(ratio)} as often"
    return f"{number(ratio)} × as often"


def _sides(known: pb.Verification, width: int) -> Iterator[Text]:
    for name, side in (("baseline", known.baseline_side), ("candidate", known.candidate_side)):
        reads = [part for part in known.coverage if part.side == name]
        if not reads and not side.entries:
            continue
        share = min((part.share for part in reads), default=1.0)
        whose = f"{side.instances:,} instance{'' if side.instances == 1 else 's'}"
        text = f" {name:<9}  {side.entries:>11,} entries of {whose}, {percent(share)} read"
        lost = "; ".join(_lost(reads))
        yield cut(
            Text.assemble((text, "" if share >= 1 and not lost else "yellow"), f": {lost}" if lost else ""), width
        )
        yield from shortfalls(reads, width)
    yield from floor_lines(known, width)


def _lost(reads: Sequence[pb.Coverage]) -> Iterator[str]:
    for word in ("broken", "late"):
        if count := sum(getattr(part, word) for part in reads):
            yield f"{count:,} {word}"
    for part in reads:
        yield from (f"{plain(part.source)}: {plain(fault)}" for fault in part.faults)


def fine_line(name: str, events: Sequence[Event], hint: str) -> Iterator[Text]:
    """How to say that the strongest event that speaks against the deployment is fine."""
    for event in events:
        if event.impact in (Event.WARN, Event.FAIL):
            which = f"{plain(name).removeprefix('verifications/')}/{event.id}"
            yield Text(f" if fine:     logverdict ignore {which} --reason '…'{hint}", DIM)
            return
