"""Exit codes: what a pipeline reads when it reads nothing else."""

from collections.abc import Iterable
from typing import Final

PROCEED: Final = "PROCEED"
STOP: Final = "STOP"
ASK: Final = "ASK"

USAGE: Final = 2
"""The call is wrong, or asks for something that the server does not have."""
UNREACHABLE: Final = 4
"""`get`, `list`, `events` and `cancel` only: the server could not answer. `verify` and `watch` decide instead."""
INTERRUPTED: Final = 130
TERMINATED: Final = 143

BY_DECISION: Final = {PROCEED: 0, STOP: 1, ASK: 3}


def combined(decisions: Iterable[str]) -> str:
    """STOP if any says STOP, else ASK if any says ASK, else PROCEED."""
    given = set(decisions)
    unknown = given - BY_DECISION.keys()
    if unknown or not given:
        raise ValueError(f"decisions {sorted(given)}; known: {', '.join(BY_DECISION)}")
    return next(decision for decision in (STOP, ASK, PROCEED) if decision in given)
