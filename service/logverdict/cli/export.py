"""`logverdict export`: verifications as lines for other tools."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import grpc
import typer

from logverdict.cli.command import answered, execute
from logverdict.cli.connect import connected
from logverdict.cli.faults import Fault
from logverdict.cli.options import Server, takes
from logverdict.cli.past_client import PastClient
from logverdict.cli.screen import Screen
from logverdict.cli.which import Since, Which, start, terms
from logverdict.v1 import history_service_pb2 as pb


@dataclass(frozen=True, kw_only=True)
class ExportOptions(Server, Which, Since):
    format: Annotated[
        Literal["jsonl", "csv"], typer.Option(case_sensitive=False, help="A JSON object a line, or CSV with names.")
    ] = "jsonl"
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Into a file. Default: stdout.", show_default=False)
    ] = None


@takes(ExportOptions)
def export(options: ExportOptions) -> None:
    """Write verifications as lines, newest first: deployment, verdict, decision, override, outcome.

    In CSV a text that a spreadsheet would take for a formula begins with an apostrophe. Exit code 0, 2 for a filter
    that is not understood, 4 server unreachable.
    """
    screen = Screen()
    execute(lambda: answered(options.server, _export(options, screen, datetime.now(UTC))), screen)


async def _export(options: ExportOptions, screen: Screen, now: datetime) -> int:
    request = pb.ExportVerificationsRequest(
        filter=terms(options, start(options.since, "--since", now)),
        format=pb.ExportVerificationsRequest.Format.Value(options.format.upper()),
    )
    count = 0
    try:
        with ExitStack() as opened:
            file = None
            async with connected(options.server) as client:
                async for answer in PastClient(client).export(request):
                    if options.out and file is None:  # not before: a filter that is refused costs no file
                        file = opened.enter_context(options.out.open("w", encoding="utf-8", newline=""))
                    if answer.lines:
                        file.write(answer.lines) if file else screen.raw(answer.lines.removesuffix("\n"))
                    count += answer.verifications
    except OSError as fault:
        raise Fault(f"--out {options.out}: {fault.strerror}", "It is not whole.") from None
    except grpc.aio.AioRpcError:
        if count:
            screen.note(f"not whole: only the newest {count:,} verifications were written")
        raise
    screen.note(f"{count:,} verifications")
    return 0
