"""Alembic's entry: runs on the connection that `models.migrate` hands over."""

from alembic import context
from sqlmodel import SQLModel

import models  # noqa: F401  (registers every table)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    version_table="schema_version",
)
with context.begin_transaction():
    context.run_migrations()
