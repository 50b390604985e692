"""The options of a `file` source, checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo

from logverdict.adapters.sources.times import zone_of
from logverdict.domain.errors import InvalidRequest

FORMATS = ("auto", "json", "logfmt", "plain")
MISSING = ("fail", "ok")
KNOWN = ("format", "instance", "instance_from_path", "missing", "timezone", "version", "version_from_path")
LONGEST_PATTERN = 200


@dataclass(frozen=True, slots=True)
class NameRule:
    """Where a file's instance or version comes from when its entries carry none: a fixed text or the file's path."""

    fixed: str = ""
    pattern: re.Pattern[str] | None = None

    def name(self, path: str, default: str) -> str:
        """`path` is relative to the root."""
        match = self.pattern.search(path) if self.pattern else None
        return (match[1] or default) if match else self.fixed or default


@dataclass(frozen=True, slots=True)
class Options:
    format: str
    zone: tzinfo
    missing_ok: bool
    instance: NameRule
    version: NameRule


def parse_options(given: Mapping[str, str]) -> Options:
    """Raises InvalidRequest naming the option and what is allowed."""
    for name in given:
        if name not in KNOWN:
            raise InvalidRequest(
                f"options.{name}", f"is unknown to a file source; allowed: {', '.join(KNOWN)}", allowed=", ".join(KNOWN)
            )
    return Options(
        format=_word(given, "format", FORMATS),
        zone=_zone(given),
        missing_ok=_word(given, "missing", MISSING) == "ok",
        instance=_rule(given, "instance"),
        version=_rule(given, "version"),
    )


def _word(given: Mapping[str, str], name: str, words: tuple[str, ...]) -> str:
    """The given word; the first of `words` when the option is not there."""
    word = given.get(name, words[0])
    if word not in words:
        raise InvalidRequest(f"options.{name}", f"unknown word {word!r}; allowed: {', '.join(words)}")
    return word


def _zone(given: Mapping[str, str]) -> tzinfo:
    try:
        return zone_of(given["timezone"]) if "timezone" in given else UTC
    except ValueError as fault:
        raise InvalidRequest(
            "options.timezone", f"{fault}; allowed: names such as Europe/Berlin, offsets such as +01:00, UTC"
        ) from None


def _rule(given: Mapping[str, str], name: str) -> NameRule:
    option = f"{name}_from_path"
    if name in given and option in given:
        raise InvalidRequest(f"options.{name}", f"is given beside {option}; allowed: one of them")
    return NameRule(given.get(name, ""), _pattern(option, name, given[option]) if option in given else None)


def _pattern(option: str, group: str, text: str) -> re.Pattern[str]:
    if len(text) > LONGEST_PATTERN:
        raise InvalidRequest(f"options.{option}", f"is too long; allowed: up to {LONGEST_PATTERN} characters")
    try:
        pattern = re.compile(text)
    except re.error as fault:
        raise InvalidRequest(f"options.{option}", f"is no regular expression: {fault}") from None
    if pattern.groups != 1 or set(pattern.groupindex) - {group}:
        raise InvalidRequest(f"options.{option}", f"needs one group that holds the name, such as (?P<{group}>[^/]+)")
    return pattern
