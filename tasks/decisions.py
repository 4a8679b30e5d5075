"""Who is asked to decide, about which bytes, and what follows from the answer?"""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, select, update

from models.audit import record_event
from models.contract import Contract
from models.db import reading, writing
from models.decision import SIDES, Decision, DecisionRequest
from models.engagement import Engagement, IntakeVersion
from models.errors import DecisionNotOpen
from models.rules.cycles import ONCE
from models.rules.what_follows import tasks_of
from models.service_plan import ServicePlan
from reports.words import FOLLOW_UPS, PARTIES, POSTS, period_words, voice_of
from reports.words import VERDICTS as WORDS
from tasks.amendments import carry_out_amendment
from tasks.early_end_effect import settle_early_end
from tasks.engagements import business_today, change_stage, engagement_id, find_engagement, lock_engagement
from tasks.evaluation_differences import raise_rejection
from tasks.follow_ups import open_follow_ups
from tasks.outbox import Letter, people_with_role, queue_letters
from tasks.packs import find_pack
from tasks.part_approvals import SUBJECT, settle_parts
from tasks.statement_signing import require_second_person, settle_accounts

DECISION_TIME = timedelta(days=10)
BOTH_SIDES = SIDES
VERDICTS = {
    "intake": ("accepted", "rejected"),
    "plan": ("accepted", "rejected"),
    "contract": ("accepted", "rejected"),
    "accounts": ("accepted", "rejected"),
    "evaluation": ("accepted", "rejected"),
    "renewal": ("renew", "change", "end"),
    "early_end": ("accepted", "rejected"),
    "handover": ("accepted", "rejected"),
    "parts": ("accepted", "rejected"),
}
"""What may be answered to which question; silence is never a yes."""
_REASONED = {
    SUBJECT: "The parts are refused",
    "evaluation": "The evaluation is rejected",
    "early_end": "The early end is refused",
    "handover": "The handover protocol is sent back",
    "accounts": "The accounts are returned",
}
"""A no to these is of no use unless the other side learns why."""


@dataclass(frozen=True)
class OpenDecision:
    """A question somebody still has to answer."""

    id: int
    code: str
    subject: str
    reference: str
    party: str
    question: str
    document_sha256: str
    due_on: date
    language: str


def ask_decision(
    session: Session,
    engagement: Engagement,
    subject: str,
    reference: str,
    parties: tuple[str, ...],
    document_sha256: str,
    question: str,
    on: date,
    attachments: tuple[tuple[str, str, str], ...] = (),
    facts: tuple[tuple[str, str], ...] = (),
) -> None:
    """Put a question about one document to the parties, and tell them by mail; asking twice asks once."""
    key = engagement_id(engagement)
    for party in parties:
        asked = session.exec(
            select(DecisionRequest).where(
                DecisionRequest.engagement_id == key,
                DecisionRequest.subject == subject,
                DecisionRequest.reference == reference,
                DecisionRequest.party == party,
            )
        ).one_or_none()
        if asked is None:
            session.add(
                DecisionRequest(
                    engagement_id=key,
                    subject=subject,
                    reference=reference,
                    party=party,
                    document_sha256=document_sha256,
                    question=question,
                    asked_on=on,
                    due_on=on + DECISION_TIME,
                )
            )
            record_event(
                session, key, "decision.asked", f"{subject}:{reference}:{party}", {"sha256": document_sha256}
            )
        queue_letters(
            session,
            engagement,
            people_with_role(session, engagement, party),
            _letter(engagement, subject, reference, question, document_sha256, on, attachments, facts),
            on,
        )


