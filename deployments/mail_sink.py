"""Where does mail go on a machine without a mail server? Into a folder, one .eml file a message."""

import hashlib
import secrets
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from deployments.prefect_environment import free_port


class FolderHandler:
    """Keeps every message it accepts, whole, before it says so."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._kept = sum(1 for _ in folder.glob("*.eml"))

    async def handle_DATA(  # noqa: N802 - the name aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Write the message under a name made of its order and its content."""
        content = envelope.original_content or b""
        self._kept += 1
        digest = hashlib.sha256(content).hexdigest()[:8]
        partial = self._folder / f".{secrets.token_hex(6)}.part"
        partial.write_bytes(content)
        partial.rename(self._folder / f"{self._kept:05d}-{digest}-{secrets.token_hex(2)}.eml")
        return "250 Message kept in the local mail folder"


def start_mail_sink(folder: Path, port: int) -> Controller:
    """Start the sink on the loopback address; `port` 0 takes a free one. Stop it with `.stop()`."""
    controller = Controller(
        FolderHandler(folder), hostname="127.0.0.1", port=port or free_port(0), ready_timeout=15
    )
    controller.start()
    return controller
