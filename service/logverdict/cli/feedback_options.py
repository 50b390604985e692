"""The options of the commands on feedback."""

import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from logverdict.cli import times
from logverdict.cli.faults import Fault
from logverdict.cli.options import Json, Server
from logverdict.cli.request import stamp
from logverdict.v1 import feedback_pb2, profile_pb2

Level = Literal["ignore", "ignore-unless-frequency", "medium", "always-fail", "default"]
Reach = Literal["environment", "service", "everywhere"]
Severity = Literal["debug", "info", "warn", "error", "fatal"]
LEVELS = (
    "ignore: no impact. ignore-unless-frequency: none while it comes about as often as usual. medium: warns, fails at "
    "sensitivity HIGH. always-fail: fails whenever it is seen. default: takes broader feedback back here."
)


def _option(help: str, *names: str, metavar: str | None = None) -> Any:
    return typer.Option(*names, metavar=metavar, help=help, show_default=False)


def _word(help: str) -> Any:
    return typer.Option(case_sensitive=False, help=help, show_default=False)


NAME = typer.Argument(metavar="NAME", help="feedback/ID, or the ID alone.", show_default=False)
EVENT = "verifications/ID/events/ID, in short ID/ID, or the event's ID with --verification."
Expires = Annotated[str | None, _option("Such as 30d, or a time with its zone. Default: never.", metavar="SPAN|TIME")]


@dataclass(frozen=True, kw_only=True)
class Why(Server, Json):
    reason: Annotated[str, _option("Why, for whoever finds it next year.", metavar="TEXT")]
    expires: Expires = None
    ticket: Annotated[str, _option("Where it is followed up.", metavar="URL")] = ""


@dataclass(frozen=True, kw_only=True)
class IgnoreOptions(Why):
    event: Annotated[str, typer.Argument(metavar="EVENT", help=EVENT, show_default=False)]
    verification: Annotated[str | None, _option("The event's verification.", metavar="ID")] = None
    unless_frequency: Annotated[
        bool, typer.Option("--unless-frequency", help="Ignore it only while it comes about as often as usual.")
    ] = False
    level: Annotated[Level | None, _word(f"Say something else of it. {LEVELS}")] = None
    scope: Annotated[
        Reach,
        typer.Option(case_sensitive=False, help="In the event's service and environment, its service, or all."),
    ] = "environment"


@dataclass(frozen=True, kw_only=True)
class About:
    """A message that need not have been seen."""

    template: Annotated[str, _option("Such as 'no key for customer <num>'.", metavar="TEMPLATE")] = ""
    sample: Annotated[str, _option("A message as it is logged; it is masked.", metavar="MESSAGE")] = ""
    severity: Annotated[Severity | None, _word("Default: what the words tell.")] = None
    service: Annotated[str, _option("Where it holds.", metavar="NAME")] = ""
    environment: Annotated[str, _option("Where it holds.", "--environment", "-e", metavar="NAME")] = ""
    everywhere: Annotated[bool, typer.Option("--everywhere", help="It holds for every service.")] = False


@dataclass(frozen=True, kw_only=True)
class AddOptions(About, Why):
    level: Annotated[Level, typer.Option(case_sensitive=False, help=LEVELS)] = "ignore"
    id: Annotated[str, _option("The last part of its name. Default: the server's choice.", metavar="ID")] = ""


@dataclass(frozen=True, kw_only=True)
class Named(Server, Json):
    name: Annotated[str, NAME]


@dataclass(frozen=True, kw_only=True)
class UpdateOptions(Named):
    level: Annotated[Level | None, _word(LEVELS)] = None
    reason: Annotated[str | None, _option("Why.", metavar="TEXT")] = None
    expires: Annotated[str | None, _option("Such as 30d, or never.", metavar="SPAN|TIME|never")] = None
    ticket: Annotated[str | None, _option("Where it is followed up.", metavar="URL")] = None


@dataclass(frozen=True, kw_only=True)
class PreviewOptions(About, Server, Json):
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="feedback/ID, or the ID alone.", show_default=False)] = (
        ""
    )
    last: Annotated[int, typer.Option(min=1, max=100, help="In so many verifications, the newest.")] = 20


@dataclass(frozen=True, kw_only=True)
class ListOptions(Server, Json):
    service: Annotated[str | None, _option("Only this scope.", metavar="NAME")] = None
    environment: Annotated[str | None, _option("Only this scope.", "--environment", "-e", metavar="NAME")] = None
    level: Annotated[Level | None, _word("Only this level.")] = None
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50


@dataclass(frozen=True, kw_only=True)
class ImportOptions(Server, Json):
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML; - reads stdin.", show_default=False)]
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would change, line by line.")] = False
    prune: Annotated[bool, typer.Option("--prune", help="Delete what the file does not have.")] = False


@dataclass(frozen=True, kw_only=True)
class ExportOptions(Server, Json):
    out: Annotated[Path | None, _option("Default: stdout.", "--out", "-o", metavar="FILE")] = None
    service: Annotated[str | None, _option("Only this scope.", metavar="NAME")] = None


def level_number(word: str | None) -> Any:
    """0 where none is given. (Any: the generated enum has a number type of its own.)"""
    return feedback_pb2.Feedback.Level.Value(word.upper().replace("-", "_")) if word else 0


def put_expiry(wanted: feedback_pb2.Feedback, text: str | None, now: datetime) -> None:
    """A span is from now on."""
    if text is None or text.lower() == "never":
        return
    moment = times.time(text, "--expires", now) if "-" in text or ":" in text else now + times.span(text, "--expires")
    wanted.expire_time.CopyFrom(stamp(moment.replace(microsecond=0)))


def about(options: About) -> feedback_pb2.Feedback:
    """Of the message, and where it holds."""
    if bool(options.template) == bool(options.sample):
        hint = "Of an event that was seen: logverdict ignore EVENT."
        raise Fault("write what it is about: one of --template and --sample", hint)
    if options.everywhere == bool(options.service):
        raise Fault("write where it holds", "--service NAME, with or without --environment NAME; or --everywhere.")
    if options.everywhere and options.environment:
        raise Fault("--everywhere and --environment are both given", "Write one of them.")
    wanted = feedback_pb2.Feedback(template=options.template, sample=options.sample)
    if options.severity:
        wanted.severity = profile_pb2.Severity.Value(options.severity.upper())
    wanted.scope.CopyFrom(feedback_pb2.Feedback.Scope(service=options.service, environment=options.environment))
    return wanted


def text_of(path: Path) -> str:
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Fault(f"{path} is not UTF-8 text") from None
    except OSError as fault:
        raise Fault(f"{path} can't be read: {fault.strerror}") from None


def filter_of(options: ListOptions) -> str:
    terms = [f"{field} = {quoted(value)}" for field in ("service", "environment") if (value := getattr(options, field))]
    if options.level:
        terms.append(f"level = {options.level.upper().replace('-', '_')}")
    return " AND ".join(terms)


def quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
