"""Severity from level and words."""

import polars as pl
import pytest

from logverdict.analysis.keys import keys
from logverdict.analysis.severity import combined, key_severities, level_severities
from logverdict.domain.words import Severity

HARMLESS = [
    "error_count=0",
    "error count: 0",
    "unreachable=0 failed=0 skipped=2 rescued=0 ignored=0",
    "12 passed, 0 failed",
    '"errors":[],"ok":true',
    '{"level":"info","msg":"done","error":null}',
    '{"level":"info","msg":"done","error":""}',
    'level=info msg="shutdown complete" err=nil',
    "err=<nil> duration=12ms",
    "request served error=- status=200",
    "check of the queue error=ok",
    "ErrorHandler registered",
    "Registered error handler for 500",
    "Fatal signal handler installed",
    "Unhandled exception filter installed",
    "exception handling enabled",
    "Exception mapper registered",
    "Deadlock detector started",
    "no such metrics",
    "failover completed",
    "error budget remaining 99.9%",
    "warning threshold 80",
    "timeout set to 30s",
    "read timeout 5000 ms",
    "session timeout is 1800",
    '{"timeout":30000}',
    "retry policy: max 3 attempts",
    "retries=0",
    "aborted clients: 0",
    "dropped: 0 packets",
    "slow query log enabled",
    "removed expired sessions",
    "deprecated=false",
    "TLS is not required",
    "Do not need to buy food",
    "did not find any errors",
    "not an error",
    "no available updates",
    "listen backlog set to 511",
    "GET /orders?error=true 200 3ms",
    "HTTP/1.1 200 OK",
    *("query returned 17 rows", "returned 500 rows", "exited 3 times", "got 500 items", "response: 512 bytes"),
    *("be/web1 0/0/1/2/3 200 503 - - ----", "TCP_MISS/200 503", "HTTP 200 OK", "with a 500 MB heap"),
    "exited with code 0",
    "keine Fehler gefunden",
    "aucune erreur",
    "エラーはありません",
    "ohne Ausnahmen beendet",
    "terminado sin fallos",
    "завершено без ошибок",
    "0 个错误",
    "錯誤处理已启用",
    "LOG_LEVEL=error",
    "env: NODE_ENV=production LOG_LEVEL=FATAL",
    "config: log_level=error port=8080",
    '{"level":"info","msg":"config loaded","config":{"log_level":"error","port":8080}}',
    "Setting log level to ERROR",
    "starting with flags --log-level=error --port=8080",
    "logging.level.org.hibernate=ERROR",
    "restartPolicy=OnFailure",
    '{"onError":"continue","failFast":false}',
    "on error: continue",
    "Loaded 40 error messages",
    "error templates loaded",
    "Using error decoder feign.codec.ErrorDecoder",
    "Errors are logged to stderr",
    "Failed requests will be retried up to 3 times",
    "Validation errors are returned as RFC 7807 problem details",
    "readiness probe: fails after 3 attempts",
    "panic recovery middleware installed",
    "checked 12 files, no invalid entries",
    "all checks passed, none failed",
    '{"healthy":3,"unhealthy":0}',
    *("rich traceback installed", "Sentry initialised with traceback capture", "traceback limit set to 10"),
    *("deadlock timeout = 1s", "Deadlock monitor started", "crash loop backoff set to 10s", "core dumps enabled"),
    *("OOM killer disabled", "panic mode disabled", "out of memory score adj set to 500"),
    *("fatal: 0, error: 0", '{"msg":"stats","fatal":0,"panic":0,"error":0}', "crashed sessions: 0", "fatal errors: 0"),
    *("handling signals: SIGTERM SIGINT SIGSEGV", "registered signal handlers for SIGSEGV, SIGABRT"),
    *("abort on error = true", "recovered after failure", "process.on('uncaughtException') installed"),
    *("Evicted 12 entries of the cache", "country_code: UNKNOWN", '{"msg":"finished call","grpc.code":"OK"}'),
]
BAD = [
    "errors=3",
    "done=0 errors=5",
    '{"level":"error","msg":"x"}',
    '{"level":50,"msg":"x"}',
    '{"levelname":"CRITICAL","message":"x"}',
    '{"msg":"request","error":"boom"}',
    "lvl=eror msg=x",
    "[ERR] raft: vote",
    "[FTL] x",
    "GET /a 500 12ms",
    "POST /x -> 503",
    "Completed 500 Internal Server Error in 12ms",
    '"GET /a HTTP/1.1" -> 502',
    *("upstream returned 503, retry", "call returned 1", "got 500", "got a 502 from x", "HTTP 503", "exited with 3"),
    *("be/web1 0/0/1/2/3 503 217 - - SC--", "TCP_MISS/503 411", "responded with 500: x", "said: 550 5.1.1 unknown"),
    "container exited with code 137",
    "CrashLoopBackOff",
    "thread 'main' panicked at src/main.rs:4:5:",
    "Query unsuccessful",
    "503 Service Unavailable",
    "killed by signal 9",
    "event loop was unresponsive for 3 s",
    "no suitable node for shard 4",
    "connection pool exhausted",
    "replica is out of sync",
    "too many open files",
    "certificate has expired",
    "error handling request for order",
    "deadlock detected",
    "Fehler beim Lesen der Datei",
    "échec de la connexion",
    "falha na conexão",
    "ошибка подключения",
    "接続エラーが発生しました",
    "连接失败",
    "crit: Shop.Payments[13]",
    "urllib3.exceptions.MaxRetryError: pool at its end",
    "lvl=crit msg=x",
    "[10:00:00 FTL] x",
    "[core:crit] x",
    "CRIT disk is going",
    "SCHWERWIEGEND: etwas",
    "GRAVE: quelque chose",
    '{"level":"dpanic","msg":"x"}',
    '{"log_level":"error","message":"x"}',
    "dial tcp: lookup db: no route to host",
    "getaddrinfo ENOTFOUND db",
    "connect ECONNREFUSED",
    "worker died",
    "request queue is full",
    "Verbindung abgelehnt",
    "Die Datei konnte nicht gelesen werden",
    "connexion refusée",
    "impossible de se connecter",
    "no se pudo conectar",
    "não foi possível conectar",
    "connessione rifiutata",
    "nie udało się połączyć",
    "не удалось подключиться",
    "无法连接到数据库",
    "接続できません",
    "연결할 수 없습니다",
]


