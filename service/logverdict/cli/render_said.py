"""What people say of a template: what reaches it now, and what was applied when it was seen."""

from collections.abc import Iterator

from rich.text import Text

from logverdict.cli.layout import wrapped
from logverdict.cli.plain import plain
from logverdict.cli.render_feedback import DIM, SAYS, author, level, scope
from logverdict.v1 import history_service_pb2 as pb


def said_lines(found: pb.Template, width: int) -> Iterator[Text]:
    reaching = {one.feedback for one in found.reaching_feedback}
    for one in found.reaching_feedback:
        until = f", until {one.expire_time.ToDatetime():%Y-%m-%d}" if one.HasField("expire_time") else ""
        says = SAYS.get(level(one.level), level(one.level))
        said = f"now {says} {_where(one)} by {plain(one.feedback)} of {author(one)}{until}: {_why(one)}"
        yield from wrapped(said, width, 4, " ", "cyan")
    for name in found.feedback:
        if name not in reaching:
            yield from wrapped(f"said of it, and not reaching it now: {plain(name)}", width, 2, " ", DIM)
    for each in found.applied_feedback:
        yield from wrapped(_applied(each), width, 4, " ", DIM)


def _applied(one: pb.Template.AppliedFeedback) -> str:
    many = "verification" if one.verifications == 1 else "verifications"
    first, last = (f"{stamp.ToDatetime():%Y-%m-%d}" for stamp in (one.first_seen_time, one.last_seen_time))
    span = first if first == last else f"{first} to {last}"
    did = f"decided in {one.changed:,}" if one.changed else "changed nothing"
    said = f"{level(one.level)} by {plain(one.feedback)} of {author(one)}"
    return f"applied in {one.verifications:,} {many}, {span}, {did}: {said}: {_why(one)}"


def _why(one: pb.ReachingFeedback | pb.Template.AppliedFeedback) -> str:
    return f"“{plain(one.reason)}”" + (f", {plain(one.ticket)}" if one.ticket else "")


def _where(one: pb.ReachingFeedback) -> str:
    place = scope(one)
    return place if place == "everywhere" else f"in {place}"
