"""Brings a database to the schema of this version."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from logverdict.adapters.stores import migrations
from logverdict.adapters.stores.postgres import wait_alone
from logverdict.domain.errors import StoreBroken


def config(connection: Connection) -> Config:
    """Alembic's configuration, for the migrations in this package and that connection."""
    made = Config(attributes={"connection": connection})
    made.set_main_option("path_separator", "os")
    made.set_main_option("script_location", migrations.__path__[0].replace("%", "%%"))
    return made


def upgrade(connection: Connection) -> None:
    """Raises VerifyError STORE_TOO_NEW for a database that a newer version of logverdict has changed."""
    wait_alone(connection, "schema")
    settings = config(connection)
    known = {script.revision for script in ScriptDirectory.from_config(settings).walk_revisions()}
    unknown = set(MigrationContext.configure(connection).get_current_heads()) - known
    if unknown:
        raise StoreBroken(
            f"a newer logverdict wrote the store (schema {', '.join(sorted(unknown))}); use that one or a later one",
            reason="STORE_TOO_NEW",
        )
    command.upgrade(settings, "head")
