"""What Prometheus sees: the one place where things are counted. Labels are words of ours and names of connections."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import permutations, product

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, PlatformCollector, ProcessCollector
from prometheus_client import disable_created_metrics as without_created

from logverdict.domain.feedback import FeedbackLevel
from logverdict.domain.result import Judgement
from logverdict.domain.verification import Coverage, SourceCall, Verification
from logverdict.domain.words import Decision, Mode, State, Verdict
from logverdict.verify.observe import Beat

SECONDS = (0.1, 0.5, 1, 5, 15, 60, 300, 600, 1800, 3600, 7200, 14400)
CALL_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
STORE_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 15, 30)
SHARES = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 1.0)
NONE = "NONE"
ENDS = (*((State.SUCCEEDED, verdict) for verdict in Verdict), (State.FAILED, NONE), (State.CANCELLED, NONE))
WORDS = {"read": "read", "stopped": "stopped", "cancelled": "stopped"}
"""How a call ended that has no number for a status: a file was read, or we wanted no more of it. Others failed."""
OUTCOMES = ("2xx", "4xx", "5xx", "read", "stopped", "failed")
FAILURES = tuple(product(("read", "write"), ("STORE_UNAVAILABLE", "STORE_BUSY", "STORE_DAMAGED")))


class Metrics:
    """`verify.observe.Observer`, and what the server's edge tells; all in the registry that it is given."""

    def __init__(self, registry: CollectorRegistry) -> None:
        # Of the whole process: beside each counter there would be a gauge of its birth, …_created.
        without_created()  # type: ignore[no-untyped-call]
        self._verifications(registry)
        self._sources(registry)
        self._store(registry)
        self._server(registry)
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self._start()

    def _start(self) -> None:
        """Counters whose labels are known begin at 0: what first appears as 1 is no increase."""
        for (state, verdict), decision, mode in product(ENDS, Decision, Mode):
            self._ended.labels(state.value, str(verdict), decision.value, mode.value)
        for level in FeedbackLevel:
            self._decided.labels(level.value)
        for verdict, without in permutations(Verdict, 2):
            self._overruled.labels(verdict.value, without.value)
        for operation, reason in FAILURES:
            self._store_failures.labels(operation, reason)

    def reads(self, connections: Iterable[str]) -> None:
        """Their counters begin at 0, too."""
        for name in connections:
            for counter in (self._read, self._reduced, self._late, self._retries):
                counter.labels(name)
            for cause in ("missing", "broken"):
                self._lost.labels(name, cause)
            for outcome in OUTCOMES:
                self._calls.labels(name, outcome)

    def _verifications(self, registry: CollectorRegistry) -> None:
        counter, _, histogram = _kinds(registry)
        self._created = counter("logverdict_verifications_requested", "Verifications that were asked for")
        self._ended = counter(
            "logverdict_verifications_ended",
            "Verifications that ended, by state, verdict (NONE: not judged), decision, and mode",
            ["state", "verdict", "decision", "mode"],
        )
        self._duration = histogram(
            "logverdict_verification_duration_seconds",
            "From asked for to ended, by verdict",
            ["verdict"],
            buckets=SECONDS,
        )
        self._first = histogram(
            "logverdict_first_verdict_seconds", "From asked for to the first provisional verdict", buckets=SECONDS
        )
        self._revisions = counter("logverdict_revisions", "Revisions stored")
        self._coverage = histogram(
            "logverdict_coverage_ratio",
            "Share of a side that could be read, when a verification ended, by side and source's place among them",
            ["side"],
            buckets=SHARES,
        )

    def _sources(self, registry: CollectorRegistry) -> None:
        counter, gauge, histogram = _kinds(registry)
        per, by = "by connection", ["connection"]
        self._read = counter("logverdict_entries_read", f"Entries pulled, {per}", by)
        self._reduced = counter("logverdict_entries_reduced", f"Entries counted at the source, {per}", by)
        self._lost = counter(
            "logverdict_entries_lost",
            f"Entries that the source has and that were not judged, {per} and cause (missing, broken)",
            [*by, "cause"],
        )
        self._late = counter("logverdict_entries_late", f"Entries that came after their slice was read, {per}", by)
        self._lag = gauge(
            "logverdict_ingest_lag_seconds", f"Longest way of an entry into the source, last slice, {per}", by
        )
        self._calls = counter(
            "logverdict_source_calls", f"Calls to sources, {per} and outcome ({', '.join(OUTCOMES)})", [*by, "outcome"]
        )
        self._call_seconds = histogram(
            "logverdict_source_call_seconds", f"Time of a call, {per}", by, buckets=CALL_SECONDS
        )
        self._retries = counter(
            "logverdict_source_unanswered", f"Questions that got no answer and are asked again, {per}", by
        )

    def _store(self, registry: CollectorRegistry) -> None:
        counter, gauge, histogram = _kinds(registry)
        self._replicas = gauge("logverdict_replicas", "Replicas that live, as of the last heartbeat")
        self._leases = gauge("logverdict_leases", "Verifications leased to this replica, as of the last heartbeat")
        self._takeovers = counter("logverdict_takeovers", "Verifications taken over from a replica that died")
        self._leases_lost = counter(
            "logverdict_leases_lost", "Verifications that another replica took over from this one"
        )
        self._store_seconds = histogram(
            "logverdict_store_seconds",
            "Time of a transaction in the store, its waiting included, by operation (read, write)",
            ["operation"],
            buckets=STORE_SECONDS,
        )
        self._store_failures = counter(
            "logverdict_store_failures", "Transactions that failed, by operation and reason", ["operation", "reason"]
        )
        self._feedback = gauge("logverdict_feedback", "Feedback that has not expired, as of the last heartbeat")
        self._decided = counter(
            "logverdict_feedback_events",
            "Events that feedback decided, when a verification ended, by its level",
            ["level"],
        )
        self._overruled = counter(
            "logverdict_feedback_verdicts",
            "Verifications that ended with another verdict than without feedback, by both",
            ["verdict", "without"],
        )

    def _server(self, registry: CollectorRegistry) -> None:
        counter, gauge, histogram = _kinds(registry)
        self._running = gauge("logverdict_verifications_running", "Verifications that this process works on")
        self._queued = gauge("logverdict_verifications_queued", "Verifications that wait for a place here")
        self._watchers = gauge("logverdict_watchers", "Streams that watch a verification here")
        self._rpcs = counter("logverdict_rpcs", "Calls answered, by method and code", ["method", "code"])
        self._rpc_seconds = histogram(
            "logverdict_rpc_seconds", "Time of a call that is no stream, by method", ["method"], buckets=CALL_SECONDS
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
        judged = now.judgement if now.state is State.SUCCEEDED else None  # what was provisional is no verdict
        verdict = judged.verdict.value if judged else NONE
        decision = now.decision.value if now.decision else NONE
        self._ended.labels(now.state.value, verdict, decision, now.request.policy.mode.value).inc()
        self._duration.labels(verdict).observe((now.updated - now.created).total_seconds())
        for part in now.coverage:
            self._coverage.labels(part.side).observe(part.share)
        if judged is not None:
            self._hear(judged)

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
        outcome = f"{call.status[0]}xx" if call.status[:3].isdigit() else WORDS.get(call.status, "failed")
        self._calls.labels(connection, outcome).inc(call.times)
        self._call_seconds.labels(connection).observe(call.seconds / call.times)

    def unanswered(self, connection: str) -> None:
        self._retries.labels(connection).inc()

    def watching(self, change: int) -> None:
        self._watchers.inc(change)


def _kinds(registry: CollectorRegistry) -> tuple[partial[Counter], partial[Gauge], partial[Histogram]]:
    return partial(Counter, registry=registry), partial(Gauge, registry=registry), partial(Histogram, registry=registry)
