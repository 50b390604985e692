"""Versions of the rules that make templates: of the key, which counts hold, and of the mask table, applied to that.

Counts of the same key can be masked anew by any table. What another key took away can't be had back.
"""

from logverdict.analysis.key import KEY_VERSION
from logverdict.analysis.mask import MASK_VERSION, TABLES

RULES_VERSION = f"{KEY_VERSION}.{MASK_VERSION}"
"""Of key and mask together: "2.1" is the first mask table for the second key."""
KNOWN_RULES = tuple(f"{KEY_VERSION}.{mask}" for mask in sorted(TABLES, key=lambda mask: (mask != MASK_VERSION, mask)))
"""What this version can work by, its own first."""


def key_of(rules: str) -> str:
    """The version of the key."""
    return rules.partition(".")[0]


def mask_of(rules: str) -> str:
    """The version of the mask table."""
    return rules.partition(".")[2]
