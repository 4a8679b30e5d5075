"""When may a mailbox that refused us be tried again? (B6)"""

from datetime import datetime, timedelta

PAUSES = (timedelta(minutes=30), timedelta(hours=3))
"""After the first and the second refusal; after the third nobody tries until the settings change. Our own figures: servers
lock accounts after a handful of failed logins, and whoever types the password wrong needs a try or two."""


def next_try(refusals: int, refused_at: datetime) -> datetime | None:
    """When to try again after so many refusals with the same settings; None: not before they change."""
    return refused_at + PAUSES[refusals - 1] if 1 <= refusals <= len(PAUSES) else None
