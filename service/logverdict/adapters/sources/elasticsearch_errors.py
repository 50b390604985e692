"""What a server or the way to it answers instead of entries, in our words."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from elastic_transport import (
    ApiError,
    ConnectionTimeout,
    SerializationError,
    TlsError,
    TransportError,
)
from elasticsearch import UnsupportedProductError

from logverdict.domain.errors import QueryRejected, SourceUnavailable, VerifyError

LONGEST_REASON = 400
SAYS_NOTHING = ("all shards failed", "Partial shards failure")
AGAIN = frozenset({408, 429, 500, 502, 503, 504})
ACTION = re.compile(r"action \[([^\]]{1,200})\]")
GRANTED = re.compile(r"granted by the (index|cluster) privileges \[([^\]]{1,200})\]")


class Again(Exception):
    """Worth another try; `smaller`: with less at once. Never leaves the adapter."""

    def __init__(self, message: str, *, smaller: bool = False) -> None:
        super().__init__(message)
        self.smaller = smaller


class PointGone(Exception):
    """The point in time that a read was on is no longer there. Never leaves the adapter."""


class TooMuch(Exception):
    """An answer would have more buckets, or take more memory, than the server allows. Never leaves the adapter."""


def translated(fault: Exception) -> Again | PointGone | TooMuch | VerifyError:
    """Of an ApiError or TransportError. Names no host and no secret: callers see the text."""
    if isinstance(fault, UnsupportedProductError):
        return _rejected("what answers there is no Elasticsearch, or a proxy removes its X-Elastic-Product header", 0)
    if isinstance(fault, ApiError):
        return _of_answer(fault.meta.status, fault.body)
    if isinstance(fault, ConnectionTimeout):
        return Again("the server did not answer in time", smaller=True)
    if isinstance(fault, TlsError):
        return SourceUnavailable("no secure connection: the server's certificate, or ours, is not accepted")
    if isinstance(fault, SerializationError):
        return Again("the answer could not be understood: cut short, or not the server's")
    if isinstance(fault, TransportError):
        return Again("the server can't be reached, or the connection broke")
    raise fault


def _of_answer(status: int, body: object) -> Again | PointGone | TooMuch | VerifyError:
    causes = list(_causes(body))
    kinds = {str(cause.get("type", "")) for cause in causes}
    if "search_context_missing_exception" in kinds:
        return PointGone()
    if "too_many_buckets_exception" in kinds:
        return TooMuch()
    breaker = next((cause for cause in causes if cause.get("type") == "circuit_breaking_exception"), None)
    if breaker is not None:
        if breaker.get("durability") == "PERMANENT" or status < 429:
            text = f"the request is too large for the server: {_reason([breaker])}"
            return QueryRejected(text, reason="REQUEST_TOO_LARGE", status=str(status))
        return Again(f"the server is short of memory: {_reason([breaker])}", smaller=True)
    if status in AGAIN or status > 504:
        return Again(f"the server is overloaded or not whole (HTTP {status}): {_reason(causes)}")
    return _rejected(_refusal(status, kinds, causes), status)


def _refusal(status: int, kinds: set[str], causes: list[Mapping[str, Any]]) -> str:
    reason = _reason(causes)
    if status == 401:
        return "the server does not accept the connection's credentials (HTTP 401)"
    if status == 403 and "security_exception" in kinds:
        return _missing_privilege(reason)
    if "index_not_found_exception" in kinds:
        return f"options.index: {reason}; nothing to read there, or nothing that the connection may read"
    return f"the server refuses the query (HTTP {status}): {reason}"


def _missing_privilege(reason: str) -> str:
    """The server's text names users and roles, which is nobody's business here."""
    action, granted = ACTION.search(reason), GRANTED.search(reason)
    what = f"lacks the right to {action[1]}" if action else "may not do this"
    which = f"; the {granted[1]} privileges {granted[2].replace(',', ', ')} give it" if granted else ""
    return f"the connection's user or key {what} (HTTP 403){which}"


def _rejected(text: str, status: int) -> QueryRejected:
    return QueryRejected(text, status=str(status)) if status else QueryRejected(text)


def _causes(body: object) -> Iterator[Mapping[str, Any]]:
    """Every error in an answer, the outermost first."""
    if not isinstance(body, Mapping):
        return
    waiting: list[Any] = [body.get("error")]
    for _ in range(100):
        if not waiting:
            return
        cause = waiting.pop(0)
        if not isinstance(cause, Mapping):
            continue
        if "type" in cause:
            yield cause
        shards = cause.get("failed_shards")
        failed = [shard.get("reason") for shard in shards[:5] if isinstance(shard, Mapping)] if shards else []
        waiting += [*(cause.get("root_cause") or []), *failed, cause.get("caused_by")]


def _reason(causes: list[Mapping[str, Any]]) -> str:
    """The first that says something of its own, with what caused it, in one bounded line."""
    texts = [str(cause.get("reason") or "").partition("\n")[0] for cause in causes]
    useful = list(dict.fromkeys(text for text in texts if text and text not in SAYS_NOTHING))
    told: list[str] = []
    for text in useful[:4]:
        if not any(text in other or other in text for other in told):
            told.append(text)
    joined = ": ".join(told[:2]) or "it gives no reason"
    return joined if len(joined) <= LONGEST_REASON else f"{joined[: LONGEST_REASON - 1]}…"
