"""What do we sign? The contract made of the confirmed plan, and its payment calendar (A5)."""

from decimal import Decimal

from sqlmodel import Session, select

from models.audit import record_event
from models.catalogue_files import load_catalogue
from models.contract import Contract, ContractClause, Instalment
from models.db import reading
from models.engagement import Demand, Engagement
from models.errors import Terminal
from models.register import Asset
from models.rules.catalogue import Catalogue
from models.rules.contract import (
    ClauseText,
    ContractTerms,
    Parties,
    ServiceCredit,
    compile_contract,
    payment_calendar,
)
from models.rules.contract_checks import contract_gaps
from models.rules.evaluation import terms_of
from models.rules.plan_budget import remuneration_share
from models.rules.plan_demands import titles_of_answers
from models.rules.plan_types import CompiledPlan, FeeModel
from models.rules.stages import Stage
from models.service_plan import ServicePlan
from models.upsert import insert_if_absent
from reports.contract_pack import contract_pack
from tasks.cycles import CycleRef, cycle_transaction
from tasks.decisions import BOTH_SIDES, ask_decision
from tasks.engagements import engagement_of, record_is_confirmed
from tasks.packs import IssuedPack, issue_pack
from tasks.planning import confirmed_plan, plan_content, plan_inputs
from tasks.steps import step

SERVICE_CREDITS = (
    ServiceCredit("pm_compliance", Decimal("0.01")),
    ServiceCredit("response_on_time", Decimal("0.01")),
    ServiceCredit("satisfaction_share", Decimal("0.02")),
)
"""Share of the quarter's fee credited to the client for a missed target; a proposal, agreed by signing."""


@step("Draw up the contract")
def draw_up_contract(cycle: CycleRef) -> dict[str, str | int]:
    """Compile the contract from the plan both sides confirmed, and check it before anybody signs.

    Raises:
        Terminal: a required clause, a value, a price or a statutory duty is missing, or plan and terms contradict
            each other; each gap is named, and nobody is asked.
    """
    with reading() as session:
        engagement = engagement_of(session, cycle.engagement_id)
        _require_confirmed(engagement)
        if not record_is_confirmed(session, cycle.engagement_id):
            raise Terminal(
                f"Not both sides have confirmed the agreed record of {engagement.code}: no contract is drawn up before "
                f"(`steward decision list {engagement.code}`; a change of the record: `steward plan reopen`)."
            )
        row, plan = confirmed_plan(session, cycle.engagement_id)
        assets = len(session.exec(select(Asset.id).where(Asset.engagement_id == cycle.engagement_id)).all())
        inputs = plan_inputs(session, engagement)
    catalogue = load_catalogue()
    terms = _terms(engagement, plan, assets, catalogue)
    parties = Parties(
        engagement.client_name,
        engagement.custodian_name,
        engagement.property_name,
    )
    clauses = compile_contract(plan, parties, terms, catalogue, engagement.language)
    gaps = contract_gaps(clauses, plan, inputs, parties, terms, catalogue, engagement.language)
    if gaps:
        raise Terminal("The contract is not complete and was put to nobody: " + " ".join(gaps))
    with cycle_transaction(cycle) as session:
        _write(session, cycle, row.id or 0, terms, clauses)
    return {
        "clauses": len(clauses),
        "annual_fee": str(terms.annual_fee),
        "instalments": len(terms.payment_calendar),
    }


def _terms(
    engagement: Engagement, plan: CompiledPlan, asset_count: int, catalogue: Catalogue
) -> ContractTerms:
    return ContractTerms(
        fee_model=plan.budget.fee_model,
        annual_fee=plan.budget.total,
        currency=plan.currency,
        payment_calendar=payment_calendar(engagement.term_start, engagement.term_end, plan.budget.total),
        property_type=engagement.property_type,
        credits=SERVICE_CREDITS,
        governing_law="物业所在地" if engagement.language == "zh" else "the place where the property lies",
        dispute_forum="物业所在地有管辖权的人民法院"
        if engagement.language == "zh"
        else "the competent court of the place where the property lies",
        asset_count=asset_count,
        evaluation=terms_of(engagement.evaluation_terms),
        remuneration_share=remuneration_share(engagement.remuneration_share, catalogue)
        if plan.budget.fee_model == FeeModel.COST_PLUS_FEE
        else None,
    )


