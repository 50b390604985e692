"""Which version of the judge has a verification, and which one a replica has."""

import sqlalchemy as sa
from alembic import op

revision = "0007_judge"
down_revision = "0006_samples"
ADDITIVE = True


def upgrade() -> None:
    for table in ("verifications", "replicas"):
        op.add_column(table, sa.Column("judge", sa.String(), nullable=False, server_default=sa.text("''")))


def downgrade() -> None:
    for table in ("replicas", "verifications"):
        op.drop_column(table, "judge")
