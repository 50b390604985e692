"""How bad an entry is: from the level that its author gave, and from the words of its message."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from logverdict.analysis.key import METHODS
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

_NAMED_LEVEL = r"\b(?:level|severity|lvl|log[._]level|levelname|loglevel)[\"']?[=:] ?[\"']?"
_IN_TEXT = rf"(?i:{_NAMED_LEVEL}|[\[<])(?P<a>[A-Za-z]{{3,8}})\b"
_UPPER = r"(?:^|[\s\[|<(:\"'])(FATAL|CRITICAL|SEVERE|ERROR|WARN|WARNING|INFO|NOTICE|DEBUG|TRACE)(?:[\s\]|>):\"',]|$)"
_NUMBERED = rf"(?i:{_NAMED_LEVEL})([1-6]0)#"
"""The numbers of JSON loggers; those of syslog are taken from a field only."""
_HEAD = 100
"""Characters of a message in which its author's own level is looked for."""
_SHORT = {"err": "error", "erro": "error", "eror": "error", "wrn": "warn", "ftl": "fatal", "crt": "critical"}
_SHORT |= {"crit": "critical", "inf": "info", "dbg": "debug", "trc": "trace"}
"""How loggers shorten levels within a text."""

_NOT_WORDS = (
    r"[A-Za-z][A-Za-z+]*://\S+|(?:[\w.@#~+-]*/)+[\w.@#~+-]*(?:\?\S*)?|(?:^|\s)--?[A-Za-z][\w-]*"
    r"|\w+(?:[.$\\-]\w+)+|\w*_\w*|\w+\(\)"
)
_TROUBLE = r"(?:errors?|failures?|failed|warnings?|exceptions?|err)"
_NOTHING = r"no|null|nil|none|<nil>|<none>|undefined|false|off|never|disabled|\[\]|\{\}"
_HARMLESS = (
    rf"(?i)\b(?:no|not an?|without|zero|0|any|ignore|ignoring|if) (?:\w+ )?{_TROUBLE}\b(?:[\"']?[=:] ?0#)?"
    rf"|\b{_TROUBLE}[\"']? ?[=:]+ ?[\"']?0#|\b{_TROUBLE}[\"']? ?[=:]+ ?(?:\"\"|''|$)|\b{_TROUBLE}=[ ,]"
    rf"|\b[\w.-]+[\"']? ?[=:]+ ?[\"']?(?:{_NOTHING})[\"']?(?:$|[,;)}}\]|]| \w+=)"
    r"|\b\w+=(?:#|0 )"  # a counter
    r"|\b(?:dropped|lost|aborted|rejected|killed|missing|expired|invalid|retries|retry|time-?outs?)(?: \w+)?: ?[0-9]*#"
    r"|\b(?:global |default |fatal |(?:un)?(?:handled|caught) )*"
    r"(?:errors?|exceptions?|failures?|fault|panic|crash|signal|deadlock) "
    r"(?:handlers?|filters?|mapp\w+|resolvers?|interceptors?|detectors?|detection|reporters?|trackers?"
    r"|tracking|listeners?|hooks?|callbacks?|boundary|pages?|reports?|reporting|logs?|logging|rates?|levels?|correction|corrected|counts?"
    r"|counters?|totals?|budgets?|thresholds?"
    r"|handling (?:is |was )?(?:enabled|disabled|set|configured|ready|\w+ed)|codes? table)\b"
    r"|\bmapped exception\b|\bwarning (?:thresholds?|levels?)\b|\bslow (?:query )?(?:logs?|threshold|mode|start)\b"
    r"|\btime-?outs?(?: (?:is|of|was|set|will be))*(?: to)?[ =:\"']{1,3}[0-9]*#|\btime-?outs? (?:set|configured)\b"
    r"|\b(?:retry|retries) (?:polic(?:y|ies)|limit|count|config\w*|interval)\b|\b(?:retry|retries)[\"']?[=:] ?[0-9]*#"
    r"|\b(?:remov|purg|clean|delet|clear|evict)\w* (?:\w+ ){0,2}expired\b"
    r"|\bexpired \w+ (?:remov|purg|clean|delet|clear)ed"
    r"|\brollback segments?\b|\blost\+found\b|\berror[- ]free\b|\brecovered from (?:an? )?(?:errors?|failures?)\b"
    r"|\bif (?:\w+ ){0,2}(?:fails?|failed)\b|\bin case of (?:an? )?(?:errors?|failures?)\b"
    r"|\b(?:do|does|did|is|are|was) not (?:need\w*|required?|necessary|enabled|configured|set|applicable|used?|using"
    r"|chang\w+|modif\w+|includ\w+|affect\w*|apply|find any \w+|have to|specified|provided|defined|empty|null)\b"
    r"|\b(?:did not|does not|never|not) fail\b|\bfail(?:ed)?[ -]?(?:over|safe|fast)\b"
    r"|\b(?:0|keine?[nr]?|ohne|sans|aucune?|sin|sem|nessun) (?:fehler\w*|erreurs?|error\w*|erros?)\b|\bfehlerfrei\b"
    r"|(?:没有|无|沒有)(?:错误|錯誤|失败)|(?:エラー|異常)(?:なし|はありません)|без ошибок|오류 없음"
)
_FATAL = (
    r"(?i)\b(?:fatal|panic|panicked|segfault|segmentation fault|out of memory|oom[ -]?kill\w*|deadlock|core dumped"
    r"|(?:unhandled|uncaught) (?:exception|error)|kernel bug|sig(?:segv|abrt|bus|ill)|assertion failed|crashed"
    r"|crash ?loop\w*)\b"
    r"|\b(?:OutOfMemory|StackOverflow)Error\b|^[^\n]*\btraceback\b"  # below a message it is but that message's stack
)
_ERROR = (
    r"(?i)\b(?:errors?|err|fail|fails|failed|failing|failures?|exceptions?|cannot|can't|couldn't|could not|unable to"
    r"|denied|refused|rejected|unreachable|aborted|aborting|corrupt\w*|invalid|illegal|no space left|unsuccessful\w*"
    r"|no such (?:file|host|device|process|table|column|database|method|module|image|container|bucket|user|object)"
    r"|broken pipe|connection reset|went wrong|not permitted|unauthorized|forbidden|unsafe|service unavailable"
    r"|bad gateway|already in use|too many (?:open files|connections|requests)|quota exceeded|(?:disk|database) is full"
    r"|exhausted|unhealthy|unresponsive|not respond(?:ing)?|no response|insufficient|not enough"
    r"|no (?:suitable|healthy|eligible) \w+|no available (?:server|node|peer|host|backend|connection|worker|slot)s?"
    r"|out of (?:disk|space|range|sync|bounds|threads|file descriptors)"
    r"|by signal|sigkill|certificate (?:has )?expired|undefined (?:reference|symbol)|incompatible|bad exit)\b"
    r"|(?i:\b(?:fehler|fehlgeschlagen|erreurs?|échec|échoué|fallo|falló|falha|erro|errore|fout|mislukt|ошибк\w+|сбой)\b)"
    r"|エラー|失敗|異常終了|错误|失败|錯誤|오류|실패"
)
_METHODS = "|".join(METHODS)
_BAD_CODE = (
    r"(?i)\b(?:\w*status|\w*code|responded|HTTP/[0-9.]+\"?(?: [=>-]{1,2})?)[\"']?[ =:]{1,2}[\"']?5[0-9][0-9]#"
    rf"|(?-i:\b(?:{_METHODS}) [\"']?(?:[a-z]+://|/)[^\s\"']*[\"']? (?:[=:|>-]{{1,2}} )?[\"'(\[]?5[0-9][0-9]#"
    r"|\bCompleted 5[0-9][0-9]#)"
    r"|\b(?:exit\w*|terminated|rc|return\w*)(?: with)?(?: (?:code|status|value))?[ =:]{1,2}[1-9][0-9]*#"
)
_WARN = (
    r"(?i)\b(?:warn|warning|timeout|time-out|timed out|retry|retries|retrying|deprecated|killed|slow|interrupted"
    r"|missing|lost|expired|dropped|unusable|giving up|gave up|exceeded|throttl\w+|unstable"
    r"|stuck|hung|stall(?:ed|s|ing)?|lagging|starv(?:ed|ing|ation)|conflict(?:s|ed|ing)?|mismatch\w*|malformed"
    r"|too (?:many|long|slow|frequent(?:ly)?|large|big|small|short|late|old|high|low)|congest\w+|violat\w+"
    r"|rolled back|rollback|not found|unavailable|unexpected\w*|obsolete|stale"
    r"|(?:does|do|did|is|was|has) not|(?:does|do|did|is|was|has)n't|overload\w*|degraded|forcibly)\b"
)
_EXCEPTION = (
    r"(?:^|[\s(\[{\"'=:,>|])(?:[A-Za-z_][\w]*[.$])*[\w$]*[A-Za-z](?:Exception|Error|Failure)"
    r"(?:[\s:;,)\]}\"'|]|\.\s|\.?$)"
)

THROWN = r"^(?:[a-z]\w*\.)+[A-Z]\w*(?:\$\w+)?(?:Exception|Error)\b[^\n]*$"
"""A line that only names an exception: where its author gave it no level, the entry before it may be its head."""

_NOTICE = r"(?i)\bdeprecat\w*|\w*(?:Deprecation|Future)Warning\b"


def notices(templates: pl.Series) -> npt.NDArray[np.bool_]:
    """Which of them announce what a later version will not do any more: they tell nothing of this one."""
    return templates.str.contains(_NOTICE).to_numpy()


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
    stated = (head.str.extract(_UPPER), head.str.extract(_IN_TEXT), head.str.extract(_NUMBERED))
    frame = frame.with_columns(text=text, exception=exception, upper=stated[0], marked=stated[1], number=stated[2])
    known = {word: int(severity) for word, severity in LEVELS.items() if len(word) > 3 or word.isdecimal()}
    known |= {short: known[word] for short, word in _SHORT.items()}
    as_severity = [
        pl.col(name)
        .str.to_lowercase()
        .replace_strict(list(known), list(known.values()), default=0, return_dtype=pl.Int8)
        for name in ("upper", "marked", "number")
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