def _write(
    session: Session,
    cycle: CycleRef,
    plan_id: int,
    terms: ContractTerms,
    clauses: tuple[ClauseText, ...],
) -> None:
    new = insert_if_absent(
        session,
        Contract,
        [
            {
                "engagement_id": cycle.engagement_id,
                "plan_id": plan_id,
                "number": cycle.period,
                "state": "offered",
                "content_sha256": "",
                "annual_fee": terms.annual_fee,
            }
        ],
    )
    contract = _contract(session, cycle.engagement_id, cycle.period)
    if not new:
        return
    insert_if_absent(
        session,
        ContractClause,
        [
            {
                "contract_id": contract.id,
                "ordinal": clause.ordinal,
                "head": clause.head,
                "title": clause.title,
                "text": clause.text,
            }
            for clause in clauses
        ],
    )
    insert_if_absent(
        session,
        Instalment,
        [
            {"contract_id": contract.id, "due_on": due_on, "amount": amount}
            for due_on, amount in terms.payment_calendar
        ],
    )
    record_event(
        session,
        cycle.engagement_id,
        "contract.drawn_up",
        cycle.period,
        {"clauses": len(clauses), "annual_fee": str(terms.annual_fee)},
    )


@step("Offer the contract for signature")
def offer_contract(cycle: CycleRef) -> IssuedPack:
    """Issue the contract as a document and ask both sides to sign exactly these bytes."""
    with reading() as session:
        engagement = engagement_of(session, cycle.engagement_id)
        contract = _contract(session, cycle.engagement_id, cycle.period)
        plan = session.get_one(ServicePlan, contract.plan_id)
        pack = contract_pack(
            engagement,
            contract=contract,
            clauses=session.exec(
                select(ContractClause)
                .where(ContractClause.contract_id == contract.id)
                .order_by(ContractClause.ordinal)  # type: ignore[arg-type]
            ).all(),
            instalments=session.exec(
                select(Instalment).where(Instalment.contract_id == contract.id).order_by(Instalment.due_on)  # type: ignore[arg-type]
            ).all(),
            demands=session.exec(
                select(Demand).where(Demand.engagement_id == cycle.engagement_id).order_by(Demand.ref)
            ).all(),
            answered=titles_of_answers(plan_content(plan), engagement.language),
            on=cycle.as_of,
        )
    issued = issue_pack(cycle, "contract", pack, cycle.as_of)
    zh = engagement.language == "zh"
    with cycle_transaction(cycle) as session:
        contract = _contract(session, cycle.engagement_id, cycle.period)
        _require_confirmed(engagement_of(session, cycle.engagement_id))
        contract.content_sha256 = issued.sha256
        session.add(contract)
        ask_decision(
            session,
            engagement_of(session, cycle.engagement_id),
            "contract",
            cycle.period,
            BOTH_SIDES,
            issued.sha256,
            "请签署物业托管合同" if zh else "Please sign the custody contract",
            cycle.as_of,
            issued.files,
        )
    return issued


def _require_confirmed(engagement: Engagement) -> None:
    """A plan that was reopened meanwhile carries no contract."""
    if engagement.stage in (Stage.INTAKE, Stage.DUE_DILIGENCE, Stage.PLAN_CONFIRMATION):
        raise Terminal(
            f"{engagement.code} is in stage {engagement.stage}: a contract is drawn up once both sides confirmed the plan."
        )


def _contract(session: Session, key: int, number: str) -> Contract:
    found = session.exec(
        select(Contract).where(Contract.engagement_id == key, Contract.number == number)
    ).one_or_none()
    if found is None:
        raise Terminal(f"There is no contract {number!r}.")
    return found
