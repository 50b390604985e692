"""Every mistake in profile files at once."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from logverdict.adapters.profiles.build import source
from logverdict.adapters.profiles.catalog import Catalog, read_catalog
from logverdict.adapters.profiles.faults import Fault, distinct, fault
from logverdict.adapters.profiles.models import SourcePart
from logverdict.adapters.profiles.resolve import Resolved, check_connections, resolve
from logverdict.adapters.profiles.tree import Node, Path, find
from logverdict.adapters.profiles.validate import validate
from logverdict.adapters.profiles.variables import SAFE
from logverdict.domain.errors import InvalidRequest, QueryRejected
from logverdict.domain.profile import SourceSpec

if TYPE_CHECKING:
    from logverdict.verify.ports import LogSource, Sources

ANY_ENVIRONMENT = "any"


@dataclass(frozen=True)
class Checked:
    """`sources` is the number of sources over all profiles that requests may name."""

    catalog: Catalog
    faults: tuple[Fault, ...]
    sources: int = 0


def check(
    path: FilePath, settings: Node, connections: Collection[str] | None, sources: "Sources | None" = None
) -> Checked:
    """`connections` None: their names are not known, and not checked. `sources` check queries and options."""
    return check_catalog(*read_catalog(path), settings, connections, sources)


def check_catalog(
    catalog: Catalog,
    faults: list[Fault],
    settings: Node,
    connections: Collection[str] | None,
    sources: "Sources | None" = None,
) -> Checked:
    """As `check`, of what was read with these faults."""
    environments, count = _environments(catalog), 0
    for name in catalog.names:
        for environment in [ANY_ENVIRONMENT, *environments]:
            resolved = resolve(catalog, settings, name, "service", environment)
            faults += resolved.faults
            if connections is not None:
                faults += check_connections(resolved, list(connections))
            faults += _queries(resolved, sources or {})
            if environment == ANY_ENVIRONMENT:
                count += len(resolved.tree.get("sources").children)
    return Checked(catalog, tuple(distinct(faults)), count)


def _environments(catalog: Catalog) -> list[str]:
    """Environments that the files speak of, as far as they can stand in a query."""
    owners = [catalog.defaults, *catalog.profiles.values()]
    spoken_of = {name for owner in owners for name in owner.get("environments").children}
    return sorted(name for name in spoken_of if SAFE.fullmatch(name))


def _queries(resolved: Resolved, sources: "Sources") -> Iterator[Fault]:
    """What the sources themselves say of queries and options."""
    for name, tree in resolved.tree.get("sources").children.items():
        part, _ = validate(SourcePart, tree)
        if part is None or part.query is None or part.connection is None or part.connection not in sources:
            continue
        for field, message in _refusals(source(name, part), sources[part.connection]):
            path: Path = tuple(field.split("."))
            yield fault(find(tree, path).origin, ("profiles", resolved.name, "sources", name, *path), message)


def _refusals(spec: SourceSpec, asked: "LogSource") -> Iterator[tuple[str, str]]:
    """Field and fault; a source tells one at a time, so a refused option is taken away and the source asked again."""
    while True:
        try:
            return asked.check(spec)
        except QueryRejected as wrong:
            yield "query", wrong.message
            return
        except InvalidRequest as wrong:
            yield wrong.field, wrong.fault
            option = wrong.field.removeprefix("options.")
            if option not in spec.options:
                return
            spec = replace(spec, options={name: text for name, text in spec.options.items() if name != option})
