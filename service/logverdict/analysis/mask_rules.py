"""The rules by which keys become templates, from the most special to the most general, each with its example.

Keys show every word that holds a digit as `#` (see `key`), so the rules need not know what the digits were.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from logverdict.analysis.key_words import ATTEMPTS
from logverdict.analysis.quotes import unquoted


@dataclass(frozen=True, slots=True)
class MaskRule:
    """What `pattern` finds in a key is replaced by `to`; `before` becomes `after` by all the rules together. Whatever
    it finds holds `needs`: without it the rule is skipped, which is what makes masking fast."""

    name: str
    pattern: re.Pattern[str]
    to: str | Callable[[re.Match[str]], str]
    before: str
    after: str
    needs: str = ""


def _rule(
    name: str, pattern: str, to: str | Callable[[re.Match[str]], str], before: str, after: str, needs: str = ""
) -> MaskRule:
    return MaskRule(name, re.compile(pattern, re.ASCII), to, before, after, needs)


_METHODS = ("GET|PUT", "POST|HEAD", "PATCH", "DELETE", "OPTIONS")


def _no_request(start: str) -> str:
    """`start`, where a path begins and no address of a request: it is looked for before what stands before it is."""
    behind = "".join(rf"(?<!\b(?:{words}) {start})" for words in _METHODS)
    return rf"{start}{behind}(?<![\w>.#:/-]{start})"


_NAMES = (
    r"user|username|uid|login|logname|ruser|rhost|client|client_ip|remote|session|request|request_id|trace|span"
    r"|token|email|account|customer|tenant|ip|addr|hostname|node|pod"
)
_REASONS = (
    r"connection|broken|permission|operation|no|not|input|resource|cannot|can't|could|couldn't|too|invalid|bad|network"
    r"|transport|socket|protocol|software|address|interrupted|stale|out|access|expired|unknown|fail(?:ed|ure)?|errors?"
    r"|timeout|timed|eof|end|unexpected|unable|unauthorized|forbidden|denied|refused|rejected|missing|wrong|closed|reset"
)
"""How operating systems and libraries begin to say what went wrong: `writing to client: Connection reset by peer`."""
_DAYS, _MONTHS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun", "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_UNITS = r"[kKMGT]i?B|B|bytes?|ns|us|[µμ]s|ms|s|secs?|seconds?|m|min|mins|minutes?|h|hours?|days?"

LINKS = (
    r"(?:from|for|on|in|at|by|to|after|before|while|when|with|but|and|or|as|because|during|via|instead|expected|again"
    r"|response|reply|answer|status|code|error|redirect|is|was|not|will|retry\w*|trying|giving)\b"
)
"""Words behind a status that are not what it counts: `got 500 from the bank`, but `got 500 rows`."""

RULES = (
    _rule("blanks", r"\s{2,}|[^\S ]", " ", "a   b \t#", "a b <num>"),
    _rule("colour", r"(?<![A-Za-z])#(?=[A-Za-z])", "", "#ready", "ready", "#"),
    _rule("kept zero", r"\b(0 [A-Za-z]+)#", r"\1", "0 errors#", "0 errors", "#"),
    _rule(
        "kept tally",
        r"(?i)(?<!\bhttp )\b(errors?|failures?|failed|exceptions?|warnings?)(\"?[=:] ?)[1-9][0-9]*#",
        r"\1\2<some>",
        "Failures: 3#, Errors: 0#, HTTP Error: 503#",
        "Failures: <some>, Errors: 0, HTTP Error: 503",
        "#",
    ),
    _rule(
        "kept attempts",
        rf"(?i)\b((?:{ATTEMPTS})[\"']?[ =:]{{0,2}}[\"']?)[1-9][0-9]{{1,2}}#",
        r"\1#",
        "attempt 12#/#, retries=2#, retryCount: 381#",
        "attempt <num>, retries=2, retryCount: <num>",
        "#",
    ),
    _rule(
        "kept no code",
        r"([ (\[])[1-5][0-9][0-9]#(?= ?(?:[nmu]?s|secs?|seconds|[kKMG]?i?B|bytes)\b|\.#)",
        r"\1#",
        "GET /orders 200# ms, GET / (172#.#.#.#)",
        "GET /orders <num>, GET / (<num>)",
        "#",
    ),
    _rule(
        "kept count",
        r"\b((?i:got|said|answered|replied|returned|responded|exited|http|response|reply|with|a)[\"']?[ =:]{0,2}[\"']?)"
        rf"[1-9][0-9]{{0,2}}#(?=[.,:/-]#| (?!{LINKS})[a-z])",
        r"\1#",
        "got 500# rows, returned 17# items: HTTP 503# Service Unavailable, got 502# from x; returned 0# rows",
        "got <num> rows, returned <num> items: HTTP 503 Service Unavailable, got 502 from x; returned 0 rows",
        "#",
    ),
    _rule(
        "kept sent",
        r"\b((?:Sent|Chunked) )[1-5][0-9][0-9]#(?= in (?!#))",
        r"\1#",
        "Sent 503# in #, Sent 345# in total",
        "Sent 503 in <num>, Sent <num> in total",
        "#",
    ),
    _rule(
        "kept level",
        r"(?i)\b((?:level|severity)\"?[=:] ?)(?![1-6]0#)[0-9]{1,3}#",
        r"\1#",
        'level=30# level=17# "level":50#',
        'level=30 level=<num> "level":50',
        "#",
    ),
    _rule(
        "kept code",
        r"((?:^|[ =:\"'(\[/])[0-9]{1,3})#",
        r"\1",
        "404# GET / (a.b): status=503# after # TCP_MISS/503# #",
        "404 GET / (a.b): status=503 after <num> TCP_MISS/503 <num>",
        "#",
    ),
    _rule(
        "url",
        r"\b[A-Za-z][A-Za-z+]{1,9}://[^\s\"'<>)\],;]+",
        "<url>",
        "from https://a.example/x#?y",
        "from <url>",
        "://",
    ),
    _rule(
        "e-mail",
        r"(?<![\w.%+#-])[\w.%+#-]+@[\w#-]+(?:\.[\w#-]+)+",
        "<email>",
        "to ann.#@example.org",
        "to <email>",
        "@",
    ),
    _rule(
        "object",
        r"(?<=[A-Za-z])@(?:#|[a-f]{4,8}\b)",
        "@<id>",
        "lock java.lang.Object@# held",
        "lock java.lang.Object@<id> held",
        "@",
    ),
    _rule(
        "base64",
        r"(?<![\w/+#=])(?=[A-Za-z/+]*#)[A-Za-z#/+]{3,}={1,2}(?![\w#=])",
        "<id>",
        "digest sha#:x key aGVs#bG+/c#==",
        "digest sha<num>:x key <id>",
        "=",
    ),
    _rule(
        "generated class",
        r"\$\$?(?:Lambda|EnhancerBy\w*|FastClassBy\w*|SpringCGLIB|HibernateProxy|ByteBuddy|MockitoMock|Proxy)"
        r"(?:[$/#]|\b\w+)*",
        "$<id>",
        "at shop.Order$$EnhancerBySpringCGLIB$$cafe.pay(<generated>) shop.Web$$Lambda$#/#.run",
        "at shop.Order$<id>.pay(<generated>) shop.Web$<id>.run",
        "$",
    ),
    _rule("windows path", r"\b[A-Za-z]:\\[^\s\"'<>|,;]+", "<path>", r"open C:\tmp\a#.txt", "open <path>", ":\\"),
    _rule(
        "path",
        rf"(?:{_no_request('/')}|{_no_request('~/')})(?:[\w.@+#~%=-]+/)+[\w.@+#~%=-]*",
        "<path>",
        "open /var/lib/a-#/x.db: GET /orders/#/lines",
        "open <path>: GET /orders/<num>/lines",
        "/",
    ),
    _rule(
        "date",
        rf"\b(?:(?:{_DAYS})[a-z]*,? +)?(?:(?:#[ -])?(?:{_MONTHS})[a-z]*[ -]+#)(?:[ -]#(?![:\w]))?(?: +#(?:[:.,]#)+)?"
        r"(?: [A-Z]{3,4}\b)?(?: #)?",
        "<time>",
        "at Sun Aug # #:#:# # in",
        "at <time> in",
        "#",
    ),
    _rule(
        "time of access logs",
        rf"#/(?:{_MONTHS})/#(?::#)+(?: [+-]#)?",
        "<time>",
        "[#/Feb/#:#:#:# +#] GET",
        "[<time>] GET",
        "/#:",
    ),
    _rule(
        "time", r"#-#-#[T ]#:#:#(?:[.,]#)?(?: ?[+-]#(?::#)?)?", "<time>", "[#-#-# #:#:#,#] up", "[<time>] up", "#-#-#"
    ),
    _rule(
        "uuid",
        r"(?:#|\b[a-f]{8})(?:-(?:#|[a-f]{4})){3}-(?:#|[a-f]{12})(?!\w)",
        "<id>",
        "job #-cafe-#-beef-# deadbeef-cafe-#-#-# ok",
        "job <id> <id> ok",
        "-",
    ),
    _rule("uuid start", r"#-#(?:-[a-f#]+){3}", "<id>", "job #-#-cafe-beef-#", "job <id>", "#-#-"),
    _rule(
        "pod",
        r"(?<=[a-z])-(?:#|[bcdfghjklmnpqrstvwxz]{8,10})-(?:#|[bcdfghjklmnpqrstvwxz]{5})(?!\w)",
        "-<id>",
        "pod web-#-xkzqp web-dfghjklmnb-# up",
        "pod web-<id> web-<id> up",
        "-",
    ),
    _rule(
        "named value",
        rf"(?i)\b({_NAMES})(\"?=[\"']?)(?:[\w.@#:/%+-]+)",
        r"\1\2<val>",
        "failure; user=root rhost=#.example.net",
        "failure; user=<val> rhost=<val>",
        "=",
    ),
    _rule(
        "value behind a colon",
        rf"(?i)\b({_NAMES})(\"?: ?[\"']?)(?!(?:{_REASONS})\b)(?:[\w.@#:/%+-]+)",
        r"\1\2<val>",
        "bye, user: root; writing to client: Connection reset by peer",
        "bye, user: <val>; writing to client: Connection reset by peer",
        ":",
    ),
    _rule(
        "quoted",
        r"\"(?:[^\"\\\n]|\\.){0,300}\"|(?<!\w)'[^'\n]{0,300}'",
        unquoted,
        'no file "a-#.txt" in "lib" err="peer #: cannot reply"',
        'no file "<str>" in "lib" err="peer <num>: cannot reply"',
        "#",
    ),
    _rule(
        "host and port",
        r"\b[a-z][a-z#-]*(?:\.[a-z#-]+){2,30}:#",
        "<host>",
        "to db.eu.example.net:# failed",
        "to <host> failed",
        ":#",
    ),
    _rule("hex", r"(?<![\w<])[a-f]{8,}(?![\w>])", "<num>", "commit deadbeef", "commit <num>"),
    _rule(
        "signed",
        r"(?:\b[A-Za-z]\w*_)?[+-]?#(?:[.,:/x_+-]+[+-]?#)*%?",
        "<num>",
        "blk_-# at #.#.#.#:#",
        "<num> at <num>",
        "#",
    ),
    _rule(
        "unit",
        rf"<num> ?(?:{_UNITS})(?![\w>])",
        "<num>",
        "sent # bytes (#.# KB) in # ms",
        "sent <num> (<num>) in <num>",
        "<num>",
    ),
    _rule("list", r"<num>(?:[ ,;|]+<num>)+", "<num>", "[#, #, #]", "[<num>]", "<num>"),
)
