"""The key of a message: what one pass over its characters leaves, the same at the source and here.

A word is a run of ASCII letters, digits and `_`. A word that holds a digit becomes `#`; numbers that carry meaning
(a status, an exit code, how many failed) stay, with `#` behind them. All other characters are "other" and stay.
"""

import re

import polars as pl

KEY_VERSION = "1"
MAX_KEYED = 4_000
"""Code points of a message that are keyed; the rest of a longer one is cut off first."""
SUSPECT_STARTS = (" ", "\t", "at ", "Caused by", "Suppressed:", "Traceback ", "... ", "Also: ", "goroutine ")
"""How a message begins that may be a line of a split stack trace: a coarse rule, which a source can apply too. Whether
it is one, `analysis.join` tells."""
UNREDUCED = "\x00"
"""In place of a key: an entry that a source can't key by itself. Its bin has to be read."""

_CODES = (
    r"http/[0-9](?:\.[0-9])?\"? |(?:(?:status|error|exit|return|response)[_ ]?)?(?:code|status)|exit|rc|errno|returned"
)
_TALLIES = r"errors?|failures?|failed|exceptions?|warnings?"
KEPT = (
    rf"(?:{_CODES})[\"']?[ =:]{{0,2}}[\"']?[0-9]{{1,3}}"  # status=503, exit code 1, HTTP/1.1" 200
    rf"|(?:{_TALLIES})[\"']?[=:] ?[0-9]{{1,3}}"  # Failures: 0
    rf"|0 (?:{_TALLIES})"  # 0 errors
)
"""Numbers that carry meaning, without regard to case. This pattern, COLOUR and WORD are what sources write in their own
language, so they use what every language has: no `\\b`, no `\\w`."""
CODE_WORDS = (
    *(
        f"{what}{gap}{word}"
        for what in ("status", "error", "exit", "return", "response")
        for gap in ("", "_")
        for word in ("code", "status")
    ),
    "code",
    "status",
    "exit",
    "rc",
    "errno",
    "returned",
)
TALLY_WORDS = ("error", "errors", "failure", "failures", "failed", "exception", "exceptions", "warning", "warnings")
"""The words (runs of ASCII letters and `_`) of _CODES and _TALLIES, for ways that know no regular expressions."""
COLOUR = r"\x1b\[[0-9;]*[A-Za-z]"
WORD = r"[A-Za-z_]*[0-9][A-Za-z0-9_]*"
_MEANING = rf"(?-u:\b)((?i-u:{KEPT}))(?-u:\b)#?"
_PLAIN = rf"{COLOUR}|{WORD}"
_REFERENCE = re.compile(rf"{COLOUR}|\b((?:{KEPT}))\b#?|{WORD}", re.ASCII | re.IGNORECASE)


def key(message: str) -> str:
    """The definition, for one message; `keys` gives the same for many."""
    return _REFERENCE.sub(lambda found: f"{found.group(1) or ''}#", message[:MAX_KEYED])


def keys(messages: pl.Series) -> pl.Series:
    """The keys of a column of messages. Messages without a number of meaning need no groups, which is faster."""
    cut = messages.str.head(MAX_KEYED)
    frame = pl.DataFrame({"at": pl.int_range(len(cut), eager=True), "text": cut})
    meaning = cut.str.contains(_MEANING)
    fast = frame.filter(~meaning).with_columns(pl.col("text").str.replace_all(_PLAIN, "#"))
    slow = frame.filter(meaning).with_columns(pl.col("text").str.replace_all(rf"{COLOUR}|{_MEANING}|{WORD}", "${1}#"))
    return pl.concat([fast, slow]).sort("at")["text"].alias("key")
