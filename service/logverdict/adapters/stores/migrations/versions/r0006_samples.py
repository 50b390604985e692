"""Which verifications still have samples, as these expire before the verdict; which ran in an environment at a time."""

import sqlalchemy as sa
from alembic import op

revision = "0006_samples"
down_revision = "0005_rules"
ADDITIVE = True

INDEX = "ix_verifications_samples_end_time"
NEARBY = "ix_verifications_environment_rollout_start"


def upgrade() -> None:
    op.add_column("verifications", sa.Column("samples", sa.Integer(), nullable=False, server_default="1"))
    op.create_index(INDEX, "verifications", ["samples", "end_time"])
    op.create_index(NEARBY, "verifications", ["environment", "rollout_start"])


def downgrade() -> None:
    op.drop_index(NEARBY, table_name="verifications")
    op.drop_index(INDEX, table_name="verifications")
    op.drop_column("verifications", "samples")
