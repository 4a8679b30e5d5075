"""Where does this installation keep its data, and how does it reach its mail server?"""

from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent


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
    def database(self) -> str:
        """The URL in force."""
        return self.database_url or f"sqlite:///{self.home / 'steward.db'}"

    @property
    def files(self) -> Path:
        """Folder of stored files, named by their content hash."""
        return self.home / "files"


@lru_cache
def settings() -> Settings:
    """The settings of this process, read once; tests clear it by `settings.cache_clear()`."""
    return Settings()
