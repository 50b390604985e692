"""`logverdict demo`: a real service, a bad deployment, a fixed one."""

import asyncio
import os
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer


def demo(
    keep: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where logs, settings and store go. Default: a new temporary folder.",
            show_default=False,
        ),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Half the time, half the evidence.")] = False,
    elasticsearch: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="Ship the logs to this Elasticsearch and read them there, in an index that is deleted at the end. "
            "ELASTICSEARCH_API_KEY and ELASTICSEARCH_CA_FILE are heeded.",
            show_default=False,
        ),
    ] = "",
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Save what is shown as an SVG picture.", show_default=False)
    ] = None,
) -> None:
    """See it work: a small service runs under load, gets a bad deployment and a fixed one, and both are judged.

    Nothing has to be there before. Ends with 0 when the bad one gave FAIL and the fixed one PASS.
    """
    from rich.console import Console

    from logverdict.cli.demo_place import ElasticsearchPlace, FilePlace, PlaceError
    from logverdict.cli.demo_show import Show, svg
    from logverdict.cli.demo_story import FULL, QUICK, Story, StoryError, new_folder
    from logverdict.cli.faults import Fault
    from logverdict.cli.serve import set_up_logging
    from logverdict.demo.fleet import FleetError
    from logverdict.domain.errors import FailedPrecondition

    set_up_logging("error", "text")
    console = Console(highlight=False, record=picture is not None)
    show = Show(console, _program())
    place = ElasticsearchPlace(elasticsearch, dict(os.environ)) if elasticsearch else FilePlace()
    try:
        asyncio.run(Story(new_folder(keep), show, QUICK if quick else FULL, place).tell())
    except KeyboardInterrupt:
        show.fault("stopped; every process of the demo is ended")
        raise typer.Exit(130) from None
    except (StoryError, FleetError, PlaceError, FailedPrecondition, Fault) as fault:
        show.fault(str(fault))
        raise typer.Exit(1) from None
    finally:
        if picture:
            picture.write_text(svg(console), encoding="utf-8")


def _program() -> str:
    """What to type to call us: our name when the shell finds it, else the path."""
    own = Path(sys.executable).with_name("logverdict")
    found = shutil.which("logverdict")
    return "logverdict" if found and Path(found).samefile(own) else os.path.relpath(own)
