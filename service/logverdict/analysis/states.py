"""Names of bad states that fields hold: gRPC's codes, as its libraries spell them."""

from collections.abc import Iterable

WORDS = ("unknown", "internal", "unavailable")
"""Codes that are statuses from 500 on of HTTP; other messages have these words too."""
FAILED = ("data loss", "deadline exceeded")
"""More of those, which are no words of a sentence."""
UNIMPLEMENTED = "unimplemented"
REFUSED = ("permission denied", "unauthenticated", "resource exhausted", "failed precondition")
"""Codes that are statuses from 400 on."""


def spelled(names: Iterable[str]) -> str:
    """As a pattern: DATA_LOSS or DataLoss."""
    pairs = ((name.upper().replace(" ", "_"), name.title().replace(" ", "")) for name in names)
    return "|".join(word for pair in pairs for word in pair)


def anyhow(names: Iterable[str]) -> str:
    """As a pattern without regard to case."""
    return "|".join(name.replace(" ", "_?") for name in names)
