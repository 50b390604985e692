"""`logverdict profile init`: a commented profile, drafted from a sample of entries."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from logverdict.cli import times
from logverdict.cli.command import answered, execute
from logverdict.cli.connect import reached
from logverdict.cli.faults import Fault
from logverdict.cli.plain import plain
from logverdict.cli.profile_init_options import InitOptions
from logverdict.cli.request import stamp
from logverdict.cli.screen import Screen
from logverdict.v1 import profile_service_pb2 as pb
from logverdict.v1 import verification_service_pb2 as verification_pb


def init(options: InitOptions) -> None:
    """Ends with the command's exit code."""
    screen = Screen()
    execute(lambda: answered(options.server, _init(options, screen)), screen)


async def _init(options: InitOptions, screen: Screen) -> int:
    request = wanted(options, datetime.now(UTC))
    if options.output and options.output.exists():
        raise Fault(f"--output: {options.output} is there already", "Name a new file, or move that one away.")
    async with reached(options.server, options.local, options.config) as client:
        draft = await client.draft(request)
    if options.output is None:
        screen.raw(draft.yaml.rstrip("\n"))
    else:
        _write(options.output, draft.yaml)
        screen.note(f"{options.output}: drafted from {draft.sampled:,} entries")
    for warning in draft.warnings:
        screen.note(f"Note: {plain(warning)}")
    if options.output is not None:
        screen.note(f"Try it: logverdict source test {options.service or 'SERVICE'} --profile {options.output}")
    return 0


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as fault:
        raise Fault(f"--output: {path} cannot be written: {fault.strerror}") from None


def wanted(options: InitOptions, now: datetime) -> pb.DraftProfileRequest:
    """Raises Fault for what cannot be meant."""
    if options.config and not options.local:
        raise Fault("--config is given without --local", "A server has its settings from its own --config.")
    given = dict(_options(options))
    if options.index:
        given["index"] = options.index
    length = times.span(options.last, "--last")
    if not length:
        raise Fault(f"--last: {options.last!r} is no span to look at", "Write one above zero, such as 24h.")
    return pb.DraftProfileRequest(
        connection=options.connection,
        options=given,
        query=options.query,
        service=options.service,
        window=verification_pb.Window(start_time=stamp(now - length), end_time=stamp(now)),
    )


def _options(options: InitOptions) -> Iterator[tuple[str, str]]:
    for text in options.option or ():
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise Fault(f"--option: {text!r} is no option", "Write KEY=VALUE, such as filter.app=shop.")
        yield key, value
