"""What is wrong with this installation, and how is it mended? Versions, database, Prefect, mail."""

import asyncio
import contextlib
import os
import socket
import sys
from dataclasses import dataclass
from importlib.metadata import version

import aiosmtplib
import httpx
from packaging.version import Version
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from deployments.catalogue import CATALOGUE
from deployments.pins import PINS, REMEDY
from models.acting import acting
from models.db import engine
from models.errors import MailboxRefused, NoDatabase, StewardError
from models.migrate import require_current_schema, schema_revision
from models.settings import MailboxSettings, settings


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    ok: bool
    found: str
    remedy: str = ""


def examine(server_known: bool) -> list[Finding]:
    """Look at everything; nothing is changed but the count of logins that a mailbox refuses.

    Args:
        server_known: whether PREFECT_API_URL is set or a server of this installation runs; another one that
            happens to answer on the usual port is not ours.
    """
    return [
        _python(),
        *_pins(),
        _data_folder(),
        _database(),
        _schema(),
        *((_prefect(), _schedules()) if server_known else (_no_server(),)),
        _mail(),
        *map(_mailbox, settings().all_mailboxes),
        *((_text_gateway(),) if settings().sms_url else ()),
    ]


def _python() -> Finding:
    found = sys.version.split()[0]
    return Finding(
        "Python",
        sys.version_info >= (3, 11),
        found,
        "" if sys.version_info >= (3, 11) else "Use 3.11 or newer.",
    )


def _pins() -> list[Finding]:
    return [
        Finding(
            name, fits(Version(version(name))), version(name), "" if fits(Version(version(name))) else REMEDY
        )
        for name, _wanted, fits in PINS
    ]


def _data_folder() -> Finding:
    home = settings().home
    writable = os.access(home if home.exists() else home.parent, os.W_OK)
    return Finding(
        "Data folder",
        writable,
        str(home),
        "" if writable else "Set STEWARD_HOME to a folder this user may write to.",
    )


def _database() -> Finding:
    try:
        with engine().connect() as connection:
            connection.execute(text("select 1"))
    except NoDatabase:
        return Finding(
            "Database", False, "not made yet", "Set STEWARD_HOME right, or run: steward db upgrade"
        )
    except Exception as error:
        return Finding(
            "Database", False, type(error).__name__, "Check STEWARD_DATABASE_URL and that the server runs."
        )
    return Finding("Database", True, engine().dialect.name)


def _schema() -> Finding:
    try:
        require_current_schema()
    except NoDatabase:
        return Finding("Schema", False, "none", "Run: steward db upgrade")
    except StewardError as error:
        return Finding("Schema", False, schema_revision() or "none", str(error))
    except Exception as error:
        return Finding("Schema", False, type(error).__name__, "Run: steward db upgrade")
    return Finding("Schema", True, schema_revision() or "")


def _no_server() -> Finding:
    return Finding(
        "Prefect server",
        False,
        "none of this installation runs, and PREFECT_API_URL is not set",
        "Start it: steward serve",
    )


def _prefect() -> Finding:
    url = os.environ.get("PREFECT_API_URL", "")
    try:
        answer = httpx.get(f"{url}/admin/version", timeout=5)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        return Finding("Prefect server", False, f"{url}: {type(error).__name__}", "Start it: steward serve")
    found = str(answer.json())
    return Finding(
        "Prefect server",
        found == version("prefect"),
        f"{found} at {url}",
        "" if found == version("prefect") else "Use the same version on both sides.",
    )


def _schedules() -> Finding:
    """A scheduled deployment must have future runs; with a wrong SQLAlchemy it never gets any."""
    url = os.environ.get("PREFECT_API_URL", "")
    try:
        answer = httpx.post(
            f"{url}/flow_runs/count",
            json={
                "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
                "deployments": {"name": {"any_": [entry.name for entry in CATALOGUE if entry.schedules]}},
            },
            timeout=5,
        )
        answer.raise_for_status()
        count = int(answer.json())
    except (httpx.HTTPError, ValueError) as error:
        return Finding("Schedules", False, type(error).__name__, "Start the server: steward serve")
    return Finding("Schedules", count > 0, f"{count} runs to come", "" if count else "Run: steward deploy")


def _mail() -> Finding:
    chosen = settings()
    where = f"{chosen.smtp_host}:{chosen.smtp_port} ({chosen.smtp_security})"
    try:
        asyncio.run(_greet())
    except (aiosmtplib.SMTPException, OSError) as error:
        return Finding(
            "Mail server",
            False,
            f"{where}: {type(error).__name__}",
            "Check STEWARD_SMTP_*; the local sink runs with `steward serve`.",
        )
    return Finding("Mail server", True, where)


def _mailbox(chosen: MailboxSettings) -> Finding:
    """Whether it lets us in; a refusal counts, and one that refused us too often is not tried, lest the account be locked."""
    from tasks.imap_mailbox import ImapMailbox
    from tasks.mailbox_door import closed, note_entry, note_refusal

    where = f"{chosen.host}:{chosen.port} ({chosen.security}), {chosen.folder}"
    subject = f"Mailbox {chosen.place}" if chosen.place else "Mailbox"
    try:
        if (refused := closed(chosen)) is not None:
            remedy = f"Then run: steward requests fetch {chosen.engagement or 'CODE'}"
            return Finding(subject, False, f"{where}: {refused}", remedy)
    except SQLAlchemyError:
        pass  # no database yet, which another finding says: then nobody has tried either
    try:
        with ImapMailbox(chosen) as box:
            with contextlib.suppress(SQLAlchemyError):
                note_entry(chosen)
            whose = (
                f"for {chosen.engagement}"
                if chosen.engagement
                else "by command only, no STEWARD_IMAP_ENGAGEMENT"
            )
            return Finding(subject, True, f"{where}: {box.mails} mails, fetched {whose}")
    except MailboxRefused as refused:
        with contextlib.suppress(SQLAlchemyError), acting("command_line"):
            note_refusal(chosen.engagement, chosen, str(refused))
        return Finding(subject, False, where, str(refused))
    except StewardError as error:
        return Finding(subject, False, where, str(error))


def _text_gateway() -> Finding:
    """Whether somebody listens there; no message is sent, so the token is not tried."""
    from tasks.text_messages import unsettled_texts

    url = httpx.URL(settings().sms_url)
    where = f"{url.scheme}://{url.host}"
    try:
        with socket.create_connection(
            (url.host, url.port or (443 if url.scheme == "https" else 80)), timeout=5
        ):
            waiting = (
                ", ".join(f"{count} {state}" for state, count in unsettled_texts().items()) or "none waiting"
            )
            return Finding("Text messages", True, f"{where}: {waiting}")
    except OSError as error:
        return Finding("Text messages", False, f"{where}: {type(error).__name__}", "Check STEWARD_SMS_URL.")
    except Exception as error:
        return Finding("Text messages", False, type(error).__name__, "Run: steward db upgrade")


async def _greet() -> None:
    chosen = settings()
    server = aiosmtplib.SMTP(
        hostname=chosen.smtp_host,
        port=chosen.smtp_port,
        timeout=5,
        use_tls=chosen.smtp_security == "tls",
        start_tls=chosen.smtp_security == "starttls",
        username=chosen.smtp_user or None,
        password=chosen.smtp_password.get_secret_value() or None,
    )
    await server.connect()
    await server.quit()
