"""Who is reminded that an answer is awaited? The party that was asked; of a late one both sides know. (A4, A5, B2, C2-C4)"""

from datetime import date

from sqlmodel import Session, col, select

from models.db import reading, writing
from models.decision import DecisionRequest
from models.engagement import Engagement
from models.outbox import OutboxMail
from models.rules.answers_due import reminder_due
from reports.words import voice_of
from tasks.engagements import (
    business_today,
    codes_by_the_clock,
    engagement_id,
    find_engagement,
    lock_engagement,
)
from tasks.outbox import Letter, people_with_role, queue_letters
from tasks.steps import step


def remind_of_answers(code: str, day: date | None = None) -> list[tuple[str, str, str]]:
    """Remind the parties of questions whose last day is near or past; each reminder goes out once.

    Args:
        code: the engagement.
        day: the business date by default.

    Returns:
        Subject, reference and party of the questions that somebody was reminded of now.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        on = day or business_today(engagement)
        if not _pressing(session, engagement, on):
            return []
    reminded = []
    with writing() as session:
        engagement = lock_engagement(session, code)
        for question, which in _pressing(session, engagement, on):
            told = people_with_role(session, engagement, question.party)
            if which != "due" and question.party != "custodian":
                told += people_with_role(session, engagement, "custodian")
            if queue_letters(session, engagement, told, _letter(session, engagement, question, which), on):
                reminded.append((question.subject, question.reference, question.party))
    return reminded


@step("Remind of answers that are awaited")
def remind_of_answers_everywhere() -> list[tuple[str, str, str, str]]:
    """The same for every engagement; a demonstration has no clock of its own. Code, subject, reference, party."""
    return [
        (code, *question)
        for code in codes_by_the_clock(serving=False)
        for question in remind_of_answers(code)
    ]


def _pressing(session: Session, engagement: Engagement, on: date) -> list[tuple[DecisionRequest, str]]:
    questions = session.exec(
        select(DecisionRequest)
        .where(DecisionRequest.engagement_id == engagement_id(engagement), DecisionRequest.state == "open")
        .order_by(col(DecisionRequest.id))
    ).all()
    found = [(question, reminder_due(question.asked_on, question.due_on, on)) for question in questions]
    return [(question, which) for question, which in found if which]


def _letter(session: Session, engagement: Engagement, question: DecisionRequest, which: str) -> Letter:
    voice, late = voice_of(engagement), which != "due"
    asked = session.exec(
        select(OutboxMail.attachments).where(
            OutboxMail.engagement_id == engagement_id(engagement),
            OutboxMail.kind == f"decision-{question.subject}",
            OutboxMail.period == question.reference,
        )
    ).first()
    party = voice({"client": "the client", "custodian": "the custodian"}[question.party], {"client": "委托方", "custodian": "托管方"}[question.party])  # fmt: skip
    return Letter(
        kind="decision-reminder",
        period=f"{question.subject}:{question.reference}:{question.party}:{which}",
        title=voice(
            f"{'Overdue answer' if late else 'Answer awaited'}: {question.question}",
            f"{'答复已逾期' if late else '请答复'}：{question.question}",
        ),
        paragraphs=(
            voice(
                "The document is attached once more. Please answer in the Prefect UI or through your contact at the "
                "custodian. Silence is never taken for consent.",
                "文件再次随附。请于管理界面或由贵方联系人答复；逾期不视为同意。",
            ),
        ),
        facts=(
            (voice("Asked", "提问日期"), question.asked_on.isoformat()),
            (voice("To be answered by", "答复期限"), f"{question.due_on.isoformat()}, {party}"),
            (voice("Document hash (SHA-256)", "文件指纹"), question.document_sha256),
        ),
        attachments=tuple((one["file_name"], one["media_type"], one["sha256"]) for one in (asked or ())),
        may_repeat=True,
    )
