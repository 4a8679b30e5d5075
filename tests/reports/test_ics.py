"""Can every calendar program read what we write, whatever stands in a title? (RFC 5545)"""

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.recurrence import Recurrence
from reports.ics import CalendarEvent, calendar_file, folded

AT = datetime(2027, 3, 1, 1, tzinfo=UTC)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=300)


def read_back(content: bytes) -> list[dict[str, str]]:
    """A reader of its own: unfold, split, unescape."""
    text = content.replace(b"\r\n ", b"").decode()
    events: list[dict[str, str]] = []
    for line in text.split("\r\n"):
        if line == "BEGIN:VEVENT":
            events.append({})
        elif events and ":" in line:
            name, _, value = line.partition(":")
            events[-1].setdefault(name.partition(";")[0], re.sub(r"\\(.)", _plain, value))
    return events


def _plain(found: re.Match[str]) -> str:
    return "\n" if found[1] in "nN" else found[1]


@given(TEXTS, TEXTS)
def test_any_title_comes_back_as_it_was(title: str, description: str) -> None:
    content = calendar_file("c", [CalendarEvent("u@x", 0, date(2027, 3, 1), title, description)], AT)
    (event,) = read_back(content)

    def told(text: str) -> str:
        return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text.replace("\r\n", "\n").replace("\r", "\n"))

    assert event["SUMMARY"] == told(title)
    assert event.get("DESCRIPTION", "") == told(description)
    assert len(read_back(content)) == 1, "no text makes a property or an event of its own"


@given(TEXTS)
def test_no_line_is_longer_than_75_octets_or_cut_inside_a_character(text: str) -> None:
    for line in folded("SUMMARY:" + text.replace("\n", "").replace("\r", "")).split(b"\r\n"):
        assert len(line) <= 75
        line.decode("utf-8")


def test_every_line_end_is_crlf_and_the_same_events_give_the_same_bytes() -> None:
    events = [CalendarEvent(f"{n}@x", 0, date(2027, 3, n), "电梯半月维护保养" * 20) for n in (3, 1, 2)]
    content = calendar_file("日历", events, AT)
    assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
    assert content == calendar_file("日历", list(reversed(events)), AT)
    assert content.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:")
    assert content.endswith(b"END:VCALENDAR\r\n")


def test_an_event_says_all_that_the_standard_asks_for() -> None:
    event = CalendarEvent(
        "u@x",
        3,
        date(2027, 3, 31),
        "Round",
        status="TENTATIVE",
        rule=Recurrence.parse("FREQ=DAILY"),
        until=date(2027, 4, 5),
        except_on=(date(2027, 4, 3), date(2027, 4, 1)),
    )
    lines = calendar_file("c", [event], AT).decode().split("\r\n")
    assert lines[lines.index("BEGIN:VEVENT") + 1 : lines.index("END:VEVENT")] == [
        "UID:u@x",
        "DTSTAMP:20270301T010000Z",
        "SEQUENCE:3",
        "DTSTART;VALUE=DATE:20270331",
        "DTEND;VALUE=DATE:20270401",
        "RRULE:FREQ=DAILY;UNTIL=20270405",
        "EXDATE;VALUE=DATE:20270401,20270403",
        "SUMMARY:Round",
        "STATUS:TENTATIVE",
        "TRANSP:TRANSPARENT",
    ]


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        calendar_file("c", [], datetime(2027, 3, 1))  # noqa: DTZ001
