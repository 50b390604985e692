"""The key of a message: what one pass over its characters leaves, the same at the source and here.

A word is a run of ASCII letters, digits and `_`. A word that holds a digit becomes `#`; numbers that carry meaning
(a status, an exit code, how many failed) stay, with `#` behind them. All other characters are "other" and stay.
"""

import re

from logverdict.analysis.key_words import CODES, SAID_WORDS, STATUS_WORDS

KEY_VERSION = "5"
MAX_KEYED = 16_000
"""Code points of a message that are keyed; the rest of a longer one is cut off first."""
SUSPECT_STARTS = (" ", "\t", "at ", "Caused by", "Suppressed:", "Traceback ", "... ", "Also: ", "goroutine ")
"""How a message begins that may be a line of a split stack trace: a coarse rule, which a source can apply too. Whether
it is one, `analysis.join` tells."""
UNREDUCED = "\x00"
"""In place of a key: an entry that a source can't key by itself. Its bin has to be read."""
_HTTP = r"http/[0-9](?:\.[0-9])?\"? (?:[=>-]{1,2} )?"
STATUS = r"[1-5][0-9][0-9]"
CACHED = r"(?:tcp|udp|none)_[A-Za-z_]+/"
"""How Squid tells whether it had an answer (`TCP_MISS/503`): behind it stands the status."""
_TALLIES = r"errors?|failures?|failed|exceptions?|warnings?|level|severity"
KEPT = (
    rf"(?:{_HTTP}|{CODES})[\"']?[ =:]{{0,2}}[\"']?[0-9]{{1,3}}"  # status=503, exit code 1, HTTP/1.1" 200
    rf"|(?:{'|'.join(STATUS_WORDS)})[\"']?[ =:]{{0,2}}[\"']?{STATUS}"  # response=500
    rf"|(?:(?:{'|'.join(SAID_WORDS)}):? |{CACHED}){STATUS}"  # HTTP 503, TCP_MISS/503
    rf"|(?:{_TALLIES})[\"']?[=:] ?[0-9]{{1,3}}"  # Failures: 0
    rf"|0 (?:{_TALLIES})(?:[\"']?[=:] ?[0-9]{{1,3}})?"  # 0 errors; but done=0 errors=5
)
"""Numbers that carry meaning, without regard to case. This pattern, COLOUR and WORD are what sources write in their own
language, so they use what every language has: no `\\b`, no `\\w`."""
METHODS = ("GET", "PUT", "POST", "HEAD", "PATCH", "DELETE", "OPTIONS")
REQUEST = (
    rf"(?:{'|'.join(METHODS)}) [\"']?(?:[a-z]{{2,8}}://|/)[!#-&(-~]*[\"']? "  # GET /orders/17
    r"(?:[=:|>-]{1,2} ){0,3}[\"'(\[]?"  # 200, -> 503, (404), - - - 500 as ASP.NET writes it
)
"""What a status stands behind where no word names it: three digits from 100 to 599. Cases count."""
FROM = r"\" from [!-~]+ - "
"""`"GET http://a/x HTTP/1.1" from 10.0.0.1:17 - 503 12B in 3ms`, as chi writes it: another place of such a status."""
COMPLETED = r"Completed "
PHRASE = r" (?:OK|[ABD-Z][a-z]|C[a-np-z]|Co[a-ln-z])"
"""`Completed 404 Not Found`: one more, with what follows. It never begins as COMPLETED, REQUEST or TIMERS do, so that
no match takes from the next."""
SENT, AFTER_SENT = r"(?:Sent|Chunked) ", " in "
"""`Sent 503 in 3ms`, as Plug writes it."""
_COLUMN = r" \| +[^ |0-9]*[0-9][^ |]*"
BAR, COLUMNS = r"\| ", rf"(?:{_COLUMN}{_COLUMN}| \| <num>) \| +(?:{'|'.join(METHODS)}) "
"""`10:00:00 | 503 |  3ms | 10.0.0.1 | GET `: a status, how long, for whom, a method, as Gin and Fiber write it; a
template has one mask for both. Each holds a digit, so that no method is one of them, and no match takes from the next.
"""
ASKED = rf" (?:{'|'.join(METHODS)}) /[!-~]* \([^ ().:<]*[.:<][^ ()]*\)"
"""`503 GET /orders/17 (10.0.0.1) 3.12ms`, as Tornado writes it: before what was asked, and by whom."""
COLOUR = r"\x1b\[[0-9;]*[A-Za-z]"
WORD = r"[A-Za-z_]*[0-9][A-Za-z0-9_]*"
TIMERS = rf"{WORD}(?:/[+-]?{WORD}){{4}} "
AFTER_TIMERS = " "
"""`0/0/1/2/3 503 217`: the third place, HAProxy's log of requests, with the blank that follows. What the words of the
five timers are does not count, only that each holds a digit: so the key alone shows where they stand."""
_REFERENCE = re.compile(rf"{COLOUR}|\b((?:{KEPT}))\b#?|{WORD}|([A-Za-z_]+)", re.ASCII | re.IGNORECASE)
"""A word without a digit is passed over at once, not letter by letter."""
_STATUSES = re.compile(
    rf"(?:\b{REQUEST}|{FROM}){STATUS}\b|\b{COMPLETED}{STATUS}(?={PHRASE})"
    rf"|\b{TIMERS}{STATUS}(?={AFTER_TIMERS})|\b{SENT}{STATUS}(?={AFTER_SENT})"
    rf"|{BAR}{STATUS}(?={COLUMNS})|\b{STATUS}(?={ASKED})",
    re.ASCII,
)


def key(message: str) -> str:
    """The definition, for one message; `keys` gives the same for many. Before each status of a request the message is
    cut: what stands before it tells nothing of what stands behind."""
    text, out, at = message[:MAX_KEYED], "", 0
    for found in _STATUSES.finditer(text):
        start = found.end() - len("503")
        out += f"{_keyed(text[at:start])}{text[start : start + 3]}#"
        at = start + 3 + text.startswith("#", start + 3)
    return out + _keyed(text[at:])


def _keyed(text: str) -> str:
    return _REFERENCE.sub(lambda found: found[2] or f"{found[1] or ''}#", text)
