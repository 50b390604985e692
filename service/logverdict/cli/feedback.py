"""`logverdict feedback`: what people said of events, for who looks it up, reviews it or takes it back."""

from datetime import UTC, datetime
from typing import Any

import typer
from rich.text import Text

from logverdict.cli import as_json, feedback_calls
from logverdict.cli.client import Client
from logverdict.cli.command import answered, execute
from logverdict.cli.connect import connected
from logverdict.cli.faults import Fault
from logverdict.cli.feedback_calls import feedback_name
from logverdict.cli.feedback_options import (
    AddOptions,
    ExportOptions,
    ImportOptions,
    ListOptions,
    Named,
    PreviewOptions,
    UpdateOptions,
    about,
    filter_of,
    level_number,
    put_expiry,
    quoted,
    text_of,
)
from logverdict.cli.options import Server, takes
from logverdict.cli.render_feedback import (
    feedback_page,
    feedback_table,
    history_lines,
    import_lines,
    preview_lines,
)
from logverdict.cli.screen import Screen
from logverdict.v1 import feedback_pb2
from logverdict.v1 import feedback_service_pb2 as pb

feedback_app = typer.Typer(
    help="What people said of events. To say it of an event: logverdict ignore EVENT.", no_args_is_help=True
)


def _run(options: Server, work: Any) -> None:
    """Connects, works, and ends by the exit code: 0 done, 2 wrong usage or no such feedback, 4 server unreachable."""
    screen = Screen()

    async def connect() -> int:
        async with connected(options.server) as client:
            await work(client, screen)
        return 0

    execute(lambda: answered(options.server, connect()), screen)


@feedback_app.command("list")
@takes(ListOptions)
def list_feedback(options: ListOptions) -> None:
    """List what was said, newest first.

    Example: logverdict feedback list --service checkout
    """

    async def work(client: Client, screen: Screen) -> None:
        found = await feedback_calls.listed(client, filter_of(options), options.limit)
        if options.json:
            screen.raw(as_json.text({"feedback": as_json.all_values(found)}))
            return
        screen.lines(feedback_table(found, screen.out.width, datetime.now(UTC)))
        if not found and (filter := filter_of(options)):
            screen.note(f"no feedback with {filter}")
        elif not found:
            screen.note("nothing was said yet; to say something of an event: logverdict ignore EVENT --reason TEXT")

    _run(options, work)


@feedback_app.command("show", no_args_is_help=True)
@takes(Named)
def show(options: Named) -> None:
    """Show one feedback and every change of it; of a deleted one its history."""

    async def work(client: Client, screen: Screen) -> None:
        name = feedback_name(options.name)
        rows = [row async for row in feedback_calls.history(client, name)]
        if options.json:
            last = rows[-1]
            now = None if last.change == pb.DELETED else as_json.value(last.feedback)
            screen.raw(as_json.text({"feedback": now, "history": as_json.all_values(rows)}))
            return
        screen.lines(feedback_page(rows[-1].feedback, screen.out.width, datetime.now(UTC)))
        if rows[-1].change == pb.DELETED:
            screen.lines([Text(" It was deleted and holds no longer.", "yellow")])
        screen.lines(history_lines(rows))

    _run(options, work)


@feedback_app.command("add", no_args_is_help=True)
@takes(AddOptions)
def add(options: AddOptions) -> None:
    """Say something of a message, also before it was ever seen.

    Example: logverdict feedback add --service checkout -e prod --sample 'WARN cache of size 41 is full'
    --reason 'until the cache is resized' --expires 30d

    Example: logverdict feedback add --everywhere --level always-fail --template 'disk of <num> is full'
    --severity error --reason 'never again'
    """

    async def work(client: Client, screen: Screen) -> None:
        wanted = about(options)
        wanted.level, wanted.reason, wanted.ticket = level_number(options.level), options.reason, options.ticket
        put_expiry(wanted, options.expires, datetime.now(UTC))
        _tell(await feedback_calls.create(client, wanted, options.id), options.json, screen)

    _run(options, work)


