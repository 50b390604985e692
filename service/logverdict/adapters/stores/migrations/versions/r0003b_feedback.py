"""What people say of events, and the history of it, which the database itself keeps from being rewritten."""

import sqlalchemy as sa
from alembic import op

revision = "0003_feedback"
down_revision = "0003_leases"

REFUSED = "the history of feedback is never changed"
SQLITE = """
CREATE TRIGGER feedback_history_no_{verb} BEFORE {verb} ON feedback_history
BEGIN SELECT RAISE(ABORT, '{refused}'); END
"""
POSTGRESQL = (
    """
CREATE FUNCTION feedback_history_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{refused}'; END $$
""",
    """
CREATE TRIGGER feedback_history_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON feedback_history
FOR EACH STATEMENT EXECUTE FUNCTION feedback_history_refuse()
""",
)


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("environment", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expire_time", sa.DateTime(timezone=True)),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
    )
    op.create_index("ix_feedback_service_environment", "feedback", ["service", "environment"])
    op.create_index("ix_feedback_create_time_id", "feedback", ["create_time", "id"])
    op.create_table(
        "feedback_history",
        sa.Column("feedback_id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("feedback_id", "number", name="pk_feedback_history"),
    )
    for statement in _triggers():
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("feedback_history")
    op.drop_table("feedback")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION feedback_history_refuse()")


def _triggers() -> tuple[str, ...]:
    """Other databases have none: there the code alone keeps to it."""
    if op.get_bind().dialect.name == "sqlite":
        return tuple(SQLITE.format(verb=verb, refused=REFUSED) for verb in ("UPDATE", "DELETE"))
    if op.get_bind().dialect.name == "postgresql":
        return tuple(statement.format(refused=REFUSED) for statement in POSTGRESQL)
    return ()
