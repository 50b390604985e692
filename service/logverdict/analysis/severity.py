"""How bad an entry is: from the level that its author gave, and from the words of its message."""

from collections.abc import Mapping

import polars as pl

from logverdict.domain.words import Severity

_LEVELS: dict[Severity, str] = {
    Severity.DEBUG: "d v t debug trace verbose finest finer fine config 7 10 20 depuración débogage отладка",
    Severity.INFO: "i n info information informational notice audit log success passed 5 6 9 30 "
    "información hinweis aviso informação 信息 情報 정보 инфо информация",
    Severity.WARN: "w warn warning warnung avertissement advertencia avviso waarschuwing alerta "
    "警告 경고 предупреждение attention 4 13 40",
    Severity.ERROR: "e err error severe failure fehler erreur errore fout erro 错误 錯誤 エラー 오류 ошибка 3 17 50",
    Severity.FATAL: "f c a fatal crit critical alert emerg emergency panic kritisch fatale critique crítico kritiek "
    "严重 致命 치명적 критический 0 1 2 21 60",
}
LEVELS = {word: severity for severity, words in _LEVELS.items() for word in words.split()}
"""Words, letters, and the numbers of syslog (0–7), OpenTelemetry (9, 13, 17, 21) and JSON loggers (10–60)."""

_IN_TEXT = r"(?i:\b(?:level|severity|lvl)[\"']?[=:] ?[\"']?|[\[<])(?P<a>[A-Za-z]{4,8})\b"
_UPPER = r"(?:^|[\s\[|<(:\"'])(FATAL|CRITICAL|SEVERE|ERROR|WARN|WARNING|INFO|NOTICE|DEBUG|TRACE)(?:[\s\]|>):\"',]|$)"
_HEAD = 100
"""Characters of a message in which its author's own level is looked for."""

_NOT_WORDS = (
    r"[A-Za-z][A-Za-z+]*://\S+|(?:[\w.@#~+-]*/)+[\w.@#~+-]*|(?:^|\s)--?[A-Za-z][\w-]*"
    r"|\w+(?:[.$\\-]\w+)+|\w*_\w*|\w+\(\)"
)
_HARMLESS = (
    r"(?i)\b(?:no|without|zero|0|any|ignore|ignoring|if) (?:\w+ )?(?:errors?|failures?|failed|warnings?|exceptions?)\b"
    r"|\b(?:errors?|failures?|failed|exceptions?|warnings?|err)[\"']? ?[=:]+ ?[\"']?"
    r"(?:0#|(?:null|nil|none|false|no)[\"']?(?:$|[,;)}\]|]| \w+=)|\[\]|\{\}|[\"'])"
    r"|\b\w+=#"  # a counter
    r"|\berrors? (?:handl\w+|pages?|reports?|reporting|logs?|logging|rates?|levels?|correction)\b"
    r"|\b(?:did not|does not|never|not) fail\b|\bfail(?:ed)?[ -]?(?:over|safe|fast)\b"
)
_FATAL = (
    r"(?i)\b(?:fatal|panic|segfault|segmentation fault|out of memory|oom[ -]?kill\w*|deadlock|core dumped"
    r"|(?:unhandled|uncaught) (?:exception|error)|kernel bug|sig(?:segv|abrt|bus|ill)|assertion failed|crashed)\b"
    r"|\b(?:OutOfMemory|StackOverflow)Error\b|^[^\n]*\btraceback\b"  # below a message it is but that message's stack
)
_ERROR = (
    r"(?i)\b(?:errors?|err|fail|fails|failed|failing|failures?|exceptions?|cannot|can't|couldn't|could not|unable to"
    r"|denied|refused|rejected|unreachable|aborted|aborting|corrupt\w*|invalid|illegal|no such|no space left"
    r"|broken pipe|connection reset|went wrong|not permitted|unauthorized|forbidden|unsafe"
    r"|undefined (?:reference|symbol)|incompatible|bad exit)\b"
)
_BAD_CODE = (
    r"(?i)\b(?:\w*status|\w*code|HTTP/[0-9.]+\"?)[\"']?[ =:]{1,2}[\"']?5[0-9][0-9]#"
    r"|\b(?:exit\w*|rc|return\w*)(?: (?:code|status))?[ =:]{1,2}[1-9][0-9]*#"
)
_WARN = (
    r"(?i)\b(?:warn|warning|timeout|time-out|timed out|retry|retries|retrying|deprecated|killed|slow|interrupted"
    r"|missing|lost|expired|dropped|unusable|giving up|gave up|exceeded|throttl\w+|disconnect\w*|unstable"
    r"|rolled back|rollback|not found|unavailable|unexpected\w*|obsolete|stale"
    r"|(?:does|do|did|is|was|has) not|(?:does|do|did|is|was|has)n't|overload\w*|degraded|forcibly)\b"
)
_EXCEPTION = (
    r"(?:^|[\s(\[{\"'=:,>|])(?:[A-Za-z_][\w]*[.$])*[\w$]*[A-Za-z](?:Exception|Error|Failure)"
    r"(?:[\s:;,)\]}\"'|]|\.\s|\.?$)"
)

