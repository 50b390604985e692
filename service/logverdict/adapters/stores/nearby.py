"""Verifications of one environment that may have run at the same time."""

from typing import Any

import sqlalchemy as sa

from logverdict.adapters.stores.tables import verifications
from logverdict.domain.verification import Verification
from logverdict.verify.nearby import span

LOOKED_AT = 100
"""Whose documents tell whether they did."""


def maybe_nearby(verification: Verification) -> sa.Select[Any]:
    """Newest rollout first. Work never ends before the window that it judges, so what ended sooner is left out."""
    table, (start, end) = verifications.c, span(verification)
    return (
        sa.select(table.id, table.document)
        .where(
            table.environment == verification.request.deployment.environment,
            table.rollout_start < end,
            sa.or_(table.end_time.is_(None), table.end_time > start),
            table.id != verification.id,
        )
        .order_by(table.rollout_start.desc(), table.id)
        .limit(LOOKED_AT)
    )
