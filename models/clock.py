"""What time is it? The only reader of the wall clock; business dates come in as `as_of` instead."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def utc_now() -> datetime:
    """The current instant, aware, in UTC."""
    return datetime.now(UTC)


def today_in(timezone: str) -> date:
    """The current date in a time zone such as `Asia/Shanghai`."""
    return datetime.now(ZoneInfo(timezone)).date()
