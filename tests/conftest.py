"""What does every test stand on? An own data folder, a migrated database, a real Prefect and mail server.

Prefect reads its settings once, when it is imported, so they are set here, before any test module is loaded.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
_SESSION_FOLDER = Path(tempfile.mkdtemp(prefix="steward-tests-"))
# Bound, not listening, until the server takes it: nobody else gets this port in between.
_PORT_HOLDER = socket.socket()
_PORT_HOLDER.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
_PORT_HOLDER.bind(("127.0.0.1", 0))
_PORT = int(_PORT_HOLDER.getsockname()[1])

for _name in [name for name in os.environ if name.startswith(("STEWARD_", "PREFECT_"))]:
    if not _name.startswith("STEWARD_TEST_"):
        del os.environ[_name]
os.environ.update(
    {
        "STEWARD_HOME": str(_SESSION_FOLDER / "nobody"),
        "PREFECT_HOME": str(_SESSION_FOLDER / "prefect"),
        "PREFECT_API_URL": f"http://127.0.0.1:{_PORT}/api",
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        "PREFECT_CLI_PROMPT": "false",
        "DO_NOT_TRACK": "1",
    }
)

import pytest  # noqa: E402
from aiosmtpd.controller import Controller  # noqa: E402
from aiosmtpd.smtp import SMTP, Envelope, Session  # noqa: E402
from hypothesis import HealthCheck  # noqa: E402
from hypothesis import settings as hypothesis_settings  # noqa: E402

from deployments.prefect_environment import free_port, one_certificate  # noqa: E402
from models.db import engine  # noqa: E402
from tests import factories  # noqa: E402
from tests.databases import Postgres, Snapshots, environment, postgres_url  # noqa: E402

# A busy machine is no defect.
hypothesis_settings.register_profile("steward", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("steward")
os.environ["PREFECT_API_SSL_CERT_FILE"] = str(one_certificate(_SESSION_FOLDER))

DIALECTS = ("sqlite", "postgresql")
DEPLOYMENT_ZONE = "Asia/Kolkata"
"""Half an hour off, so that a schedule in another zone cannot look right."""
_SERVER_PATIENCE_SECONDS = 120.0


def pytest_sessionfinish() -> None:
    """Leave nothing behind."""
    engine.cache_clear()
    shutil.rmtree(_SESSION_FOLDER, ignore_errors=True)


@pytest.fixture(autouse=True)
def prefect_as_it_was() -> Iterator[None]:
    """A command that points this process at another server does so for its own test alone.

    Prefect keeps what it read: to give the environment back is not enough.
    """
    before = _prefect_variables()
    yield
    now = _prefect_variables()
    if now != before:
        for name in now.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)
    if "prefect" in sys.modules:
        from prefect.context import refresh_global_settings_context
        from prefect.settings import PREFECT_API_URL

        if PREFECT_API_URL.value() != before["PREFECT_API_URL"]:
            refresh_global_settings_context()


def _prefect_variables() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("PREFECT_")}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A data folder of this test alone."""
    folder = tmp_path / "home"
    folder.mkdir()
    with environment(STEWARD_HOME=str(folder), STEWARD_DATABASE_URL=""):
        yield folder


@pytest.fixture(scope="session")
def snapshots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshots]:
    """The copies' originals, made when they are first asked for."""
    server = postgres_url()
    made = Snapshots(tmp_path_factory.mktemp("snapshots"), Postgres(server) if server else None)
    yield made
    made.close()


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest, snapshots: Snapshots) -> str:
    """Each of the two databases; PostgreSQL where a server answers."""
    name = str(request.param)
    if name == "postgresql" and snapshots.postgres is None:
        pytest.skip("no PostgreSQL server answers; set STEWARD_TEST_POSTGRES_URL to test on one")
    return name


@pytest.fixture
def unmigrated(dialect: str, home: Path, snapshots: Snapshots) -> Iterator[str]:
    """A database without any table; its dialect."""
    with snapshots.unmigrated(dialect):
        yield dialect


@pytest.fixture
def database(dialect: str, home: Path, snapshots: Snapshots) -> Iterator[str]:
    """A migrated, empty database; its dialect."""
    with snapshots.opened(dialect, "empty", home):
        yield dialect