def severity(message: str, level: str = "") -> Severity:
    frame = key_severities(keys(pl.Series([message])))
    return Severity(frame.with_columns(level=level_severities(pl.Series([level]), {})).select(combined()).item())


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("ERROR", Severity.ERROR),
        ("[warn]", Severity.WARN),
        ("W", Severity.WARN),
        ("3", Severity.ERROR),
        ("50", Severity.ERROR),
        ("17", Severity.ERROR),
        ("Fehler", Severity.ERROR),
        ("错误", Severity.ERROR),
        ("crit", Severity.FATAL),
        ("notice", Severity.INFO),
        ("eror", Severity.ERROR),
        ("WRN", Severity.WARN),
        ("dpanic", Severity.FATAL),
        ("18", Severity.ERROR),
        ("SCHWERWIEGEND", Severity.ERROR),
        ("Aviso", Severity.WARN),
        ("重大", Severity.ERROR),
        ("sonstiges", Severity.UNKNOWN),
    ],
)
def test_levels_of_many_kinds(level: str, expected: Severity) -> None:
    """Words of several languages, letters, and the numbers of syslog, OpenTelemetry and JSON loggers are understood."""
    assert severity("all is well", level) is expected


def test_own_levels_go_first() -> None:
    """A profile's own word for a level overrides ours."""
    assert level_severities(
        pl.Series(["Notice", "sos"]), {"notice": Severity.ERROR, "SOS": Severity.FATAL}
    ).to_list() == [4, 5]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("payment failed: card declined", Severity.ERROR),
        ("write gave java.io.IOException: broken", Severity.ERROR),
        ("upstream answered status=503", Severity.ERROR),
        ("worker ended, exit code 2", Severity.ERROR),
        ("3 failed", Severity.ERROR),
        ("client of tenant 7 is not authorised", Severity.ERROR),
        ("unauthorised call of the ledger", Severity.ERROR),
        ("Traceback (most recent call last):", Severity.FATAL),
        ("Unhandled exception. System.IO.IOException: gone", Severity.FATAL),
        ("Uncaught exception in thread main", Severity.FATAL),
        ("java.lang.OutOfMemoryError: Java heap space", Severity.FATAL),
        ("OutOfMemory error letting the JVM handle the error:", Severity.FATAL),
        ("node:events:495 Unhandled 'error' event", Severity.FATAL),
        ("fatal error: all goroutines are asleep - deadlock!", Severity.FATAL),
        ("panic: 42", Severity.FATAL),
        ("Out of memory: Killed process 1234 (java)", Severity.FATAL),
        ("Terminated", Severity.WARN),
        ("Terminated the lease of room 5", Severity.UNKNOWN),
        ("java invoked oom-killer: gfp_mask=0x1", Severity.FATAL),
        ("worker 4 was killed by SIGSEGV", Severity.FATAL),
        ("app[7]: segfault at 0 ip 00007f", Severity.FATAL),
        ("0 fatal errors", Severity.ERROR),
        ("The full traceback has been saved", Severity.WARN),
        ("An unhandled exception has occurred while executing the request.", Severity.ERROR),
        ("unhandled error", Severity.ERROR),
        ("order 7 failed\nTraceback (most recent call last):\n  ...\nKeyError: 'amex'", Severity.ERROR),
        ("request timed out", Severity.WARN),
        ("snapshots are taken too frequently", Severity.WARN),
        ("compaction stalled for 12 s", Severity.WARN),
        ("level=error msg=oops", Severity.ERROR),
        ("[WARNING] disk is filling", Severity.WARN),
        ("warn: Shop.Payments[13]", Severity.WARN),
        ("WARNUNG Platte füllt sich", Severity.WARN),
        ("[警告] 连接缓慢", Severity.WARN),
        ("circuit breaker 'stock' changed state from CLOSED to OPEN", Severity.WARN),
        ("circuit breaker 'stock' changed state from OPEN to CLOSED", Severity.UNKNOWN),
        ("连接超时", Severity.WARN),
        ("fichier introuvable", Severity.WARN),
        ("0 errors, Failures: 0", Severity.UNKNOWN),
        ("no errors found", Severity.UNKNOWN),
        ("error=null status=200", Severity.UNKNOWN),
        ("loaded com.acme.error.ErrorHandler from /var/error/fatal.log", Severity.UNKNOWN),
        ("GET /errors/fatal done", Severity.UNKNOWN),
    ],
)
def test_words_tell(message: str, expected: Severity) -> None:
    """Error words count; in names, paths, tallies of zero and denials they do not."""
    assert severity(message) is expected


