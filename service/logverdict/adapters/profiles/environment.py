"""Environment variables as a tree: LOGVERDICT_RETENTION__SLICES=7d is retention: {slices: 7d}."""

from collections.abc import Collection, Mapping
from pathlib import Path as FilePath

from logverdict.adapters.profiles.faults import Fault, fault, near
from logverdict.adapters.profiles.load import load_text
from logverdict.adapters.profiles.tree import Node, Origin, Path, convert, merge, node

PREFIX = "LOGVERDICT_"
OTHERS = ("config", "server", "attempt", "timeout")
"""Read by the command line."""


def from_environment(environment: Mapping[str, str], fields: Collection[str]) -> tuple[Node, list[Fault]]:
    """Variables that name one of `fields`; empty ones count as not set.

    Other names are left alone (Kubernetes makes LOGVERDICT_PORT and more for a Service named logverdict), but one
    that looks like a slip of the pen is a fault.
    """
    tree, faults = Node({}), list[Fault]()
    for variable in sorted(environment):
        if not variable.startswith(PREFIX) or not environment[variable].strip():
            continue
        path = tuple(variable.removeprefix(PREFIX).lower().split("__"))
        if path[0] in fields:
            value, wrong = _value(variable, environment[variable], path)
            tree = merge(tree, value)
            faults += wrong
        elif path[0] not in OTHERS and (meant := near(path[0], fields, cutoff=0.8)):
            faults.append(fault(Origin(note=variable), "", "is no setting", hint=f"{PREFIX}{meant.upper()}"))
    return tree, faults


def _value(variable: str, text: str, path: Path) -> tuple[Node, list[Fault]]:
    """Mappings and lists are written as JSON or flow YAML, all else as it is."""
    origin, faults = Origin(note=variable), list[Fault]()
    if text.lstrip().startswith(("{", "[")):
        leaf, faults = load_text(text, "", variable)
    elif text.strip().lower() in ("true", "false"):
        leaf = node(text.strip().lower() == "true", origin)
    else:
        leaf = node(text.strip(), origin)
    leaf = convert(leaf, lambda below, one: _absolute((*path, *below), one))
    for name in reversed(path):
        leaf = Node({str(name): leaf}, origin)
    return leaf, faults


def _absolute(path: Path, leaf: Node) -> Node:
    """Relative paths in the environment start at the working folder."""
    if not isinstance(leaf.value, str) or not leaf.value or "://" in leaf.value:
        return leaf
    if path in (("store",), ("store_password_file",), ("profiles",)) or (
        path[0] == "connections" and _is_file(path[-1])
    ):
        return Node(str(FilePath(leaf.value).expanduser().absolute()), leaf.origin, leaf.key)
    return leaf


def _is_file(name: str | int) -> bool:
    return isinstance(name, str) and (name in ("root", "client_cert", "client_key") or name.endswith("_file"))
