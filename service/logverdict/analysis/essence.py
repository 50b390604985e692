"""What tells one message of several lines from another: its head, the exceptions it names, and the frames on top."""

import re
from collections.abc import Iterator, Sequence

FRAMES, CAUSES = 3, 5
"""Frames and exceptions of a stack trace that its template has, at most."""
JOINED = " | "

_FRAME = re.compile(r"^\s+at |^at \S|^\s+\S+\(.*\)$|^\s*#: |^\s+(?:#: )?from |^## \S")
_NUMBERED = re.compile(r"^\s*#: \S")
_CAUSE = re.compile(
    r"^\s*(?:(?:Caused by|Suppressed|Wrapped by|Also):? |---> |Next |\[cause\]: )?(?:(?:[A-Za-z_]\w*|#)[.$:]+)*"
    r"[A-Z][\w$]*(?:Exception|Error|Failure|Panic)\b|^\s*(?:Caused by|Suppressed|Wrapped by|Also):? "
    r"|^\s*(?:--->|\[cause\]:) \S"
    r"|^\S+:#:in .*\([A-Z][\w:]*\)$"
)
_MADE = re.compile(
    r"\$\$|\$#|\$Proxy|[Ll]ambda\$|\breflect\.|GeneratedMethodAccessor|cglib|node:internal|\(internal/"
    r"|System\.Runtime\.|CompilerServices|\b(?:std|core)::|rust_begin_unwind|__rust|\bnative\b"
)
"""Frames that compilers, proxies and run times put between those that people wrote: which of them are there differs
from call to call."""
_PHP = re.compile(r"^## ")
"""A frame's number, which would read like the end of a list of numbers."""
_JAR = re.compile(r"\s+~?\[[^\]]*\]$")
_TRACEBACK = re.compile(r"^[\s|+-]*(?:Exception Group )?Traceback \(most recent call last\)")
_FILE = re.compile(r"^[\s|]*File \"")
_CLOSE = re.compile(r"^(?:[A-Za-z_]|#\.)[\w.#]*(?::(?:\s|$)|$)")
_GOROUTINE = re.compile(r"^goroutine # ?(?:gp=\S+ )?.*\[")
_GO_CALL = re.compile(r"^(?P<name>[\w./*()\[\]#%-]+?)\((?:[^()]|\(\))*\)$")
_GO_REASON = re.compile(r"^\s*(?:panic: |fatal error: |\[signal )")
_GO_OWN = re.compile(r"^(?:panic|runtime[./]|testing\.)")
_PANICKED = re.compile(r"panicked at ")


def essence(key: str) -> str:
    """In one line; of a message that is no trace its first lines. What a trace has beside its head comes behind a word
    of a trace, so that it is known not to be of the entry itself."""
    head, *rest = [line for line in key.split("\n") if line.strip()] or [""]
    return JOINED.join(line.strip() for line in (head, *_told(head, rest)))


def _told(head: str, rest: Sequence[str]) -> Sequence[str]:
    if any(map(_TRACEBACK.match, (head, *rest))):
        return _python(head, rest)
    if any(map(_GOROUTINE.match, (head, *rest))):
        return _go(rest)
    causes = [line for line in rest if _CAUSE.match(line)][:CAUSES]
    numbered = [line for line in rest if _NUMBERED.match(line)]  # Rust writes each frame's place below it
    frames = _top(numbered or [line for line in rest if _FRAME.match(line)])
    if not causes and not frames:
        return rest[:FRAMES]
    told = rest[:1] if _PANICKED.search(head) and not _FRAME.match(rest[0]) and rest[0] not in causes else []
    return (*causes, *frames, *told)


def _top(frames: Sequence[str]) -> list[str]:
    written = [frame for frame in frames if not _MADE.search(frame)]
    return [_PHP.sub("at ", _JAR.sub("", frame)) for frame in (written or frames)[:FRAMES]]


def _python(head: str, rest: Sequence[str]) -> list[str]:
    """The innermost frames are the last ones; an exception stands behind the frames, without their indent."""
    begun = [] if _TRACEBACK.match(head) else ["Traceback"]
    frames = [line.strip(" \t|") for line in rest if _FILE.match(line)]
    return [*begun, *list(_closes(rest))[:CAUSES], *frames[-FRAMES:]]


def _closes(rest: Sequence[str]) -> Iterator[str]:
    inside = True
    for line in rest:
        text = line.lstrip(" |+-") if "|" in line[:6] else line
        if _TRACEBACK.match(line):
            inside = True
        elif inside and _CLOSE.match(text):
            inside = False
            yield text


def _go(rest: Sequence[str]) -> list[str]:
    """Of the goroutine that is shown first; arguments are addresses."""
    reasons = [line for line in rest if _GO_REASON.match(line)][:CAUSES]
    calls = [found["name"] for line in rest if (found := _GO_CALL.match(line))]
    own = [call for call in calls if not _GO_OWN.match(call)] or calls
    return ["goroutine #", *reasons, *(f"{call}()" for call in own[:FRAMES])]
