"""Where does this installation keep its data, and how does it reach its mail server?"""

import re
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from models.errors import SettingRefused

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class MailboxSettings(BaseModel):
    """One mailbox from which requests are fetched."""

    model_config = ConfigDict(extra="forbid")

    engagement: str = ""
    """Whose mailbox it is: the clockwork fetches for this engagement; empty: only the command does."""
    host: str = ""
    port: int = 993
    security: str = Field(default="tls", pattern="^(tls|starttls|none)$")
    """`none` is for a server on this machine only; there is no silent fallback from the other two."""
    user: str = ""
    password: SecretStr = SecretStr("")
    folder: str = Field(default="INBOX", pattern=r"^[^\x00-\x1f\x7f]+$")
    done_folder: str = Field(default="", pattern=r"^[^\x00-\x1f\x7f]*$")
    """Where a mail goes once it is recorded; empty: it stays, marked as seen. Nothing is ever deleted."""
    timeout_seconds: float = 30.0
    reply_address: str = ""
    """Its address: who is called in an emergency may answer there."""
    place: int = Field(default=0, exclude=True)
    """Which one of STEWARD_MAILBOXES it is, from 1; 0 is the one of STEWARD_IMAP_*."""

    @property
    def key(self) -> str:
        """The mailbox, so that another one is never taken for it; holds no name."""
        return sha256(f"{self.host}\n{self.user}\n{self.folder}".encode()).hexdigest()

    def said_in(self, name: str) -> str:
        """Where this setting is written, for a person who has to correct it."""
        if self.place:
            return f"{name!r} of mailbox {self.place} in STEWARD_MAILBOXES"
        return f"STEWARD_IMAP_{name.upper()}"


class Settings(BaseSettings):
    """Everything that differs between installations; each field is the variable `STEWARD_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="STEWARD_", extra="ignore")

    home: Path = PROJECT_ROOT / ".steward"
    """Data folder: database, files, mail of the local sink, Prefect's own database."""
    database_url: str = ""
    """SQLAlchemy URL; empty means SQLite in the data folder."""
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 8025
    smtp_security: str = Field(default="none", pattern="^(none|starttls|tls)$")
    """`none` is for the local sink only; there is no silent fallback from the other two."""
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_timeout_seconds: float = 30.0
    imap_host: str = ""
    """Server of the mailbox from which requests are fetched; empty: none is read."""
    imap_port: int = 993
    imap_security: str = Field(default="tls", pattern="^(tls|starttls|none)$")
    """`none` is for a server on this machine only; there is no silent fallback from the other two."""
    imap_user: str = ""
    imap_password: SecretStr = SecretStr("")
    imap_folder: str = Field(default="INBOX", pattern=r"^[^\x00-\x1f\x7f]+$")
    imap_done_folder: str = Field(default="", pattern=r"^[^\x00-\x1f\x7f]*$")
    """Where a mail goes once it is recorded; empty: it stays, marked as seen. Nothing is ever deleted."""
    imap_timeout_seconds: float = 30.0
    imap_engagement: str = ""
    """Whose mailbox it is: the clockwork fetches for this engagement; empty: only the command does."""
    mailboxes: list[MailboxSettings] = Field(default_factory=list)
    """Further mailboxes, as JSON: a list of objects with the fields of `MailboxSettings`; each names its engagement."""
    sms_url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    """Where text messages are posted to, as JSON; empty: none are sent."""
    sms_token: SecretStr = SecretStr("")
    """Sent as `Authorization: Bearer`, if there is one."""
    sms_timeout_seconds: float = 15.0
    reply_address: str = ""
    """Address of the mailbox that is fetched: who is called in an emergency may answer there."""
    answer_url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    """How people outside reach the answer page, through a proxy with TLS; empty: call-outs hold no link."""
    answer_port: int = 8087
    mail_sender: str = "steward@custodian.example"
    mail_sender_name: str = "Steward"
    timezone: str = "Asia/Shanghai"
    """Time zone of the cron schedules; each engagement has its own for its business dates."""
    cycle_lease_seconds: int = 900
    """A cycle whose run shows no sign of life for so long is started again by the reconciler."""
    stuck_start_seconds: int = 600
    """A run that hangs before its start for so long is given up: its worker died. Doubled with each attempt."""
    mail_lease_seconds: int = 300
    busy_timeout_seconds: float = 30.0
    audit_key: SecretStr = SecretStr("")
    """Key of the audit trail's hash chain; empty means the key file in the data folder."""
    public_url: str = "http://127.0.0.1:8086"
    """Where the pack server answers; links in artifacts and mails start with it."""

    @property
    def all_mailboxes(self) -> tuple[MailboxSettings, ...]:
        """The mailbox of STEWARD_IMAP_*, if there is one, and those of STEWARD_MAILBOXES."""
        first = MailboxSettings(
            engagement=self.imap_engagement,
            host=self.imap_host,
            port=self.imap_port,
            security=self.imap_security,
            user=self.imap_user,
            password=self.imap_password,
            folder=self.imap_folder,
            done_folder=self.imap_done_folder,
            timeout_seconds=self.imap_timeout_seconds,
            reply_address=self.reply_address,
        )
        more = (box.model_copy(update={"place": place}) for place, box in enumerate(self.mailboxes, start=1))
        return (*((first,) if first.host else ()), *more)

    @property
    def database(self) -> str:
        """The URL in force."""
        return self.database_url or f"sqlite:///{self.home / 'steward.db'}"

    @property
    def files(self) -> Path:
        """Folder of stored files, named by their content hash."""
        return self.home / "files"


@lru_cache
def settings() -> Settings:
    """The settings of this process, read once; tests clear it by `settings.cache_clear()`.

    Raises:
        SettingRefused: a variable holds what it cannot; the message names it, and not what it holds.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingRefused(
            "; ".join(_refused(found) for found in error.errors(include_input=False))
        ) from None
    except SettingsError as error:
        name = re.search(r'field "(\w+)"', str(error))
        raise SettingRefused(f"STEWARD_{name[1].upper() if name else '…'}: expected JSON.") from None


def _refused(found: ErrorDetails) -> str:
    name, *within = found["loc"]
    place = f", at {'.'.join(map(str, within))}" if within else ""
    return f"STEWARD_{str(name).upper()}{place}: {found['msg']}."
