"""Which indices a source may name: data streams, aliases, patterns, other clusters; never all, never system ones."""

import re

from logverdict.domain.errors import InvalidRequest

LONGEST = 2_000
MOST = 50
LEAST_LETTERS = 3
"""Letters and digits that a pattern has beside its wildcards: `*` and `*-*` mean every index there is."""
# Beside letters and digits of any language; `<` would begin date math, `/` and `%` another path.
NAME = re.compile(r"[\w*][\w.*+@=~!-]*")
CLUSTER = re.compile(r"[A-Za-z0-9*][A-Za-z0-9_*-]*")
EXAMPLES = "such as logs-shop-*, an alias, a data stream, cluster:logs-shop"


def parse_index(text: str) -> tuple[str, ...]:
    """The names in the option `index`, separated by commas. Raises InvalidRequest."""
    if len(text) > LONGEST:
        raise _refused(f"is too long; allowed: up to {LONGEST:,} characters")
    names = tuple(part.strip() for part in text.split(",") if part.strip())
    if not names:
        raise _refused(f"is empty; write an index or a pattern {EXAMPLES}")
    if len(names) > MOST:
        raise _refused(f"has {len(names)} names; allowed: up to {MOST}")
    if names[0].startswith("-"):
        raise _refused(f"starts by leaving out {names[0]!r}; write first what is to be read")
    for name in names:
        _check(name.removeprefix("-") if len(names) > 1 else name)
    return names


def _check(name: str) -> None:
    cluster, colon, index = name.rpartition(":")
    if colon and not CLUSTER.fullmatch(cluster):
        raise _refused(f"{_shown(name)} names no cluster; allowed: {EXAMPLES}")
    if index.startswith((".", "_")):
        what = "every index" if index == "_all" else "an index of the system"
        raise _refused(f"{_shown(name)} is {what}; allowed: {EXAMPLES}")
    if not NAME.fullmatch(index) or ".." in index:
        raise _refused(f"{_shown(name)} is no index name; allowed: {EXAMPLES}")
    if "*" in index and sum(sign.isalnum() for sign in index) < LEAST_LETTERS:
        raise _refused(f"{_shown(name)} means too much; allowed: patterns with {LEAST_LETTERS} letters or digits")


def _shown(name: str) -> str:
    return repr(name if len(name) <= 80 else f"{name[:79]}…")


def _refused(fault: str) -> InvalidRequest:
    return InvalidRequest("options.index", fault)
