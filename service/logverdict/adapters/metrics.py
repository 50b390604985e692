"""What Prometheus sees: the one place where things are counted. Labels are words of ours and names of connections."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, PlatformCollector, ProcessCollector

from logverdict.domain.result import Judgement
from logverdict.domain.verification import Coverage, SourceCall, Verification
from logverdict.verify.observe import Beat

SECONDS = (0.1, 0.5, 1, 5, 15, 60, 300, 600, 1800, 3600, 7200, 14400)
CALL_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
STORE_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 15, 30)
SHARES = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 1.0)
NONE = "NONE"


class Metrics:
    """`verify.observe.Observer`, and what the server's edge tells; all in the registry that it is given."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._verifications(registry)
        self._sources(registry)
        self._store(registry)
        self._server(registry)
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)

    def _verifications(self, registry: CollectorRegistry) -> None:
        self._created = Counter(
            "logverdict_verifications_created", "Verifications that were asked for", registry=registry
        )
        self._ended = Counter(
            "logverdict_verifications_ended",
            "Verifications that ended, by state, verdict (NONE: not judged), decision, and mode",
            ["state", "verdict", "decision", "mode"],
            registry=registry,
        )
        self._duration = Histogram(
            "logverdict_verification_duration_seconds",
            "From asked for to ended, by verdict",
            ["verdict"],
            buckets=SECONDS,
            registry=registry,
        )
        self._first = Histogram(
            "logverdict_first_verdict_seconds",
            "From asked for to the first provisional verdict",
            buckets=SECONDS,
            registry=registry,
        )
        self._revisions = Counter("logverdict_revisions", "Revisions stored", registry=registry)
        self._coverage = Histogram(
            "logverdict_coverage_ratio",
            "Share of a side that could be read, when a verification ended, by side and source's place among them",
            ["side"],
            buckets=SHARES,
            registry=registry,
        )

    def _sources(self, registry: CollectorRegistry) -> None:
        per, by = "by connection", ["connection"]
        self._read = Counter("logverdict_entries_read", f"Entries pulled, {per}", by, registry=registry)
        self._reduced = Counter(
            "logverdict_entries_reduced", f"Entries counted at the source, {per}", by, registry=registry
        )
        self._lost = Counter(
            "logverdict_entries_lost",
            f"Entries that the source has and that were not judged, {per} and cause (missing, broken)",
            [*by, "cause"],
            registry=registry,
        )
        self._late = Counter(
            "logverdict_entries_late", f"Entries that came after their slice was read, {per}", by, registry=registry
        )
        self._lag = Gauge(
            "logverdict_ingest_lag_seconds",
            f"Longest way of an entry into the source, last slice, {per}",
            by,
            registry=registry,
        )
        self._calls = Counter(
            "logverdict_source_calls",
            f"Calls to sources, {per} and outcome (2xx … 5xx, failed)",
            [*by, "outcome"],
            registry=registry,
        )
        self._call_seconds = Histogram(
            "logverdict_source_call_seconds", f"Time of a call, {per}", by, buckets=CALL_SECONDS, registry=registry
        )
        self._retries = Counter(
            "logverdict_source_unanswered",
            f"Questions that got no answer and are asked again, {per}",
            by,
            registry=registry,
        )

    def _store(self, registry: CollectorRegistry) -> None:
        self._replicas = Gauge("logverdict_replicas", "Replicas that live, as of the last heartbeat", registry=registry)
        self._leases = Gauge(
            "logverdict_leases", "Verifications leased to this replica, as of the last heartbeat", registry=registry
        )
        self._takeovers = Counter(
            "logverdict_takeovers", "Verifications taken over from a replica that died", registry=registry
        )
        self._leases_lost = Counter(
            "logverdict_leases_lost", "Verifications that another replica took over from this one", registry=registry
        )
        self._store_seconds = Histogram(
            "logverdict_store_seconds",
            "Time of a transaction in the store, its waiting included, by operation (read, write)",
            ["operation"],
            buckets=STORE_SECONDS,
            registry=registry,
        )
        self._store_failures = Counter(
            "logverdict_store_failures",
            "Transactions that failed, by operation and reason",
            ["operation", "reason"],
            registry=registry,
        )
        self._feedback = Gauge(
            "logverdict_feedback", "Feedback that has not expired, as of the last heartbeat", registry=registry
        )
        self._decided = Counter(
            "logverdict_feedback_events",
            "Events that feedback decided, when a verification ended, by its level",
            ["level"],
            registry=registry,
        )
        self._overruled = Counter(
            "logverdict_feedback_verdicts",
            "Verifications that ended with another verdict than without feedback, by both",
            ["verdict", "without"],
            registry=registry,
        )

    def _server(self, registry: CollectorRegistry) -> None:
        self._running = Gauge(
            "logverdict_verifications_running", "Verifications that this process works on", registry=registry
        )
        self._queued = Gauge(
            "logverdict_verifications_queued", "Verifications that wait for a place here", registry=registry
        )
        self._watchers = Gauge("logverdict_watchers", "Streams that watch a verification here", registry=registry)
        self._rpcs = Counter(
            "logverdict_rpcs", "Calls answered, by method and code", ["method", "code"], registry=registry
        )
        self._rpc_seconds = Histogram(
            "logverdict_rpc_seconds",
            "Time of a call that is no stream, by method",
            ["method"],
            buckets=CALL_SECONDS,
            registry=registry,
        )
        self._build = Info("logverdict_build", "What runs", registry=registry)

    def runs(self, **versions: str) -> None:
        self._build.info(versions)

    def loaded(self, running: Callable[[], int], queued: Callable[[], int]) -> None:
        """Asked at each scrape, in a thread."""
        self._running.set_function(running)
        self._queued.set_function(queued)

    def answered(self, method: str, code: str, seconds: float, streaming: bool) -> None:
        """`method` is one that exists: names that callers make up would be labels without end."""
        self._rpcs.labels(method, code).inc()
        if not streaming:
            self._rpc_seconds.labels(method).observe(seconds)

    def created(self, verification: Verification) -> None:
        self._created.inc()

    def revised(self, before: Verification, now: Verification) -> None:
        self._revisions.inc()
        if before.judgement is None and now.judgement is not None:
            self._first.observe((now.updated - now.created).total_seconds())
        if now.state.ended and not before.state.ended:
            self._end(now)

    def _end(self, now: Verification) -> None:
        verdict = now.judgement.verdict.value if now.judgement else NONE
        decision = now.decision.value if now.decision else NONE
        self._ended.labels(now.state.value, verdict, decision, now.request.policy.mode.value).inc()
        self._duration.labels(verdict).observe((now.updated - now.created).total_seconds())
        for part in now.coverage:
            self._coverage.labels(part.side).observe(part.share)
        if now.judgement is not None:
            self._hear(now.judgement)

    def _hear(self, judgement: Judgement) -> None:
        for event in judgement.events:
            if event.feedback:
                self._decided.labels(event.feedback[0].level.value).inc()
        without = judgement.without_feedback
        if without is not None and without.verdict is not judgement.verdict:
            self._overruled.labels(judgement.verdict.value, without.verdict.value).inc()

    def beat(self, beat: Beat) -> None:
        self._replicas.set(beat.replicas)
        self._leases.set(beat.leases)
        self._feedback.set(beat.feedback)

    def taken_over(self) -> None:
        self._takeovers.inc()

    def lease_lost(self) -> None:
        self._leases_lost.inc()

    def stored(self, operation: str, reason: str, seconds: float) -> None:
        """A transaction in the store has ended; `reason` is "" where it did not fail."""
        self._store_seconds.labels(operation).observe(seconds)
        if reason:
            self._store_failures.labels(operation, reason).inc()

    def read(self, connection: str, coverage: Coverage, reduced: bool) -> None:
        (self._reduced if reduced else self._read).labels(connection).inc(coverage.read)
        self._lost.labels(connection, "missing").inc(coverage.missing)
        self._lost.labels(connection, "broken").inc(coverage.broken)
        self._late.labels(connection).inc(coverage.late)
        lags = [one.lag for one in coverage.instances if one.lag is not None]
        if lags:
            self._lag.labels(connection).set(max(lags))

    def called(self, connection: str, call: SourceCall) -> None:
        outcome = f"{call.status[0]}xx" if call.status[:3].isdigit() else "failed"
        self._calls.labels(connection, outcome).inc(call.times)
        self._call_seconds.labels(connection).observe(call.seconds / call.times)

    def unanswered(self, connection: str) -> None:
        self._retries.labels(connection).inc()

    def watching(self, change: int) -> None:
        self._watchers.inc(change)
