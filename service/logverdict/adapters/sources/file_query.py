"""Which files a query means: globs below a root that nothing leaves."""

import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from logverdict.domain.errors import InvalidRequest, QueryRejected, SourceUnavailable

LONGEST_QUERY = 2_000
MOST_DEEP = 3
MOST_FILES = 10_000
WILD = re.compile(r"[*?\[]")
Glob = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A file: `name` is its path relative to the root, as text; `path` leads to it without links."""

    name: str
    path: Path
    modified: float
    """Seconds since 1970."""


def parse_query(query: str) -> list[Glob]:
    """The globs of a query, each split at its slashes. Raises InvalidRequest."""
    if len(query) > LONGEST_QUERY:
        raise InvalidRequest("query", f"is too long; allowed: up to {LONGEST_QUERY} characters")
    globs = [_glob(text) for part in query.splitlines() for text in part.split(",") if text.strip()]
    if not globs:
        raise InvalidRequest("query", "is empty; write a file, a folder or a glob such as logs/**/*.log")
    return globs


def _glob(text: str) -> Glob:
    text = text.strip()
    if text.startswith(("/", "\\", "~")) or re.match(r"[A-Za-z]:[\\/]", text):
        raise InvalidRequest("query", f"{text!r} is absolute; write it relative to the connection's root")
    parts = tuple(part for part in text.split("/") if part not in ("", "."))
    if ".." in parts:
        raise InvalidRequest("query", f"{text!r} leaves the connection's root; '..' is not allowed")
    if "\0" in text:
        raise InvalidRequest("query", "holds a NUL character; write a file, a folder or a glob")
    if parts.count("**") > MOST_DEEP:
        raise InvalidRequest("query", f"{text!r} holds '**' too often; allowed: {MOST_DEEP} times")
    return parts


def find_files(root: Path, query: str, missing_ok: bool, unread: list[str]) -> list[Found]:
    """The files of a query, each once, sorted by name; hidden ones only where the glob says so. What could not be
    looked into is added to `unread`.

    Raises QueryRejected for a glob that matches nothing or leads outside by a link.
    """
    try:
        real = root.resolve(strict=True)
        os.listdir(real)
    except OSError as fault:
        raise SourceUnavailable(f"the connection's root folder can't be read: {fault.strerror}") from fault
    found: dict[tuple[int, int], Found] = {}
    for glob in parse_query(query):
        names = sorted(_names(real, glob, unread))
        files = [pair for name in names if (pair := _stat(real, name, unread))]
        if not files and not missing_ok and not unread:
            raise QueryRejected(
                f"query: {'/'.join(glob) or '.'!r} matches no file below the connection's root", query="/".join(glob)
            )
        for identity, file in files:
            found.setdefault(identity, file)
    return sorted(found.values(), key=lambda file: file.name)


def shown(name: str) -> str:
    """A name as text: bytes that are not UTF-8 are escaped, as they could be neither stored nor sent."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _stat(root: Path, name: str, unread: list[str]) -> tuple[tuple[int, int], Found] | None:
    """A regular file and what tells it from others; None for what is none (any more)."""
    path = _inside(root, name)
    try:
        facts = path.stat()
    except FileNotFoundError:
        return None
    except OSError as fault:
        unread.append(f"{shown(name)}: {fault.strerror}")
        return None
    if not stat.S_ISREG(facts.st_mode):
        return None
    return (facts.st_dev, facts.st_ino), Found(shown(name), path, facts.st_mtime)


def _inside(root: Path, name: str) -> Path:
    try:
        path = (root / name).resolve()
    except (OSError, RuntimeError) as fault:  # links that lead in a circle
        raise QueryRejected(f"query: {shown(name)!r} is a link that leads nowhere") from fault
    if not path.is_relative_to(root):
        raise QueryRejected(f"query: {shown(name)!r} leads outside the connection's root")
    return path


def _names(root: Path, glob: Glob, unread: list[str]) -> Iterator[str]:
    """Names that a glob matches. A folder that the glob ends with stands for all files below it."""
    wild = next((at for at, part in enumerate(glob) if WILD.search(part)), len(glob))
    start = "/".join(glob[:wild])
    top = _inside(root, start)
    if top.is_file():
        yield start
        return

    def tell(fault: OSError) -> None:
        if not isinstance(fault, FileNotFoundError | NotADirectoryError):
            unread.append(f"{shown(os.path.relpath(fault.filename, root))}: {fault.strerror}")

    seen = 0
    for name, parts in _walk(top, start, tell):
        if _fits(parts, glob[wild:]) or _fits_folder(parts, glob[wild:]):
            seen += 1
            if seen > MOST_FILES:
                raise QueryRejected(f"query: {'/'.join(glob)!r} matches more than {MOST_FILES:,} files")
            yield name


def _walk(top: Path, start: str, tell: Callable[[OSError], None]) -> Iterator[tuple[str, Sequence[str]]]:
    """Files below a folder: name from the root, and the parts of the path from `top`. It enters no links."""
    for folder, folders, files in os.walk(top, onerror=tell):
        folders.sort()
        below = Path(folder).relative_to(top).parts
        for file in files:
            yield "/".join([*filter(None, [start]), *below, file]), (*below, file)


def _fits(parts: Sequence[str], glob: Sequence[str]) -> bool:
    if not glob:
        return not parts
    if glob[0] == "**":
        plain = next((at for at, part in enumerate(parts) if part.startswith(".")), len(parts))
        return any(_fits(parts[at:], glob[1:]) for at in range(plain + 1))
    return bool(parts) and _same(parts[0], glob[0]) and _fits(parts[1:], glob[1:])


def _fits_folder(parts: Sequence[str], glob: Sequence[str]) -> bool:
    """Whether the glob ends with the plain name of a folder above the file: it means all that is not hidden in it."""
    if glob and WILD.search(glob[-1]):
        return False
    return any(
        _fits(parts[:at], glob) and not any(part.startswith(".") for part in parts[at:]) for at in range(len(parts))
    )


def _same(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern) and (not name.startswith(".") or pattern.startswith("."))
