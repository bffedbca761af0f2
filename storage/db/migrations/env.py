"""Alembic's entry point: runs the migrations on the connection and in the transaction of storage/write/migrate.py."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["target_metadata"],
    render_as_batch=True,  # SQLite changes a table by copying it
    transactional_ddl=True,  # it does roll back DDL, since we begin its transactions ourselves
)
with context.begin_transaction():
    context.run_migrations()