THROWN = r"^(?:[a-z]\w*\.)+[A-Z]\w*(?:\$\w+)?(?:Exception|Error)\b[^\n]*$"
"""A line that only names an exception: where its author gave it no level, the entry before it may be its head."""


def level_severities(levels: pl.Series, severities: Mapping[str, Severity]) -> pl.Series:
    """Severity of each level as a source gave it; the profile's own words (`severities`) go first."""
    own = {word.strip().lower(): int(severity) for word, severity in severities.items()}
    known = {word: int(severity) for word, severity in LEVELS.items()} | own
    words = levels.str.strip_chars(" []<>():").str.to_lowercase()
    return words.replace_strict(list(known), list(known.values()), default=0, return_dtype=pl.Int8)


def key_severities(keys: pl.Series) -> pl.DataFrame:
    """Per key: `stated`, the level written in its text; `words`, what its words say; `exception`, does it name one;
    `thrown`, is it nothing but that."""
    frame = pl.DataFrame({"key": keys})
    head = pl.col("key").str.head(_HEAD)
    text = pl.col("key").str.replace_all(_NOT_WORDS, " ").str.replace_all(_HARMLESS, " ")
    exception = pl.col("key").str.contains(_EXCEPTION)
    stated = (head.str.extract(_UPPER), head.str.extract(_IN_TEXT))
    frame = frame.with_columns(text=text, exception=exception, upper=stated[0], marked=stated[1])
    known = {word: int(severity) for word, severity in LEVELS.items() if len(word) > 3}
    as_severity = [
        pl.col(name)
        .str.to_lowercase()
        .replace_strict(list(known), list(known.values()), default=0, return_dtype=pl.Int8)
        for name in ("upper", "marked")
    ]
    words = (
        pl.when(pl.col("text").str.contains(_FATAL))
        .then(int(Severity.FATAL))
        .when(pl.col("exception") | pl.col("text").str.contains(_ERROR) | pl.col("key").str.contains(_BAD_CODE))
        .then(int(Severity.ERROR))
        .when(pl.col("text").str.contains(_WARN))
        .then(int(Severity.WARN))
        .otherwise(0)
        .cast(pl.Int8)
    )
    return frame.select(
        "key",
        stated=pl.max_horizontal(as_severity),
        words=words,
        exception="exception",
        thrown=pl.col("key").str.contains(THROWN),
    )


def marked_by_author(entries: pl.DataFrame, keys: pl.Series) -> pl.Series:
    """Severity that the author of each entry gave, by level or in its text; 0 for none."""
    stated = key_severities(keys.unique()).select("key", "stated")
    frame = pl.DataFrame({"key": keys, "level": level_severities(entries["level"], {})})
    frame = frame.join(stated, on="key", how="left", maintain_order="left")
    return frame.select(pl.when(pl.col("level") > 0).then("level").otherwise("stated").alias("given"))["given"]


def combined() -> pl.Expr:
    """Severity from columns `level` (Int8), `stated`, `words`, `exception`, `thrown`. A thrown line without a level is
    UNKNOWN: what it is depends on whether its source gives levels at all (see `template`).

    What its author marked as a warning was expected and handled: it stays a warning unless it names an exception.
    """
    given = pl.when(pl.col("level") > 0).then(pl.col("level")).otherwise(pl.col("stated"))
    warn, error = int(Severity.WARN), int(Severity.ERROR)
    marked = pl.when(pl.col("exception")).then(error).otherwise(warn)
    worded = pl.when(pl.col("words") >= warn).then(pl.col("words")).otherwise(given)
    return (
        pl.when((pl.col("level") == 0) & pl.col("thrown"))
        .then(0)
        .when(given >= error)
        .then(pl.max_horizontal(given, "words"))
        .when(given == warn)
        .then(marked)
        .otherwise(worded)
        .cast(pl.Int8)
    )
