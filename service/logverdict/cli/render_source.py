"""The page on a tested source: what a person wants to know in ten seconds, then the details."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta

from rich.text import Text

from logverdict.cli import times
from logverdict.cli.layout import cut, percent, wrapped
from logverdict.cli.plain import plain
from logverdict.v1 import profile_service_pb2 as pb
from logverdict.v1 import verification_service_pb2 as verification_pb

BARS = "▁▂▃▄▅▆▇█"
SAMPLES, INSTANCES, SEARCHES, PLACES = 3, 6, 5, 4
HEADS = {
    pb.SourceReport.READABLE: ("✓ readable", "bold green"),
    pb.SourceReport.REFUSED: ("✗ refused", "bold red"),
    pb.SourceReport.UNREACHABLE: ("✗ does not answer", "bold red"),
}
DIM = "dim"


def report_page(report: pb.SourceReport, width: int) -> Iterator[Text]:
    word, style = HEADS.get(report.state, ("? of an unknown state", "bold yellow"))
    yield cut(
        Text.assemble((word, style), (f"  source {plain(report.source)}", "bold"), f" on {_where(report)}"), width
    )
    for fault in report.faults:
        yield from wrapped(plain(fault), width, 6, "  ", "red")
    yield from _facts(report, width)
    if report.state == pb.SourceReport.READABLE:
        yield from _counts(report, width)
    yield from _fields(report, width)
    yield from _entries(report, width)
    yield from _calls(report, width)
    for warning in report.warnings:
        yield from wrapped(f"! {plain(warning)}", width, 4, "  ", "yellow")
    yield Text()


def _where(report: pb.SourceReport) -> str:
    server = f", {plain(report.server)}" if report.server else ""
    return f"connection {plain(report.connection)}{server}"


def _facts(report: pb.SourceReport, width: int) -> Iterator[Text]:
    if report.user:
        roles = f" (roles {plain(', '.join(report.roles))})" if report.roles else ""
        yield _row("as", f"{plain(report.user)}{roles}", width)
    if report.privileges:
        told = ", ".join(f"{'✓' if one.granted else '✗ missing:'} {plain(one.name)}" for one in report.privileges)
        yield _row("may", told, width)
    if report.places:
        more = f" and {len(report.places) - PLACES} more" if len(report.places) > PLACES else ""
        yield _row("reads", plain(", ".join(report.places[:PLACES])) + more, width)
    yield _row("query", plain(report.query), width)


def _counts(report: pb.SourceReport, width: int) -> Iterator[Text]:
    start, end = report.window.start_time.ToDatetime(), report.window.end_time.ToDatetime()
    if report.HasField("entry_count"):
        how = "counted by the source" if report.counted else "read and counted here"
        number = f"{report.entry_count:,} in {times.short(end - start)}, {how}"
    else:
        number = f"more than {sum(one.count for one in report.counts):,} in {times.short(end - start)}, not all read"
    span = f"{start:%Y-%m-%d %H:%M:%S} to {end:%H:%M:%S} UTC"
    yield _row("entries", number, width)
    yield _row("window", span, width)
    if report.HasField("evidence_count"):
        yield _row("evidence", f"{report.evidence_count:,} entries", width)
    if report.counts:
        step = times.short(report.step.ToTimedelta())
        yield _row("per " + ("minute" if step == "1m" else step), sparkline(report), width)
        yield _row("instances", _instances(report), width)
    if report.HasField("lag_max"):
        yield _row("lag", f"95 % within {_span(report.lag_p95)}, at most {_span(report.lag_max)}", width)
    elif report.entry_count:
        yield _row("lag", "unknown: the source does not say when entries arrived", width)


def sparkline(report: pb.SourceReport) -> str:
    """Entries per step, highest 8 eighths; empty steps are dots."""
    seconds = report.step.ToTimedelta().total_seconds() or 60.0
    start, end = report.window.start_time.ToDatetime(), report.window.end_time.ToDatetime()
    steps: Counter[int] = Counter()
    for one in report.counts:
        steps[int((one.time.ToDatetime() - start).total_seconds() // seconds)] += one.count
    most, number = max(steps.values(), default=0), max(1, round((end - start).total_seconds() / seconds))
    bars = [BARS[min(7, steps[at] * 8 // (most + 1))] if steps[at] else "·" for at in range(number)]
    return f"{''.join(bars)}  most {most:,}"


def _instances(report: pb.SourceReport) -> str:
    found: defaultdict[str, int] = defaultdict(int)
    for one in report.counts:
        found[one.instance] += one.count
    shown = sorted(found.items(), key=lambda pair: -pair[1])
    told = ", ".join(f"{plain(name) or '(not named)'} {count:,}" for name, count in shown[:INSTANCES])
    return f"{len(found)}: {told}" + (" …" if len(shown) > INSTANCES else "")


def _fields(report: pb.SourceReport, width: int) -> Iterator[Text]:
    if not report.fields:
        return
    yield Text(f"  fields, looked up in {report.sampled:,} entries", "bold")
    for one in report.fields:
        share = percent(one.share) if one.HasField("share") else "-"
        kind = f" ({plain(one.type)})" if one.type else ""
        tried = ", ".join(each.name for each in one.candidates)
        name = f"{plain(one.name)}{kind}" if one.name else f"none of {plain(tried)}"
        missing = not one.name or one.share == 0
        needed = missing and one.what in ("time", "message", "instance", "level") and report.sampled
        yield cut(Text(f"    {one.what:9}{share:>6}  {name}", "yellow" if needed else ""), width)


def _entries(report: pb.SourceReport, width: int) -> Iterator[Text]:
    if not report.entries:
        return
    yield Text("  newest entries, without secrets", "bold")
    for one in report.entries[:SAMPLES]:
        parts = [f"{one.time.ToDatetime():%H:%M:%S.%f}"[:-3], one.level, one.instance, one.version]
        head = " ".join(plain(part) for part in parts if part)
        yield cut(Text.assemble((f"    {head}  ", DIM), plain(one.message)), width)


def _calls(report: pb.SourceReport, width: int) -> Iterator[Text]:
    """What was searched for, to be tried elsewhere; logins, pages and the like are left to --json."""
    searches = list(dict.fromkeys(text for call in report.calls if (text := _search(call))))
    if not report.calls:
        return
    yield Text(f"  searches sent ({sum(max(1, one.times) for one in report.calls):,} requests: --json)", "bold")
    for text in searches[:SEARCHES]:
        first, *more = wrapped(plain(text), width, 3, "      ", DIM)
        yield from (Text.assemble("    - ", first[6:]), *more)
    if len(searches) > SEARCHES:
        yield Text(f"    and {len(searches) - SEARCHES} more", DIM)


def _search(call: verification_pb.SourceCall) -> str:
    """The search in a request's text: SPL, a query of Elasticsearch, or what is read of a file."""
    try:
        sent = json.loads(call.query)
    except ValueError:
        return str(call.query)
    found = next((sent[name] for name in ("search", "query") if sent.get(name)), "") if isinstance(sent, dict) else ""
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


def _row(name: str, text: str, width: int) -> Text:
    return cut(Text(f"  {name:10} {text}"), width)


def _span(length: object) -> str:
    span: timedelta = length.ToTimedelta()  # type: ignore[attr-defined]
    return times.short(span) if span >= timedelta(minutes=1) else f"{span.total_seconds():.3g} s"
