"""What earlier verifications of a service left: which were good, and their template rows."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from logverdict.adapters.stores.tables import templates, verifications
from logverdict.domain.afterwards import Outcome
from logverdict.domain.words import State, Verdict
from logverdict.verify.ports import TemplateRow


def good_before(service: str, environment: str, before: datetime, limit: int) -> sa.Select[Any]:
    """Documents of those that ended with PASS and whose rollout started before that time, newest rollout first."""
    table = verifications.c
    return (
        sa.select(table.id, table.document)
        .where(
            table.service == service,
            table.environment == environment,
            table.rollout_start < before,
            table.state == State.SUCCEEDED.value,
            table.verdict == Verdict.PASS.value,
            table.outcome.in_(["", Outcome.GOOD.value]),  # what turned out to be bad teaches nothing
        )
        .order_by(table.rollout_start.desc(), table.id)
        .limit(limit)
    )


def templates_of(verification_id: str) -> sa.Select[Any]:
    return sa.select(templates).where(templates.c.verification_id == verification_id).order_by(templates.c.number)


def read_template(row: sa.Row[Any]) -> TemplateRow:
    return TemplateRow(
        row.template_id,
        row.template,
        row.side,
        row.severity,
        row._mapping["count"],
        row.rate,
        row.first_time,
        row.last_time,
    )
