"""The operator's redactions are given to every source of every profile."""

from collections.abc import Sequence
from dataclasses import replace

from logverdict.domain.probe import CheckedProfile, KnownProfile
from logverdict.domain.profile import Profile
from logverdict.domain.redaction import Redaction
from logverdict.domain.wanted import InlineProfile
from logverdict.verify.inspect import ProfileTexts
from logverdict.verify.ports import Profiles


def redacting(profile: Profile, rules: Sequence[Redaction]) -> Profile:
    """The profile with these rules at each of its sources: with them they reach worker processes and the store, and a
    verification goes on with those that it began with."""
    return replace(profile, sources=tuple(replace(one, redactions=tuple(rules)) for one in profile.sources))


class RedactingProfiles:
    """Profiles as they are, with the operator's rules."""

    def __init__(self, profiles: Profiles, rules: Sequence[Redaction]) -> None:
        self._profiles, self._rules = profiles, rules

    def named(self, name: str, service: str, environment: str) -> Profile:
        return redacting(self._profiles.named(name, service, environment), self._rules)

    def inline(self, profile: InlineProfile, service: str, environment: str) -> Profile:
        return redacting(self._profiles.inline(profile, service, environment), self._rules)


class RedactingTexts:
    """The same for profiles that are still being written."""

    def __init__(self, texts: ProfileTexts, rules: Sequence[Redaction]) -> None:
        self._texts, self._rules = texts, rules

    def known(self) -> Sequence[KnownProfile]:
        return self._texts.known()

    def checked(self, text: str, service: str, environment: str) -> CheckedProfile:
        return self._texts.checked(text, service, environment)

    def of_text(self, text: str, name: str, service: str, environment: str) -> Profile:
        return redacting(self._texts.of_text(text, name, service, environment), self._rules)
