"""The words behind which a number carries meaning, as patterns and as lists for ways that know no patterns.

A word is a run of ASCII letters and `_`; some stand in two words with a blank between them. Cases do not count.
"""

from collections.abc import Iterator
from itertools import product

Parts = tuple[str, ...]
_STATUS, _CODE = ("status", "status code"), "code"
_OF = ("status", "error", "err", "exit", "return", "ret", "response", "resp", "result", "res", "reply", "grpc")
"""Whose code or status it is."""
_SERVERS = ("http", "upstream", "backend", "origin")
_PROXIED = ("downstream", "target", "edge", "cache", "elb", "alb", "proxy", "server", "sc", "api", "rpc")
"""What answers, and what stands before it. A code of these may be an identifier, a code of their answers is none."""
_RUNS = ("process", "container", "job", "task", "child", "command")
"""What ends with an exit code, and has identifiers too."""
_NAMES: tuple[tuple[Parts, Parts, Parts], ...] = (
    (("", *_OF, *_SERVERS), ("",), (_CODE, *_STATUS)),
    (("", *_SERVERS, *_PROXIED), ("http", "response"), (_CODE, *_STATUS)),
    (_PROXIED, ("",), _STATUS),
    (_RUNS, ("exit",), (_CODE, "status")),
)
"""Whose, of what, and the word itself: all of each with all of the others, with `_` or nothing between them."""


def _named() -> Iterator[str]:
    for gap in ("", "_"):
        for rule in _NAMES:
            for parts in product(*rule):
                yield gap.join(" ".join(parts).split())


def _spelled(gap: str) -> Iterator[str]:
    """The same as patterns."""
    for rule in _NAMES:
        words = [[word.replace(" ", gap) for word in part if word] for part in rule]
        *before, last = ("|".join(part) for part in words)
        maybe = ("?" if "" in part else "" for part in rule[:-1])
        some = zip(before, maybe, strict=True)
        yield "".join(f"(?:(?:{one}){gap}){sign}" for one, sign in some if one) + f"(?:{last})"


def _ways(*parts: Parts) -> Parts:
    return tuple(gap.join(words) for gap in ("", "_") for words in product(*parts))


_ATTEMPTS = (
    *("retry", "retries", "attempt", "attempts"),
    *_ways(("retry", "attempt"), ("count", "number", "no")),
    *_ways(("retry",), ("attempt", "attempts")),
    *_ways(("num",), ("retries", "attempts")),
)
ATTEMPTS = "|".join(_ATTEMPTS)
_ENDS = ("exit", "exited", "exited with", "exit value", *_ways(("exit",), ("value",)), *_ways(("ret",), ("val",)))
_ERRORS = tuple(f"{what} error" for what in ("os", "socket", "system", "with"))
_OTHERS = (*_ENDS, *_ERRORS, "rc", "err", "errno", "returned", "responded", "signal", *_ATTEMPTS)
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
LONGEST = 32
"""Letters of a word, at most."""
CODES = "|".join((*_spelled(""), *_spelled("_"), *_OTHERS))
"""Behind these stands a number of up to three digits."""
CODE_WORDS = tuple(dict.fromkeys((*_named(), *_OTHERS)))
TALLY_WORDS = (
    *("error", "errors", "failure", "failures", "failed", "exception", "exceptions", "warning", "warnings"),
    *("level", "severity"),
)
"""How bad it is, or how much is."""
