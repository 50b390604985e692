"""The profile files of a file or folder, as one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from logverdict.adapters.profiles.faults import Fault, fault, listed, near
from logverdict.adapters.profiles.load import load_file, shorten
from logverdict.adapters.profiles.models import FilePart
from logverdict.adapters.profiles.tree import Node
from logverdict.adapters.profiles.validate import validate
from logverdict.adapters.profiles.variables import BUILT_IN

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class Catalog:
    """All that the files say, checked one by one but not yet resolved."""

    defaults: Node = Node({})
    variables: Node = Node({})
    profiles: Mapping[str, Node] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Profiles that a request may name."""
        return sorted(name for name, profile in self.profiles.items() if not abstract(profile))


def abstract(profile: Node) -> bool:
    return profile.get("abstract").value is True


def profile_files(path: FilePath) -> list[FilePath]:
    """The file, or the YAML files anywhere below the folder, by name; hidden ones are left out."""
    if not path.is_dir():
        return [path]
    below = (file for file in path.rglob("*") if file.suffix in SUFFIXES and file.is_file())
    return sorted(file for file in below if not any(part.startswith(".") for part in file.relative_to(path).parts))


def read_catalog(path: FilePath) -> tuple[Catalog, list[Fault]]:
    """With faults the catalog holds what could be understood."""
    files = profile_files(path)
    if not files:
        return Catalog(), [Fault(shorten(path), 0, 0, "", "holds no profile files", "names ending in .yaml or .yml")]
    return catalog_of([load_file(file) for file in files])


def catalog_of(loaded: Iterable[tuple[Node, list[Fault]]]) -> tuple[Catalog, list[Fault]]:
    """Of files as they were loaded."""
    trees: list[Node] = []
    faults: list[Fault] = []
    for tree, mistakes in loaded:
        _, wrong = validate(FilePart, tree)
        trees.append(tree)
        faults += [*mistakes, *wrong]
    merged: dict[str, dict[str, Node]] = {"variables": {}, "profiles": {}}
    for section, found in merged.items():
        faults += _gather(section, trees, found)
    defaults = [tree.children["defaults"] for tree in trees if "defaults" in tree.children]
    faults += [
        fault(extra.place, "defaults", f"is given twice, first at {defaults[0].place}", "one `defaults` in all files")
        for extra in defaults[1:]
    ]
    catalog = Catalog(defaults[0] if defaults else Node({}), Node(merged["variables"]), merged["profiles"])
    return catalog, [*faults, *_extends(catalog), *_reserved(catalog)]


def _gather(section: str, trees: list[Node], found: dict[str, Node]) -> Iterator[Fault]:
    for tree in trees:
        for name, node in tree.get(section).children.items():
            if name in found:
                message = f"is given twice, first at {found[name].place}"
                yield fault(node.place, (section, name), message, "each name once in all files")
            else:
                found[name] = node


def _extends(catalog: Catalog) -> Iterator[Fault]:
    for name, profile in catalog.profiles.items():
        base = profile.get("extends").value
        if not isinstance(base, str):
            continue
        path, origin = ("profiles", name, "extends"), profile.get("extends").origin
        if base not in catalog.profiles:
            known = sorted({*catalog.profiles} - {name})
            yield fault(origin, path, f"unknown profile {base!r}", listed(known), near(base, known))
        elif name in (circle := ancestors(catalog, base)):
            loop = " → ".join([name, *circle[: circle.index(name) + 1]])
            yield fault(origin, path, f"the profile inherits from itself: {loop}")


def ancestors(catalog: Catalog, name: str) -> list[str]:
    """The profile and those it extends, nearest first; ends where one is unknown or comes again."""
    line: list[str] = []
    base: object = name
    while isinstance(base, str) and base in catalog.profiles and base not in line:
        line.append(base)
        base = catalog.profiles[base].get("extends").value
    return line


def _reserved(catalog: Catalog) -> Iterator[Fault]:
    """Variables named as the built-in ones, wherever variables may stand."""
    owners = [((), Node({"variables": catalog.variables})), (("defaults",), catalog.defaults)]
    owners += [(("profiles", name), profile) for name, profile in catalog.profiles.items()]
    for path, owner in list(owners):
        owners += [((*path, "environments", name), one) for name, one in owner.get("environments").children.items()]
    for path, owner in owners:
        for name, node in owner.get("variables").children.items():
            if name in BUILT_IN:
                yield fault(node.place, (*path, "variables", name), "is built in; it comes from the request")
