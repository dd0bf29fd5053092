"""How Alembic reaches the records: over the connection that `data.records` hands it, inside its transaction."""

from alembic import context

from data.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
