"""`logverdict stats`: what verdicts and decisions there were in a period, and what they were worth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

import typer
from rich.text import Text

from logverdict.cli import as_json, times
from logverdict.cli.command import answered, execute
from logverdict.cli.connect import connected
from logverdict.cli.faults import Fault
from logverdict.cli.layout import wrapped
from logverdict.cli.options import Json, Server, takes
from logverdict.cli.past_client import PastClient
from logverdict.cli.plain import plain
from logverdict.cli.request import stamp
from logverdict.cli.screen import Screen, follow_up
from logverdict.cli.table import table
from logverdict.cli.which import Which, terms
from logverdict.v1 import history_service_pb2 as pb

HEADS = ("ALL", "PASSED", "WARN", "FAIL", "INC.", "STOP", "ASK", "AT", "TRUE", "FALSE", "MISS", "UNKN.")
Group = pb.Statistics.Group


@dataclass(frozen=True, kw_only=True)
class StatsOptions(Server, Json, Which):
    last: Annotated[str, typer.Option(metavar="SPAN", help="The period that ends now, such as 7d, 30d.")] = "30d"
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Where the period ends. Default: now.", show_default=False)
    ] = None
    by: Annotated[
        Literal["service", "environment", "day", "sensitivity"] | None,
        typer.Option(case_sensitive=False, help="A line for each, beside the whole.", show_default=False),
    ] = None


@takes(StatsOptions)
def stats(options: StatsOptions) -> None:
    """Sum up a period: verdicts, what was stopped and how early, and by recorded outcomes what verdicts were worth.

    An alarm is a verdict for which the policy says STOP, in mode OBSERVE too. It was true where a bad outcome was
    recorded (logverdict outcome), false where a good one was; a miss is a bad outcome without an alarm. Days are UTC.
    """
    screen = Screen()
    execute(lambda: answered(options.server, _stats(options, screen, datetime.now(UTC))), screen)


async def _stats(options: StatsOptions, screen: Screen, now: datetime) -> int:
    end = times.time(options.until, "--until", now) if options.until else now
    if not (last := times.span(options.last, "--last")):
        raise Fault(f"--last: {options.last!r} is no period", "Write how long it is: 7d, 30d.")
    request = pb.GetStatisticsRequest(
        start_time=stamp(end - last),
        end_time=stamp(end),
        filter=terms(options),
        grouping=pb.GetStatisticsRequest.Grouping.Value(options.by.upper() if options.by else "GROUPING_UNSPECIFIED"),
    )
    async with connected(options.server) as client:
        found = await PastClient(client).statistics(request)
    if options.json:
        screen.raw(as_json.text(as_json.value(found)))
        return 0
    screen.lines(summary(found, screen.out.width))
    if options.by:
        rows = [_row(one) for one in found.groups]
        screen.lines([Text()])
        give = () if options.by == "day" else (0,)
        screen.lines(table((options.by.upper(), *HEADS), rows, screen.table_width, give))
    if found.more_groups:
        screen.note(f"and {found.more_groups:,} more; --service, --environment or --filter narrow it down")
    total = found.total
    if total.unknown_alarms + total.unknown_passes:
        screen.note(
            f"what became of them: logverdict outcome NAME good|bad|rolled-back|incident{follow_up(options.server)}"
        )
    return 0


def summary(found: pb.Statistics, width: int) -> Iterator[Text]:
    total = found.total
    start, end = found.start_time.ToDatetime(), found.end_time.ToDatetime()
    plural = "" if total.verifications == 1 else "s"
    yield Text(
        f"{total.verifications:,} verification{plural} from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC", "bold"
    )
    for name, told in _told(total):
        for place, line in enumerate(wrapped(told, width - 13, 3)):
            yield Text.assemble(f" {'' if place else name:<12}", line)


def _told(one: Group) -> Iterator[tuple[str, str]]:
    share = f" ({_percent(one.share_passed)} of those with a verdict)" if one.HasField("share_passed") else ""
    early = ""
    if one.HasField("median_window_share"):
        early = f"; failures took {_percent(one.median_window_share)} of their window (median)"
    yield (
        "verdicts",
        (f"{one.passed:,} PASS{share}, {one.warned:,} WARN, {one.failed:,} FAIL, {one.inconclusive:,} INCONCLUSIVE"),
    )
    yield "decisions", f"{one.proceed:,} PROCEED, {one.stopped:,} STOP, {one.asked:,} ASK{early}"
    others = {"unfinished": one.unfinished, "not judged": one.unjudged, "cancelled": one.cancelled}
    others |= {"overridden": one.overridden, "changed by feedback": one.changed_by_feedback}
    if rest := ", ".join(f"{count:,} {name}" for name, count in others.items() if count):
        yield "of them", rest
    if one.observed:
        yield "observed", f"{one.observed:,} only observed, of which {one.would_have_stopped:,} would have been stopped"
    yield (
        "outcomes",
        (
            f"{one.outcome_good:,} GOOD, {one.outcome_bad:,} BAD, {one.outcome_rolled_back:,} ROLLED_BACK, "
            f"{one.outcome_incident:,} INCIDENT, {one.outcome_unknown:,} unknown"
        ),
    )
    yield "alarms", f"{one.true_alarms:,} true, {one.false_alarms:,} false, {one.unknown_alarms:,} unknown"
    yield "no alarm", f"{one.true_passes:,} rightly, {one.misses:,} missed, {one.unknown_passes:,} unknown"


def _row(one: Group) -> Sequence[str]:
    counts = (one.warned, one.failed, one.inconclusive, one.stopped, one.asked)
    worth = (one.true_alarms, one.false_alarms, one.misses, one.unknown_alarms + one.unknown_passes)
    return (
        plain(one.key) or "-",
        f"{one.verifications:,}",
        _percent(one.share_passed) if one.HasField("share_passed") else "-",
        *(f"{count:,}" for count in counts),
        _percent(one.median_window_share) if one.HasField("median_window_share") else "-",
        *(f"{count:,}" for count in worth),
    )


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %" if 0 < share < 1 else f"{share * 100:.0f} %"
