"""What a log file's name says once rotation's marks are taken off."""

import re

DATE = r"\d{4}-?\d\d-?\d\d(?:[-T_.]?\d\d(?:[-:]?\d\d){0,2}Z?)?"
DATED = re.compile(rf"[._-]{DATE}(?:\.\d{{1,3}})?$")
NUMBERED = re.compile(r"(?:\.gz|\.\d{1,3}|(?<=\.log)-\d{1,5}|[._-]\d{10})$")
KIND = re.compile(r"\.(?:log|txt|out|err|json|jsonl|ndjson|logfmt)$")
PODS = (
    re.compile(r"(?:^|/)[a-z0-9-]+_(?P<pod>[a-z0-9.-]+)_[0-9a-f-]{32,36}/[^/]+/\d+\.log(?:\.\d{8}-\d{6}(?:\.gz)?)?$"),
    re.compile(r"(?:^|/)(?P<pod>[a-z0-9.-]+)_[a-z0-9-]+_[a-z0-9-]+-[0-9a-f]{64}\.log$"),
)
"""How Kubernetes names files of containers in `pods/` and `containers/`."""


def instance_of(name: str) -> str:
    """`a/web-1.log.3.gz` is a log of `web-1`."""
    if pod := next(filter(None, (pattern.search(name) for pattern in PODS)), None):
        return pod["pod"]
    name = name.rpartition("/")[2]
    bare = name
    while (shorter := DATED.sub("", NUMBERED.sub("", bare))) != bare:
        bare = shorter
    # Before the kind a number is part of the name: node.1.log is not node.2.log.
    return DATED.sub("", KIND.sub("", bare)) or name
