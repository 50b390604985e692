"""Page tokens: where the page before ended, and of which question; opaque to clients."""

import binascii
import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from logverdict.domain.errors import InvalidRequest

Position = tuple[float | str, str]
"""What pages are ordered by, and the id that breaks ties."""


def write_token(question: str, position: Position) -> str:
    """`question` is what has to be the same for the next page: collection and filter."""
    text = json.dumps([_mark(question), *position], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_token(question: str, token: str) -> Position:
    """Raises InvalidRequest for what is no token, or one of another question."""
    mark, order, tie = _parts(token)
    if mark != _mark(question):
        raise InvalidRequest(
            "page_token", "belongs to another filter or collection; go on with the filter that the first page had"
        )
    return order, tie


def _parts(token: str) -> tuple[str, float | str, str]:
    try:
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        parts = json.loads(urlsafe_b64decode(padded))
    except (ValueError, binascii.Error, RecursionError):
        parts = None
    match parts:
        case [str(mark), float() | str() as order, str(tie)]:
            return mark, order, tie
    raise InvalidRequest("page_token", "is no page token; allowed: empty, or the next_page_token of the page before")


def _mark(question: str) -> str:
    return hashlib.sha256(question.encode()).hexdigest()[:16]
