"""Which replica works on a verification, and which replicas live."""

import sqlalchemy as sa
from alembic import op

revision = "0003_leases"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "replicas",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("expire_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_replicas"),
    )
    op.add_column("verifications", sa.Column("owner", sa.String()))
    op.add_column("verifications", sa.Column("epoch", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("verifications", sa.Column("takeovers", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    for column in ("takeovers", "epoch", "owner"):
        op.drop_column("verifications", column)
    op.drop_table("replicas")
