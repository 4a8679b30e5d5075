"""How does Alembic reach our database? Through our own engine, all that is missing in one transaction."""

from alembic import context
from sqlalchemy import text
from sqlmodel import SQLModel

import models  # noqa: F401 - registers every table
from models.db import engine
from models.migrate import database_file

_ONE_AT_A_TIME = 7_203_118
"""Key of the advisory lock that lets one migrator run and the second one wait."""

if (file := database_file()) is not None:
    file.touch()  # nothing else makes a database

with engine().execution_options(steward_writes=True).connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        transactional_ddl=True,  # SQLite can, now that we say BEGIN ourselves: a second migrator waits for the first
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})"))
        context.run_migrations()
