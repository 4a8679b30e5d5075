"""Where does everything stand? What the command line shows, as plain values."""

from typing import Any

from sqlmodel import col, func, select

from deployments.waiting import intake_state, waited_for
from models.audit import AuditEvent, AuditHead, verify_chain
from models.db import reading
from models.engagement import Cycle, Engagement
from models.outbox import OutboxMail
from models.review import IndicatorFigure
from reports.indicator_sections import figures_in_order
from tasks.cycles import due_now
from tasks.decisions import open_decisions
from tasks.engagements import business_today, engagement_id, find_engagement
from tasks.follow_ups import listed_follow_ups

Row = dict[str, Any]


def engagements() -> list[Row]:
    """Code, property, stage and term of every engagement."""
    with reading() as session:
        return [
            {
                "code": found.code,
                "property": found.property_name,
                "stage": found.stage,
                "term": f"{found.term_start} – {found.term_end}",
                "today": str(business_today(found)),
            }
            for found in session.exec(select(Engagement).order_by(Engagement.code)).all()
        ]


def status(code: str) -> Row:
    """Where one engagement stands: the record, what waits for whom, figures and mail."""
    with reading() as session:
        found = find_engagement(session, code)
        key = engagement_id(found)
        mail = session.exec(
            select(OutboxMail.state, func.count())
            .where(OutboxMail.engagement_id == key)
            .group_by(col(OutboxMail.state))
        ).all()
        latest = session.exec(
            select(IndicatorFigure.period)
            .where(IndicatorFigure.engagement_id == key, col(IndicatorFigure.period).like("____-__"))
            .order_by(col(IndicatorFigure.period).desc())
        ).first()
        figures = session.exec(
            select(IndicatorFigure).where(
                IndicatorFigure.engagement_id == key, IndicatorFigure.period == (latest or "")
            )
        ).all()
        unfinished = session.exec(
            select(Cycle)
            .where(Cycle.engagement_id == key, Cycle.state != "done")
            .order_by(col(Cycle.due_on), Cycle.kind)
        ).all()
        return {
            "code": found.code,
            "property": found.property_name,
            "stage": found.stage,
            "today": str(business_today(found)),
            "intake": intake_state(session, found),
            "waiting": waited_for(code),
            "due": [
                {"kind": kind.value, "period": period, "due_on": str(due_on)}
                for kind, period, due_on in due_now(code, None)
            ],
            "unfinished": [
                {"kind": row.kind, "period": row.period, "state": row.state, "why": row.last_error}
                for row in unfinished
            ],
            "open_decisions": [
                {
                    "subject": question.subject,
                    "reference": question.reference,
                    "party": question.party,
                    "due_on": str(question.due_on),
                    "document": question.document_sha256[:12],
                }
                for question in open_decisions(code)
            ],
            "follow_ups": listed_follow_ups(code),
            "indicators": [
                {
                    "period": figure.period,
                    "indicator": figure.code,
                    "value": "" if figure.value is None else str(figure.value),
                    "target": "" if figure.target is None else str(figure.target),
                    "state": figure.state,
                }
                for figure in figures_in_order(figures)
            ],
            "mail": [{"state": state, "mails": count} for state, count in mail],
        }


def timeline(code: str) -> list[Row]:
    """Every entry of the audit trail, in order."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        return [
            {
                "entry": event.sequence,
                "at": event.at.isoformat(timespec="seconds"),
                "who": event.who,
                "did": event.tag,
                "what": event.subject,
                "detail": event.detail,
                "run": event.run,
            }
            for event in session.exec(
                select(AuditEvent).where(AuditEvent.engagement_id == key).order_by(col(AuditEvent.sequence))
            ).all()
        ]


def cycles(code: str) -> list[Row]:
    """Every piece of work of the clockwork, in the order it was due."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        return [
            {
                "kind": row.kind,
                "period": row.period,
                "due_on": str(row.due_on),
                "as_of": str(row.as_of),
                "state": row.state,
                "attempt": row.attempt,
                "last_error": row.last_error,
            }
            for row in session.exec(
                select(Cycle).where(Cycle.engagement_id == key).order_by(col(Cycle.due_on), col(Cycle.id))
            ).all()
        ]


def mails(state: str) -> list[Row]:
    """The mails in a state, by key and Message-ID; addresses stay in the people table."""
    with reading() as session:
        return [
            {
                "key": mail.dedup_key,
                "message_id": mail.message_id,
                "attempt": mail.attempt,
                "last_code": mail.last_code,
            }
            for mail in session.exec(
                select(OutboxMail).where(OutboxMail.state == state).order_by(col(OutboxMail.id))
            ).all()
        ]


def verified_chains(code: str | None) -> list[Row]:
    """Whether each audit trail verifies, with its head, which a client can compare with the one in a report."""
    with reading() as session:
        query = select(Engagement).order_by(Engagement.code)
        found = [find_engagement(session, code)] if code else session.exec(query).all()
        rows = []
        for engagement in found:
            key = engagement_id(engagement)
            fault = verify_chain(session, key)
            head = session.get(AuditHead, key)
            rows.append(
                {
                    "engagement": engagement.code,
                    "verifies": fault is None,
                    "entries": head.sequence if head else 0,
                    "head": head.hash if head else "",
                    "first_bad_entry": fault.sequence if fault else "",
                    "reason": fault.reason if fault else "",
                }
            )
        return rows
