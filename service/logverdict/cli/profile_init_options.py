"""The options of `logverdict profile init`, by themselves: they load fast."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from logverdict.cli.options import Local, Server


@dataclass(frozen=True, kw_only=True)
class InitOptions(Server, Local):
    connection: Annotated[
        str, typer.Option(metavar="NAME", help="A connection of the server's settings.", show_default=False)
    ]
    index: Annotated[
        str,
        typer.Option(metavar="INDEX", help="The index or pattern to read (elasticsearch, splunk).", show_default=False),
    ] = ""
    option: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="Another option of the source; repeatable.", show_default=False),
    ] = None
    query: Annotated[
        str, typer.Option(metavar="QUERY", help="In the connection's own language.  [default: all]", show_default=False)
    ] = ""
    service: Annotated[
        str, typer.Option(metavar="NAME", help="The service that the profile is for.", show_default=False)
    ] = ""
    last: Annotated[str, typer.Option(metavar="SPAN", help="How far back the sample may lie, up to 24h.")] = "24h"
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write a new file instead of stdout.", show_default=False),
    ] = None
