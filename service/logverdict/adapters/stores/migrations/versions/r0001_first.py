"""Verifications with their revisions, events, slices, template rows and baselines."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _verifications()
    _table("revisions", _number(sa.BigInteger()), sa.Column("document", sa.Text(), nullable=False))
    _events()
    _table(
        "slices",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("counts", sa.LargeBinary()),
        sa.Column("coverage", sa.Text(), nullable=False),
        key="key",
    )
    _templates()
    _table("baselines", sa.Column("baseline_id", sa.String(), nullable=False), key="baseline_id")
    op.create_index("ix_baselines_baseline_id", "baselines", ["baseline_id"])


def downgrade() -> None:
    for table in ("baselines", "templates", "slices", "events", "revisions", "verifications"):
        op.drop_table(table)


def _verifications() -> None:
    names = ("service", "environment", "version", "commit", "state", "verdict", "decision", "caller", "fingerprint")
    op.create_table(
        "verifications",
        sa.Column("id", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in names),
        sa.Column("request_id", sa.String()),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rollout_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_time", sa.DateTime(timezone=True)),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_verifications"),
        sa.UniqueConstraint("caller", "request_id", name="uq_verifications_caller_request_id"),
    )
    for columns in (
        ["create_time", "id"],
        ["service", "create_time", "id"],
        ["service", "environment", "rollout_start"],
        ["end_time"],
    ):
        op.create_index(f"ix_verifications_{'_'.join(columns)}", "verifications", columns)


def _events() -> None:
    _table(
        "events",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("impact", sa.String(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        key="id",
    )


def _templates() -> None:
    _table(
        "templates",
        _number(sa.Integer()),
        sa.Column("template_id", sa.String(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("rate", sa.Double(), nullable=False),
        sa.Column("first_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_time", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_templates_template_id", "templates", ["template_id"])


def _number(kind: sa.types.TypeEngine[int]) -> sa.Column[int]:
    return sa.Column("number", kind, nullable=False, autoincrement=False)


def _table(name: str, *columns: sa.Column[Any], key: str = "number") -> None:
    """A table whose rows belong to a verification, and go with it."""
    op.create_table(
        name,
        sa.Column("verification_id", sa.String(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("verification_id", key, name=f"pk_{name}"),
        sa.ForeignKeyConstraint(
            ["verification_id"], ["verifications.id"], name=f"fk_{name}_verification_id", ondelete="CASCADE"
        ),
    )