@pytest.mark.parametrize("message", HARMLESS)
def test_ordinary_work_speaks_of_errors_too(message: str) -> None:
    """Tallies of zero, handlers, settings, levels of loggers, denials, routine are no trouble, in many languages."""
    assert severity(message) < Severity.WARN


@pytest.mark.parametrize("message", BAD)
def test_trouble_is_seen_whatever_its_author_writes(message: str) -> None:
    """Levels within JSON, logfmt and brackets, statuses of requests, endings, words of several languages."""
    assert severity(message) >= Severity.ERROR


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ('{"msg":"finished call","grpc.code":"Internal"}', Severity.ERROR),
        ("finished unary call with code DeadlineExceeded", Severity.ERROR),
        ("rpc error: code = Unavailable desc = closing", Severity.ERROR),
        ("call ended with StatusCode.UNKNOWN, status_code=UNKNOWN", Severity.ERROR),
        ('{"msg":"finished call","grpc.code":"PermissionDenied"}', Severity.WARN),
        ("health of the database is OUT_OF_SERVICE", Severity.WARN),
        ("shop.v1.Orders is NOT_SERVING", Severity.WARN),
        ("pod shop-1 waits: ImagePullBackOff", Severity.WARN),
        ("pod shop-1 phase=Evicted", Severity.WARN),
        ('{"reason":"FailedMount","msg":"volume of shop-1"}', Severity.WARN),
        ("payment 17 declined", Severity.WARN),
    ],
)
def test_names_of_bad_states_tell_at_any_level(message: str, expected: Severity) -> None:
    """Codes of gRPC are as bad as the statuses of HTTP that they stand for; states of health checks and pods warn."""
    assert severity(message, "INFO") is expected


def test_a_warning_of_the_author_stays_one() -> None:
    """What its author marked as a warning is no error, unless it names an exception."""
    assert severity("could not reach peer, will retry", "WARN") is Severity.WARN
    assert severity("shop.PeerException: could not reach peer", "WARN") is Severity.ERROR
