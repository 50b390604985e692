"""A resolved profile as text: sections, aligned, each value with the place it comes from."""

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from rich.console import Console
from rich.table import Table

from logverdict.adapters.profiles.faults import dotted
from logverdict.adapters.profiles.resolve import Resolved
from logverdict.adapters.profiles.tree import Node, Path, leaves, plain

WIDTH = 100
SECTIONS = ("comparison", "baseline", "policy", "timing", "sources", "variables")
FIRST = ("connection", "query", "fields", "severities", "options")


def rows(resolved: Resolved) -> list[tuple[Path, Node]]:
    """The leaves, section by section."""
    return sorted(leaves(resolved.tree), key=lambda row: _order(row[0]))


def print_profile(resolved: Resolved, service: str, environment: str) -> None:
    """At most 100 columns wide."""
    console = Console()
    console = Console(width=min(console.width, WIDTH) if console.is_terminal else WIDTH, highlight=False)
    below = _common_folder(resolved)
    console.print(f"Profile {resolved.name}: service {service}, environment {environment}", markup=False)
    if below:
        console.print(f"Files are below {below}", markup=False, style="dim")
    console.print()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False, expand=True)
    table.add_column(overflow="fold", min_width=22)
    table.add_column(overflow="fold", ratio=1)
    table.add_column(overflow="fold", style="dim", max_width=45)
    for line in _lines(resolved, below):
        table.add_row(*line)
    console.print(table)


def _order(path: Path) -> tuple[int, str, int]:
    section, source = str(path[0]), str(path[1]) if path[0] == "sources" and len(path) > 1 else ""
    place = FIRST.index(str(path[2])) if source and len(path) > 2 and path[2] in FIRST else len(FIRST)
    return (SECTIONS.index(section) if section in SECTIONS else len(SECTIONS), source, place)


def _lines(resolved: Resolved, below: str) -> Iterator[tuple[str, str, str]]:
    for section, group in groupby(rows(resolved), key=lambda row: _section(row[0])):
        if section:
            yield dotted(section), "", ""
        for path, leaf in group:
            name = dotted(path[len(section) :])
            yield f"  {name}" if section else name, _shown(leaf), _place(leaf, below)


def _section(path: Path) -> Path:
    return path[: min(len(path) - 1, 2 if path[0] == "sources" else 1)]


def _shown(leaf: Node) -> str:
    value = plain(leaf)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _place(leaf: Node, below: str) -> str:
    file = os.path.relpath(leaf.origin.file, below) if below and leaf.origin.file else leaf.origin.file
    return str(replace(leaf.origin, file=file))


def _common_folder(resolved: Resolved) -> str:
    files = {leaf.origin.file for _, leaf in leaves(resolved.tree) if leaf.origin.file}
    folders = {os.path.dirname(file) for file in files}
    same_kind = len({os.path.isabs(folder) for folder in folders}) == 1
    return os.path.commonpath(folders) if folders and same_kind else ""
