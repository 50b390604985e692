"""Tells the audit every request to an Elasticsearch, as it was sent and answered."""

import re
from collections.abc import Mapping
from typing import Any

import orjson
from elastic_transport import AiohttpHttpNode
from elastic_transport.client_utils import DEFAULT, DefaultType

from logverdict.adapters.sources.telling import LEFT_OUT, telling, written

VARYING = frozenset({"after", "after_key", "id", "pit", "scroll_id", "search_after"})
"""Places in a question: they differ from page to page, and keys of composite pages hold what was logged."""
PLACES = re.compile(r"(?<=/_async_search/)(?!status/)[^/?]+|(?<=/_async_search/status/)[^/?]+|(?<=/_tasks/)[^/?]+")
HEAD = 400
"""Bytes in which an answer says that it lacks something."""
TIMED_OUT = re.compile(rb'"timed_out": ?true')
FAILED = re.compile(rb'"failed": ?[1-9]')


class ToldNode(AiohttpHttpNode):
    """Headers, and with them credentials, are not looked at."""

    async def perform_request(  # type: ignore[override]
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: Any = None,
        request_timeout: DefaultType | float | None = DEFAULT,
    ) -> Any:
        with telling(f"{method} {PLACES.sub(LEFT_OUT, target)}", lambda: asked(body)) as told:
            answer = await super().perform_request(method, target, body, headers, request_timeout)
            told.status, told.size = status(answer), len(answer.body)
            return answer


def asked(body: bytes | None) -> str:
    if not body:
        return ""
    sent = orjson.loads(body)
    # The number of a slice tells questions apart, unlike the id of a point in time.
    part = sent.pop("slice", None) if isinstance(sent, dict) else None
    text = written(sent, VARYING)
    return text if not isinstance(part, Mapping) else f"{text} slice {part.get('id')} of {part.get('max')}"


def status(answer: Any) -> str:
    """With what is wrong with an answer whose status is good."""
    said, head = str(answer.meta.status), answer.body[:HEAD]
    if answer.meta.status == 200:
        said += " timed out" if TIMED_OUT.search(head) else ""
        said += " in part" if FAILED.search(head) else ""
    return said
