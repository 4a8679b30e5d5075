"""Is the database's schema the one this version works on, and how does it get there?"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from models.db import engine
from models.errors import SchemaOutOfDate
from models.settings import settings

_SCRIPTS = Path(__file__).parent / "migrations"


def upgrade_database() -> str:
    """Bring the database of the settings to the newest schema, making it where there is none; again changes nothing.

    Returns:
        The revision now in force.
    """
    settings().home.mkdir(parents=True, exist_ok=True)
    config = _config()
    command.upgrade(config, "head")
    return _newest(config)


def database_file() -> Path | None:
    """The file of the database; None where a server keeps it."""
    url = engine().url
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def require_current_schema() -> None:
    """Refuse to work on another schema than ours.

    Raises:
        SchemaOutOfDate: with the command that mends it.
    """
    found, wanted = schema_revision(), _newest(_config())
    if found != wanted:
        raise SchemaOutOfDate(
            f"The database is at schema {found or 'none'}, this version needs {wanted}: run `steward db upgrade`."
        )


def schema_revision() -> str | None:
    """The revision the database says it has, or None for an empty one."""
    with engine().connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("path_separator", "os")
    return config


def _newest(config: Config) -> str:
    head = ScriptDirectory.from_config(config).get_current_head()
    if head is None:
        raise SchemaOutOfDate("The product's migrations are missing: the installation is incomplete.")
    return head
