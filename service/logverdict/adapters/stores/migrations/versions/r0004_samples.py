"""Which verifications still have samples: these expire before their verdict does."""

import sqlalchemy as sa
from alembic import op

revision = "0004_samples"
down_revision = "0003_feedback"

INDEX = "ix_verifications_samples_end_time"


def upgrade() -> None:
    op.add_column("verifications", sa.Column("samples", sa.Integer(), nullable=False, server_default="1"))
    op.create_index(INDEX, "verifications", ["samples", "end_time"])


def downgrade() -> None:
    op.drop_index(INDEX, table_name="verifications")
    op.drop_column("verifications", "samples")
