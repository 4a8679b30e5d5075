"""Who is on which post on which day of the month? The roster on paper, and as a calendar file (B5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from models.engagement import Engagement
from models.rules.coverage import Shift
from reports.ics import CalendarEvent, calendar_file
from reports.pack import Column, Pack, Section, Table
from reports.sections import pack_of
from reports.words import Voice, voice_of

SLOTS_SHOWN = 4
"""A post with more different hours than this is listed shift by shift."""
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAYS_ZH = "一二三四五六日"


@dataclass(frozen=True)
class RosterPost:
    """A post and its shifts of the month, in order."""

    code: str
    title: str
    shifts: tuple[Shift, ...]


def roster_pack(
    engagement: Engagement,
    month: str,
    posts: Sequence[RosterPost],
    leave: Sequence[tuple[str, date, date]],
    on: date,
) -> Pack:
    """The month's roster: a page for each post, hours of each person, leave, and every shift for a spreadsheet.

    Args:
        engagement: whose property it is.
        month: such as 2027-03.
        posts: with their shifts.
        leave: reference, first and last day, of leave that touches the month.
        on: the day of issue.
    """
    voice, zone = voice_of(engagement), ZoneInfo(engagement.timezone)
    return pack_of(
        engagement,
        title=voice("Roster", "排班表"),
        subtitle=voice("Who is on which post when", "各岗位逐日排班"),
        period=month,
        on=on,
        sections=[
            *(
                Section(post.title, tables=(_grid(post, zone, voice) or _listed(post, zone, voice),))
                for post in posts
            ),
            _hours(posts, voice),
            _leave(leave, voice) if leave else None,
            _all_shifts(posts, zone, voice),
        ],
    )


def roster_file(
    engagement: Engagement,
    name: str,
    posts: Sequence[RosterPost],
    uids: dict[Shift, str],
    stamped_at: datetime,
) -> bytes:
    """Shifts as a calendar file.

    Args:
        engagement: whose property it is.
        name: of the calendar: the post or the person.
        posts: with the shifts.
        uids: the same identifier for the same shift in every file.
        stamped_at: an aware instant.
    """
    events = [
        CalendarEvent(
            uid=uids[shift],
            sequence=0,
            first=shift.start.date(),
            summary=f"{post.title} · {shift.person}",
            category=post.title,
            starts_at=shift.start,
            minutes=(shift.end - shift.start) // _MINUTE,
        )
        for post in posts
        for shift in post.shifts
    ]
    return calendar_file(f"{engagement.property_name} · {name}", events, stamped_at)


def _grid(post: RosterPost, zone: ZoneInfo, voice: Voice) -> Table | None:
    """Days down, hours across; None where the hours differ too much for that."""
    people: dict[date, dict[str, list[str]]] = {}
    for shift in post.shifts:
        day = shift.start.astimezone(zone).date()
        people.setdefault(day, {}).setdefault(_span(shift, zone), []).append(shift.person)
    slots = sorted({slot for of_day in people.values() for slot in of_day})
    if len(slots) > SLOTS_SHOWN:
        return None
    return Table(
        post.code,
        (Column(voice("Day", "日期"), width=1.3), *(Column(slot, width=7 / len(slots)) for slot in slots)),
        tuple(
            (
                _day(day, voice),
                *(voice(", ", "、").join(sorted(of_day.get(slot, ()))) for slot in slots),
            )
            for day, of_day in sorted(people.items())
        ),
    )


def _listed(post: RosterPost, zone: ZoneInfo, voice: Voice) -> Table:
    return Table(
        post.code,
        (
            Column(voice("Day", "日期"), width=1.3),
            Column(voice("Hours", "时段"), width=1.5),
            Column(voice("Person", "人员编号"), width=2),
        ),
        tuple(
            (_day(shift.start.astimezone(zone).date(), voice), _span(shift, zone), shift.person)
            for shift in post.shifts
        ),
    )


def _hours(posts: Sequence[RosterPost], voice: Voice) -> Section:
    worked: dict[tuple[str, str], list[timedelta]] = {}
    for post in posts:
        for shift in post.shifts:
            worked.setdefault((shift.person, post.title), []).append(shift.end - shift.start)
    return Section(
        voice("Hours of each person", "人员工时"),
        tables=(
            Table(
                voice("Hours planned in the month", "本月计划工时"),
                (
                    Column(voice("Person", "人员编号"), width=2),
                    Column(voice("Post", "岗位"), width=2),
                    Column(voice("Shifts", "班次"), "right"),
                    Column(voice("Hours", "工时"), "right"),
                ),
                tuple(
                    (person, title, str(len(spans)), f"{sum(spans, timedelta(0)) / _HOUR:g}")
                    for (person, title), spans in sorted(worked.items())
                ),
            ),
        ),
    )


def _leave(leave: Sequence[tuple[str, date, date]], voice: Voice) -> Section:
    return Section(
        voice("Leave", "休假"),
        tables=(
            Table(
                voice("Days on which nobody of these is rostered", "以下人员在此期间不排班"),
                (
                    Column(voice("Person", "人员编号"), width=2),
                    Column(voice("First day", "首日")),
                    Column(voice("Last day", "末日")),
                ),
                tuple((ref, first.isoformat(), last.isoformat()) for ref, first, last in leave),
            ),
        ),
    )


def _all_shifts(posts: Sequence[RosterPost], zone: ZoneInfo, voice: Voice) -> Section:
    """Every shift on a line, under the headings that `steward roster import` reads."""
    rows = [
        (
            shift.post,
            shift.person,
            shift.start.astimezone(zone).strftime("%Y-%m-%d"),
            shift.start.astimezone(zone).strftime("%H:%M"),
            shift.end.astimezone(zone).strftime("%H:%M"),
        )
        for post in posts
        for shift in post.shifts
    ]
    return Section(
        voice("All shifts", "全部班次"),
        (voice("The workbook's sheet of this name can be taken in again.", "工作簿中的本表可再次导入。"),),
        tables=(
            Table(
                voice("Shifts", "班次"),
                tuple(
                    Column(voice(en, zh))
                    for en, zh in (
                        ("Post", "岗位"),
                        ("Ref", "编号"),
                        ("Date", "日期"),
                        ("From", "开始"),
                        ("To", "结束"),
                    )
                ),
                tuple(sorted(rows, key=lambda row: (row[2], row[3], row[0], row[1]))),
            ),
        ),
    )


def _span(shift: Shift, zone: ZoneInfo) -> str:
    start, end = (f"{at.astimezone(zone):%H:%M}" for at in (shift.start, shift.end))
    return f"{start}–{'24:00' if end == '00:00' else end}"


def _day(day: date, voice: Voice) -> str:
    return voice(f"{_DAYS_EN[day.weekday()]} {day}", f"{day} 周{_DAYS_ZH[day.weekday()]}")
