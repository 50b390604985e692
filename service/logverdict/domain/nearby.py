"""Other deployments of the same time and environment, which may be to blame for what is seen."""

from dataclasses import dataclass

from logverdict.domain.words import Verdict


@dataclass(frozen=True, slots=True)
class Nearby:
    """Another verification; `name` is verifications/{id}, `verdict` what was found so far, None before a first look."""

    name: str
    service: str
    version: str
    verdict: Verdict | None = None
