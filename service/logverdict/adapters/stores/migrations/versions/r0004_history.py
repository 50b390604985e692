"""Columns that statistics read, outcomes, pinned baselines, and indexes for looking back."""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004_history"
down_revision = "0003_feedback"

TEXTS = ("day", "mode", "sensitivity", "enforced_decision", "overridden", "without_verdict", "outcome")
INDEXED = ("environment", "version", "commit", "verdict", "decision", "outcome")
STATISTICS = [
    *("create_time", "service", "environment", "day", "sensitivity", "mode", "state", "verdict", "decision"),
    *("enforced_decision", "overridden", "without_verdict", "outcome", "window_permille"),
]
REFUSED = "what was recorded of a deployment is never changed"
PAGE = 500


def upgrade() -> None:
    for name in TEXTS:
        op.add_column("verifications", sa.Column(name, sa.String(), nullable=False, server_default=sa.text("''")))
    op.add_column("verifications", sa.Column("window_permille", sa.Integer()))
    _fill()
    for name in INDEXED:
        op.create_index(f"ix_verifications_{name}_create_time_id", "verifications", [name, "create_time", "id"])
    op.create_index("ix_verifications_statistics", "verifications", STATISTICS)
    op.drop_index("ix_templates_template_id", "templates")
    columns = ["template_id", "last_time", "verification_id"]
    op.create_index("ix_templates_template_id_last_time_verification_id", "templates", columns)
    _outcomes()
    _pins()


def downgrade() -> None:
    op.drop_table("pins")
    op.drop_table("outcomes")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION outcomes_refuse()")
    op.drop_index("ix_templates_template_id_last_time_verification_id", "templates")
    op.create_index("ix_templates_template_id", "templates", ["template_id"])
    op.drop_index("ix_verifications_statistics", "verifications")
    for name in INDEXED:
        op.drop_index(f"ix_verifications_{name}_create_time_id", "verifications")
    for name in (*TEXTS, "window_permille"):
        op.drop_column("verifications", name)


def _fill() -> None:
    """From the documents, by pages; what can't be read keeps its empty values."""
    names = ("id", "create_time", "end_time", "document", *TEXTS, "window_permille")
    table = sa.table("verifications", *(sa.column(name) for name in names))
    time = sa.DateTime(timezone=True)
    columns = (table.c.id, sa.type_coerce(table.c.create_time, time).label("create_time"),
               sa.type_coerce(table.c.end_time, time).label("end_time"), table.c.document)  # fmt: skip
    link, last = op.get_bind(), ""
    change = sa.update(table).where(table.c.id == sa.bindparam("mine"))
    while rows := link.execute(sa.select(*columns).where(table.c.id > last).order_by(table.c.id).limit(PAGE)).all():
        last = rows[-1].id
        found = [{"mine": row.id, **_facts(row)} for row in rows]
        values: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in found[0] if name != "mine"}
        link.execute(change.values(values), [_renamed(one) for one in found])


def _renamed(one: dict[str, Any]) -> dict[str, Any]:
    return {name if name == "mine" else f"new_{name}": value for name, value in one.items()}


def _facts(row: Any) -> dict[str, Any]:
    created = row.create_time if row.create_time.tzinfo else row.create_time.replace(tzinfo=UTC)
    facts: dict[str, Any] = {"day": f"{created.astimezone(UTC):%Y-%m-%d}", "window_permille": None}
    facts |= {"mode": "", "sensitivity": "", "enforced_decision": "", "without_verdict": ""}
    try:
        document = json.loads(row.document)
        policy = document["request"]["profile"]["policy"]
        without = (document.get("judgement") or {}).get("without_feedback") or {}
        facts |= {"mode": policy["mode"], "sensitivity": policy["sensitivity"]}
        facts |= {"enforced_decision": document.get("enforced_decision") or ""}
        facts |= {"without_verdict": without.get("verdict") or ""}
        facts["window_permille"] = _permille(document) if row.end_time is not None else None
    except (ValueError, KeyError, TypeError):
        pass
    return facts


def _permille(document: dict[str, Any]) -> int | None:
    look, plan = document["look"], document["plan"]
    if not 0 < look <= len(plan["looks"]):
        return None
    start, end, at = map(
        datetime.fromisoformat, (plan["candidate"]["start"], plan["candidate"]["end"], plan["looks"][look - 1])
    )
    return round(1000 * ((at - start) / (end - start)))


def _outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column("verification_id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("verification_id", "number", name="pk_outcomes"),
        sa.ForeignKeyConstraint(
            ["verification_id"], ["verifications.id"], name="fk_outcomes_verification_id", ondelete="CASCADE"
        ),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER outcomes_no_update BEFORE UPDATE ON outcomes BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
        )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION outcomes_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER outcomes_keep BEFORE UPDATE ON outcomes FOR EACH ROW EXECUTE FUNCTION outcomes_refuse()"
        )


def _pins() -> None:
    op.create_table(
        "pins",
        sa.Column("verification_id", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("environment", sa.String(), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("verification_id", name="pk_pins"),
        sa.ForeignKeyConstraint(["verification_id"], ["verifications.id"], name="fk_pins_verification_id"),
    )
    op.create_index("ix_pins_service_environment", "pins", ["service", "environment"])
