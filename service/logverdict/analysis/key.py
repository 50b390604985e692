"""The key of a message: what one pass over its characters leaves, the same at the source and here.

A word is a run of ASCII letters, digits and `_`. A word that holds a digit becomes `#`; numbers that carry meaning
(a status, an exit code, how many failed) stay, with `#` behind them. All other characters are "other" and stay.
"""

import re

KEY_VERSION = "4"
MAX_KEYED = 4_000
"""Code points of a message that are keyed; the rest of a longer one is cut off first."""
SUSPECT_STARTS = (" ", "\t", "at ", "Caused by", "Suppressed:", "Traceback ", "... ", "Also: ", "goroutine ")
"""How a message begins that may be a line of a split stack trace: a coarse rule, which a source can apply too. Whether
it is one, `analysis.join` tells."""
UNREDUCED = "\x00"
"""In place of a key: an entry that a source can't key by itself. Its bin has to be read."""

_OF = (
    "status",
    "error",
    "exit",
    "return",
    "response",
    "result",
    "reply",
    "http",
    "upstream",
    "backend",
    "origin",
    "grpc",
)
"""Whose code or status it is."""
_WITH = ("answered", "completed", "ended", "failed", "finished", "rejected", "replied", "responded", "returned")
STATUS_WORDS = ("response",)
"""A status of three digits stands behind it, as the value of a field of that name too: so access logs are parsed."""
SAID_WORDS = (
    *("http", "http error", "reply", "got", "said", "answered", "replied"),
    *(f"{word} a" for word in ("got", "received", "returned", "sent", "with")),
    *(f"{word} with" for word in _WITH),
    *(f"{word} {link}" for word in ("code", "status") for link in ("is", "was", "of")),
)
"""A status of three digits stands behind these in a sentence; a field of such a name may be a count (`http=137`). What
is counted in a sentence (`got 500 rows`) the mask takes away again: it can see what follows."""
_CODES = (
    rf"http/[0-9](?:\.[0-9])?\"? (?:[=>-]{{1,2}} )?|(?:(?:{'|'.join(_OF)})[_ ]?)?(?:code|status)"
    r"|http_(?:status|response)_code|exit|exited(?: with)?|(?:os|socket|system|with) error|rc|err|errno|returned"
    r"|responded|signal|retry|retries|attempts?|(?:retry|attempt)_count"
)
STATUS = r"[1-5][0-9][0-9]"
CACHED = r"(?:tcp|udp|none)_[A-Za-z_]+/"
"""How Squid tells whether it had an answer (`TCP_MISS/503`): behind it stands the status."""
_TALLIES = r"errors?|failures?|failed|exceptions?|warnings?|level|severity"
KEPT = (
    rf"(?:{_CODES})[\"']?[ =:]{{0,2}}[\"']?[0-9]{{1,3}}"  # status=503, exit code 1, HTTP/1.1" 200
    rf"|(?:{'|'.join(STATUS_WORDS)})[\"']?[ =:]{{0,2}}[\"']?{STATUS}"  # response=500
    rf"|(?:(?:{'|'.join(SAID_WORDS)}):? |{CACHED}){STATUS}"  # HTTP 503, TCP_MISS/503
    rf"|(?:{_TALLIES})[\"']?[=:] ?[0-9]{{1,3}}"  # Failures: 0
    rf"|0 (?:{_TALLIES})(?:[\"']?[=:] ?[0-9]{{1,3}})?"  # 0 errors; but done=0 errors=5
)
"""Numbers that carry meaning, without regard to case. This pattern, COLOUR and WORD are what sources write in their own
language, so they use what every language has: no `\\b`, no `\\w`."""
CODE_WORDS = (
    *(f"{what}{gap}{word}" for what in _OF for gap in ("", "_") for word in ("code", "status")),
    "http_status_code",
    "http_response_code",
    "code",
    "status",
    "exit",
    "exited",
    "exited with",
    *(f"{what} error" for what in ("os", "socket", "system", "with")),
    "rc",
    "err",
    "errno",
    "returned",
    "responded",
    "signal",
    "retry",
    "retries",
    "attempt",
    "attempts",
    "retry_count",
    "attempt_count",
)
TALLY_WORDS = (
    *("error", "errors", "failure", "failures", "failed", "exception", "exceptions", "warning", "warnings"),
    *("level", "severity"),
)
"""The words (runs of ASCII letters and `_`) of _CODES and _TALLIES, for ways that know no regular expressions."""
METHODS = ("GET", "PUT", "POST", "HEAD", "PATCH", "DELETE", "OPTIONS")
REQUEST = (
    rf"(?:{'|'.join(METHODS)}) [\"']?(?:[a-z]{{2,8}}://|/)[!#-&(-~]*[\"']? "  # GET /orders/17
    r"(?:[=:|>-]{1,2} ){0,3}[\"'(\[]?"  # 200, -> 503, (404), - - - 500 as ASP.NET writes it
)
"""What a status stands behind where no word names it: three digits from 100 to 599. Cases count."""
COMPLETED = r"Completed "
PHRASE = r" (?:OK|[ABD-Z][a-z]|C[a-np-z]|Co[a-ln-z])"
"""`Completed 404 Not Found`: another place of such a status, with what follows. It never begins as COMPLETED, REQUEST
or TIMERS do, so that no match takes from the next."""
COLOUR = r"\x1b\[[0-9;]*[A-Za-z]"
WORD = r"[A-Za-z_]*[0-9][A-Za-z0-9_]*"
TIMERS = rf"{WORD}(?:/[+-]?{WORD}){{4}} "
AFTER_TIMERS = " "
"""`0/0/1/2/3 503 217`: the third place, HAProxy's log of requests, with the blank that follows. What the words of the
five timers are does not count, only that each holds a digit: so the key alone shows where they stand."""
_REFERENCE = re.compile(rf"{COLOUR}|\b((?:{KEPT}))\b#?|{WORD}", re.ASCII | re.IGNORECASE)
_STATUSES = re.compile(
    rf"\b(?:{REQUEST}(?P<one>{STATUS})\b|{COMPLETED}(?P<two>{STATUS}){PHRASE}"
    rf"|{TIMERS}(?P<three>{STATUS}){AFTER_TIMERS})",
    re.ASCII,
)


def key(message: str) -> str:
    """The definition, for one message; `keys` gives the same for many. Before each status of a request the message is
    cut: what stands before it tells nothing of what stands behind."""
    text, out, at = message[:MAX_KEYED], "", 0
    for found in _STATUSES.finditer(text):
        start = max(found.start("one"), found.start("two"), found.start("three"))
        out += f"{_keyed(text[at:start])}{text[start : start + 3]}#"
        at = start + 3 + text.startswith("#", start + 3)
    return out + _keyed(text[at:])


def _keyed(text: str) -> str:
    return _REFERENCE.sub(lambda found: f"{found.group(1) or ''}#", text)
