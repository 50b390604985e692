"""From rows of verifications to values."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
import structlog

from logverdict.adapters.stores.codec import VERIFICATIONS
from logverdict.domain.afterwards import Outcome
from logverdict.domain.errors import AlreadyExists, VerifyError
from logverdict.domain.verification import Verification


def verification_of(row: sa.Row[Any]) -> Verification:
    """Of a row with id, document, and perhaps the outcome, which is recorded beside the document."""
    found = VERIFICATIONS.read(row.document, f"verifications/{row.id}")
    outcome = row._mapping.get("outcome")
    return replace(found, outcome=Outcome(outcome)) if outcome else found


def readable(rows: Iterable[sa.Row[Any]]) -> Sequence[Verification]:
    """Without those that are damaged: their names are logged."""
    found = []
    for row in rows:
        try:
            found.append(verification_of(row))
        except VerifyError as fault:
            name = f"verifications/{row.id}"
            structlog.get_logger(__name__).error("verification left out of a list", name=name, error=fault.message)
    return found


def same_request(row: sa.Row[Any], request_id: str, fingerprint: str) -> Verification:
    """What was made for that request before. Raises AlreadyExists where that was another one."""
    name = f"verifications/{row.id}"
    if row.fingerprint != fingerprint:
        raise AlreadyExists(
            f"request_id {request_id!r} was used for another request, {name}; give each request its own",
            request_id=request_id,
            name=name,
        )
    return VERIFICATIONS.read(row.document, name)
