"""What the words of a message tell: trouble, a warning, or nothing although they read like it."""

from logverdict.analysis import states
from logverdict.analysis.key import AFTER_SENT, ASKED, CACHED, FROM, METHODS, SENT
from logverdict.analysis.mask_rules import LINKS
from logverdict.analysis.states import spelled

NOT_WORDS = (
    r"[A-Za-z][A-Za-z+]*://\S+|(?:[\w.@#~+-]*/)+[\w.@#~+-]*(?:\?\S*)?|(?:^|\s)--?[A-Za-z][\w-]*"
    r"|\w+(?:[.$\\-]\w+)+|\w*_\w*|\w+\(\)"
)
_DEADLY = (
    r"(?:fatal|panic|deadlock|oom(?:[ -]kill(?:er|ing))?|out[ -]of[ -]memory|traceback|stack ?trace|core[ -]?dumps?"
    r"|segfault|crash(?:[ -]?loop)?)"
)
_QUANTITY = r"(?:time-?outs?|back-?off|limits?|intervals?|delay|score|adj[a-z]*|size|mode|depth)"
_PART = (
    r"(?:errors?|exceptions?|signals?|killer|detect[a-z]+|handl[a-z]+|hooks?|report[a-z]*|recover[a-z]*|captur[a-z]+"
    rf"|monitor[a-z]*|alerts?|log(?:s|ging)|formatt[a-z]+|support|collect[a-z]+|filters?|callbacks?|checks?|checker"
    rf"|{_QUANTITY})"
)
SETTING = (
    rf"(?i)\b{_DEADLY}(?: {_PART}){{0,3}} (?:(?:is|are|was|were|has been|have been|now|already) )*(?:enabled|disabled"
    r"|installed|initiali[sz]ed|registered|configured|(?:de)?activated|turned (?:on|off)|set)\b"
    rf"|\b{_DEADLY}(?: {_PART}){{0,2}} {_QUANTITY}[\"']?(?: ?[=:]| (?:is|of|to)\b)"
    rf"|\b{_DEADLY} (?:captur[a-z]+|formatt[a-z]+|monitors?|monitoring)\b"
    r"|\b(?:handl|regist|install|catch|trap|ignor|block|mask|forward|listen|subscrib|watch)[a-z]*(?: [a-z]+){0,2}?"
    r" (?:signals?|handlers?)(?: handlers?)?(?: (?:for|on))?[=:]?(?:[ ,|/\"'\[(]{1,3}(?:and |or )?(?:SIG[A-Z]+|#))+"
    # Of a tally only its place stays, so it is none of trouble: `fatal: 0` is `fatal: #`.
    r"|\b(?:fatal|panics|deadlocks?|crash(?:es|ed)?|segfaults?|tracebacks?|oom[ -]?kill(?:s|ed)?"
    r"|assertions?(?: failed)?)(?: [a-z]+)?[\"']?(?: ?[=:]| counts?) ?[\"']?#(?:$|[\"',;)}\]|])|\"panic\": ?#[,}]"
    r"|\bfatal (?:errors?|exceptions?|failures?)[\"']? ?[=:] ?[\"']?0#"
    r"|\bmax(?:imum)? fatal (?:errors|exceptions|failures)\b"
)
"""What only may come, of what is fatal where it came: a setting, a feature, a handler, a tally."""
NOT_FATAL = r"(?i)# fatal (?:errors?|exceptions?|failures?|problems?)\b"
"""A tally of them in a sentence: some, or none."""
_TROUBLE = r"(?:errors?|failures?|failed|warnings?|exceptions?|err)"
_NOTHING = r"no|null|nil|none|<nil>|<none>|undefined|false|off|never|disabled|ok|success|-|\[\]|\{\}"
HARMLESS = (
    rf"(?i)\b(?:no|not an?|without|zero|0|any|ignore|ignoring|if) (?:\w+ )?{_TROUBLE}\b(?:[\"']?[=:] ?0#)?"
    rf"|\b{_TROUBLE}[\"']? ?[=:]+ ?[\"']?0#|\b{_TROUBLE}[\"']? ?[=:]+ ?(?:\"\"|''|$)|\b{_TROUBLE}=[ ,]"
    rf"|\b[\w.-]+[\"']? ?[=:]+ ?[\"']?(?:{_NOTHING})[\"']?(?:$|[,;)}}\]|]| \w+=)"
    r"|\b\w+=(?:#|0 )"  # a counter
    r"|\b(?:dropped|lost|aborted|rejected|declined|killed|missing|expired|invalid|retries|retry|time-?outs?"
    r"|unhealthy|unreachable|unavailable)(?: \w+)?[\"']?: ?[0-9]*#"
    r"|\b(?:no|none|without|zero|0)(?: (?:of|have|has|was|were|are))* (?:\w+ )?(?:failing|invalid|unhealthy"
    r"|corrupt\w*|rejected)\b"
    r"|\bnone (?:of \w+ )?(?:(?:have|has|was|were) )?failed\b"
    r"|\b(?:global |default |fatal |(?:un)?(?:handled|caught) )*"
    r"(?:errors?|exceptions?|failures?|fault|panic|crash|signal|deadlock) "
    r"(?:handlers?|filters?|mapp\w+|resolvers?|interceptors?|detectors?|detection|reporters?|trackers?"
    r"|tracking|listeners?|hooks?|callbacks?|boundary|pages?|reports?|reporting|logs?|logging|rates?|levels?"
    r"|correction|corrected|counts?"
    r"|counters?|totals?|budgets?|thresholds?|recovery|templates?|definitions?|decoders?|catalogs?|middlewares?"
    r"|polic(?:y|ies)"
    r"|strateg(?:y|ies)|queues?|topics?"
    r"|handling (?:is |was )?(?:enabled|disabled|set|configured|ready|\w+ed)|codes? table)\b"
    r"|\b(?:load|import|register|compil|translat)\w* (?:\S+ ){0,2}?(?:error|failure|exception) (?:messages|codes"
    r"|types|texts)\b"
    r"|\b(?:errors|exceptions|failures|panics|fail\w* \w+s) (?:are|will be|get) (?:\w+ )?(?:logged|reported|written"
    r"|sent|shown"
    r"|returned|retried|ignored|collected|tracked|counted|handled|mapped|converted)\b|\b(?:sample"
    r"|sampling) rate (?:for|of) errors\b"
    r"|\b(?:on|upon|after) (?:errors?|failures?|exceptions?)[\"']? ?[:=]|\b(?:that|which) fail (?:are|will)\b"
    r"|\b(?:after|fails? after) # (?:consecutive |failed )?(?:fail\w*|attempts|errors)\b"
    r"|\bmapped exception\b|\bwarning (?:thresholds?|levels?)\b|\bslow (?:query )?(?:logs?|threshold|mode|start)\b"
    r"|\btime-?outs?(?: (?:is|of|was|set|will be))*(?: to)?[ =:\"']{1,3}[0-9]*#|\btime-?outs? (?:set|configured)\b"
    r"|\b(?:retry|retries) (?:polic(?:y|ies)|limit|count|config\w*|interval)\b|\b(?:retry|retries)[\"']?[=:] ?[0-9]*#"
    r"|\b(?:remov|purg|clean|delet|clear|evict)\w* (?:\w+ ){0,2}expired\b"
    r"|\bexpired \w+ (?:remov|purg|clean|delet|clear)ed"
    r"|\brollback segments?\b|\blost\+found\b|\berror[- ]free\b"
    r"|\brecovered (?:from|after) (?:an? )?(?:errors?|failures?)\b"
    r"|\bif (?:\w+ ){0,2}(?:fails?|failed)\b|\bin case of (?:an? )?(?:errors?|failures?)\b"
    r"|\b(?:do|does|did|is|are|was) not (?:need\w*|required?|necessary|enabled|configured|set|applicable|used?|using"
    r"|chang\w+|modif\w+|includ\w+|affect\w*|apply|find any \w+|have to|specified|provided|defined|empty|null)\b"
    r"|\b(?:did not|does not|never|not) fail\b|\bfail(?:ed)?[ -]?(?:over|safe|fast|open|closed)\b"
    r"|\b(?:0|keine?[nr]?|ohne|sans|aucune?|sin|sem|nessun|senza|geen|zonder|bez) (?:\w*fehler\w*|ausnahmen?"
    r"|erreurs?|échecs?"
    r"|error\w*|fallos?|errore?i?|erros?|falhas?|fouten|błędów)\b|\bfehler(?:frei|los|behandlung|toleran\w+)\b"
    r"|(?:没有|无|沒有|未发现|零)(?:任何)?(?:错误|錯誤|失败|异常|異常)|(?:异常|異常|错误|錯誤)(?:处理|處理|日志|页面|监控|阈值)"
    r"|(?:エラー|異常|失敗|例外)(?:なし|は(?:あり|発生し)ません|ハンドラ|処理を(?:登録|設定|有効))"
    r"|без (?:ошибок|сбоев)|ошибок не|(?:오류|실패|예외) ?(?:없음|없이|처리기)"
)
FATAL = (
    r"(?i)\b(?:fatal|panic|panicked|segfault|segmentation fault|out[ -]?of[ -]?memory|oom[ -]?kill\w*|deadlock"
    r"|core dumped|kernel bug|sig(?:segv|abrt|bus|ill)|assertion failed|crashed"
    r"|crash ?loop\w*)\b"
    # What a runtime says last; a server says so of a request that failed, and goes on.
    r"|\b(?:unhandled|uncaught) (?:exception|error)(?:[.:]| in (?:thread|main)\b)|\bunhandled '?error'? event\b"
    r"|\b(?:OutOfMemory|StackOverflow)Error\b"
    r"|^[^\n]*\btraceback(?: \(|:|$)"  # below a message it is but that message's stack
)
FATAL_EXCEPTION = r"\bjava\.lang\.OutOfMemoryError\b|\binvoked oom-killer\b|\boom-kill:constraint="
"""Of the whole message: names with dots and hyphens are no words."""
_ERRNO = (
    "EACCES|EADDRINUSE|EADDRNOTAVAIL|EAI_AGAIN|ECONNABORTED|ECONNREFUSED|ECONNRESET|EHOSTDOWN|EHOSTUNREACH|EIO"
    "|EMFILE|ENETDOWN"
    "|ENETUNREACH|ENFILE|ENOENT|ENOMEM|ENOSPC|ENOTFOUND|EPERM|EPIPE|EROFS|ESOCKETTIMEDOUT|ETIMEDOUT"
)
_FOREIGN = (
    r"\w*fehlern?|fehlgeschlagen\w*|fehlgeschl\w+|gescheitert|abgelehnt|verweigert|abgebrochen|abgestürzt|ungültig\w*"
    r"|(?:konnte|konnten|kann|können) (?:\w+ ){0,4}?nicht|nicht (?:möglich|erreichbar|verfügbar)|ausnahme(?:fehler)?"
    r"|erreurs?|échecs?|échou\w+|refusée?s?|impossible d[e'’]|n['’]a pas pu|injoignable|invalides?|indisponible"
    r"|fall(?:o|os|ó|ado|ida|ido|aron)|rechazad[oa]s?|denegad[oa]s?|no se (?:pudo|pudieron|puede|ha podido)"
    r"|inválid[oa]s?"
    r"|excepción|erros?|falh(?:a|as|ou|aram)|negad[oa]s?|recusad[oa]s?|não (?:foi possível|pôde|conseguiu)|exceção"
    r"|errore|errori|fallit[oai]|rifiutat[oa]|negato|impossibile|non riuscit[oa]|non valid[oa]|eccezione"
    r"|fouten|fout|mislukt|geweigerd|ongeldig\w*|kan niet|kon niet|misslyckades"
    r"|błęd\w*|błąd|nie udało się|odmowa|odrzucon\w+|wyjątek|hatası|hata|başarısız\w*|reddedildi"
    r"|ошибк\w+|сбой|не удалось|не удается|отказано|исключение|невозможно|недоступ\w+|разорван\w*"
)
_WITHOUT_BLANKS = (
    "エラー|失敗|異常|例外|できません|できなかった|拒否され|不正な|错误|錯誤|失败|失敗|异常|异常退出|无法|無法|被拒绝|被拒絕"
    "|拒绝访问|不可用|崩溃|崩潰|오류|실패|예외|거부|할 수 없|수 없습니다"
)
ERROR = (
    r"(?i)\b(?:errors?|err|fail|fails|failed|failing|failures?|exceptions?|cannot|can't|couldn't|could not|unable to"
    r"|denied|refused|rejected|unreachable|aborted|aborting|corrupt\w*|invalid|illegal|no space left|unsuccessful\w*"
    r"|no such (?:file|host|device|process|table|column|database|method|module|image|container|bucket|user|object)"
    r"|broken pipe|connection reset|went wrong|not permitted|(?:not |un)authori[sz]ed|forbidden|unsafe"
    r"|service unavailable"
    r"|bad gateway|already in use|too many (?:open files|connections|requests)|quota exceeded|(?:disk|database) is full"
    r"|exhausted|unhealthy|died|unresponsive|not respond(?:ing)?|no response|insufficient|not enough"
    r"|no (?:suitable|healthy|eligible) \w+|no available (?:server|node|peer|host|backend|connection|worker|slot)s?"
    r"|no route to host|no live upstreams|name or service not known|unknown authority|socket hang up|data loss"
    r"|stack overflow|(?:queue|buffer|pool|disk|volume|partition|heap) (?:is )?full|can not"
    r"|undefined (?:method|variable|function|index|property)|prematurely|bad (?:decrypt|request|credentials|checksum)"
    r"|out of (?:disk|space|range|sync|bounds|threads|file descriptors)"
    r"|by signal|sigkill|certificate (?:has )?expired|undefined (?:reference|symbol)|incompatible|bad exit)\b"
    rf"|(?i:\b(?:{_FOREIGN})\b)|\b(?:{_ERRNO})\b|{_WITHOUT_BLANKS}"
)
_METHODS = "|".join(METHODS)
_SERVER_FAILED = spelled((*states.WORDS, *states.FAILED, states.UNIMPLEMENTED))
STATE = (
    rf"\b(?:{spelled((*states.REFUSED, *states.FAILED))}"
    r"|NOT_SERVING|OUT_OF_SERVICE|TRANSIENT_FAILURE"
    r"|(?:CrashLoop|ImagePull)BackOff|ErrImage(?:Never)?Pull|InvalidImageName|ContainerCannotRun|NodeNotReady|NodeLost"
    r"|(?:[Rr]eason|[Ss]tatus|[Ss]tate|[Pp]hase|is|now)[\"']?[=: ]{1,3}[\"']?(?:Evicted|Failed[A-Z]\w+))\b"
)
"""Names of bad states, as gRPC, its health checks, Spring's and Kubernetes write them."""
_NO_COUNT = rf"(?:$|[^ .,:/\w-]|[.,:/-](?:[^#]|$)| (?:{LINKS}|OK\b|(?-i:[A-Z][a-z])|[^a-z]))"
"""What follows a status that counts nothing: `got 500`, but `got 500 rows`."""
BAD_CODE = (
    r"(?i)\b(?:\w*status|\w*code|responded|HTTP/[0-9.]+\"?(?: [=>-]{1,2})?)[\"']?[ =:]{1,2}[\"']?5[0-9][0-9]#"
    rf"|(?-i:\b(?:{_METHODS}) [\"']?(?:[a-z]+://|/)[^\s\"']*[\"']? (?:[=:|>-]{{1,2}} ){{0,3}}[\"'(\[]?5[0-9][0-9]#"
    rf"|\bCompleted 5[0-9][0-9]#|\b{SENT}5[0-9][0-9]#{AFTER_SENT}#|{FROM}5[0-9][0-9]# "
    rf"|(?:^| )5[0-9][0-9]#{ASKED}| \| 5[0-9][0-9]# \| )"
    r"|\b(?:exit|exits|terminated|rc)(?: with)?[ =:]{1,2}[1-9][0-9]*#"
    r"|\b(?:exit\w*|terminated|rc|return\w*)(?: with)?(?: (?:code|status|value)[ =:]{1,2}|[=:] ?)[1-9][0-9]*#"
    rf"|\b(?:exited|return\w*)(?: with)? [1-9][0-9]*#{_NO_COUNT}"
    rf"|\b(?:http|response|reply|got|said|answered|replied|with|a)[\"']?[ =:]{{1,2}}[\"']?5[0-9][0-9]#{_NO_COUNT}"
    rf"|#(?:/[+-]?#){{4}} 5[0-9][0-9]# |\b{CACHED}5[0-9][0-9]#"
    r"|(?:\b(?:g?rpc[\w.-]*(?:code|status)|status[._]?code|with code)|(?:^|[^\w.-])code[\"']? ?[=:])[\"']?[ =:.]{0,3}"
    rf"[\"']?(?-i:{_SERVER_FAILED})\b"
)
WARN = (
    r"(?i)\b(?:warn|warning|timeout|time-out|timed out|retry|retries|retrying|deprecated|killed|slow|interrupted"
    r"|missing|lost|expired|dropped|unusable|giving up|gave up|exceeded|throttl\w+|unstable"
    r"|stuck|hung|stall(?:ed|s|ing)?|lagging|starv(?:ed|ing|ation)|conflict(?:s|ed|ing)?|mismatch\w*|malformed"
    r"|too (?:many|long|slow|frequent(?:ly)?|large|big|small|short|late|old|high|low)|congest\w+|violat\w+"
    r"|rolled back|rollback|not found|unavailable|unexpected\w*|obsolete|stale"
    r"|(?:does|do|did|is|was|has) not|(?:does|do|did|is|was|has)n't|overload\w*|degraded|forcibly"
    r"|not available|inconsisten\w+|rate[- ]limited|declined|out of service|crash(?:es)?"
    r"|circuit ?breaker (?:(?:\S+ ){0,6}?(?:is|to"
    r"|now) )?open(?:ed)?"
    r"|zeitüberschreitung|nicht gefunden|délai (?:\S+ )?dépassé|introuvables?|avertissement"
    r"|tiempo (?:de espera )?agotado"
    r"|no encontrad[oa]s?|tempo (?:\S+ )?(?:esgotado|scaduto)|não encontrad[oa]s?|non trovat[oa]|niet gevonden"
    r"|превышен\w*|не найден\w*|предупреждение)\b"
    r"|超时|逾時|タイムアウト|시간 초과|未找到|找不到|見つかりません|찾을 수 없|警告|重试|再試行|재시도"
    r"|^[^\n]*\btraceback\b|^(?:Terminated|Hangup)$"
)
EXCEPTION = (
    r"(?:^|[\s(\[{\"'=:,>|])(?:(?:[A-Za-z_][\w]*|#)[.$])*[\w$]*[A-Za-z](?:Exception|Error|Failure)"
    r"(?:[\s:;,)\]}\"'|]|\.\s|\.?$)"
)
NO_EXCEPTION = (
    r"\bon\([\"']\w+[\"']\)|\b(?:on|is|has|ignore|skip|stopOn|failOn|throwOn|retryOn|continueOn|rollbackOn)[A-Z]?\w*(?:Exception|Error"
    r"|Failure)\b"
    r"|\bOn(?:Exception|Error|Failure)\b|\b(?i:using|registered|registering|installed) [\w ]*?\berror decoder \S+"
)
"""Names of settings, and what is set up for exceptions."""
