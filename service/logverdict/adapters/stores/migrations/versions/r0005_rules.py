"""By which rules work began and replicas can work; which schemas can still work with the database."""

import sqlalchemy as sa
from alembic import op

revision = "0005_rules"
down_revision = "0004_history"
ADDITIVE = True


def upgrade() -> None:
    op.add_column("verifications", sa.Column("rules", sa.String(), nullable=False, server_default=sa.text("''")))
    op.add_column("replicas", sa.Column("rules", sa.String(), nullable=False, server_default=sa.text("''")))
    op.create_table(
        "schema_readers",
        sa.Column("revision", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("revision", name="pk_schema_readers"),
    )


def downgrade() -> None:
    op.drop_table("schema_readers")
    op.drop_column("replicas", "rules")
    op.drop_column("verifications", "rules")
