"""Profiles for who writes them: those that are known, and texts that may become some."""

from dataclasses import replace

from logverdict.adapters.profiles.catalog import Catalog, catalog_of
from logverdict.adapters.profiles.check import Checked, check_catalog
from logverdict.adapters.profiles.faults import Fault, dotted
from logverdict.adapters.profiles.load import load_text
from logverdict.adapters.profiles.resolve import Resolved, resolve
from logverdict.adapters.profiles.store import FALLBACK, FileProfiles, ProfileSettings, choose
from logverdict.adapters.profiles.tree import Node, Path, leaves, plain
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.probe import CheckedProfile, KnownProfile, ProfileFault
from logverdict.domain.profile import Profile
from logverdict.verify.ports import Sources

ANY = "any"
MOST_FAULTS = 200


class YamlTexts:
    """Texts are read beside the operator's defaults, as if they were the only profile file."""

    def __init__(self, settings: ProfileSettings, profiles: FileProfiles, sources: Sources) -> None:
        self._settings, self._profiles, self._sources = settings, profiles, sources

    def known(self) -> list[KnownProfile]:
        catalog = self._profiles.catalog()
        return [_known(self._profiles.resolved(name, name, ANY), catalog) for name in catalog.names]

    def checked(self, text: str, service: str, environment: str) -> CheckedProfile:
        checked = self._check(text)
        if checked.faults:
            return CheckedProfile(tuple(map(_fault, checked.faults[:MOST_FAULTS])))
        found = [
            resolve(checked.catalog, self._settings.defaults_tree, name, service or name, environment or ANY)
            for name in checked.catalog.names
        ]
        return CheckedProfile((), tuple((one.name, as_text(one)) for one in found))

    def of_text(self, text: str, name: str, service: str, environment: str) -> Profile:
        checked = self._check(text)
        if checked.faults:
            told = "; ".join(str(replace(one, file="")) for one in checked.faults[:20])
            raise InvalidRequest("yaml", f"has mistakes: {told}")
        names = checked.catalog.names
        chosen = names[0] if len(names) == 1 and not name else choose(checked.catalog, name, service)
        resolved = resolve(checked.catalog, self._settings.defaults_tree, chosen, service or chosen, environment or ANY)
        if resolved.profile is None or resolved.faults:
            raise InvalidRequest("yaml", "; ".join(str(replace(one, file="")) for one in resolved.faults))
        return resolved.profile

    def _check(self, text: str) -> Checked:
        catalog, faults = catalog_of([load_text(text, "text")])
        if not catalog.names and not faults:
            faults = [Fault("text", 1, 1, "profiles", "holds no profile", "profiles: {NAME: {sources: ...}}")]
        return check_catalog(
            catalog, faults, self._settings.defaults_tree, list(self._settings.connections), self._sources
        )


def as_text(resolved: Resolved) -> str:
    """A line a value, and after # where it comes from."""
    rows = sorted(leaves(resolved.tree), key=lambda row: _order(row[0]))
    return "\n".join(f"{dotted(path)}: {_shown(leaf)}  # {leaf.origin}" for path, leaf in rows)


def _order(path: Path) -> tuple[bool, str]:
    return path[0] != "sources", str(path[0])


def _shown(leaf: Node) -> str:
    value = plain(leaf)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _known(resolved: Resolved, catalog: Catalog) -> KnownProfile:
    services = "all without a profile of their own name" if resolved.name == FALLBACK else resolved.name
    origin = catalog.profiles[resolved.name].place
    return KnownProfile(
        resolved.name, services, tuple(resolved.tree.get("sources").children), f"{origin.file}:{origin.line}"
    )


def _fault(one: Fault) -> ProfileFault:
    return ProfileFault(one.line, one.column, one.field, one.message, one.allowed, one.hint)
