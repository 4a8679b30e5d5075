"""Which Prefect server do we talk to? Sets Prefect's own settings."""

import contextlib
import os
import socket
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import certifi

from models.errors import NoServer
from models.settings import settings

DEFAULT_PORT = 4200


def api_url(port: int) -> str:
    """Address of the interface of a server on this machine."""
    return f"http://127.0.0.1:{port}/api"


def ui_url(port: int) -> str:
    """Address of the pages people look at."""
    return f"http://127.0.0.1:{port}"


def local_environment(port: int) -> dict[str, str]:
    """Prefect's settings for a server that belongs to this installation alone.

    The hidden server that Prefect starts when no address is set is switched off: a missing address shall
    fail loudly. Nothing is reported to anybody outside.
    """
    home = settings().home.resolve()
    # A command that only looks makes no data folder: its name may be mistyped.
    certificate = one_certificate(home) if home.exists() else certifi.where()
    if not home.exists():
        warnings.filterwarnings("ignore", "Failed to create the Prefect home directory")
    return {
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_API_URL": api_url(port),
        "PREFECT_API_SSL_CERT_FILE": str(certificate),
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(180 * 24 * 3600),
        "PREFECT_WORKER_QUERY_SECONDS": "0.5",
        "PREFECT_WORKER_PREFETCH_SECONDS": "5",
        "PREFECT_CLI_PROMPT": "false",
        "DO_NOT_TRACK": "1",
        "STEWARD_HOME": str(home),
    }


def one_certificate(folder: Path) -> Path:
    """A file with one certificate authority only, for clients of a server that is asked without encryption.

    Each client that Prefect makes reads the whole file of authorities, some 140, before it looks at the address:
    a tenth of a second, several times a run.
    """
    path = folder / "one-certificate.pem"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        before, end, _others = certifi.contents().partition("-----END CERTIFICATE-----")
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_text(before + end + "\n")
        partial.replace(path)  # another process never sees half of it
    return path


def use_own_server() -> int:
    """Point this process and its children at a server of our own, on a free port; returns the port.

    Another program may take the port before the server does: `LocalStack` looks whose it is, and calls this again.
    """
    port = free_port(DEFAULT_PORT)
    settings().home.mkdir(parents=True, exist_ok=True)
    _set_environment(local_environment(port))
    return port


def _set_environment(variables: dict[str, str]) -> None:
    """Prefect reads its settings when it is imported: where that has happened already, it reads them again.

    With the settings of before it would know no address, and start a hidden server of its own on our data.
    """
    os.environ.update(variables)
    if "prefect" in sys.modules:
        from prefect.context import refresh_global_settings_context

        refresh_global_settings_context()


def free_port(wanted: int) -> int:
    """The wanted port of the loopback address if it is free, else any free one."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on this machine")


def use_configured_server() -> bool:
    """Point this process at the server in PREFECT_API_URL, else at the one `steward serve` started here.

    Returns:
        Whether there is such a server; without one, a call to Prefect fails at the usual port.
    """
    _use_running_mail_sink()
    if "PREFECT_API_URL" in os.environ:
        return True
    note = settings().home / "server.port"
    _set_environment(local_environment(int(note.read_text()) if note.exists() else DEFAULT_PORT))
    return note.exists()


def require_server(otherwise: str = "") -> None:
    """Point at our Prefect server; one at the usual port may be somebody else's.

    Args:
        otherwise: what can be done without a server, as a sentence.

    Raises:
        NoServer: nobody said which server is ours, and `steward serve` does not run here.
    """
    if not server_known():
        raise NoServer(
            f"No Prefect server is known here: start `steward serve`, or set PREFECT_API_URL. {otherwise}".strip()
        )
    use_configured_server()


@contextlib.contextmanager
def answering_server(otherwise: str = "") -> Iterator[None]:
    """A server that cannot be reached, or refuses, is a sentence.

    Raises:
        NoServer: with what to look at, and `otherwise`.
    """
    import httpx
    from prefect.exceptions import PrefectHTTPStatusError

    try:
        yield
    except (httpx.HTTPError, PrefectHTTPStatusError, RuntimeError) as error:
        raise NoServer(
            f"The Prefect server at {os.environ['PREFECT_API_URL']} did not take it ({type(error).__name__}). "
            f"Is `steward serve` running? {otherwise}".strip()
        ) from error


def server_known() -> bool:
    """Whether somebody said which server is ours, or `steward serve` runs here; changes nothing."""
    return "PREFECT_API_URL" in os.environ or (settings().home / "server.port").exists()


def mail_server_known() -> bool:
    """Whether somebody said where mail goes, or `steward serve` runs here; the bare default may be anybody's server."""
    _use_running_mail_sink()
    return bool(settings().model_fields_set & {"smtp_host", "smtp_port"})


def _use_running_mail_sink() -> None:
    note = settings().home / "mail.port"
    if note.exists() and "STEWARD_SMTP_PORT" not in os.environ and settings().smtp_host == "127.0.0.1":
        os.environ["STEWARD_SMTP_PORT"] = note.read_text()
        settings.cache_clear()


def quiet_prefect() -> None:
    """Runs log to the server, where the UI shows them; the console is for the user."""
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    os.environ.setdefault("PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW", "ignore")
