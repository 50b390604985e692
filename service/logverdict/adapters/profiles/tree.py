"""A configuration as a tree in which every value knows where it was written."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import TypeAlias

from logverdict.adapters.profiles.duration import format_duration

Scalar: TypeAlias = str | int | float | bool
Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """A place in a file (line and column count from 1), or, without a file, words that say where a value is from."""

    file: str = ""
    line: int = 0
    column: int = 0
    note: str = ""

    def __str__(self) -> str:
        if not self.file:
            return self.note
        return f"{self.file}:{self.line}" + (f" ({self.note})" if self.note else "")


BUILT_IN = Origin(note="built-in default")


@dataclass(frozen=True, slots=True)
class Node:
    """`value` is a scalar, a tuple of nodes, or a mapping to nodes; `key` is where its name stands, if it has one."""

    value: "Scalar | tuple[Node, ...] | Mapping[str, Node]"
    origin: Origin = BUILT_IN
    key: Origin | None = field(default=None)

    @property
    def place(self) -> Origin:
        return self.key or self.origin

    @property
    def children(self) -> "Mapping[str, Node]":
        """The mapping; empty for everything else."""
        return self.value if isinstance(self.value, Mapping) else {}

    def get(self, name: str) -> "Node":
        """The child of that name, or an empty mapping."""
        return self.children.get(name, Node({}, self.origin))

    def without(self, *names: str) -> "Node":
        return Node({name: node for name, node in self.children.items() if name not in names}, self.origin, self.key)

    def with_child(self, name: str, node: "Node") -> "Node":
        return Node({**self.children, name: node}, self.origin, self.key)


def node(value: object, origin: Origin = BUILT_IN) -> Node:
    """A tree from plain values, all of them from one place; words and durations as people write them."""
    if isinstance(value, Enum):
        return Node(value.name, origin)
    if isinstance(value, timedelta):
        return Node(format_duration(value), origin)
    if isinstance(value, Mapping):
        return Node({str(name): node(child, origin) for name, child in value.items()}, origin)
    if isinstance(value, list | tuple):
        return Node(tuple(node(child, origin) for child in value), origin)
    if isinstance(value, str | int | float | bool):
        return Node(value, origin)
    raise TypeError(f"{type(value).__name__} has no place in a configuration")


def plain(tree: Node) -> object:
    """The tree as dicts, lists and scalars."""
    if isinstance(tree.value, Mapping):
        return {name: plain(child) for name, child in tree.value.items()}
    if isinstance(tree.value, tuple):
        return [plain(child) for child in tree.value]
    return tree.value


def merge(base: Node, over: Node) -> Node:
    """`over` laid on `base`: mappings merge name by name, lists and scalars replace."""
    if not (isinstance(base.value, Mapping) and isinstance(over.value, Mapping)):
        return over
    merged = dict(base.value)
    for name, child in over.value.items():
        merged[name] = merge(merged[name], child) if name in merged else child
    return Node(merged, over.origin, over.key)


def find(tree: Node, path: Path) -> Node:
    """The node at the end of the path, or the last one on it that exists."""
    for part in path:
        if isinstance(part, str) and part in tree.children:
            tree = tree.children[part]
        elif isinstance(part, int) and isinstance(tree.value, tuple) and part < len(tree.value):
            tree = tree.value[part]
        else:
            break
    return tree


def leaves(tree: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Scalars, lists and empty mappings, in the order they were written; a list is one leaf."""
    if not tree.children:
        yield path, tree
    for name, child in tree.children.items():
        yield from leaves(child, (*path, name))


def convert(tree: Node, change: Callable[[Path, Node], Node], path: Path = ()) -> Node:
    """The tree with every scalar changed."""
    if isinstance(tree.value, Mapping):
        value = {name: convert(child, change, (*path, name)) for name, child in tree.value.items()}
        return Node(value, tree.origin, tree.key)
    if isinstance(tree.value, tuple):
        items = tuple(convert(child, change, (*path, at)) for at, child in enumerate(tree.value))
        return Node(items, tree.origin, tree.key)
    return change(path, tree)
