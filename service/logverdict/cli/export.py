"""`logverdict export`: verifications as lines for other tools."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated, Literal

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
    async with connected(options.server) as client:
        file = _opened(options.out)
        try:
            async for answer in PastClient(client).export(request):
                count += answer.verifications
                if answer.lines:
                    screen.raw(answer.lines.removesuffix("\n")) if file is None else file.write(answer.lines)
        finally:
            if file is not None:
                file.close()
    screen.note(f"{count:,} verifications")
    return 0


def _opened(path: Path | None) -> IO[str] | None:
    try:
        return None if path is None else path.open("w", encoding="utf-8", newline="")
    except OSError as fault:
        raise Fault(f"--out {path}: {fault.strerror}") from None