def take_decision(
    code: str,
    subject: str,
    reference: str,
    party: str,
    verdict: str,
    *,
    declared_by: str,
    authenticated_by: str,
    document_sha256: str,
    on: date | None = None,
    remark: str = "",
) -> bool:
    """Record a party's decision and do what follows from it, in one transaction.

    Args:
        code: the engagement.
        subject: intake, plan, contract, accounts, evaluation, renewal, early_end, handover or parts.
        reference: which one.
        party: client or custodian; of a handover also receiver.
        verdict: one of `VERDICTS[subject]`.
        declared_by: the person's reference, or the name as declared.
        authenticated_by: how we know it was that person.
        document_sha256: hash of the bytes the person saw; must be those that were asked about.
        on: the business date; today by default.
        remark: what was said.

    Returns:
        False if this very decision was recorded before.

    Raises:
        DecisionNotOpen: nothing was asked, other bytes were shown, or it was decided otherwise before.
    """
    if verdict not in VERDICTS.get(subject, ()):
        raise DecisionNotOpen(
            f"{verdict!r} is no answer to a question about {subject}; expected one of "
            f"{', '.join(VERDICTS.get(subject, ())) or 'nothing: the subject is unknown'}."
        )
    if subject in _REASONED and verdict == "rejected" and not remark.strip():
        raise DecisionNotOpen(f"{_REASONED[subject]} without a reason; expected why, as the remark.")
    with writing() as session:
        engagement = lock_engagement(session, code)
        key = engagement_id(engagement)
        request = session.exec(
            select(DecisionRequest)
            .where(
                DecisionRequest.engagement_id == key,
                DecisionRequest.subject == subject,
                DecisionRequest.reference == reference,
                DecisionRequest.party == party,
            )
            .with_for_update()
        ).one_or_none()
        if request is None or request.id is None:
            raise DecisionNotOpen(f"The {party} was not asked about {subject} {reference} of {code}.")
        if request.document_sha256 != document_sha256:
            raise DecisionNotOpen(
                f"The document shown is not the one the {party} was asked about; open it again and decide anew."
            )
        before = session.exec(select(Decision).where(Decision.request_id == request.id)).one_or_none()
        if before is not None:
            if before.verdict == verdict:
                return False
            raise DecisionNotOpen(
                f"The {party} has already decided {before.verdict} on {subject} {reference}; a decision stands."
            )
        if request.state != "open":
            raise DecisionNotOpen(f"The question about {subject} {reference} was withdrawn.")
        if (subject, party, verdict) == ("accounts", "custodian", "accepted"):
            require_second_person(session, engagement, reference, declared_by)
        today = on or business_today(engagement)
        request.state = "decided"
        session.add(request)
        session.add(
            Decision(
                request_id=request.id,
                document_sha256=document_sha256,
                verdict=verdict,
                declared_by=declared_by,
                authenticated_by=authenticated_by,
                decided_on=today,
                remark=remark,
            )
        )
        record_event(
            session,
            key,
            f"decision.{verdict}",
            f"{subject}:{reference}:{party}",
            {"sha256": document_sha256, "how": authenticated_by},
        )
        session.flush()
        _follow_up(session, engagement, subject, reference, today, remark, (party, verdict, declared_by))
        return True


def open_decisions(code: str | None = None) -> list[OpenDecision]:
    """The questions still open, of one engagement or of all, the most urgent first.

    Raises:
        UnknownEngagement: no engagement has this code.
    """
    with reading() as session:
        if code is not None:
            find_engagement(session, code)
        query = (
            select(DecisionRequest, Engagement)
            .join(Engagement, col(Engagement.id) == col(DecisionRequest.engagement_id))
            .where(DecisionRequest.state == "open")
            .order_by(col(DecisionRequest.due_on), col(DecisionRequest.id))
        )
        if code is not None:
            query = query.where(Engagement.code == code)
        return [
            OpenDecision(
                request.id or 0,
                owner.code,
                request.subject,
                request.reference,
                request.party,
                request.question,
                request.document_sha256,
                request.due_on,
                owner.language,
            )
            for request, owner in session.exec(query).all()
        ]


def verdicts(session: Session, key: int, subject: str, reference: str) -> dict[str, str]:
    """What each party has decided so far: party to verdict."""
    rows = session.exec(
        select(DecisionRequest.party, Decision.verdict)
        .join(Decision, col(Decision.request_id) == col(DecisionRequest.id))
        .where(
            DecisionRequest.engagement_id == key,
            DecisionRequest.subject == subject,
            DecisionRequest.reference == reference,
        )
    ).all()
    return dict(rows)


def asked_parties(session: Session, key: int, subject: str, reference: str) -> tuple[str, ...]:
    """Who was asked: both sides, and of a handover the receiving party where it was named."""
    rows = session.exec(
        select(DecisionRequest.party).where(
            DecisionRequest.engagement_id == key,
            DecisionRequest.subject == subject,
            DecisionRequest.reference == reference,
        )
    ).all()
    return tuple(sorted({*BOTH_SIDES, *rows}))


