"""What can go wrong on purpose, and what the server allows."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from re import Pattern
from typing import Literal


@dataclass
class Rule:
    """For requests whose `METHOD path` matches: after `skip` of them, the next `times` are answered so.

    `action`: "answer" with status and body; "hang" before the headers; "stall" in mid-body; "reset" in mid-body;
    "cut": fewer bytes than promised; "last": the last line of the body is left out; "delay": all is well after so many
    `seconds`; "gzip": packed, though nobody asked for it; "pass": all is well. `then` is called first."""

    where: Pattern[str]
    action: Literal["answer", "hang", "stall", "reset", "cut", "last", "delay", "gzip", "pass"] = "answer"
    status: int = 503
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1
    skip: int = 0
    seconds: float = 0.0
    then: Callable[[], object] = lambda: None

    def due(self, request: str) -> bool:
        if not self.where.search(request) or not self.times:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass
class Knobs:
    rules: list[Rule] = field(default_factory=list)
    queued_polls: int = 0
    running_polls: int = 0
    failed_after: int | None = None
    """Polls after which jobs are FAILED."""
    failing: str = ""
    """Jobs whose search holds this are FAILED."""
    messages: list[dict[str, str]] = field(default_factory=list)
    """Of every job and export."""
    finalized: bool = False
    kept: int = 500_000
    """limits.conf max_count: a job keeps no more rows, whatever was asked for."""
    page: int = 50_000
    """limits.conf [restapi] maxresultrows."""
    lost_rows: int = 0
    """Rows of each job that its resultCount counts and its pages do not hold."""
    repeated_rows: int = 0
    """Rows of the page before that a page holds instead of its own first ones."""
    lastrow: bool = True
    previews: int = 0
    """Preview blocks before an export's rows."""
    requests_per_session: int | None = None
    jobs_at_once: int = 50
    honours_time_format: bool = True
    late_events: int = 0
    """Events that no search but a count sees."""
    time_shift: int = 0
    """Microseconds that `_time` is wrong by."""
    released: threading.Event = field(default_factory=threading.Event)
    """Set: what hangs and stalls goes on."""


FIELD_EXTRACTION = {
    "type": "WARN",
    "text": "Field extractor name=slow is unusually slow (max single event time=2000ms)",
}
PEER_DOWN = {  # wording unverified
    "type": "WARN",
    "text": "Unable to distribute to peer named idx2 at uri=https://idx2:8089 because peer has status=Down.",
}
FINALIZED = {"type": "WARN", "text": "Search auto-finalized after time limit (30 seconds) reached."}
TOO_MANY = (
    "Search not executed: The maximum number of concurrent historical searches for this user based on their role quota "
    'has been reached., concurrency_category="historical", concurrency_context="user_instance-wide", '
    "current_concurrency=3, concurrency_limit=3"
)
