"""What does each team's calendar hold, and who gets it when a month opens? (B2-B5)"""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from models.db import reading
from models.engagement import Engagement
from models.errors import NotReady, Terminal
from models.occurrence import Occurrence
from models.review import Pack as PackRow
from models.rules.periods import Period, PeriodKind
from models.rules.recurrence import Recurrence
from models.rules.schedule import Series
from models.service_plan import Commitment, PlanPost
from models.settings import settings
from reports.ics import MEDIA_TYPE
from reports.pack import pack_file_name
from reports.pdf import render_pdf
from reports.team_calendar import TARGETS_SHOWN, Duty, Team, calendar_pack, team_file
from tasks.cycles import CycleRef, cycle_transaction
from tasks.engagements import business_today, engagement_id, engagement_of, find_engagement
from tasks.exported_files import write_whole
from tasks.files import keep_file
from tasks.occurrences import planning_horizon
from tasks.outbox import Letter, people_on_posts, people_with_role, queue_letters
from tasks.packs import PDF, issued_pack
from tasks.plans_in_force import plan_in_force
from tasks.series import working_days_of
from tasks.steps import step

KIND = "calendar"
_COLUMNS = (
    *(
        "series",
        "ordinal",
        "commitment_id",
        "post_code",
        "target_code",
        "due_on",
        "latest_on",
        "legal_latest_on",
    ),
    *("floating", "state", "revision"),
)
_OFF = ("absorbed", "skipped")
Rendered = tuple[bytes, str, dict[str, tuple[bytes, str]]]
"""The PDF and its name, and the calendar file of each post with its name."""


@step("Send the teams their calendar")
def send_calendars(cycle: CycleRef) -> int:
    """Queue the calendar of the month that opens and of the next one, to each team; once for a month.

    People on a post who have an address get their own team's file; the files of the other teams go to the
    custodian, who gets them in one mail. Everybody gets the same page as a PDF.

    Returns:
        How many mails are new.
    """
    if issued_pack(cycle.engagement_id, KIND, cycle.period) is not None:
        return 0
    with reading() as session:
        engagement = engagement_of(session, cycle.engagement_id)
        months = _months(Period.parse(cycle.period), engagement)
        rendered = _rendered(session, engagement, months, cycle.as_of)
    if rendered is None:
        return 0
    with cycle_transaction(cycle) as session:
        return _queue(session, cycle, rendered)


def _months(month: Period, engagement: Engagement) -> list[Period]:
    """The month and the next one, as far as anything is planned."""
    following = month.following()
    return [month, following] if following.first <= planning_horizon(month, engagement) else [month]


def write_calendars(code: str, month: str, folder: Path) -> list[Path]:
    """Write a month's calendar into a folder: a file for each team and one PDF; none if nothing is planned.

    Raises:
        Terminal: the month is not written like 2027-03, or nothing can be written there.
        NotReady: the folder is not there.
    """
    try:
        period = Period.parse(month)
    except ValueError:
        raise Terminal(f"The month is {month!r}; expected one such as 2027-03.") from None
    if period.kind is not PeriodKind.MONTH:
        raise Terminal(f"{month!r} is a {period.kind}; expected a month such as 2027-03.")
    if not folder.is_dir():
        raise NotReady(f"There is no folder {folder}: make it, or name another one with --out.")
    with reading() as session:
        engagement = find_engagement(session, code)
        rendered = _rendered(session, engagement, [period], business_today(engagement))
    if rendered is None:
        return []
    pdf, name, files = rendered
    written = []
    for file_name, content in [*((file[1], file[0]) for file in files.values()), (name, pdf)]:
        write_whole(folder / file_name, content)
        written.append(folder / file_name)
    return written


def _rendered(session: Session, engagement: Engagement, months: list[Period], on: date) -> Rendered | None:
    teams = _teams(session, engagement, months[0].first, months[-1].last)
    if not teams:
        return None
    days = working_days_of(engagement)
    years, zh = sorted({month.first.year for month in months}), engagement.language == "zh"
    basis = "; ".join(days.basis(year, zh=zh) for year in years)
    pack = calendar_pack(engagement, teams, months, on, basis)
    stamp = datetime.combine(on, time(9), ZoneInfo(engagement.timezone))
    stem = f"{engagement.code}_{months[0].label}"
    files = {
        team.code: (team_file(engagement, team, stamp), f"{_safe(stem)}_{_safe(team.code)}.ics")
        for team in teams
    }
    return render_pdf(pack), pack_file_name(pack, "pdf"), files


def _safe(text: str) -> str:
    return "".join(c if c.isalnum() or c in "-._" else "-" for c in text).strip(".")[:60]


def _teams(session: Session, engagement: Engagement, first: date, last: date) -> list[Team]:
    key, zh = engagement_id(engagement), engagement.language == "zh"
    titles = {
        post.code: post.title_zh if zh else post.title_en
        for post in session.exec(
            select(PlanPost).where(PlanPost.plan_id == plan_in_force(session, key, first))
        ).all()
    }
    duties = _duties(session, engagement, first, last)
    return [
        Team(post, titles.get(post, post), tuple(sorted(of_post, key=lambda d: (d.due_on, d.series, d.uid))))
        for post, of_post in groupby(duties, key=lambda duty: duty.post)
    ]


