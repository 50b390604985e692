"""How feedback is shown: what it says, where, since when, of whom, and what it reaches."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.text import Text

from logverdict.cli import words
from logverdict.cli.layout import cut, styled, wrapped
from logverdict.cli.plain import plain
from logverdict.cli.times import minute
from logverdict.v1 import event_pb2, feedback_pb2, profile_pb2
from logverdict.v1 import feedback_service_pb2 as pb
from logverdict.v1 import verification_service_pb2 as verification_pb

DIM = "dim"
OVER = "expired "
SAYS = {
    "IGNORE": "is ignored",
    "IGNORE_UNLESS_FREQUENCY": "is ignored unless its frequency changes",
    "MEDIUM": "warns, and fails at sensitivity HIGH",
    "ALWAYS_FAIL": "always fails",
    "DEFAULT": "is judged as without broader feedback",
}
Feedback = feedback_pb2.Feedback


def level(number: int) -> str:
    return words.name(Feedback.Level, number)


def scope(one: Any) -> str:
    if not one.scope.service:
        return "everywhere"
    environment = f" in {plain(one.scope.environment)}" if one.scope.environment else ""
    return f"{plain(one.scope.service)}{environment}"


def moment(time: Any) -> str:
    return f"{minute(time)} UTC"


def expiry(one: Feedback, now: datetime) -> str:
    if not one.HasField("expire_time"):
        return "never"
    over = one.expire_time.ToDatetime(UTC) <= now
    return f"{OVER if over else ''}{one.expire_time.ToDatetime():%Y-%m-%d}"


def author(one: Any) -> str:
    return plain(one.author) + ("" if one.author_verified else " (unverified)")


def feedback_page(one: Feedback, width: int, now: datetime) -> Iterator[Text]:
    """One feedback, whole."""
    yield Text(one.name, "bold")
    yield from wrapped(f"“{plain(one.template)}”", width, 6, " ")
    says = SAYS.get(level(one.level), level(one.level))
    until = f", until {moment(one.expire_time)}" if one.HasField("expire_time") else ""
    over = Text(": that is over, it holds no longer", "yellow") if expiry(one, now).startswith(OVER) else ""
    yield Text.assemble(f" {says}{until}", over)
    yield Text(f" where: {scope(one)}")
    yield from wrapped(f"why: {plain(one.reason)}", width, 6, " ")
    if one.ticket:
        yield Text(f" ticket: {plain(one.ticket)}")
    yield Text(f" said by {author(one)}, {moment(one.update_time)}, revision {one.revision}", DIM)
    if one.event:
        yield Text(f" of {plain(one.event)}", DIM)
    yield from wrapped(f"reaches only: {', '.join(_bounds(one))}", width, 4, " ", DIM)
    if len(one.templates) > 1:
        yield Text(f" stands for {len(one.templates)} templates", DIM)


def _bounds(one: Feedback) -> Iterator[str]:
    yield f"severity {words.name(profile_pb2.Severity, one.severity) or 'without a bad word'}"
    if one.exception_types:
        yield f"exception {', '.join(map(plain, one.exception_types))}"
    if one.top_frame:
        yield f"top frame {plain(one.top_frame)}"
    if one.codes:
        yield f"code {', '.join(map(plain, one.codes))}"


def feedback_table(found: Sequence[Feedback], width: int, now: datetime) -> Iterator[Text]:
    """A line each; what it is about gets what room is left."""
    rows = [
        (one.name.removeprefix("feedback/"), level(one.level), scope(one), expiry(one, now), plain(one.template))
        for one in found
    ]
    if not rows:
        return
    heads = ("ID", "LEVEL", "SCOPE", "EXPIRES", "TEMPLATE")
    sizes = [max(len(heads[at]), *(len(row[at]) for row in rows)) for at in range(len(heads) - 1)]
    for row in (heads, *rows):
        start = "  ".join(cell.ljust(size) for cell, size in zip(row, sizes, strict=False))
        yield cut(Text(f"{start}  {row[-1]}"), max(width, 60))


def history_lines(rows: Iterable[pb.FeedbackRevision]) -> Iterator[Text]:
    yield Text(" history:", DIM)
    for row in rows:
        change = words.name(pb.FeedbackChange, row.change).lower()
        its = row.feedback
        what = "" if change == "deleted" else f": {level(its.level)}, “{plain(its.reason)}”"
        yield Text(f"   {row.number}  {moment(row.time)}  {change} by {author(row)}{what}", DIM)


def applied_lines(event: event_pb2.Event, width: int) -> Iterator[Text]:
    """What reached an event, the one that decided first."""
    for one in event.feedback:
        says = SAYS.get(level(one.level), level(one.level))
        if one.overridden:
            yield from wrapped(
                f"overridden: {plain(one.feedback)} of {author(one)}, {level(one.level)}", width, 2, "    ", DIM
            )
            continue
        without = words.name(event_pb2.Event.Impact, one.impact_without)
        changed = f"; without it: {without}" if one.impact_without != event.impact else ""
        ticket = f", {plain(one.ticket)}" if one.ticket else ""
        said = f"{says} by {plain(one.feedback)} of {author(one)}: “{plain(one.reason)}”{ticket}{changed}"
        yield from wrapped(said, width, 4, "    ", "cyan")


def preview_lines(items: Sequence[pb.PreviewFeedbackResponse.Item], width: int) -> Iterator[Text]:
    """The verifications in which it reaches something, or something that reads alike; then how many there are."""
    for item in items:
        if item.met:
            yield from _previewed(item, width)
    reached = sum(any(not met.unlike for met in item.met) for item in items)
    turned = sum(item.verdict != item.verdict_with for item in items)
    plural = ["" if count == 1 else "s" for count in (len(items), turned)]
    where = f"{reached} of {len(items)} verification{plural[0]}"
    yield Text(f"reaches something in {where}, and turns {turned} verdict{plural[1]}")


def _previewed(item: pb.PreviewFeedbackResponse.Item, width: int) -> Iterator[Text]:
    verdicts = [words.name(verification_pb.Verification.Verdict, one) for one in (item.verdict, item.verdict_with)]
    turned = verdicts[0] != verdicts[1]
    deployment = item.deployment
    head = f"{plain(deployment.service)} {plain(deployment.version)} in {plain(deployment.environment)}"
    arrow = Text.assemble(" → ", styled(verdicts[1])) if turned else Text(" (stays)", DIM)
    name = plain(item.verification.removeprefix("verifications/"))
    yield Text.assemble(f"{moment(item.create_time)}  {head}  {name}  ", styled(verdicts[0]), arrow)
    for met in item.met:
        if met.unlike:
            yield from wrapped(f"not reached ({plain(met.unlike)}): {plain(met.template)}", width, 2, "    ", DIM)
        else:
            impact = words.name(event_pb2.Event.Impact, met.impact)
            then = words.name(event_pb2.Event.Impact, met.impact_with)
            yield from wrapped(f"{impact} → {then}  {plain(met.template)}", width, 2, "    ")


def import_lines(items: Sequence[pb.ImportFeedbackResponse.Item]) -> Iterator[Text]:
    counts: dict[str, int] = {}
    for item in items:
        word = words.name(pb.FeedbackChange, item.change).lower() or "unchanged"
        counts[word] = counts.get(word, 0) + 1
        if item.change:
            yield Text(f"{plain(item.feedback)} {word}", "bold")
            for line in item.diff:
                text = line[1:].lstrip(" ")
                indent = " " * (len(line) - 1 - len(text))
                yield Text(f"  {plain(line[:1])}{indent}{plain(text)}", "green" if line.startswith("+") else "red")
    yield Text(", ".join(f"{count} {word}" for word, count in counts.items()) or "the file is empty")
