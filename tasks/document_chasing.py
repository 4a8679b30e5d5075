"""Who is asked for the papers that were not handed over, and how often were they asked? (A3)"""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, select

from models.audit import record_event
from models.db import reading, writing
from models.diligence import DocumentReminder
from models.engagement import Engagement
from models.rules.document_chasing import (
    MOST_REMINDERS,
    ChasedPaper,
    PaperReminder,
    next_reminder_on,
    reminders_due,
)
from models.rules.stages import Stage
from models.upsert import insert_if_absent
from tasks.documents import documents_of
from tasks.engagements import business_today, engagement_codes, engagement_id, find_engagement
from tasks.outbox import Letter, people_with_role, queue_letters
from tasks.steps import step

ROLES = ("client", "custodian")
"""The client owes the papers; the custodian gets the same letter as a copy."""
SILENT_STAGES = (Stage.INTAKE, Stage.HANDOVER, Stage.CLOSED, Stage.WITHDRAWN)
"""Nothing is chased before the list is agreed, nor while everything is being given back."""
_MOST_LISTED = 40


@dataclass(frozen=True)
class ChaseReport:
    """What one round did, or would do, for one engagement: counts, references and numbers only."""

    code: str
    on: date
    papers: tuple[tuple[str, int], ...]
    """Reference and number of the reminder of each paper."""
    recipients: tuple[str, ...]
    """References of the people."""
    queued: int
    note: str = ""


def chase_documents(code: str, as_of: date | None = None, *, dry_run: bool = False) -> ChaseReport:
    """Ask for what is missing and due to be asked for; at most one reminder of each number for each paper.

    Args:
        code: the engagement.
        as_of: the business date; by default the engagement's own today.
        dry_run: say who would get what, and queue nothing.
    """
    if dry_run:
        with reading() as session:
            return _chase(session, find_engagement(session, code), as_of, dry_run=True)
    with writing() as session:
        return _chase(session, find_engagement(session, code), as_of, dry_run=False)


@step("Ask for the papers that are missing")
def chase_all(engagement: str | None, as_of: date | None) -> list[ChaseReport]:
    """Chase the papers of every engagement; a demonstration's dates are not the clock's, so it is left out.

    Args:
        engagement: only this one; all by default.
        as_of: the business date; by default each engagement's own today. With it a demonstration is chased too.
    """
    reports = []
    for code in [engagement] if engagement else engagement_codes():
        with reading() as session:
            simulated = find_engagement(session, code).simulated_on is not None
        if simulated and as_of is None:
            continue
        reports.append(chase_documents(code, as_of))
    return reports


def _chase(session: Session, engagement: Engagement, as_of: date | None, *, dry_run: bool) -> ChaseReport:
    today = as_of or business_today(engagement)
    if engagement.stage in SILENT_STAGES:
        return ChaseReport(
            engagement.code, today, (), (), 0, f"nothing is chased in stage {engagement.stage}"
        )
    due = reminders_due(_papers(session, engagement), today)
    if not due:
        return ChaseReport(engagement.code, today, (), (), 0, "nothing is due")
    people = people_with_role(session, engagement, *ROLES)
    papers = tuple((reminder.paper.ref, reminder.number) for reminder in due)
    if not people_with_role(session, engagement, "client"):
        return ChaseReport(
            engagement.code, today, papers, (), 0, "the client has no mail address: nobody was asked"
        )
    if dry_run:
        return ChaseReport(engagement.code, today, papers, tuple(people), 0)
    key = engagement_id(engagement)
    rows = [
        {"engagement_id": key, "document_ref": ref, "number": number, "sent_on": today}
        for ref, number in papers
    ]
    if insert_if_absent(session, DocumentReminder, rows) == 0:
        return ChaseReport(engagement.code, today, papers, tuple(people), 0, "reminded before")
    queued = queue_letters(session, engagement, people, _letter(engagement, due, today), today)
    highest = max(number for _, number in papers)
    record_event(
        session, key, "documents.reminded", today.isoformat(), {"papers": len(papers), "highest": highest}
    )
    return ChaseReport(engagement.code, today, papers, tuple(people), queued)


def _papers(session: Session, engagement: Engagement) -> list[ChasedPaper]:
    key = engagement_id(engagement)
    sent: dict[str, list[DocumentReminder]] = {}
    for reminder in session.exec(select(DocumentReminder).where(DocumentReminder.engagement_id == key)).all():
        sent.setdefault(reminder.document_ref, []).append(reminder)
    return [
        ChasedPaper(
            ref=item.ref,
            title=item.title,
            state=item.state,
            # A list from before the day was noted counts from the day the engagement was recorded.
            listed_on=item.listed_on or engagement.created_at.date(),
            reminders=max((r.number for r in sent.get(item.ref, [])), default=0),
            reminded_on=max((r.sent_on for r in sent.get(item.ref, [])), default=None),
        )
        for item in documents_of(session, key)
    ]


def _letter(engagement: Engagement, due: tuple[PaperReminder, ...], today: date) -> Letter:
    zh = engagement.language == "zh"
    highest = max(reminder.number for reminder in due)
    rest = len(due) - _MOST_LISTED
    paragraphs = [
        f"截至{today.isoformat()}，下列{len(due)}项应移交资料尚未收齐。请移交，或书面说明不再移交的理由。"
        if zh
        else f"As of {today.isoformat()} the {len(due)} papers below have not been handed over in full. "
        "Please hand them over, or tell us in writing which of them will not come.",
        "缺失资料将作为双方已知风险列入服务方案与托管合同。"
        if zh
        else "What stays missing stands in the service plan and the contract as a risk both sides know.",
    ]
    if highest == MOST_REMINDERS:
        paragraphs.append(
            "部分资料为最后一次书面催交，此后将提交双方商定。"
            if zh
            else "For some of them this is the last reminder: both sides then decide what becomes of them."
        )
    if rest > 0:
        paragraphs.append(f"另有{rest}项见移交清单。" if zh else f"{rest} more stand on the list of papers.")
    return Letter(
        kind="documents-missing",
        period=today.isoformat(),
        title=f"{engagement.property_name}：资料移交催告"
        if zh
        else f"{engagement.property_name}: papers still to be handed over",
        paragraphs=tuple(paragraphs),
        facts=tuple(
            (
                reminder.paper.title,
                f"第{reminder.number}次提醒" if zh else f"reminder {reminder.number}",
            )
            for reminder in due[:_MOST_LISTED]
        ),
        may_repeat=True,
    )


def paper_list(code: str) -> list[dict[str, str | int | None]]:
    """Every paper of the list with what became of it, and when it is asked for next."""
    with reading() as session:
        engagement = find_engagement(session, code)
        chased = {paper.ref: paper for paper in _papers(session, engagement)}
        return [
            {
                "ref": item.ref,
                "title": item.title,
                "group": item.kind,
                "basis": item.basis,
                "state": item.state,
                "condition": item.condition,
                "pages": item.pages,
                "originals": item.originals,
                "copies": item.copies,
                "received_on": None if item.received_on is None else item.received_on.isoformat(),
                "received_from": item.received_from,
                "received_by": item.received_by,
                "signature_ref": item.signature_ref,
                "file_name": item.file_name,
                "evidence": item.evidence,
                "reminders": chased[item.ref].reminders,
                "next_reminder_on": None
                if (day := next_reminder_on(chased[item.ref])) is None
                else day.isoformat(),
            }
            for item in documents_of(session, engagement_id(engagement))
        ]
