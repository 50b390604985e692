"""What Alembic runs: migrations on the connection it is given, in that connection's transaction."""

from alembic import context

from logverdict.adapters.stores.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
