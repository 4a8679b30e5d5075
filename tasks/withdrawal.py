"""What if nothing comes of it? An engagement that is given up before its contract is signed (A1, A5)."""

from sqlmodel import col, select, update

from models.audit import record_event
from models.contract import Contract
from models.db import reading, writing
from models.decision import DecisionRequest
from models.engagement import Cycle, Engagement
from models.errors import Terminal
from models.rules.cycles import ONCE
from models.rules.personal_data import masked
from models.rules.stages import Stage, is_legal
from reports.words import PARTIES, voice_of
from tasks.decisions import BOTH_SIDES
from tasks.engagements import business_today, change_stage, engagement_id, find_engagement, lock_engagement
from tasks.improvements import MAX_NOTE
from tasks.outbox import Letter, people_with_role, queue_letters
from tasks.references import require_known_person


def preview_withdrawal(code: str) -> dict[str, int]:
    """What a withdrawal would end: open questions, and pieces of work not done; nothing is written.

    Raises:
        Terminal: the contract is signed, or the engagement is over.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        _refuse(engagement)
        key = engagement_id(engagement)
        questions = session.exec(
            select(DecisionRequest.id).where(
                DecisionRequest.engagement_id == key, DecisionRequest.state == "open"
            )
        ).all()
        cycles = session.exec(
            select(Cycle.id).where(
                Cycle.engagement_id == key, col(Cycle.state).in_(("planned", "started", "failed"))
            )
        ).all()
        return {"questions": len(questions), "cycles": len(cycles)}


def withdraw_engagement(code: str, party: str, reason: str, by: str) -> bool:
    """Give an engagement up before its contract is signed; nobody is asked any longer, and all records stay.

    Returns:
        False if it was withdrawn before.

    Raises:
        Terminal: the contract is signed, no reason was given, or an unknown party or person.
    """
    if party not in BOTH_SIDES:
        raise Terminal(f"{party!r} is no side; expected client or custodian.")
    if not reason.strip():
        raise Terminal("An engagement is withdrawn for a reason: --reason must not be empty.")
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, today = engagement_id(engagement), business_today(engagement)
        if engagement.stage == Stage.WITHDRAWN:
            return False
        _refuse(engagement)
        require_known_person(session, engagement, by)
        change_stage(session, engagement, "withdraw")
        session.exec(
            update(DecisionRequest)
            .where(col(DecisionRequest.engagement_id) == key, col(DecisionRequest.state) == "open")
            .values(state="withdrawn")
        )
        session.exec(
            update(Cycle)
            .where(col(Cycle.engagement_id) == key, col(Cycle.state).in_(("planned", "started", "failed")))
            .values(state="cancelled", lease_until=None, last_error="")
        )
        session.exec(
            update(Contract)
            .where(col(Contract.engagement_id) == key, col(Contract.state) == "offered")
            .values(state="ended")
        )
        said = masked(reason.strip())[:MAX_NOTE]
        record_event(session, key, "engagement.withdrawn", code, {"party": party, "by": by, "why": said})
        voice = voice_of(engagement)
        queue_letters(
            session,
            engagement,
            people_with_role(session, engagement, *BOTH_SIDES),
            Letter(
                kind="withdrawn",
                period=ONCE,
                title=f"{engagement.property_name}{voice(': the engagement is withdrawn', '：托管项目终止')}",
                paragraphs=(
                    voice(
                        "The engagement is given up before a contract was signed. Nothing more is asked of you; what was "
                        "recorded stays, and papers that were handed over can be asked back.",
                        "本项目在合同签署前终止，此前征询一并撤回。已有记录保留，已移交的资料可申请退还。",
                    ),
                ),
                facts=(
                    (voice("By", "提出方"), voice.word(PARTIES, party)),
                    (voice("Reason", "理由"), said),
                ),
            ),
            today,
        )
        return True


def _refuse(engagement: Engagement) -> None:
    if not is_legal("withdraw", engagement.stage):
        raise Terminal(
            f"{engagement.code} is in stage {engagement.stage}: it is withdrawn only before its contract is signed. "
            "Afterwards a custody ends early: `steward engagement end`."
        )
