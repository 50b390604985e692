"""Tables of what comes after a verdict: outcomes, and pinned baselines."""

import sqlalchemy as sa

from logverdict.adapters.stores.tables import Plain, UtcTime, metadata

# Every word on a deployment. Triggers of the database refuse to change a row; it goes with its verification only.
outcomes = sa.Table(
    "outcomes",
    metadata,
    sa.Column("verification_id", sa.String, sa.ForeignKey("verifications.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("time", UtcTime, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
)

pins = sa.Table(
    "pins",
    metadata,
    # Without a cascade: a pinned one is not to be deleted.
    sa.Column("verification_id", sa.String, sa.ForeignKey("verifications.id"), primary_key=True),
    sa.Column("service", Plain, nullable=False),
    sa.Column("environment", Plain, nullable=False),
    sa.Column("time", UtcTime, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Index(None, "service", "environment"),
)
