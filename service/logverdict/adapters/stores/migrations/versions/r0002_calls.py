"""What sources were asked for a verification."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("verification_id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("verification_id", "number", name="pk_calls"),
        sa.UniqueConstraint("verification_id", "mark", name="uq_calls_verification_id_mark"),
        sa.ForeignKeyConstraint(
            ["verification_id"], ["verifications.id"], name="fk_calls_verification_id", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    op.drop_table("calls")
