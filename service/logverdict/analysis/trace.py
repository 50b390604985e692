"""How stack traces of common languages go on, line by line: what tells a line of a trace from one that looks alike."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

import numpy as np
import polars as pl

START, HEAD, BAD = 1, 2, 4
"""What may come before a line: nothing near enough, an entry of its own, one that warns or worse."""


@dataclass(frozen=True)
class Rule:
    """A line that `pattern` fits goes on with the line before, where that is one of `after` and the line behind is one
    of `then` (anything, where that is empty). `opens`: elsewhere it begins a trace of its own. `before` and `line` are
    an example, which a test checks."""

    name: str
    pattern: str
    after: Sequence[str]
    before: str
    line: str
    then: Sequence[str] = field(default=())
    opens: bool = False


_ANY = ("any",)
_CALL = r"[^\s(]+(?:, ?[^\s(]+)*\(.*\)(?:\s*~?\[.*| in .*)?"
RULES = (
    # Java, JavaScript, .NET; places of Rust
    Rule(
        "frame",
        rf"^\s*at (?:async |new )?{_CALL}\s*$|^\s*at \S.*:\d+:\d+\)?\s*$|^\s+at \S+:\d+\s*$"
        r"|^\s*at \S.* \((?:<anonymous>|native|index \d+)\)\s*$",
        _ANY,
        "java.io.IOException: gone",
        "\tat shop.Store.read(Store.java:7)",
    ),
    Rule("more", r"^\s*\.\.\. \d+ \w", ("start", "frame", "cause", "more"), "\tat a.B.c(B.java:7)", "\t... 5 more"),
    Rule(
        "cause",
        r"^\s*(?:Caused by|Suppressed|Wrapped by|Also): +\S",
        ("frame", "more", "cause", "inner"),
        "\tat a.B.c(B.java:7)",
        "Caused by: java.io.IOException: gone",
    ),
    Rule(
        "cause",
        r"^\s*(?:Caused by|Suppressed|Wrapped by|Also): +\S",
        _ANY,
        "cannot read the stock",
        "Caused by: java.io.IOException: gone",
        then=("frame", "more"),
    ),
    Rule(
        "inner",
        r"^\s*--- End of |^\s+---> \S",
        ("start", "bad", "thrown", "frame", "inner"),
        "   at A.B() in /a.cs:line 5",
        "   --- End of inner exception stack trace ---",
    ),
    Rule(
        "thrown",
        r"^(?:[A-Za-z_]\w*[.$])*(?:[A-Z]\w*)?(?:Exception|Error|Throwable|Failure)(?::| \[|\s*$)"
        r"|^(?:[a-z_]\w*\.)+[A-Z][\w$]*(?::|\s*$)",
        ("bad",),
        "cannot read the stock",
        "java.io.IOException: gone",
        then=("frame", "more", "cause", "inner"),
        opens=True,
    ),
    # Ruby
    Rule(
        "from",
        r"^\s+(?:\d+: )?from \S+:\d+:in ",
        _ANY,
        "a.rb:3:in `b': gone (IOError)",
        "\tfrom a.rb:9:in `c'",
    ),
    # Python
    Rule(
        "traceback",
        r"^\s*(?:[+|] +)*(?:\+ Exception Group )?Traceback \(most recent call last\):",
        ("bad", "chain", "group"),
        "cannot read the stock",
        "Traceback (most recent call last):",
        opens=True,
    ),
    Rule(
        "file",
        r"^\s+(?:[|] +)*File \".*\", line \d+",
        _ANY,
        "Traceback (most recent call last):",
        '  File "a.py", line 3',
    ),
    Rule(
        "source",
        r"^(?: {4,}|\t)\s*\S|^\s+\[Previous line repeated",
        ("traceback", "file", "source"),
        '  File "a.py", line 3',
        "    read(stock)",
    ),
    Rule(
        "group",
        r"^\s+(?:[|]|\+-)",
        ("traceback", "file", "source", "group", "close"),
        '  |   File "a.py", line 3',
        "  | ExceptionGroup: two (2 sub-exceptions)",
    ),
    Rule("close", r"^[A-Za-z_][\w.]*(?::|\s*$)", ("file", "source"), "    read(stock)", "shop.Gone: stock"),
    Rule(
        "chain",
        r"^(?:During handling of the above|The above exception was)",
        ("close",),
        "shop.Gone: stock",
        "During handling of the above exception, another exception occurred:",
        then=("traceback",),
    ),
    # Go
    Rule(
        "signal",
        r"^\[signal |^\s+panic: ",
        ("bad", "signal"),
        "panic: runtime error",
        "[signal SIGSEGV: segmentation violation]",
        then=("goroutine", "signal"),
    ),
    Rule(
        "goroutine",
        r"^goroutine \d+ (?:gp=.*)?\[.*\].*:\s*$",
        ("bad", "signal", "place"),
        "panic: gone",
        "goroutine 1 [running]:",
        opens=True,
    ),
    Rule(
        "call",
        r"^(?:created by \S+.*|[\w./*()\[\]-]+\(.*\)|[\w./-]+\.[\w.()*-]+)\s*$",
        ("bad", "goroutine", "place"),
        "goroutine 1 [running]:",
        "main.read(0xc0, 0x5)",
        then=("place",),
    ),
    Rule(
        "place",
        r"^\s+\S+\.\w+:\d+(?: \+0x[0-9a-f]+)?\s*$",
        ("start", "call"),
        "main.read(0xc0, 0x5)",
        "\t/shop/main.go:12 +0x1d",
    ),
    Rule("exit", r"^exit status \d+\s*$", ("place",), "\t/shop/main.go:12 +0x1d", "exit status 2"),
    # Rust
    Rule("panicked", r"^thread '.*' .*panicked at ", (), "", "", opens=True),
    Rule("told", r"", ("panicked",), "thread 'main' panicked at src/main.rs:4:5:", "gone", then=("backtrace",)),
    Rule(
        "backtrace",
        r"(?i)^(?:stack )?backtrace:\s*$",
        ("bad", "panicked", "told", "numbered"),
        "thread 'main' panicked at src/main.rs:4:5:",
        "stack backtrace:",
        then=("numbered",),
        opens=True,
    ),
    Rule(
        "numbered", r"^\s+\d+: ", ("backtrace", "numbered", "frame", "reasons"), "stack backtrace:", "   0: shop::read"
    ),
    Rule("numbered", r"^\s+\d+: ", ("start",), "", "", then=("frame",)),
    Rule(
        "reasons", r"^Caused by:\s*$", ("bad", "thrown"), "Error: no stock", "Caused by:", then=("numbered", "source")
    ),
    Rule("numbered", r"^ {4,}\S", ("reasons",), "Caused by:", "    file is gone"),
    Rule("note", r"^note: ", ("numbered", "frame"), "   0: shop::read", "note: Some details are omitted"),
)
CERTAIN = (
    r"^\s*at \S|^\s*\.\.\. \d|^\s*(?:Caused by|Suppressed|Also):|^\s+---|^\s+(?:\d+: )?from |^\s+\d+: |^goroutine \d"
    r"|^\s*(?:[+|] +)*(?:\+ Exception Group )?Traceback |^\s+(?:[|] +)*File \"|^\s+\S+\.\w+:\d+"
)
"""Of the lines that begin like one of a trace, those that may be: the others are of a trace only beside them."""
_SURE = ("frame", "more", "cause", "inner", "from", "file", "source", "group", "place", "numbered", "signal")
_NAMES = list(dict.fromkeys(rule.name for rule in RULES))
_BITS = {"start": START, "head": HEAD, "bad": BAD, **{name: 8 << at for at, name in enumerate(_NAMES)}}
_PATTERNS = [1 << at for at in range(len(RULES))]


def _patterns(name: str) -> int:
    return reduce(or_, (bit for bit, rule in zip(_PATTERNS, RULES, strict=True) if rule.name == name))


def _bits(names: Sequence[str]) -> int:
    return -1 if tuple(names) == _ANY else reduce(or_, (_BITS[name] for name in names), 0)


_TABLE = [(_PATTERNS[at], _BITS[rule.name], _bits(rule.after)) for at, rule in enumerate(RULES)]
_THEN = [
    reduce(or_, (fit for fit, other in zip(_PATTERNS, RULES, strict=True) if other.name in rule.then), 0)
    for rule in RULES
]
_OPENS = [(fit, _BITS[rule.name]) for fit, rule in zip(_PATTERNS, RULES, strict=True) if rule.opens]
OPENING = reduce(or_, (fit for fit, rule in zip(_PATTERNS, RULES, strict=True) if "bad" in rule.after), 0)
"""Patterns of lines for which it matters whether the entry before is bad."""


def fits(messages: pl.Series) -> pl.Series:
    """Per message the patterns that it fits, a bit for each rule."""
    frame = pl.DataFrame({"message": messages})
    each = [
        pl.col("message").str.contains(rule.pattern).cast(pl.Int64) * bit if rule.pattern else pl.lit(bit)
        for rule, bit in zip(RULES, _PATTERNS, strict=True)
    ]
    return frame.select(fits=pl.sum_horizontal(each))["fits"]


def goes_on(fitting: int, before: int, behind: int) -> int:
    """What a line is that goes on with a line that is `before`, given what it and the line behind fit; 0 for one that
    does not go on."""
    for (fit, role, after), then in zip(_TABLE, _THEN, strict=True):
        if fitting & fit and before & after and (not then or behind & then):
            return role
    return 0


def begins(fitting: int, bad: bool) -> int:
    """What a line is that does not go on with another."""
    for fit, role in _OPENS:
        if fitting & fit:
            return role
    return BAD if bad else HEAD


def ranks(fitting: pl.Series) -> pl.Series:
    """How lines of one time may have been ordered: 0 an entry of its own, 1 what begins a trace, 2 what goes on with
    one, 3 an exception, which may be the end of a trace of Python."""
    patterns = {name: _patterns(name) for name in ("thrown", "traceback", "goroutine", "backtrace", "panicked")}
    opening = reduce(or_, (bits for name, bits in patterns.items() if name != "thrown"))
    sure = reduce(or_, (_patterns(name) for name in _SURE))
    value = fitting.to_numpy()
    rank = np.where(value & opening, 1, np.where(value & sure, 2, np.where(value & patterns["thrown"], 3, 0)))
    return pl.Series("rank", rank, dtype=pl.Int8)
