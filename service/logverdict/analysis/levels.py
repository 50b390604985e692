"""The words by which authors say how bad an entry is, alone in a field or within a text, in many languages."""

from logverdict.domain.words import Severity

_LEVELS: dict[Severity, str] = {
    Severity.DEBUG: "d v t debug trace verbose finest finer fine config dbg trc vrb dbug trce d1 d2 d3 d4 d5 7 8 10 20 "
    "depuración débogage отладка 调试 デバッグ 디버그",
    Severity.INFO: "i n info information informational notice audit log success passed inf infos 5 6 9 11 12 30 "
    "información informações informazioni hinweis informação 信息 通知 情報 정보 инфо информация сведения",
    Severity.WARN: "w warn warning wrn warnung avertissement advertencia advertência aviso avviso avvertenza "
    "waarschuwing varning ostrzeżenie uyarı alerta 警告 注意 경고 предупреждение attention 4 13 14 15 16 40",
    Severity.ERROR: "e err error eror erro severe failure fail fehler schwerwiegend erreur errore grave fout błąd hata "
    "错误 錯誤 エラー 重大 오류 심각 ошибка 3 17 18 19 50",
    Severity.FATAL: "f c a fatal ftl crit crt critical alert emerg emergency panic dpanic kritisch panik fatale "
    "critique crítico critico kritiek krytyczny 严重 嚴重 致命 致命的 致命错误 緊急 치명적 критический "
    "0 1 2 21 22 23 24 60",
}
LEVELS = {word: severity for severity, words in _LEVELS.items() for word in words.split()}
"""Words, what loggers shorten them to, letters, and the numbers of syslog (0–7), OpenTelemetry (8, 9, 11–19, 21–24) and
JSON loggers (10–60); 10 and 20 are taken for those of the latter."""

_NAMED = r"\b(?:level|severity|lvl|log[._]level|levelname|loglevel)[\"']?[=:] ?[\"']?"
_WORDS = "|".join(word for word in LEVELS if (len(word) > 2 and word.isalpha()) or not word.isascii())
NAMED = rf"(?i)(?:{_NAMED}|[\[<【](?:\w+:)?)(?P<a>{_WORDS})\b"
NUMBERED = rf"(?i:{_NAMED})([1-6]0)#"
"""The numbers of JSON loggers; those of syslog are taken from a field only."""
_LOUD = (
    "FATAL|FTL|CRITICAL|CRIT|EMERG|EMERGENCY|D?PANIC|SEVERE|ERROR|ERR|WARN|WARNING|WRN|INFO|INF|NOTICE|DEBUG|DBG"
    "|TRACE|TRC"
    "|FEHLER|SCHWERWIEGEND|WARNUNG|KRITISCH|ERREUR|GRAVE|AVERTISSEMENT|CRITIQUE|ERRO|ADVERTENCIA|ADVERTÊNCIA|AVISO"
    "|CRÍTICO|ERRORE|AVVISO|AVVERTENZA|FOUT|WAARSCHUWING|BŁĄD|OSTRZEŻENIE|ОШИБКА|ПРЕДУПРЕЖДЕНИЕ|КРИТИЧЕСКИЙ"
    "|致命的?|严重|嚴重|重大|错误|錯誤|エラー|警告|信息|情報|치명적|심각|오류|경고|정보"
)
LOUD = rf"(?:^|[\s\[|<(:\"'*])(?P<a>{_LOUD})(?:[\s\]|>):：\"',*]|$)|^(?P<b>crit|fail|warn|info|dbug|trce): "
"""A level that stands out: by its capitals, by a script that has none, or as .NET's console writes it."""

_SET = r"(?i:trace|debug|info|notice|warn(?:ing)?|error|fatal|critical|crit|alert|emerg)\b"
NOT_A_LEVEL = (
    rf"\b[A-Z0-9_]*LOG_?LEVEL\w*[\"']?[ =:]{{1,3}}[\"']?{_SET}|--?[\w-]*log-?level[ =:]{{1,3}}[\"']?{_SET}"
    r"|(?i:\b(?:log(?:ging|ger)?|root) levels?[\"']?(?: (?:is|was|are|has|been|set|changed|now|to|at|from|of|for))*"
    rf"[ =:]{{1,3}}[\"']?){_SET}|\b(?i:logging|logger|log4j2?)\.[\w.$-]+[\"']?[ =:]{{1,3}}[\"']?{_SET}"
    r"|(?i:(?:fehler|erreurs|errores|errori|erros|fouten|ошибок|错误数?|エラー数?|오류) ?[:：=] ?#(?:$|[,;|]))"
    r"|# ?[个件]の?(?:错误|エラー)|エラー ?# ?件"
)
"""No level of the entry: from which one on a logger is told to write, and how many there were of what is named so."""
OWN_OR_SETTING = rf"(?i)\blog[._]?level[\"']?[=:] ?[\"']?{_SET}"
"""Among settings it is one of them, beside a message it is the entry's."""
MESSAGE = r"(?i)\b(?:msg|message|short_message|event|body|text)[\"']?[=:]"
