"""From rows of verifications to values."""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from logverdict.adapters.stores.codec import VERIFICATIONS
from logverdict.domain.afterwards import Outcome
from logverdict.domain.verification import Verification


def verification_of(row: sa.Row[Any]) -> Verification:
    """Of a row with id, document, and perhaps the outcome, which is recorded beside the document."""
    found = VERIFICATIONS.read(row.document, f"verifications/{row.id}")
    outcome = row._mapping.get("outcome")
    return replace(found, outcome=Outcome(outcome)) if outcome else found