def _follow_up(
    session: Session,
    engagement: Engagement,
    subject: str,
    reference: str,
    today: date,
    remark: str,
    answer: tuple[str, str, str],
) -> None:
    """What a decision sets in motion; a question is settled when all parties said yes or one said no.

    `answer` is the party, the verdict and who declared it.
    """
    key = engagement_id(engagement)
    said = verdicts(session, key, subject, reference)
    rejected = "rejected" in said.values()
    agreed = all(said.get(party) == "accepted" for party in asked_parties(session, key, subject, reference))
    if rejected:
        withdraw_open(session, key, subject, reference)
    if subject == "intake" and (agreed or rejected):
        session.exec(
            update(IntakeVersion)
            .where(col(IntakeVersion.engagement_id) == key, col(IntakeVersion.version) == int(reference))
            .values(state="confirmed" if agreed else "returned")
        )
    elif subject == "plan" and (agreed or rejected):
        _settle_plan(session, engagement, int(reference), agreed, today)
    elif subject == "contract" and (agreed or rejected):
        _settle_contract(session, engagement, reference, agreed, today)
    elif subject == "accounts":
        _settle_accounts(session, engagement, reference, answer, today)
    elif subject == SUBJECT:
        settle_parts(session, engagement, reference, accepted=not rejected, reason=remark, today=today)
    else:
        _follow_up_at_the_end(session, engagement, subject, reference, said, today, agreed=agreed)


def _follow_up_at_the_end(
    session: Session,
    engagement: Engagement,
    subject: str,
    reference: str,
    said: dict[str, str],
    today: date,
    *,
    agreed: bool,
) -> None:
    """What follows from answers about the end of a custody: judgement, wishes, an early end, the handover.

    `agreed`: every party that was asked said yes; of a handover the one that takes over too.
    """
    rejected = "rejected" in said.values()
    if subject == "evaluation" and rejected:
        raise_rejection(session, engagement, reference, today)
    elif subject == "renewal" and set(BOTH_SIDES) <= set(said):
        path = open_follow_ups(session, engagement, said, today)
        _tell_the_wishes(session, engagement, said, path, today)
    elif subject == "early_end" and (agreed or rejected):
        settle_early_end(session, engagement, reference, agreed, today)
    elif subject == "handover" and agreed:
        change_stage(session, engagement, "complete_handover")


def _settle_accounts(
    session: Session, engagement: Engagement, reference: str, answer: tuple[str, str, str], today: date
) -> None:
    """Accounts that a second person of the custodian found right go to the client, with their vouchers."""
    party, verdict, declared_by = answer
    statement = settle_accounts(
        session, engagement, reference, party, declared_by, accepted=verdict == "accepted", today=today
    )
    if statement is None:
        return
    key, voice = engagement_id(engagement), voice_of(engagement)
    packs = [
        found
        for kind in ("accounts", "accounts-vouchers")
        if (found := find_pack(session, key, kind, reference)) is not None
    ]
    period = period_words(statement.period, voice.language)
    ask_decision(
        session,
        engagement,
        "accounts",
        reference,
        ("client",),
        packs[0].sha256,
        voice(f"Please audit the accounts of {period}", f"请审核 {period} 财务报告"),
        today,
        tuple(file for pack in packs for file in pack.files),
        (
            (voice("Prepared by", "编制人"), statement.prepared_by),
            (voice("Reviewed by", "复核人"), statement.reviewed_by),
        ),
    )


def _tell_the_wishes(
    session: Session, engagement: Engagement, said: dict[str, str], path: str, today: date
) -> None:
    """Both sides learn what each wishes once both have said it, and who has to do what by when."""
    voice = voice_of(engagement)
    end = engagement.term_end.isoformat()
    if len(set(said.values())) > 1:
        follows = voice(
            f"The wishes differ, so the custody ends with its term on {end} and everything is handed over, unless both "
            "sides make a new contract before. The tasks below are those of the end.",
            f"双方意向不一致，托管于{end}到期终止并完整移交；双方在此之前另行签约的除外。以下为终止事项。",
        )
    else:
        follows = voice(
            f"The wishes agree. A new term needs a contract of its own; the handover at the end of this one on {end} "
            "takes place either way.",
            f"双方意向一致。新的托管期须另行签订合同；本期于{end}届满，均应办理交接。",
        )
    queue_letters(
        session,
        engagement,
        people_with_role(session, engagement, *BOTH_SIDES),
        Letter(
            kind="renewal-wishes",
            period=ONCE,
            title=f"{engagement.property_name}{voice(': going on together', '：后续合作意向')}",
            paragraphs=(follows,),
            facts=(
                *((voice.word(PARTIES, party), voice.word(WORDS, said[party])) for party in BOTH_SIDES),
                *(
                    (
                        voice.word(FOLLOW_UPS, task.code),
                        f"{voice.word({**POSTS, **PARTIES}, task.owner)}, {task.due_on}",
                    )
                    for task in tasks_of(path, engagement.term_end, today)
                ),
            ),
        ),
        today,
    )


