"""How does a custody end before its term? Notice, both sides' decision, and taking it back (A5, C3, C4)."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from models.audit import record_event
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import Terminal
from models.evaluation import EarlyEnd
from models.rules.early_end import Milestone, end_problem, milestones
from models.rules.personal_data import masked
from reports.early_end_notice import early_end_notice
from reports.words import voice_of
from tasks.decisions import BOTH_SIDES, ask_decision, withdraw_open
from tasks.early_end_effect import ENDABLE, reckon_early_end, restore_term
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.improvements import MAX_NOTE
from tasks.outbox import Letter, people_with_role, queue_letters
from tasks.packs import IssuedPack, issue_loose_pack
from tasks.references import require_known_person
from tasks.renewal import renewed_into
from tasks.steps import step

SUBJECT = "early_end"


@dataclass(frozen=True)
class SaidNotice:
    """What a side gives notice of."""

    ground: str
    party: str
    ends_on: date
    reason: str
    by: str
    """Reference of the person who enters it."""


@dataclass(frozen=True)
class NoticePreview:
    """What a notice would come to."""

    ends_on: date
    owed: str
    orders: int
    falls_due: tuple[Milestone, ...]


def preview_early_end(code: str, said: SaidNotice) -> NoticePreview:
    """What an early end would come to; nothing is written.

    Raises:
        Terminal: it cannot end so; the message says what was expected.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        today = business_today(engagement)
        _refuse(session, engagement, said, today)
        ending = reckon_early_end(session, engagement, said.ends_on, today)
        return NoticePreview(said.ends_on, str(ending.owed), ending.orders, milestones(today, said.ends_on))


@step("Give notice of an early end")
def give_notice(code: str, said: SaidNotice) -> IssuedPack:
    """Record the notice, issue it as a document, and ask both sides; the same notice again asks nobody twice.

    Raises:
        Terminal: it cannot end so; the message says what was expected.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, today = engagement_id(engagement), business_today(engagement)
        notice = _open_notice(session, key)
        if notice is None or not _is_the_same(notice, said):
            _refuse(session, engagement, said, today)
            notice = EarlyEnd(
                engagement_id=key,
                number=f"early-end-{len(_notices(session, key)) + 1}",
                ground=said.ground,
                party=said.party,
                given_on=today,
                ends_on=said.ends_on,
                former_end=engagement.term_end,
                reason=masked(said.reason.strip())[:MAX_NOTE],
                recorded_by=said.by,
            )
            session.add(notice)
            detail = {"ground": said.ground, "party": said.party, "ends_on": str(said.ends_on)}
            record_event(session, key, "early_end.given", notice.number, detail)
        number = notice.number
    with reading() as session:
        engagement = find_engagement(session, code)
        notice = session.exec(
            select(EarlyEnd).where(EarlyEnd.engagement_id == key, EarlyEnd.number == number)
        ).one()
        ending = reckon_early_end(session, engagement, notice.ends_on, notice.given_on)
        pack = early_end_notice(
            engagement,
            notice,
            falls_due=milestones(notice.given_on, notice.ends_on),
            owed=ending.owed,
            orders=ending.orders,
            on=notice.given_on,
        )
        asked_on = notice.given_on
    issued = issue_loose_pack(key, SUBJECT, number, pack, asked_on)
    with writing() as session:
        engagement = lock_engagement(session, code)
        ask_decision(
            session,
            engagement,
            SUBJECT,
            number,
            BOTH_SIDES,
            issued.sha256,
            voice_of(engagement)(
                f"Please confirm that the custody ends early, on {said.ends_on}",
                f"请确认托管提前于{said.ends_on}终止",
            ),
            asked_on,
            issued.files,
        )
    return issued


def take_notice_back(code: str, reason: str, by: str) -> str:
    """Take back the newest notice, agreed or not, until it takes effect; term, work and instalments return.

    Returns:
        What it was: given or agreed.

    Raises:
        Terminal: there is none, no reason was given, an unknown person, it has taken effect, or the next term has been
            opened against the new end.
    """
    if not reason.strip():
        raise Terminal("A notice is taken back for a reason: --reason must not be empty.")
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, today = engagement_id(engagement), business_today(engagement)
        notices = [one for one in _notices(session, key) if one.state in ("given", "agreed")]
        if not notices:
            raise Terminal(f"No notice of an early end of {code} is open or agreed.")
        require_known_person(session, engagement, by)
        notice = notices[-1]
        was = notice.state
        if was == "agreed":
            following = renewed_into(session, key)
            if following is not None and following[1] <= notice.former_end:
                raise Terminal(
                    f"{code} was renewed into {following[0]} from {following[1]}: its former term until {notice.former_end} "
                    "would overlap; the early end stands."
                )
            restore_term(session, engagement, notice, today)
        withdraw_open(session, key, SUBJECT, notice.number)
        notice.state, notice.settled_on = "taken_back", today
        session.add(notice)
        record_event(session, key, "early_end.taken_back", notice.number, {"was": was})
        _tell_both(session, engagement, notice, masked(reason.strip())[:MAX_NOTE], today)
        return was


def _tell_both(session: Session, engagement: Engagement, notice: EarlyEnd, reason: str, today: date) -> None:
    voice = voice_of(engagement)
    queue_letters(
        session,
        engagement,
        people_with_role(session, engagement, *BOTH_SIDES),
        Letter(
            kind="early-end-taken-back",
            period=notice.number,
            title=f"{engagement.property_name}{voice(': the notice of early end is taken back', '：撤回提前终止通知')}",
            paragraphs=(
                voice(
                    f"The notice that the custody ends on {notice.ends_on} is taken back. The term runs until "
                    f"{notice.former_end}, with the work and the instalments that were agreed.",
                    f"原定于{notice.ends_on}提前终止托管的通知已撤回，托管期仍至{notice.former_end}，计划工作与分期款恢复。",
                ),
            ),
            facts=((voice("Reason", "理由"), reason),),
        ),
        today,
    )


def _refuse(session: Session, engagement: Engagement, said: SaidNotice, today: date) -> None:
    key = engagement_id(engagement)
    if engagement.stage not in ENDABLE:
        raise Terminal(
            f"{engagement.code} is in stage {engagement.stage}; a custody ends early between its signature and its joint "
            "evaluation. Before the signature: `steward engagement withdraw`."
        )
    if said.party not in BOTH_SIDES:
        raise Terminal(f"{said.party!r} is no side; expected client or custodian.")
    problem = end_problem(said.ground, today, said.ends_on, (engagement.term_start, engagement.term_end))
    if problem:
        raise Terminal(problem)
    if not said.reason.strip():
        raise Terminal("A notice has a reason: --reason must not be empty.")
    require_known_person(session, engagement, said.by)
    standing = [one for one in _notices(session, key) if one.state in ("given", "agreed")]
    if standing:
        raise Terminal(
            f"{standing[-1].number} is {standing[-1].state} (end on {standing[-1].ends_on}); take it back first "
            f"(`steward engagement end-undo {engagement.code}`)."
        )


def _notices(session: Session, key: int) -> list[EarlyEnd]:
    return list(
        session.exec(select(EarlyEnd).where(EarlyEnd.engagement_id == key).order_by(col(EarlyEnd.id))).all()
    )


def _open_notice(session: Session, key: int) -> EarlyEnd | None:
    found = [one for one in _notices(session, key) if one.state == "given"]
    return found[-1] if found else None


def _is_the_same(notice: EarlyEnd, said: SaidNotice) -> bool:
    return (notice.ground, notice.party, notice.ends_on) == (said.ground, said.party, said.ends_on)
