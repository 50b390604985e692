"""Tells the audit every request to a Splunk, as the SDK sends it."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from logverdict.adapters.sources.telling import LEFT_OUT, Told, telling, word, written

SECRET = ("auth", "cookie", "key", "pass", "secret", "session", "token", "user")
VARYING = frozenset({"offset", "sid", "search_id"})
PLACE = re.compile(r"(?<=/search/jobs/)(?!export\b)[^/?]+|(?<=/search/v2/jobs/)(?!export\b)[^/?]+")
SEARCHES = re.compile(r"/search/(?:v2/)?jobs\b")
Handler = Callable[..., dict[str, Any]]


def told(handler: Handler) -> Handler:
    """The SDK's handler, telling each call. An answer that is read as it comes has its `told`, to be ended by whoever
    reads it; the SDK reads the others itself. Headers, and with them credentials, are not looked at."""

    def request(url: str, message: Mapping[str, Any], **kwargs: Any) -> dict[str, Any]:
        parts = urlsplit(url)
        method = f"{message.get('method', 'GET')} {PLACE.sub(LEFT_OUT, parts.path)}"
        query = _query(parts.path, parts.query, message.get("body", ""))
        if not SEARCHES.search(parts.path):
            with telling(method, query) as short:
                answer = handler(url, message, **kwargs)
                short.status, short.size = str(answer["status"]), _size(answer)
                return answer
        call = Told(method, query)
        try:
            answer = handler(url, message, **kwargs)
        except BaseException as fault:
            call.end(word(fault))
            raise
        call.status = str(answer["status"])
        if answer["status"] < 300:
            return answer | {"told": call}
        call.size = _size(answer)
        call.end()
        return answer

    return request


def _query(path: str, query: str, body: str | bytes) -> Callable[[], str]:
    """Of a login nothing, of other requests the form."""

    def text() -> str:
        if not SEARCHES.search(path):
            return ""
        sent = body.decode() if isinstance(body, bytes) else body
        form = dict(parse_qsl(f"{query}&{sent}", keep_blank_values=True))
        secret = {name for name in form if any(part in name.lower() for part in SECRET)}
        return written(form, VARYING | secret)

    return text


def _size(answer: Mapping[str, Any]) -> int:
    """What the server announces; 0 where it does not."""
    size = next((value for name, value in answer["headers"] if name.lower() == "content-length"), "")
    return int(size) if str(size).isdigit() else 0
