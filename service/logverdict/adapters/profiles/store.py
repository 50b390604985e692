"""The profiles that are in force: read from files, and read again when these change."""

import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Protocol

import structlog

from logverdict.adapters.profiles.catalog import Catalog, abstract, profile_files
from logverdict.adapters.profiles.check import check
from logverdict.adapters.profiles.faults import ConfigError, listed, near
from logverdict.adapters.profiles.inline import over_defaults
from logverdict.adapters.profiles.resolve import Resolved, check_connections, laid, resolve
from logverdict.adapters.profiles.tree import Node, node
from logverdict.domain.errors import FailedPrecondition, NotFound
from logverdict.domain.profile import Profile
from logverdict.domain.wanted import InlineProfile
from logverdict.verify.ports import Sources

FALLBACK = "default"


class ProfileSettings(Protocol):
    """What profiles need of the operator's settings."""

    @property
    def profiles(self) -> FilePath | None: ...

    @property
    def connections(self) -> Mapping[str, object]: ...

    @property
    def defaults_tree(self) -> Node: ...


class FileProfiles:
    """Safe to call from several threads. A running verification keeps the profile it was given.

    When changed files have mistakes, the profiles stay as they were and the log says why.
    """

    def __init__(self, settings: ProfileSettings, sources: Sources | None = None) -> None:
        """With `sources`, queries and options are checked too. Raises ConfigError with every mistake of the files as
        they are now."""
        self._settings = settings
        self._sources = sources
        self._lock = threading.Lock()
        self._seen = self._signature()
        self._catalog = self._read()

    def named(self, name: str, service: str, environment: str) -> Profile:
        resolved = self.resolved(name, service, environment)
        if resolved.profile is None or resolved.faults:
            text = "; ".join(map(str, resolved.faults))
            raise FailedPrecondition(f"profile {resolved.name!r} cannot be used: {text}", reason="PROFILE_INVALID")
        return resolved.profile

    def resolved(self, name: str, service: str, environment: str) -> Resolved:
        """As `named`, with every value's origin, and its faults."""
        catalog = self._current()
        chosen = choose(catalog, name, service)
        resolved = resolve(catalog, self._settings.defaults_tree, chosen, service, environment)
        unknown = check_connections(resolved, list(self._settings.connections))
        return replace(resolved, faults=(*resolved.faults, *unknown))

    def catalog(self) -> Catalog:
        """The profiles in force, not yet resolved."""
        return self._current()

    def inline(self, profile: InlineProfile, service: str, environment: str) -> Profile:
        """The texts of a request are taken as they are: no variables."""
        tree = laid(self._current(), self._settings.defaults_tree, [], environment)
        # One source stands in, as a profile without any cannot be; the request's own replace it.
        stand_in = node({"each_source": {}, "sources": {"stand-in": {"connection": "none", "query": "none"}}})
        catalog = Catalog(profiles={FALLBACK: Node({**tree.children, **stand_in.children})})
        defaults = resolve(catalog, Node({}), FALLBACK, service, environment).profile
        if defaults is None:
            raise FailedPrecondition("the defaults cannot be used", reason="PROFILE_INVALID")
        return over_defaults(profile, defaults, self._settings.connections)

    def _current(self) -> Catalog:
        with self._lock:
            seen = self._signature()
            if seen != self._seen:
                self._seen = seen
                self._reload()
            return self._catalog

    def _reload(self) -> None:
        log = structlog.get_logger(__name__)
        try:
            self._catalog = self._read()
        except ConfigError as wrong:
            log.warning("profiles not reloaded, those read before stay in force", faults=[str(f) for f in wrong.faults])
        else:
            log.info("profiles reloaded", profiles=len(self._catalog.names))

    def _read(self) -> Catalog:
        path = self._settings.profiles
        if path is None:
            return Catalog()
        checked = check(path, self._settings.defaults_tree, list(self._settings.connections), self._sources)
        if checked.faults:
            raise ConfigError(checked.faults)
        return checked.catalog

    def _signature(self) -> tuple[tuple[str, int, int], ...]:
        """Changes when a file is written, comes or goes; a file that goes while we look counts as gone."""
        path = self._settings.profiles
        seen = []
        for file in profile_files(path) if path is not None else ():
            try:
                state = file.stat()
            except FileNotFoundError:
                continue
            seen.append((str(file), state.st_mtime_ns, state.st_size))
        return tuple(seen)


def choose(catalog: Catalog, name: str, service: str) -> str:
    """Raises NotFound naming the known profiles."""
    known = catalog.names
    if not known:
        raise NotFound(
            "no profiles are configured; set `profiles` in the server's settings, or send an inline profile",
            reason="PROFILE_NOT_FOUND",
        )
    if name:
        if name in known:
            return name
        if name in catalog.profiles and abstract(catalog.profiles[name]):
            raise NotFound(f"profile {name!r} is abstract: only there to be extended", reason="PROFILE_NOT_FOUND")
        raise NotFound(_unknown(f"unknown profile {name!r}", name, known), reason="PROFILE_NOT_FOUND")
    if service in known:
        return service
    if FALLBACK in known:
        return FALLBACK
    text = f"service {service!r} has no profile of its name, and there is none named {FALLBACK!r}"
    raise NotFound(_unknown(text, service, known), reason="PROFILE_NOT_FOUND")


def _unknown(text: str, name: str, known: list[str]) -> str:
    hint = near(name, known)
    meant = f"; did you mean {hint}?" if hint else ""
    return f"{text}{meant}; known: {listed(known)}"
