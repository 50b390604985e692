"""One line of the table of commands."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """`target` is module:attribute, a function or a typer app; `examples` are shown below the command's help."""

    help: str
    target: str
    panel: str
    examples: tuple[str, ...] = ()
