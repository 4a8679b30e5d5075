"""What has each team to do this month and next, on which day? The calendar as a page and as a calendar file (B2-B5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from models.engagement import Engagement
from models.rules.periods import Period
from models.rules.recurrence import Recurrence, occurrences
from models.rules.rhythm import frequency_words
from models.rules.schedule import ROUTINE_DAYS
from reports.ics import CalendarEvent, calendar_file
from reports.pack import Column, Pack, Section, Table
from reports.sections import pack_of
from reports.words import Voice, voice_of

TARGETS_SHOWN = 20


@dataclass(frozen=True)
class Duty:
    """One occurrence of one promise on one day, at all its targets."""

    post: str
    uid: str
    month_uid: str
    """Of the one entry that holds all of its month, where it is routine."""
    series: str
    """Without the target."""
    title: str
    rule: Recurrence | None
    step_days: int
    due_on: date
    latest_on: date
    legal_latest_on: date | None
    targets: tuple[str, ...]
    """The first of them, in order."""
    target_count: int
    revision: int
    state: str
    """planned, open, or off: called off everywhere."""

    @property
    def is_routine(self) -> bool:
        """Done at least weekly: a line of the page and one repeating entry, not one for each day."""
        return self.rule is not None and self.step_days <= ROUTINE_DAYS


@dataclass(frozen=True)
class Team:
    """A post of the plan and its duties, in order of their days."""

    code: str
    title: str
    duties: tuple[Duty, ...]


def team_file(engagement: Engagement, team: Team, stamped_at: datetime) -> bytes:
    """The team's calendar for a calendar program."""
    voice = voice_of(engagement)
    routine: dict[str, list[Duty]] = {}
    events = []
    for duty in team.duties:
        if duty.is_routine:
            routine.setdefault(f"{duty.series} {duty.due_on:%Y-%m}", []).append(duty)
        elif duty.state != "off" or duty.revision:
            events.append(_event(duty, team, voice))
    for duties in routine.values():
        events += _repeating(duties, team, voice)
    return calendar_file(f"{engagement.property_name} · {team.title}", events, stamped_at)


def _event(duty: Duty, team: Team, voice: Voice) -> CalendarEvent:
    return CalendarEvent(
        uid=duty.uid,
        sequence=duty.revision,
        first=duty.due_on,
        summary=duty.title,
        description=_description(duty, voice),
        category=team.title,
        status={"planned": "TENTATIVE", "off": "CANCELLED"}.get(duty.state, "CONFIRMED"),  # type: ignore[arg-type]
    )


def _repeating(duties: list[Duty], team: Team, voice: Voice) -> list[CalendarEvent]:
    """One repeating entry for a month of routine, or one for each day where the rule does not give the days."""
    live = [duty for duty in duties if duty.state != "off"]
    if not live or live[0].rule is None:
        return []
    first, last, rule = live[0], live[-1], live[0].rule
    days = {duty.due_on for duty in live}
    ruled = {found.due_on for found in occurrences(rule, first.due_on, first.due_on, last.due_on)}
    if not days <= ruled or first.due_on not in ruled:
        return [_event(duty, team, voice) for duty in live]
    return [
        CalendarEvent(
            uid=first.month_uid,
            sequence=sum(duty.revision for duty in duties),
            first=first.due_on,
            summary=first.title,
            description=_description(first, voice),
            category=team.title,
            status="TENTATIVE" if first.state == "planned" else "CONFIRMED",
            rule=rule,
            until=last.due_on,
            except_on=tuple(sorted(ruled - days)),
        )
    ]


def _description(duty: Duty, voice: Voice) -> str:
    told = [f"{duty.series}: {_targets(duty, voice)}"]
    if not duty.is_routine:
        told.append(voice(f"In time until {duty.latest_on}", f"按期截止：{duty.latest_on}"))
    if duty.legal_latest_on is not None:
        told.append(voice(f"Latest by law {duty.legal_latest_on}", f"法定最迟：{duty.legal_latest_on}"))
    return "\n".join(told)


def _targets(duty: Duty, voice: Voice) -> str:
    more = duty.target_count - len(duty.targets)
    shown = ", ".join(duty.targets)
    return shown + voice(f" and {more} more", f"等{duty.target_count}处") if more > 0 else shown


def calendar_pack(
    engagement: Engagement, teams: Sequence[Team], months: Sequence[Period], on: date, working_days: str
) -> Pack:
    """The calendar of all teams on paper: what is routine in one line, the rest day by day.

    Args:
        engagement: whose property it is.
        teams: with their duties of all the months.
        months: the months shown, in order.
        on: the day of issue.
        working_days: what the working days of these months rest on.
    """
    voice = voice_of(engagement)
    return pack_of(
        engagement,
        title=voice("Calendar of work", "作业日历"),
        subtitle=voice("What each team does on which day", "各班组逐日作业安排"),
        period=months[0].label,
        on=on,
        sections=[
            Section(
                voice("How to read it", "说明"),
                (
                    voice(
                        f"Work on a rest day is done on the working day before it, as far as the law's longest "
                        f"interval allows. Working days: {working_days}.",
                        f"非工作日的作业提前至前一工作日完成，且不超过法定最长间隔。工作日依据：{working_days}。",
                    ),
                    voice(
                        "The calendar files beside this page hold the same entries.",
                        "随附日历文件内容与本页一致。",
                    ),
                ),
            ),
            *(_team_section(team, months, voice) for team in teams),
        ],
    )


def _team_section(team: Team, months: Sequence[Period], voice: Voice) -> Section:
    live = [duty for duty in team.duties if duty.state != "off"]
    tables = []
    routine: dict[str, Duty] = {}
    for duty in live:
        if duty.is_routine:
            routine.setdefault(duty.series, duty)
    if routine:
        tables.append(
            Table(
                voice("Routine", "日常"),
                (
                    Column(voice("How often", "频次"), width=1.2),
                    Column(voice("Work", "作业"), width=3),
                    Column(voice("Where", "对象"), width=2),
                ),
                tuple(
                    (frequency_words(str(duty.rule), voice.language), duty.title, _targets(duty, voice))
                    for _series, duty in sorted(routine.items())
                ),
            )
        )
    for month in months:
        rows = [duty for duty in live if not duty.is_routine and month.contains(duty.due_on)]
        if rows:
            tables.append(_month_table(rows, month, voice))
    return Section(team.title, tables=tuple(tables))


def _month_table(rows: Sequence[Duty], month: Period, voice: Voice) -> Table:
    return Table(
        month.label,
        (
            Column(voice("Day", "日期"), width=1.1),
            Column(voice("Work", "作业"), width=3),
            Column(voice("Where", "对象"), width=2),
            Column(voice("In time until", "按期截止"), width=1.1),
            Column(voice("Latest by law", "法定最迟"), width=1.1),
        ),
        tuple(
            (
                duty.due_on.isoformat(),
                duty.title,
                _targets(duty, voice),
                duty.latest_on.isoformat(),
                duty.legal_latest_on.isoformat() if duty.legal_latest_on else "",
            )
            for duty in rows
        ),
    )
