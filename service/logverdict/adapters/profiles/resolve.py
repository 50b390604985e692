"""A profile with its defaults, inheritance, environment and variables in place."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import reduce

from logverdict.adapters.profiles.build import build_profile
from logverdict.adapters.profiles.catalog import Catalog, ancestors
from logverdict.adapters.profiles.faults import Fault, fault, listed, near
from logverdict.adapters.profiles.models import Layer
from logverdict.adapters.profiles.tree import Node, Path, convert, merge, node, plain
from logverdict.adapters.profiles.validate import validate
from logverdict.adapters.profiles.variables import VariableFault, Variables
from logverdict.domain.policy import Policy
from logverdict.domain.profile import FieldNames, Profile, Timing, UsualBaseline
from logverdict.domain.words import Comparison


@dataclass(frozen=True)
class Resolved:
    """`tree` has every value with its origin; `profile` is None when there are faults."""

    name: str
    tree: Node
    profile: Profile | None
    faults: tuple[Fault, ...]


def resolve(catalog: Catalog, settings: Node, name: str, service: str, environment: str) -> Resolved:
    """`settings` are the operator's defaults for all profiles.

    Raises InvalidRequest for a service or environment that cannot stand in a query of this profile.
    """
    prefix: Path = ("profiles", name)
    line = [catalog.profiles[one] for one in reversed(ancestors(catalog, name))]
    tree = laid(catalog, settings, line, environment)
    tree = Node(tree.value, tree.origin, catalog.profiles[name].key)
    faults: list[Fault] = []
    tree = _expanded(_sources(tree), Variables(_texts(tree), service, environment), prefix, faults)
    layer, wrong = validate(Layer, tree, prefix)
    known = {(one.file, one.line, one.column) for one in faults}
    faults += [one for one in wrong if (one.file, one.line, one.column) not in known]
    faults += _incomplete(tree, prefix)
    if faults or layer is None:
        return Resolved(name, tree, None, tuple(faults))
    profile, wrong = build_profile(name, layer, tree, prefix)
    return Resolved(name, tree, profile, tuple(wrong))


def laid(catalog: Catalog, settings: Node, line: list[Node], environment: str) -> Node:
    """Built-in defaults, settings, the files' variables and defaults, the profiles of `line`, then the environment."""
    shared = Node({"variables": catalog.variables}) if catalog.variables.children else Node({})
    whole = reduce(merge, [built_in(), settings, shared, catalog.defaults, *line])
    over = whole.get("environments").get(environment)
    return merge(whole.without("environments", "extends", "abstract"), over)


def built_in() -> Node:
    """What holds when nobody says anything: the domain's defaults."""
    values = {
        "comparison": Comparison.AUTO,
        "baseline": UsualBaseline.BEFORE,
        "policy": asdict(Policy()),
        "timing": asdict(Timing()),
        "each_source": {"fields": asdict(FieldNames())},
    }
    return node(values)


def _sources(tree: Node) -> Node:
    """Each source laid on `each_source`, which is gone then."""
    every = tree.get("each_source")
    if "sources" not in tree.children:
        return tree.without("each_source")
    sources = tree.children["sources"]
    full = {name: merge(every, source) for name, source in sources.children.items()}
    return tree.without("each_source").with_child("sources", Node(full, sources.origin, sources.key))


def _texts(tree: Node) -> dict[str, str]:
    variables = tree.get("variables").children
    return {
        name: str(one.value).lower() if isinstance(one.value, bool) else str(one.value)
        for name, one in variables.items()
    }


def _expanded(tree: Node, variables: Variables, prefix: Path, faults: list[Fault]) -> Node:
    def change(path: Path, text: Node) -> Node:
        if not isinstance(text.value, str) or "severities" in path[1:2]:
            return text
        try:
            return Node(variables.expand(text.value, request=path[1:] != ("connection",)), text.origin, text.key)
        except VariableFault as wrong:
            where = (*prefix, "sources", *path)
            faults.append(fault(text.origin, where, wrong.message, wrong.allowed, wrong.hint))
            return text

    if "sources" not in tree.children:
        return tree
    return tree.with_child("sources", convert(tree.children["sources"], change))


def _incomplete(tree: Node, prefix: Path) -> Iterator[Fault]:
    sources = tree.get("sources").children
    if not sources:
        yield fault(tree.place, (*prefix, "sources"), "the profile has no sources", "1 to 16, or `abstract: true`")
    for name, source in sources.items():
        for field in ("connection", "query"):
            if field not in source.children:
                yield fault(source.place, (*prefix, "sources", name, field), "is required", "also in `each_source`")


def check_connections(resolved: Resolved, connections: list[str]) -> Iterator[Fault]:
    """Sources whose connection the settings do not have."""
    for name, source in resolved.tree.get("sources").children.items():
        wanted = plain(source.get("connection"))
        if isinstance(wanted, str) and "${" not in wanted and wanted not in connections:
            path: Path = ("profiles", resolved.name, "sources", name, "connection")
            allowed = listed(sorted(connections)) or "none: the settings have no connections"
            message = f"unknown connection {wanted!r}"
            yield fault(source.get("connection").origin, path, message, allowed, near(wanted, connections))
