"""The store's tables: columns for what is filtered, sorted or joined, and the whole value as a document beside them."""

import re
from datetime import UTC, datetime

import sqlalchemy as sa


class UtcTime(sa.TypeDecorator[datetime]):
    """A point in time, kept in UTC: databases without time zones sort and give it back the same."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Plain(sa.TypeDecorator[str]):
    """Text that every database takes: PostgreSQL has no NUL in texts, and no database has halves of surrogate pairs."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        if value is None or not ODD.search(value):
            return value
        return ODD.sub("\ufffd", value)


class PlainText(Plain):
    impl = sa.Text
    cache_ok = True


ODD = re.compile("[\x00\ud800-\udfff]")

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _owner() -> sa.Column[str]:
    """The verification that a row belongs to and goes with."""
    return sa.Column(
        "verification_id", sa.String, sa.ForeignKey("verifications.id", ondelete="CASCADE"), primary_key=True
    )


verifications = sa.Table(
    "verifications",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("service", Plain, nullable=False),
    sa.Column("environment", Plain, nullable=False),
    sa.Column("version", Plain, nullable=False),
    sa.Column("commit", Plain, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    # "" and not NULL where there is none yet, so that `verdict != FAIL` finds those too.
    sa.Column("verdict", sa.String, nullable=False),
    sa.Column("decision", sa.String, nullable=False),
    sa.Column("create_time", UtcTime, nullable=False),
    sa.Column("rollout_start", UtcTime, nullable=False),
    # NULL while unfinished.
    sa.Column("end_time", UtcTime),
    sa.Column("caller", Plain, nullable=False),
    # NULL and not "" where there is none: NULLs are never the same.
    sa.Column("request_id", Plain),
    sa.Column("fingerprint", sa.String, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    # The replica that works on it; NULL while none does.
    sa.Column("owner", sa.String),
    # Grows with each change of owner: what an earlier one still writes is refused.
    sa.Column("epoch", sa.BigInteger, nullable=False, server_default="0"),
    # How often it was taken over since anything came of the work on it.
    sa.Column("takeovers", sa.Integer, nullable=False, server_default="0"),
    # Versions of key and mask table by which it is worked on to its end; "" of a version that had but one.
    sa.Column("rules", sa.String, nullable=False, server_default=sa.text("''")),
    # The version of the judge that has it; "" where that is not known.
    sa.Column("judge", sa.String, nullable=False, server_default=sa.text("''")),
    # What filters and statistics read without the document; with defaults, for replicas of an earlier version.
    *(
        sa.Column(name, sa.String, nullable=False, server_default=sa.text("''"))
        for name in ("day", "mode", "sensitivity", "enforced_decision", "overridden", "without_verdict", "outcome")
    ),
    sa.Column("window_permille", sa.Integer),
    # 0 once the samples of its events have expired.
    sa.Column("samples", sa.Integer, nullable=False, server_default="1"),
    sa.UniqueConstraint("caller", "request_id"),
    sa.Index("ix_verifications_samples_end_time", "samples", "end_time"),
    sa.Index(None, "create_time", "id"),
    sa.Index(None, "service", "create_time", "id"),
    sa.Index(None, "service", "environment", "rollout_start"),
    sa.Index("ix_verifications_environment_rollout_start", "environment", "rollout_start"),
    sa.Index(None, "end_time"),
    *(
        sa.Index(None, name, "create_time", "id")
        for name in ("environment", "version", "commit", "verdict", "decision", "outcome")
    ),
    # Holds all that statistics ask for: where documents are large, the table itself is slow to go over.
    sa.Index(
        "ix_verifications_statistics",
        *("create_time", "service", "environment", "day", "sensitivity", "mode", "state", "verdict", "decision"),
        *("enforced_decision", "overridden", "without_verdict", "outcome", "window_permille"),
    ),
)

# Processes that work on verifications. One that did not say for so long that it lives has lost them.
replicas = sa.Table(
    "replicas",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("expire_time", UtcTime, nullable=False),
    # By which it can work, separated by blanks; "" of a version that does not say.
    sa.Column("rules", sa.String, nullable=False, server_default=sa.text("''")),
    # The version of its judge; "" of a version that does not say.
    sa.Column("judge", sa.String, nullable=False, server_default=sa.text("''")),
)

# Schemas whose version of logverdict can work with this database: that of the newest migration, and those before it to
# which only what they need not know was added.
schema_readers = sa.Table("schema_readers", metadata, sa.Column("revision", sa.String, primary_key=True))

revisions = sa.Table(
    "revisions",
    metadata,
    _owner(),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("document", sa.Text, nullable=False),
)

events = sa.Table(
    "events",
    metadata,
    _owner(),
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("weight", sa.Double, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("impact", sa.String, nullable=False),
    sa.Column("severity", sa.Integer, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
)

slices = sa.Table(
    "slices",
    metadata,
    _owner(),
    sa.Column("key", sa.String, primary_key=True),
    # NULL for a slice that could not be read.
    sa.Column("counts", sa.LargeBinary),
    sa.Column("coverage", sa.Text, nullable=False),
)

templates = sa.Table(
    "templates",
    metadata,
    _owner(),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("template_id", sa.String, nullable=False),
    sa.Column("template", PlainText, nullable=False),
    sa.Column("side", sa.String, nullable=False),
    sa.Column("severity", sa.Integer, nullable=False),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Column("rate", sa.Double, nullable=False),
    sa.Column("first_time", UtcTime, nullable=False),
    sa.Column("last_time", UtcTime, nullable=False),
    sa.Index(None, "template_id", "last_time", "verification_id"),
)

# What sources were asked, calls alike as one row; numbered in the order in which they were first made.
calls = sa.Table(
    "calls",
    metadata,
    _owner(),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    # Hash of what calls that are alike share.
    sa.Column("mark", sa.String, nullable=False),
    sa.Column("time", UtcTime, nullable=False),
    sa.Column("source", Plain, nullable=False),
    sa.Column("method", Plain, nullable=False),
    sa.Column("query", PlainText, nullable=False),
    sa.Column("status", Plain, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("seconds", sa.Double, nullable=False),
    sa.Column("times", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("verification_id", "mark"),
)

# Which verifications serve as baseline of which: what retention may not take from an unfinished one.
baselines = sa.Table(
    "baselines",
    metadata,
    _owner(),
    # No foreign key: the named one may be deleted once nobody needs it any more.
    sa.Column("baseline_id", sa.String, primary_key=True),
    sa.Index(None, "baseline_id"),
)

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    # "" and not NULL where the scope is wider.
    sa.Column("service", sa.String, nullable=False),
    sa.Column("environment", sa.String, nullable=False),
    sa.Column("level", sa.String, nullable=False),
    sa.Column("create_time", UtcTime, nullable=False),
    # NULL for what never expires.
    sa.Column("expire_time", UtcTime),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Index(None, "service", "environment"),
    sa.Index(None, "create_time", "id"),
)

# Every change, by whom and when; outlives what it tells of. Triggers of the database refuse to change or delete a row.
feedback_history = sa.Table(
    "feedback_history",
    metadata,
    sa.Column("feedback_id", sa.String, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("time", UtcTime, nullable=False),
    sa.Column("change", sa.String, nullable=False),
    sa.Column("author", sa.String, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
)