@feedback_app.command("update", no_args_is_help=True)
@takes(UpdateOptions)
def update(options: UpdateOptions) -> None:
    """Change level, reason, expiry or ticket.

    Example: logverdict feedback update 3f2a --expires 7d --reason 'one more week'
    """

    async def work(client: Client, screen: Screen) -> None:
        given = {
            "level": options.level,
            "reason": options.reason,
            "expire_time": options.expires,
            "ticket": options.ticket,
        }
        fields = [field for field, value in given.items() if value is not None]
        if not fields:
            raise Fault("nothing to change is given", "Write --level, --reason, --expires or --ticket.")
        wanted = feedback_pb2.Feedback(
            name=feedback_name(options.name), level=level_number(options.level), reason=options.reason or "",
            ticket=options.ticket or "",
        )  # fmt: skip
        put_expiry(wanted, options.expires, datetime.now(UTC))
        _tell(await feedback_calls.update(client, wanted, fields), options.json, screen)

    _run(options, work)


@feedback_app.command("delete", no_args_is_help=True)
@takes(Named)
def delete(options: Named) -> None:
    """Take a feedback back; its history stays."""

    async def work(client: Client, screen: Screen) -> None:
        name = feedback_name(options.name)
        await feedback_calls.delete(client, name)
        if options.json:
            screen.raw(as_json.text({"deleted": name}))
        else:
            screen.lines([Text(f"{name} is taken back; it holds no longer from the next look on")])

    _run(options, work)


@feedback_app.command("preview", no_args_is_help=True)
@takes(PreviewOptions)
def preview(options: PreviewOptions) -> None:
    """Show what a feedback would have reached in the last verifications of its scope, and what reads alike and is not
    reached, with the reason. Nothing is stored.

    Example: logverdict feedback preview 3f2a

    Example: logverdict feedback preview --service checkout --template 'no key for customer <num>'
    """

    async def work(client: Client, screen: Screen) -> None:
        request = pb.PreviewFeedbackRequest(verifications=options.last)
        if options.name:
            request.name = feedback_name(options.name)
        else:
            request.feedback.CopyFrom(about(options))
        items = await feedback_calls.preview(client, request)
        if options.json:
            screen.raw(as_json.text({"items": as_json.all_values(items)}))
        else:
            screen.lines(preview_lines(items, screen.out.width))

    _run(options, work)


@feedback_app.command("import", no_args_is_help=True)
@takes(ImportOptions)
def read_in(options: ImportOptions) -> None:
    """Make what is kept what a reviewed file says, all or nothing. The same file again changes nothing.

    Example: logverdict feedback import feedback.yaml --dry-run
    """

    async def work(client: Client, screen: Screen) -> None:
        items = await feedback_calls.read_in(client, text_of(options.file), options.dry_run, options.prune)
        if options.json:
            screen.raw(as_json.text({"dry_run": options.dry_run, "items": as_json.all_values(items)}))
            return
        screen.lines(import_lines(items))
        if options.dry_run:
            screen.note("dry run: nothing was changed")

    _run(options, work)


@feedback_app.command("export")
@takes(ExportOptions)
def export(options: ExportOptions) -> None:
    """Write what is kept as YAML, to be reviewed and kept in Git. The same feedback gives the same text.

    Example: logverdict feedback export --out feedback.yaml
    """

    async def work(client: Client, screen: Screen) -> None:
        text = await feedback_calls.export(client, f"service = {quoted(options.service)}" if options.service else "")
        if options.out is None:
            screen.raw(as_json.text({"yaml": text}) if options.json else text.rstrip("\n"))
            return
        try:
            options.out.write_text(text, encoding="utf-8")
        except OSError as fault:
            raise Fault(f"--out: {options.out} can't be written: {fault.strerror}") from None

    _run(options, work)


def _tell(made: feedback_pb2.Feedback, json: bool, screen: Screen) -> None:
    if json:
        screen.raw(as_json.text(as_json.value(made)))
    else:
        screen.lines(feedback_page(made, screen.out.width, datetime.now(UTC)))
