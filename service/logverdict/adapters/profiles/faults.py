"""Mistakes in a configuration: each with its place, what was wrong, and what is allowed."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from logverdict.adapters.profiles.tree import Origin, Path
from logverdict.domain.errors import FailedPrecondition


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """`field` is the path as the operator writes it; `allowed` and `hint` may be empty."""

    file: str
    line: int
    column: int
    field: str
    message: str
    allowed: str = ""
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: " if self.line else f"{self.file}: " if self.file else ""
        text = f"{place}{self.field}: {self.message}" if self.field else f"{place}{self.message}"
        text += f"; allowed: {self.allowed}" if self.allowed else ""
        return text + (f"; did you mean {self.hint}?" if self.hint else "")

    def as_dict(self) -> dict[str, str | int]:
        return asdict(self)


class ConfigError(FailedPrecondition):
    """All faults of a configuration at once."""

    reason = "CONFIG_INVALID"

    def __init__(self, faults: Sequence[Fault]) -> None:
        count = "1 mistake" if len(faults) == 1 else f"{len(faults)} mistakes"
        super().__init__("\n".join([f"the configuration has {count}:", *map(str, faults)]))
        self.faults = tuple(faults)


def fault(origin: Origin, path: Path | str, message: str, allowed: str = "", hint: str = "") -> Fault:
    where = path if isinstance(path, str) else dotted(path)
    return Fault(origin.file or origin.note, origin.line, origin.column, where, message, allowed, hint)


def dotted(path: Path) -> str:
    """`sources.app.fields.time[0]`"""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def near(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """The known word that is most like `word`, or ""."""
    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), list(by_lower), n=1, cutoff=cutoff)
    return by_lower[found[0]] if found else ""


def listed(words: Iterable[str], most: int = 20) -> str:
    """`a, b, c`, cut after `most`."""
    names = list(words)
    more = f", … ({len(names) - most} more)" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def distinct(faults: Iterable[Fault]) -> list[Fault]:
    """By place; a mistake that several profiles inherit is told once, under the field that comes first here."""
    first: dict[tuple[str, int, int, str], Fault] = {}
    for one in faults:
        first.setdefault((one.file, one.line, one.column, one.message), one)
    return sorted(first.values())
