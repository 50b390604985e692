"""`logverdict serve`: the server in the foreground, until SIGTERM or Ctrl-C."""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer


def serve(
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", "-c", envvar="LOGVERDICT_CONFIG", help="Settings: connections, profiles, store, limits."
        ),
    ] = None,
    listen: Annotated[
        str | None, typer.Option(help="Address and port, loopback only; overrides the settings' own.")
    ] = None,
) -> None:
    """Serve verifications over gRPC until told to stop. Unfinished ones go on after the next start.

    Health (grpc.health.v1) and reflection are on.
    """
    from logverdict.adapters.importing import importing
    from logverdict.domain.errors import VerifyError

    try:
        with importing():
            from logverdict.adapters.workers import WorkerAnalyst
            from logverdict.settings import load

            settings = load(config)
            if listen is not None:
                settings = settings.listening_on(listen)
            analyst = WorkerAnalyst(settings.workers)  # its processes start while the rest is imported
            from logverdict.app import serve as serve_app

        set_up_logging(settings.log_level, settings.log_format)
        asyncio.run(serve_app(settings, analyst))
    except VerifyError as fault:
        typer.echo(f"logverdict serve: {fault.message}", err=True)
        raise typer.Exit(2) from None


def set_up_logging(level: str, format: str) -> None:
    """One line an event on stderr: JSON for machines, or text for people."""
    import structlog

    from logverdict.adapters.retries import tell_retries

    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer() if format == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    tell_retries()
