"""How is a calendar written so that every calendar program reads it? iCalendar, RFC 5545.

No library: a few properties of one component. What goes wrong elsewhere is here on purpose: text is escaped, lines
are folded at 75 octets and never inside a character, line ends are CRLF, and the same events give the same bytes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from models.rules.recurrence import Recurrence

MEDIA_TYPE = "text/calendar"
_OCTETS = 75
_CONTROL = {code: None for code in (*range(9), *range(11, 32), 127)}
"""Control characters other than tab and line feed: section 3.3.11 has no place for them."""


@dataclass(frozen=True)
class CalendarEvent:
    """One event of a whole day, or a repeating one; with `starts_at`, one of some hours."""

    uid: str
    """The same for the same work in every calendar sent, so that a program updates its entry."""
    sequence: int
    """Raised with each change of the day."""
    first: date
    summary: str
    description: str = ""
    category: str = ""
    status: Literal["CONFIRMED", "TENTATIVE", "CANCELLED"] = "CONFIRMED"
    rule: Recurrence | None = None
    until: date | None = None
    except_on: tuple[date, ...] = ()
    starts_at: datetime | None = None
    """An aware instant; None for a whole day."""
    minutes: int = 0
    location: str = ""


def calendar_file(name: str, events: Sequence[CalendarEvent], stamped_at: datetime) -> bytes:
    """Write a calendar.

    Args:
        name: what the calendar program shows above it.
        events: in any order.
        stamped_at: an aware instant, the DTSTAMP of every event.

    Raises:
        ValueError: the instant has no time zone.
    """
    if stamped_at.utcoffset() is None:
        raise ValueError("stamped_at needs a time zone; expected an aware instant")
    stamp = f"{stamped_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Steward//Planned work//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
    ]
    for event in sorted(events, key=lambda event: (event.first, event.uid)):
        lines += _event(event, stamp)
    lines.append("END:VCALENDAR")
    return b"".join(folded(line) for line in lines)


def _event(event: CalendarEvent, stamp: str) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{escaped(event.uid)}"
    yield f"DTSTAMP:{stamp}"
    yield f"SEQUENCE:{event.sequence}"
    if event.starts_at is None:
        yield f"DTSTART;VALUE=DATE:{event.first:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{event.first + timedelta(days=1):%Y%m%d}"  # the end is not part of the event
    else:  # in UTC: no calendar program has to know our time zone
        start = event.starts_at.astimezone(UTC)
        yield f"DTSTART:{start:%Y%m%dT%H%M%SZ}"
        yield f"DTEND:{start + timedelta(minutes=event.minutes):%Y%m%dT%H%M%SZ}"
    if event.rule is not None:
        until = "" if event.until is None else f";UNTIL={event.until:%Y%m%d}"
        yield f"RRULE:{event.rule}{until}"
        if event.except_on:
            yield "EXDATE;VALUE=DATE:" + ",".join(f"{day:%Y%m%d}" for day in sorted(event.except_on))
    yield f"SUMMARY:{escaped(event.summary)}"
    if event.description:
        yield f"DESCRIPTION:{escaped(event.description)}"
    if event.location:
        yield f"LOCATION:{escaped(event.location)}"
    if event.category:
        yield f"CATEGORIES:{escaped(event.category)}"
    yield f"STATUS:{event.status}"
    # Work of a team does not make a person busy all day; a meeting does for its hours.
    yield f"TRANSP:{'TRANSPARENT' if event.starts_at is None else 'OPAQUE'}"
    yield "END:VEVENT"


def escaped(text: str) -> str:
    r"""A TEXT value (section 3.3.11): `\`, `;`, `,` and line ends are escaped, control characters left out."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROL)
    for character in "\\;,":
        plain = plain.replace(character, f"\\{character}")
    return plain.replace("\n", "\\n")


def folded(line: str) -> bytes:
    """A content line in UTF-8 with its CRLF, folded so that no line has more than 75 octets (section 3.1)."""
    return b"".join(part + b"\r\n" for part in _parts(line))


def _parts(line: str) -> Iterable[bytes]:
    whole = line.encode("utf-8", "replace")
    if len(whole) <= _OCTETS:
        yield whole
        return
    part = b""
    for character in line:
        octets = character.encode("utf-8", "replace")
        if len(part) + len(octets) > _OCTETS:
            yield part
            part = b" "
        part += octets
    yield part
