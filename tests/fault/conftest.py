"""What do the fault tests stand on? A Prefect server of their own, data folders, and a mail server that misbehaves."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller

from deployments.mail_sink import start_mail_sink
from tests.fault.harness import (
    Forge,
    Installation,
    MoodyMailbox,
    PrefectServer,
    build_small_register,
    copy_installation,
    free_port,
)

LOCAL_POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"


@pytest.fixture(scope="session")
def fault_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    """A Prefect server without deployments, for runs in the tests' own processes."""
    server = PrefectServer(tmp_path_factory.mktemp("fault-server"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def small_register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A COBie workbook of fifteen assets."""
    return build_small_register(tmp_path_factory.mktemp("register") / "small.xlsx")


@pytest.fixture(scope="session")
def forge(fault_server: PrefectServer) -> Iterator[Forge]:
    """Starts processes that talk to that server."""
    made = Forge(fault_server.environment)
    yield made
    made.stop()


@pytest.fixture(scope="session")
def migrated(forge: Forge, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the newest schema, to be copied."""
    made = Installation(tmp_path_factory.mktemp("migrated"), forge)
    made.act("migrate")
    return made.home / "steward.db"


@pytest.fixture(scope="session")
def install(migrated: Path, forge: Forge) -> Iterator[Callable[[Path], Installation]]:
    """Makes an installation with an empty database and the product's own mail folder in a folder."""
    made: list[tuple[Installation, Callable[[], object]]] = []

    def make(home: Path) -> Installation:
        home.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(migrated, home / "steward.db")
        sink = start_mail_sink(home / "mail", free_port())
        installation = Installation(home, forge, smtp_port=sink.port)
        made.append((installation, sink.stop))
        return installation

    yield make
    for installation, stop_mail in made:
        installation.stop()
        stop_mail()


@pytest.fixture(scope="session")
def served(
    install: Callable[[Path], Installation], small_register: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The data folder of an engagement on the eve of its first day of service, to be copied."""
    made = install(tmp_path_factory.mktemp("served") / "home")
    assert made.play(small_register, "until-service") == 0, made.log_tail()
    return made.home


@dataclass
class Postgres:
    """A PostgreSQL server, and the databases these tests made in it."""

    url: sa.URL
    names: list[str]

    def make(self, template: str = "template0") -> str:
        """Make a database; returns its URL."""
        name = f"steward_fault_{uuid4().hex[:12]}"
        self.tell(f"CREATE DATABASE {name} TEMPLATE {template}")
        self.names.append(name)
        return self.url.set(database=name).render_as_string(hide_password=False)

    def tell(self, statement: str) -> None:
        """Run a statement outside any transaction."""
        server = sa.create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with server.connect() as connection:
            connection.execute(sa.text(statement))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL server of STEWARD_TEST_POSTGRES_URL, or the one of this machine."""
    url = sa.make_url(os.environ.get("STEWARD_TEST_POSTGRES_URL") or LOCAL_POSTGRES)
    made = Postgres(url, [])
    try:
        made.tell("SELECT 1")
    except sa.exc.OperationalError:
        pytest.skip("no PostgreSQL server answers; set STEWARD_TEST_POSTGRES_URL to test on one")
    yield made
    for name in made.names:
        made.tell(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def served_on_postgres(
    postgres: Postgres,
    install: Callable[[Path], Installation],
    small_register: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Installation:
    """As `served`, in a PostgreSQL database."""
    made = install(tmp_path_factory.mktemp("served-postgres") / "home")
    made.database_url = postgres.make()
    made.act("migrate")
    assert made.play(small_register, "until-service") == 0, made.log_tail()
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def in_service(
    request: pytest.FixtureRequest,
    install: Callable[[Path], Installation],
    served: Path,
    tmp_path: Path,
) -> Installation:
    """An installation of this test alone, on each of the two databases; service begins tomorrow."""
    made = install(tmp_path / "home")
    if request.param == "sqlite":
        copy_installation(served, made.home)
        return made
    original: Installation = request.getfixturevalue("served_on_postgres")
    server: Postgres = request.getfixturevalue("postgres")
    made.database_url = server.make(sa.make_url(original.database_url).database or "")
    shutil.copytree(original.home / "files", made.home / "files")
    return made


@pytest.fixture
def in_service_on_sqlite(
    install: Callable[[Path], Installation], served: Path, tmp_path: Path
) -> Installation:
    """As `in_service`, on SQLite alone."""
    made = install(tmp_path / "home")
    copy_installation(served, made.home)
    return made


@pytest.fixture
def moody(installation: Installation) -> Iterator[MoodyMailbox]:
    """The installation's mail server, which can be told to misbehave."""
    mailbox = MoodyMailbox(installation.mail)
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), ready_timeout=15)
    controller.start()
    installation.smtp_port = controller.port
    yield mailbox
    controller.stop()


@pytest.fixture(scope="session")
def engaged(
    install: Callable[[Path], Installation], small_register: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The database of an engagement with a dozen residents and no mail waiting, to be copied."""
    made = install(tmp_path_factory.mktemp("engaged") / "home")
    made.act("engage", str(small_register))
    return made.home


@pytest.fixture
def installation(install: Callable[[Path], Installation], tmp_path: Path) -> Installation:
    """An installation of this test alone, with nothing in it."""
    return install(tmp_path / "home")