def _duties(session: Session, engagement: Engagement, first: date, last: date) -> Iterator[Duty]:
    """The duties of a span, read in a stream: the targets of one occurrence come one after the other."""
    zh = engagement.language == "zh"
    titles: list[Any] = list(
        session.connection().execute(
            sa_select(
                col(Commitment.id),
                (col(Commitment.title_zh) if zh else col(Commitment.title_en)).label("title"),
                col(Commitment.rrule),
                col(Commitment.start_on),
            ).where(
                col(Commitment.engagement_id) == engagement_id(engagement),
                col(Commitment.id).in_(
                    select(Occurrence.commitment_id).where(*_within(engagement, first, last))
                ),
            )
        )
    )
    told = {row.id: row for row in titles}
    # Columns, not objects: a month may have a hundred thousand rows.
    rows = session.connection().execute(
        sa_select(*(getattr(Occurrence, name) for name in _COLUMNS))
        .where(*_within(engagement, first, last))
        .order_by(
            Occurrence.post_code,
            Occurrence.commitment_code,
            col(Occurrence.ordinal),
            col(Occurrence.due_on),
            Occurrence.series,
        )
        .execution_options(yield_per=2000)
    )
    for (post, name, ordinal, due_on, _one), group in groupby(rows, key=_key):
        members = list(group)
        commitment = told[members[0].commitment_id]
        live = [one for one in members if one.state not in _OFF]
        shown = live or members
        rule = Recurrence.parse(commitment.rrule) if commitment.rrule else None
        yield Duty(
            post=post,
            uid=_uid(engagement, name, ordinal, shown[0].target_code if shown[0].floating else ""),
            month_uid=_uid(engagement, name, -1, f"{due_on:%Y-%m}"),
            series=name,
            title=commitment.title,
            rule=None if shown[0].floating else rule,
            step_days=Series(rule, commitment.start_on, commitment.start_on).step_days,
            due_on=due_on,
            latest_on=max(one.latest_on for one in shown),
            legal_latest_on=min((one.legal_latest_on for one in shown if one.legal_latest_on), default=None),
            targets=tuple(one.target_code for one in shown[:TARGETS_SHOWN]),
            target_count=len(shown),
            revision=max(one.revision for one in members),
            state="off" if not live else "planned" if all(o.state == "planned" for o in live) else "open",
        )


def _within(engagement: Engagement, first: date, last: date) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Occurrence.engagement_id) == engagement_id(engagement),
        col(Occurrence.due_on).between(first, last),
    )


def _key(one: Any) -> tuple[str, str, int, date, str]:
    name = one.series.rpartition(f"/{one.target_code}")[0]
    return one.post_code, name, one.ordinal, one.due_on, one.target_code if one.floating else ""


def _uid(engagement: Engagement, name: str, ordinal: int, target: str) -> str:
    """The same for the same work, wherever it is moved, and for no other."""
    digest = hashlib.sha256("\n".join((engagement.code, name, str(ordinal), target)).encode()).hexdigest()
    return f"{digest[:32]}@{settings().mail_sender.partition('@')[2]}"


def _queue(session: Session, cycle: CycleRef, rendered: Rendered) -> int:
    pdf, name, files = rendered
    engagement = engagement_of(session, cycle.engagement_id)
    page = (name, PDF, keep_file(session, pdf, name, PDF))
    kept = {
        post: (file_name, MEDIA_TYPE, keep_file(session, content, file_name, MEDIA_TYPE))
        for post, (content, file_name) in files.items()
    }
    zh = engagement.language == "zh"
    title = f"{engagement.property_name} · {'作业日历' if zh else 'Calendar of work'} {cycle.period}"
    session.add(
        PackRow(
            engagement_id=cycle.engagement_id,
            kind=KIND,
            period=cycle.period,
            title="作业日历" if zh else "Calendar of work",
            file_name=name,
            media_type=PDF,
            sha256=page[2],
            issued_on=cycle.as_of,
        )
    )
    people = people_on_posts(session, cycle.engagement_id)
    queued = 0
    for post, file in kept.items():
        if post in people:
            letter = _letter(f"{KIND}-{post}", cycle.period, title, (page, file), zh=zh)
            queued += queue_letters(session, engagement, people[post], letter, cycle.as_of)
    others = tuple(file for post, file in kept.items() if post not in people)
    letter = _letter(KIND, cycle.period, title, (page, *others), zh=zh)
    custodian = people_with_role(session, engagement, "custodian")
    return queued + queue_letters(session, engagement, custodian, letter, cycle.as_of)


def _letter(
    kind: str, period: str, title: str, files: tuple[tuple[str, str, str], ...], *, zh: bool
) -> Letter:
    return Letter(
        kind=kind,
        period=period,
        title=title,
        paragraphs=(
            "附件为本月与下月的作业日历：PDF供打印，.ics文件可导入日历；下月为暂定安排。"
            if zh
            else "The calendar of this month and the next is attached: a PDF to print, and a file that any "
            "calendar takes in. The next month is tentative.",
        ),
        attachments=files,
        may_repeat=True,
    )
