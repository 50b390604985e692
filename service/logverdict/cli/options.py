"""The options that commands share, as frozen values: one field is one option."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeVar, get_type_hints

import typer

Decision = Literal["proceed", "stop", "ask"]
Level = Literal["low", "medium", "high"]
Shape = TypeVar("Shape")


def takes(shape: type[Shape]) -> Callable[[Callable[[Shape], None]], Callable[..., None]]:
    """Makes a command of a function over one frozen value: each of the value's fields becomes an option."""

    def wrap(run: Callable[[Shape], None]) -> Callable[..., None]:
        def command(**given: object) -> None:
            run(shape(**given))

        hints = get_type_hints(shape, include_extras=True)
        fields = inspect.signature(shape).parameters.values()
        command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [field.replace(annotation=hints[field.name]) for field in fields]
        )
        command.__annotations__ = {field.name: hints[field.name] for field in fields}
        command.__doc__, command.__name__ = _unwrapped(run.__doc__ or ""), run.__name__
        return command

    return wrap


def _unwrapped(text: str) -> str:
    """Paragraphs as one line each: the terminal wraps them."""
    return "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(text).split("\n\n"))


@dataclass(frozen=True, kw_only=True)
class Server:
    server: Annotated[str, typer.Option(envvar="LOGVERDICT_SERVER", metavar="HOST:PORT", help="The server to ask.")] = (
        "127.0.0.1:50051"
    )


@dataclass(frozen=True, kw_only=True)
class Json:
    json: Annotated[bool, typer.Option("--json", help="JSON instead of text, on stdout.")] = False


@dataclass(frozen=True, kw_only=True)
class Waiting:
    timeout: Annotated[
        str, typer.Option(metavar="SPAN", help="How long this call waits at most; the work on the server goes on.")
    ] = "30m"
    on_error: Annotated[
        Decision | None,
        typer.Option(
            case_sensitive=False,
            help="The decision when logverdict cannot tell (no server, timeout). Default: the policy's, else ask.",
            show_default=False,
        ),
    ] = None
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, only the result.")] = False


@dataclass(frozen=True, kw_only=True)
class Local:
    local: Annotated[bool, typer.Option("--local", help="Run the server inside this call: none is needed before.")] = (
        False
    )
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --local: the settings, as for serve.", show_default=False)
    ] = None
