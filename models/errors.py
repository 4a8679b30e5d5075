"""What can go wrong, and may it be tried again? Two roots: Terminal (a person must act), Transient."""


class StewardError(Exception):
    """Root of every error the product raises on purpose; its text is a sentence for a person."""


class Terminal(StewardError):
    """Trying again changes nothing: a person must act."""


class Transient(StewardError):
    """The same call may succeed later: the database was busy, a server did not answer."""


class DatabaseBusy(Transient):
    """Another writer held the database for longer than the busy timeout, or a deadlock was broken."""


class MailServerUnavailable(Transient):
    """The mail server could not be reached at all; nothing was handed over."""


class NoServer(Terminal):
    """No Prefect server is known, or the one that is does not answer."""


class CycleSuperseded(Terminal):
    """A newer attempt has taken this cycle over; this process must not write any more."""


class IllegalStageChange(Terminal):
    """The engagement is not in a stage from which this transition may be taken."""


class UnknownEngagement(Terminal):
    """No engagement has this code."""


class DecisionNotOpen(Terminal):
    """The decision was taken before, was withdrawn, or concerns other bytes than those shown."""


class NoDatabase(Terminal):
    """There is no database in the data folder; only what sets one up makes it."""


class SchemaOutOfDate(Terminal):
    """The database's schema is not the one this version of the product works on."""


class MailLoginRefused(Terminal):
    """The mail server does not accept our user name and password; trying on would lock the account."""


class MailboxUnavailable(Transient):
    """The server of the mailbox could not be reached, or broke off; what was recorded before stays recorded."""


class MailboxRefused(Terminal):
    """The server of the mailbox does not accept our login, or has no such folder; trying on would lock the account."""


class TextGatewayUnavailable(Transient):
    """The gateway of text messages could not be reached at all; every message stays queued."""


class TextGatewayRefused(Terminal):
    """The gateway of text messages does not accept our token or our kind of request; every message stays queued."""


class SettingRefused(Terminal):
    """A variable of this installation holds what it cannot; the message names it, and not what it holds."""


class NotReady(Terminal):
    """Something a person must do first has not been done; the message says what."""


class FileInTheWay(Terminal):
    """A file or folder stands where one should be written."""
