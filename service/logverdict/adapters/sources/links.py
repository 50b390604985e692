"""Links to pages that show the entries of a query: an address in which placeholders are filled in, encoded."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

from logverdict.domain.window import Window

LONGEST = 2_000
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
SECRET = re.compile(r"(?i)passw|pwd|secret|token|api[_-]?key|credential|session|auth")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND, SECOND = timedelta(milliseconds=1), timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Target:
    """What a link leads to. `query` holds all conditions of the source; `index` and `app` are "" where there are none;
    `column` is the field to show."""

    query: str
    span: Window
    index: str = ""
    app: str = ""
    column: str = "message"


Fill = Callable[[Target], str]
PLACEHOLDERS: Mapping[str, Fill] = {
    "query": lambda to: encoded(to.query),
    "query_rison": lambda to: encoded(rison(to.query)),
    "index": lambda to: encoded(to.index),
    "start": lambda to: encoded(iso(to.span.start)),
    "end": lambda to: encoded(iso(to.span.end, up=True)),
    "start_ms": lambda to: str(_steps(to.span.start, MILLISECOND)),
    "end_ms": lambda to: str(_steps(to.span.end, MILLISECOND, up=True)),
    "start_s": lambda to: str(_steps(to.span.start, SECOND)),
    "end_s": lambda to: str(_steps(to.span.end, SECOND, up=True)),
}
"""What may stand in an address, in braces. Times that do not hold all digits begin earlier and end later."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address with placeholders, which `fault` has found to be good."""

    text: str

    def link(self, to: Target) -> str:
        return PLACEHOLDER.sub(lambda found: PLACEHOLDERS[found[1]](to), self.text)


@dataclass(frozen=True, slots=True)
class Kibana:
    """Discover of a Kibana; `base` ends where its own paths begin. `data_view` is an id, "" for the default one."""

    base: str
    data_view: str = ""

    def link(self, to: Target) -> str:
        view = f",index:{_quoted(self.data_view)}" if self.data_view else ""
        state = f"(columns:!({_quoted(to.column)}){view},query:(language:lucene,query:{_quoted(to.query)}))"
        times = f"(time:(from:{_quoted(iso(to.span.start))},to:{_quoted(iso(to.span.end, up=True))}))"
        return f"{self.base}/app/discover#/?_g={_in_state(times)}&_a={_in_state(state)}"


@dataclass(frozen=True, slots=True)
class SplunkWeb:
    """The search page of a Splunk; `base` ends where the language begins."""

    base: str

    def link(self, to: Target) -> str:
        earliest, latest = _steps(to.span.start, SECOND), _steps(to.span.end, SECOND, up=True)
        app = encoded(to.app or "search")
        return f"{self.base}/en-US/app/{app}/search?q={encoded(to.query)}&earliest={earliest}&latest={latest}"


Link = Address | Kibana | SplunkWeb


def link(to: Target, by: Link | None) -> str:
    """ "" where the operator gave no link."""
    return by.link(to) if by is not None else ""


def fault(text: str) -> str:
    """What is wrong with an address with placeholders; "" when it is good. The address is not repeated."""
    if wrong := base_fault(PLACEHOLDER.sub("x", text)):
        return wrong
    names = PLACEHOLDER.findall(text)
    for name in names:
        if name not in PLACEHOLDERS:
            return f"has the unknown placeholder {{{name[:40]}}}"
    if "{" in PLACEHOLDER.sub("", text) or "}" in PLACEHOLDER.sub("", text):
        return "has a brace without its partner; write %7B and %7D for braces"
    if PLACEHOLDER.search(f"{text.split('://')[1].split('/', maxsplit=1)[0]}"):
        return "has a placeholder in the name of the host"
    if not {"query", "query_rison"} & set(names):
        return "has no {query}"
    return ""


def base_fault(text: str) -> str:
    """What is wrong with an address that a person opens; "" when it is good."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is no address"
    if not host or parts.scheme not in ("http", "https"):
        return "is no address that a browser opens"
    if "@" in parts.netloc or any(SECRET.search(name) for name, _ in parse_qsl(parts.query, keep_blank_values=True)):
        return "holds credentials; whoever opens it has to be signed in there"
    if len(text) > LONGEST or not text.isprintable() or " " in text:
        return f"is longer than {LONGEST:,} characters, or holds blanks or control characters"
    return ""


def encoded(text: str) -> str:
    """Fit for any part of an address, also where brackets and quotes would end it in Markdown or a terminal."""
    return quote(text, safe="")


def rison(text: str) -> str:
    """What stands between the quotes of a text in rison, the notation of Kibana's addresses."""
    return text.replace("!", "!!").replace("'", "!'")


def iso(time: datetime, *, up: bool = False) -> str:
    """UTC to the millisecond, which is what pages know."""
    at = EPOCH + _steps(time, MILLISECOND, up=up) * MILLISECOND
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1_000:03}Z"


def _steps(time: datetime, step: timedelta, *, up: bool = False) -> int:
    return -((EPOCH - time) // step) if up else (time - EPOCH) // step


def _quoted(text: str) -> str:
    return f"'{rison(text)}'"


def _in_state(text: str) -> str:
    """All but what makes the state readable and means nothing elsewhere."""
    return quote(text, safe=",:")