def _settle_plan(session: Session, engagement: Engagement, version: int, agreed: bool, today: date) -> None:
    """Before the contract the plan's fate moves the stage; an amendment of a signed one moves the work."""
    key = engagement_id(engagement)
    plan = session.exec(
        select(ServicePlan).where(ServicePlan.engagement_id == key, ServicePlan.version == version)
    ).one()
    if agreed:
        # Versions that came into effect earlier keep governing the days before this one.
        session.exec(
            update(ServicePlan)
            .where(
                col(ServicePlan.engagement_id) == key,
                col(ServicePlan.state) == "confirmed",
                col(ServicePlan.effective_on) >= plan.effective_on,
            )
            .values(state="superseded")
        )
    plan.state = "confirmed" if agreed else "returned"
    session.add(plan)
    session.flush()
    if plan.reason is None:
        change_stage(session, engagement, "confirm_plan" if agreed else "return_plan")
    elif agreed:
        carry_out_amendment(session, engagement, plan, _asked_sha256(session, key, version), today)
    else:
        record_event(session, key, "plan.amendment_rejected", str(version))


def _asked_sha256(session: Session, key: int, version: int) -> str:
    return session.exec(
        select(DecisionRequest.document_sha256).where(
            DecisionRequest.engagement_id == key,
            DecisionRequest.subject == "plan",
            DecisionRequest.reference == str(version),
            DecisionRequest.party == "client",
        )
    ).one()


def withdraw_plan_questions(session: Session, engagement: Engagement, version: int) -> int:
    """Take back every open question about plan versions before this one, which are superseded by it.

    Returns:
        How many questions were withdrawn; a version that was decided meanwhile keeps its decision.

    Raises:
        DecisionNotOpen: an earlier version was settled while the edit was made.
    """
    key = engagement_id(engagement)
    replaced = session.exec(
        select(ServicePlan)
        .where(
            ServicePlan.engagement_id == key,
            ServicePlan.version < version,
            ServicePlan.state == "submitted",
        )
        .with_for_update()
    ).all()
    edited = session.exec(
        select(ServicePlan).where(ServicePlan.engagement_id == key, ServicePlan.version == version)
    ).one()
    if edited.reason is None and engagement.stage not in ("due_diligence", "plan_confirmation"):
        raise DecisionNotOpen("The plan was confirmed while it was edited: it is changed by amendment only.")
    withdrawn = 0
    for plan in replaced:
        plan.state = "superseded"
        session.add(plan)
        withdrawn += withdraw_open(session, key, "plan", str(plan.version))
        record_event(session, key, "plan.superseded", str(plan.version), {"by": version})
    session.flush()
    return withdrawn


def _settle_contract(
    session: Session, engagement: Engagement, number: str, agreed: bool, today: date
) -> None:
    session.exec(
        update(Contract)
        .where(col(Contract.engagement_id) == engagement.id, col(Contract.number) == number)
        .values(state="signed" if agreed else "returned", signed_on=today if agreed else None)
    )
    if agreed:
        change_stage(session, engagement, "sign_contract")


def withdraw_open(session: Session, key: int, subject: str, reference: str) -> int:
    """Nobody is asked about this document any longer; returns how many were."""
    return session.exec(
        update(DecisionRequest)
        .where(
            col(DecisionRequest.engagement_id) == key,
            col(DecisionRequest.subject) == subject,
            col(DecisionRequest.reference) == reference,
            col(DecisionRequest.state) == "open",
        )
        .values(state="withdrawn")
    ).rowcount


def _letter(
    engagement: Engagement,
    subject: str,
    reference: str,
    question: str,
    document_sha256: str,
    on: date,
    attachments: tuple[tuple[str, str, str], ...],
    facts: tuple[tuple[str, str], ...],
) -> Letter:
    zh = engagement.language == "zh"
    return Letter(
        kind=f"decision-{subject}",
        period=reference,
        title=f"{engagement.property_name}：{question}" if zh else f"{engagement.property_name}: {question}",
        paragraphs=(
            (
                "附件为待决定的文件。请在期限前于管理界面或由贵方联系人答复；逾期不视为同意。"
                if zh
                else "The document to decide on is attached. Please answer by the date below, in the Prefect UI "
                "or through your contact at the custodian. Silence is never taken for consent."
            ),
        ),
        facts=(
            ("答复期限" if zh else "Please answer by", str(on + DECISION_TIME)),
            ("文件指纹" if zh else "Document hash (SHA-256)", document_sha256),
            *facts,
        ),
        attachments=attachments,
    )
