"""How does a confirmed plan become editable again before the contract is signed? The offer is voided first (A4, A5)."""

from dataclasses import dataclass

from sqlmodel import Session, col, select, update

from models.audit import record_event
from models.clock import utc_now
from models.contract import Contract
from models.db import reading, writing
from models.engagement import Cycle, Engagement
from models.errors import Terminal
from models.rules.cycles import CycleKind
from models.rules.stages import Stage
from tasks.decisions import BOTH_SIDES, withdraw_open
from tasks.engagements import business_today, change_stage, engagement_id, find_engagement
from tasks.outbox import Letter, people_with_role, queue_letters
from tasks.plans_in_force import confirmed_versions


@dataclass(frozen=True)
class Reopening:
    """What reopening a plan takes back."""

    version: int
    """The confirmed version that an edit will start from."""
    contracts: tuple[str, ...]
    """Offered contracts that become void."""
    state: str
    """would_reopen, reopened, or open (nothing to do)."""


def reopen_plan(code: str, reason: str, *, carry_out: bool) -> Reopening:
    """Take the plan back to editing: the unsigned contract is void, its questions are withdrawn, both sides are told.

    The confirmed version stays the one an edit starts from, until both sides confirm the next. Open already,
    nothing changes.

    Args:
        code: the engagement.
        reason: why, as both sides shall read it.
        carry_out: False only says what would happen.

    Raises:
        Terminal: the contract is signed, is being drawn up, no plan was confirmed, or no reason is given.
    """
    if not 0 < len(reason.strip()) <= 500:
        raise Terminal("To reopen a plan takes a reason of 1 to 500 characters: both sides read it.")
    if not carry_out:
        with reading() as session:
            return _plan_of_action(session, find_engagement(session, code))
    with writing() as session:
        engagement = find_engagement(session, code)
        found = _plan_of_action(session, engagement)
        if found.state == "open":
            return found
        key = engagement_id(engagement)
        change_stage(session, engagement, "reopen_plan")  # first: a signature at this moment wins or waits
        for number in found.contracts:
            withdraw_open(session, key, "contract", number)
            record_event(session, key, "contract.voided", number, {"plan": found.version})
        session.exec(
            update(Contract)
            .where(col(Contract.engagement_id) == key, col(Contract.state) == "offered")
            .values(state="returned")
        )
        # An offer that failed or never started is drawn up anew once the next version is confirmed.
        session.exec(
            update(Cycle)
            .where(
                col(Cycle.engagement_id) == key,
                col(Cycle.kind) == CycleKind.CONTRACT.value,
                col(Cycle.state).in_(("failed", "started")),
            )
            .values(state="planned", lease_until=None)
        )
        _tell_both_sides(session, engagement, found, reason.strip())
    return Reopening(found.version, found.contracts, "reopened")


def _plan_of_action(session: Session, engagement: Engagement) -> Reopening:
    key = engagement_id(engagement)
    confirmed = confirmed_versions(session, key)
    signed = session.exec(
        select(Contract).where(Contract.engagement_id == key, Contract.state == "signed")
    ).first()
    if signed is not None:
        raise Terminal(
            f"The contract of {engagement.code} was signed on {signed.signed_on}: its plan is not reopened but changed "
            "by `steward plan amend`, which both sides sign as an addendum."
        )
    if confirmed and engagement.stage in (Stage.DUE_DILIGENCE, Stage.PLAN_CONFIRMATION):
        return Reopening(confirmed[-1].version, (), "open")
    if not confirmed or engagement.stage != Stage.CONTRACTING:
        raise Terminal(
            f"{engagement.code} is in stage {engagement.stage}: a plan is reopened between its confirmation and the "
            "signature of the contract; before, `steward plan import` changes it."
        )
    busy = session.exec(
        select(Cycle).where(
            Cycle.engagement_id == key, Cycle.kind == CycleKind.CONTRACT.value, Cycle.state == "started"
        )
    ).all()
    if any(cycle.lease_until and cycle.lease_until > utc_now() for cycle in busy):
        raise Terminal(f"The contract of {engagement.code} is being drawn up; try again in a few minutes.")
    offered = session.exec(
        select(Contract.number).where(Contract.engagement_id == key, Contract.state == "offered")
    ).all()
    return Reopening(confirmed[-1].version, tuple(sorted(offered)), "would_reopen")


def _tell_both_sides(session: Session, engagement: Engagement, found: Reopening, reason: str) -> None:
    zh = engagement.language == "zh"
    numbers = ("、" if zh else ", ").join(found.contracts)
    void_en = f"The unsigned contract {numbers} is void; please do not sign it. " if numbers else ""
    void_zh = f"未签署的合同{numbers}作废，请勿签署。" if numbers else ""
    title = "服务方案重新修订" if zh else "The service plan is being revised"
    queue_letters(
        session,
        engagement,
        people_with_role(session, engagement, *BOTH_SIDES),
        Letter(
            kind="plan-reopened",
            period=f"{found.version}-{numbers or 'no-offer'}",
            title=f"{engagement.property_name}：{title}" if zh else f"{engagement.property_name}: {title}",
            paragraphs=(
                f"{void_zh}修订后的方案将再次提交双方确认，随后重新拟定合同。"
                if zh
                else f"{void_en}The revised plan will be put to both sides again, and a new contract follows it.",
                f"原因：{reason}" if zh else f"Reason: {reason}",
            ),
            facts=(("已确认的方案版本" if zh else "Confirmed version", str(found.version)),),
        ),
        business_today(engagement),
    )
