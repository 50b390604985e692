"""`logverdict record`: past windows as redacted cases for `backtest`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from rich.status import Status
from rich.text import Text

from logverdict.cli.client import Client, Silence
from logverdict.cli.command import answered, execute
from logverdict.cli.connect import reached
from logverdict.cli.exits import UNREACHABLE
from logverdict.cli.faults import Fault
from logverdict.cli.options import takes
from logverdict.cli.plain import plain
from logverdict.cli.record_case import CaseFolder, recorded
from logverdict.cli.record_options import RecordOptions
from logverdict.cli.record_plan import WantedCase, absolute, cases
from logverdict.cli.screen import Screen
from logverdict.v1 import recording_service_pb2 as pb


@takes(RecordOptions)
def record(options: RecordOptions) -> None:
    """Save past windows of a service as redacted cases for backtest.

    With --every, good against good: how often a policy would alarm though nothing happened. A case that is there is
    left as it is, so an interrupted call can be repeated.

    Exit code: 0 all cases are there and complete, 4 some could not be read completely, 2 wrong usage.
    """
    screen = Screen()
    now = datetime.now(UTC)
    execute(lambda: answered(options.server, _record(options, screen, now)), screen, lambda: _interrupted(options, now))


@dataclass
class Told:
    """How the cases of one call went, by name."""

    made: list[str] = field(default_factory=list)
    there: list[str] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)


async def _record(options: RecordOptions, screen: Screen, now: datetime) -> int:
    wanted, told = cases(options, now), Told()
    due = [case for case in wanted if not recorded(options.out, case)]
    told.there = [case.name for case in wanted if case not in due]
    if due:
        async with reached(options.server, options.local, options.config) as client:
            for number, case in enumerate(due, 1):
                status = Status(f"{number} of {len(due)}: {case.name}", console=screen.err)
                with status if screen.err.is_terminal and not options.quiet else _Silent() as shown:
                    await _one(client, case, options, screen, told, shown)
    screen.lines(map(Text, _result(options, told)))
    return UNREACHABLE if told.incomplete else 0


class _Silent:
    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


async def _one(
    client: Client, wanted: WantedCase, options: RecordOptions, screen: Screen, told: Told, status: Status | None
) -> None:
    with CaseFolder(options.out, wanted) as folder:
        plan, end = await _read(client, wanted, folder, status)
        kept = end.complete or options.keep_incomplete
        if kept:
            folder.keep(plan, end)
        (told.made if end.complete else told.incomplete).append(wanted.name)
        if not (options.quiet and end.complete):
            _tell(screen, wanted, folder, plan, end, kept)


async def _read(
    client: Client, wanted: WantedCase, folder: CaseFolder, status: Status | None
) -> tuple[pb.RecordCaseResponse.Plan, pb.RecordCaseResponse.End]:
    """Writes the entries as they come. Raises Fault for a stream without an end."""
    plan = pb.RecordCaseResponse.Plan()
    try:
        async for step in client.record(wanted.wanted):
            match step.WhichOneof("step"):
                case "plan":
                    plan = step.plan
                    folder.plan(plan)
                case "entries":
                    folder.add(step.entries)
                case "progress" if status is not None:
                    status.update(f"{wanted.name}: {plain(step.progress.step)}")
                case "end":
                    return plan, step.end
    except Silence:
        raise Fault(f"server {client.server} said nothing for too long", code=UNREACHABLE) from None
    raise Fault(f"server {client.server} ended {wanted.name} before its end", code=UNREACHABLE)


def _tell(
    screen: Screen,
    case: WantedCase,
    folder: CaseFolder,
    plan: pb.RecordCaseResponse.Plan,
    end: pb.RecordCaseResponse.End,
    kept: bool,
) -> None:
    """A line a case, and below it what a reader must know of it."""
    before = sum(count for window, count in folder.entries.items() if window != "candidate")
    screen.note(f"{case.name}: {before:,} entries before, {folder.entries.get('candidate', 0):,} after")
    for note in plan.notes:
        screen.note(f"  note: {plain(note)}")
    if not end.complete:
        screen.note(f"  incomplete{'' if kept else ', not kept'}:")
        for fault in dict.fromkeys(fault for part in end.coverage for fault in part.faults):
            screen.note(f"    {plain(fault)}")


def _result(options: RecordOptions, told: Told) -> Sequence[str]:
    whole = len(told.made) + len(told.there)
    lines = [f"{options.out}: {_cases(whole)} ({len(told.made)} new, {len(told.there)} there before)"]
    if told.incomplete:
        kept = "kept all the same" if options.keep_incomplete else "not kept: call again, or --keep-incomplete"
        lines.append(f"{_cases(len(told.incomplete))} could not be read completely, {kept}")
    if whole or options.keep_incomplete:
        lines.append(f"try them: logverdict backtest {options.out} --out predictions.jsonl --sensitivity all")
    return lines


def _cases(count: int) -> str:
    return f"{count:,} case{'' if count == 1 else 's'}"


def _interrupted(options: RecordOptions, now: datetime) -> Sequence[str]:
    when = absolute(options, now) if options.every else " ".join(f"--at {time}" for time in options.at or ())
    return ["interrupted; whole cases are kept. To go on, call again with", f"  {when}"]
