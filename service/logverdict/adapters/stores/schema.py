"""Brings a database to the schema of this version."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, delete, insert, inspect, select

from logverdict.adapters.stores import migrations
from logverdict.adapters.stores.postgres import wait_alone
from logverdict.adapters.stores.tables import schema_readers
from logverdict.domain.errors import StoreBroken


def config(connection: Connection) -> Config:
    """Alembic's configuration, for the migrations in this package and that connection."""
    made = Config(attributes={"connection": connection})
    made.set_main_option("path_separator", "os")
    made.set_main_option("script_location", migrations.__path__[0].replace("%", "%%"))
    return made


def upgrade(connection: Connection) -> None:
    """To the newest migration. A database that a newer version has brought further is left as it is, where that only
    added what this one need not know.

    Raises VerifyError STORE_TOO_NEW where it did more.
    """
    wait_alone(connection, "schema")
    settings = config(connection)
    scripts = ScriptDirectory.from_config(settings)
    known = {script.revision for script in scripts.walk_revisions()}
    unknown = set(MigrationContext.configure(connection).get_current_heads()) - known
    if unknown and {scripts.get_current_head(), *unknown} <= _readers(connection):
        return
    if unknown:
        raise StoreBroken(
            f"a newer logverdict wrote the store (schema {', '.join(sorted(unknown))}); use that one or a later one",
            reason="STORE_TOO_NEW",
        )
    command.upgrade(settings, "head")
    may = readers(scripts)
    if _readers(connection) != set(may):
        connection.execute(delete(schema_readers))
        connection.execute(insert(schema_readers), [{"revision": one} for one in may])


def readers(scripts: ScriptDirectory) -> list[str]:
    """The schemas whose version of logverdict can work with the newest: back to the last migration that is not marked
    `ADDITIVE = True`, which adds tables, or columns with a default, and changes nothing that is there."""
    found = []
    for script in scripts.walk_revisions():
        found.append(script.revision)
        if not getattr(script.module, "ADDITIVE", False):
            break
    return found


def _readers(connection: Connection) -> set[str]:
    if not inspect(connection).has_table(schema_readers.name):
        return set()
    return set(connection.execute(select(schema_readers.c.revision)).scalars())