@pytest.fixture
def surveyed(dialect: str, home: Path, snapshots: Snapshots) -> Iterator[str]:
    """An engagement whose register and condition survey are recorded; its code."""
    with snapshots.opened(dialect, "surveyed", home):
        yield factories.CODE


@pytest.fixture
def in_service(dialect: str, home: Path, snapshots: Snapshots) -> Iterator[str]:
    """An engagement on its first day of service; its code."""
    with snapshots.opened(dialect, "in_service", home):
        yield factories.CODE


@pytest.fixture
def sqlite_database(home: Path, snapshots: Snapshots) -> Iterator[Path]:
    """A migrated, empty SQLite database, for what does not depend on the kind of database; its data folder."""
    with snapshots.opened("sqlite", "empty", home):
        yield home


@pytest.fixture
def sqlite_surveyed(home: Path, snapshots: Snapshots) -> Iterator[str]:
    """As `surveyed`, on SQLite alone."""
    with snapshots.opened("sqlite", "surveyed", home):
        yield factories.CODE


@pytest.fixture
def sqlite_in_service(home: Path, snapshots: Snapshots) -> Iterator[str]:
    """As `in_service`, on SQLite alone."""
    with snapshots.opened("sqlite", "in_service", home):
        yield factories.CODE


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[str]:
    """A real Prefect server with a database of its own, started once; the address of its interface."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    log = _SESSION_FOLDER / "server.log"
    command = [
        "-m",
        "deployments.prefect_server",
        "server",
        "start",
        "--host",
        "127.0.0.1",
        "--port",
        str(_PORT),
    ]
    _PORT_HOLDER.close()
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, *command],
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PREFECT_LOGGING_LEVEL": "WARNING"},
            start_new_session=True,
        )
    try:
        _wait_for(server, log)
        with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            yield os.environ["PREFECT_API_URL"]
        _send_last_words()
    finally:
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(15)


@pytest.fixture(scope="session")
def registered_deployments(prefect_server: str) -> list[str]:
    """The names of all deployments of the product, registered once, with their schedules in `DEPLOYMENT_ZONE`."""
    from deployments.registration import register_deployments

    with environment(STEWARD_TIMEZONE=DEPLOYMENT_ZONE):
        return list(register_deployments())


def _wait_for(server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _SERVER_PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the Prefect server ended: {log.read_text()[-2000:]}")
        try:
            with urlopen(f"{os.environ['PREFECT_API_URL']}/ready", timeout=2):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    raise RuntimeError(f"the Prefect server did not answer: {log.read_text()[-2000:]}")


def _send_last_words() -> None:
    """Otherwise Prefect waits a minute, at the exit of this process, for a server that is gone."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (APILogWorker, EventsWorker):
        worker.drain_all(timeout=5)


@dataclass
class MailServer:
    """A real SMTP server that keeps what it is given; `refuse` answers RCPT with a code for an address.

    After `gone_after` messages it cuts the line and takes no more calls until it is started again.
    """

    port: int = 0
    gone_after: int | None = None
    envelopes: list[Envelope] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    controller: Controller | None = None

    def start(self) -> None:
        """Listen on the port, once more if it was gone."""
        self.stop()
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=15)
        self.controller.start()

    def stop(self) -> None:
        """Listen no more."""
        if self.controller is not None:
            self.controller.stop()

    async def handle_RCPT(
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Accept the address unless the test says otherwise."""
        if self.gone_after == len(self.envelopes) and self.controller and self.controller.server:
            self.controller.server.close()
            server.transport.abort()
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep the message."""
        self.envelopes.append(envelope)
        return "250 OK"


@pytest.fixture
def mail_server(home: Path) -> Iterator[MailServer]:
    """A mail server on a free port, which the settings point at."""
    kept = MailServer()
    kept.port = free_port(0)
    kept.start()
    try:
        with environment(STEWARD_SMTP_HOST="127.0.0.1", STEWARD_SMTP_PORT=str(kept.port)):
            yield kept
    finally:
        kept.stop()
