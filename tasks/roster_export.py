"""How does a month's roster reach the people on it? As a workbook, a page and calendar files (B5)."""

import hashlib
from dataclasses import replace
from datetime import datetime, time
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from models.db import reading
from models.engagement import Engagement
from models.errors import NotReady
from models.rules.coverage import Shift
from models.service_plan import PlanPost
from models.settings import settings
from reports.pack import pack_file_name
from reports.pdf import render_pdf
from reports.roster_pack import RosterPost, roster_file, roster_pack
from reports.workbook import render_xlsx
from tasks.engagements import business_today, engagement_id, find_engagement
from tasks.plans_in_force import plan_in_force
from tasks.rosters import leave_of, planned_between, roster_month, roster_window


def roster_files(code: str, month: str, *, post: str = "", ref: str = "") -> dict[str, bytes]:
    """The month's roster as files: a workbook, a PDF, and a calendar for each post and each person.

    Args:
        code: the engagement.
        month: such as 2027-03.
        post: only the shifts of this post.
        ref: only the shifts of this person.

    Returns:
        Name and content of each file; the same roster on the same business date gives the same bytes.

    Raises:
        NotReady: there are no such shifts.
        Terminal: no whole month.
    """
    period = roster_month(month)
    with reading() as session:
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        start, end = roster_window(period, engagement.timezone)
        shifts = [
            shift
            for shift in planned_between(session, key, start, end)
            if shift.start >= start and post in ("", shift.post) and ref in ("", shift.person)
        ]
        if not shifts:
            whose = " ".join(part for part in (post and f"of the post {post}", ref and f"of {ref}") if part)
            raise NotReady(
                f"{code} has no planned shift {whose + ' ' if whose else ''}in {month}: "
                "`steward roster plan` computes a month, `steward roster import` takes one in."
            )
        titles = _titles(session, key, engagement)
        leave = sorted(
            one
            for one in leave_of(session, key)
            if one[1] <= period.last and one[2] >= period.first and ref in ("", one[0])
        )
        today = business_today(engagement)
    pack = roster_pack(engagement, month, _by_post(shifts, titles), leave, today)
    stamp = datetime.combine(today, time(9), ZoneInfo(engagement.timezone))
    uids = {shift: _uid(code, shift) for shift in shifts}
    paper = replace(pack, sections=pack.sections[:-1])  # the list of all shifts is for a spreadsheet
    files = {pack_file_name(pack, "xlsx"): render_xlsx(pack), pack_file_name(pack, "pdf"): render_pdf(paper)}
    for one in _by_post(shifts, titles):
        name = f"{_safe(code)}_{month}_post_{_safe(one.code)}.ics"
        files[name] = roster_file(engagement, one.title, [one], uids, stamp)
    for person in sorted({shift.person for shift in shifts}):
        own = _by_post([shift for shift in shifts if shift.person == person], titles)
        # Two references may look alike once they are safe as a file name.
        tail = "" if _safe(person) == person else f"-{hashlib.sha256(person.encode()).hexdigest()[:8]}"
        name = f"{_safe(code)}_{month}_person_{_safe(person)}{tail}.ics"
        files[name] = roster_file(engagement, person, own, uids, stamp)
    return files


def _titles(session: Session, key: int, engagement: Engagement) -> dict[str, str]:
    zh = engagement.language == "zh"
    return {
        post.code: post.title_zh if zh else post.title_en
        for post in session.exec(
            select(PlanPost).where(PlanPost.plan_id == plan_in_force(session, key))
        ).all()
    }


def _by_post(shifts: list[Shift], titles: dict[str, str]) -> list[RosterPost]:
    ordered = sorted(shifts, key=lambda s: (s.post, s.start, s.end, s.person))
    return [
        RosterPost(post, titles.get(post, post), tuple(of_post))
        for post, of_post in groupby(ordered, key=lambda s: s.post)
    ]


def _uid(code: str, shift: Shift) -> str:
    text = "\n".join((code, "shift", shift.post, shift.person, shift.start.isoformat()))
    return f"{hashlib.sha256(text.encode()).hexdigest()[:32]}@{settings().mail_sender.partition('@')[2]}"


def _safe(text: str) -> str:
    return "".join(c if c.isalnum() or c in "-._" else "-" for c in text).strip(".")[:60]
