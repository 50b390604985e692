"""Search jobs and their states."""

from dataclasses import dataclass, field
from typing import Any

from servers.splunk.engine import Found, Row
from servers.splunk.events import SERVER
from servers.splunk.knobs import Knobs


@dataclass
class Job:
    """`polls` is how often its state was asked for: that is what moves it on."""

    sid: str
    owner: str
    app: str
    form: dict[str, str]
    found: Found
    knobs: Knobs
    polls: int = 0
    ended: bool = False
    """Finalized on request."""
    paused: bool = False
    ttl: int = 600
    touched: float = 0.0
    """When it was last asked for, by the indexes' clock."""
    messages: list[dict[str, str]] = field(default_factory=list)

    @property
    def state(self) -> str:
        if self.knobs.failed_after is not None and self.polls >= self.knobs.failed_after:
            return "FAILED"
        if self.knobs.failing and self.knobs.failing in self.form["search"]:
            return "FAILED"
        if self.polls < self.knobs.queued_polls:
            return "QUEUED"
        if self.paused:
            return "PAUSED"
        running = self.polls < self.knobs.queued_polls + self.knobs.running_polls
        return "RUNNING" if running and not self.ended else "DONE"

    @property
    def done(self) -> bool:
        """Also for FAILED (measured)."""
        return self.state in ("DONE", "FAILED")

    @property
    def kept(self) -> int:
        """REST's max_count is 10,000 when it is not given (documented)."""
        wanted = int(self.form.get("max_count", "10000"))
        return min(len(self.found.rows), wanted or self.knobs.kept, self.knobs.kept)

    @property
    def rows(self) -> list[Row]:
        return self.found.rows[: max(0, self.kept - self.knobs.lost_rows)]

    def page(self, offset: int, count: int) -> list[Row]:
        """`count` 0 is as many as allowed."""
        start = max(0, offset - (self.knobs.repeated_rows if offset else 0))
        return self.rows[start : start + min(count or self.knobs.page, self.knobs.page)]

    def content(self) -> dict[str, Any]:
        """The keys that a job's state has, as recorded; types are those of JSON."""
        done, failed = self.done, self.state == "FAILED"
        texts = [{"type": "FATAL", "text": "The search process on the peer ended prematurely."}] if failed else []
        return {
            "sid": self.sid,
            "search": self.form["search"],
            "eventSearch": self.form["search"].partition("|")[0].strip(),
            "reportSearch": self.found.command[-1] if self.found.reporting else None,
            "remoteSearch": f"litsearch {self.form['search']}",
            "dispatchState": self.state,
            "doneProgress": 1 if done else 0.5,
            "isDone": done,
            "isFailed": failed,
            "isFinalized": self.ended or self.knobs.finalized,
            "isPaused": self.paused,
            "isZombie": False,
            "isSaved": False,
            "isPreviewEnabled": self.form.get("preview", "1") in ("1", "true"),
            "isRealTimeSearch": False,
            "eventCount": self.found.events if done else 0,
            "eventAvailableCount": 0,
            "resultCount": self.kept if done and not failed else 0,
            "resultPreviewCount": self.kept if done and not failed else 0,
            "scanCount": self.found.events,
            "dropCount": 0,
            "eventIsTruncated": False,
            "eventIsStreaming": True,
            "resultIsStreaming": not self.found.reporting,
            "eventSorting": "desc",
            "statusBuckets": int(self.form.get("status_buckets", "0")),
            "earliestTime": self.form.get("earliest_time", ""),
            "latestTime": self.form.get("latest_time", ""),
            "cursorTime": "1970-01-01T00:00:00.000+00:00",
            "runDuration": 0.1,
            "diskUsage": 65536,
            "ttl": self.ttl,
            "defaultTTL": "600",
            "priority": 5,
            "numPreviews": 0,
            "keywords": "",
            "label": "",
            "delegate": "",
            "messages": [*texts, *self.knobs.messages, *self.messages],
            "request": dict(self.form),
            "searchProviders": [SERVER],
            "performance": {},
            "optimizedSearch": self.form["search"],
            "normalizedSearch": "litsearch",
        }
