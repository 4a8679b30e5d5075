"""Which document do both sides decide on when a signed plan is amended? The addendum to their contract (A5)."""

from sqlmodel import select

from models.contract import Contract
from models.db import reading
from models.errors import Terminal
from models.rules.plan_diff import plan_diff
from models.rules.plan_types import CompiledPlan
from models.service_plan import ServicePlan
from reports.addendum_pack import AddendumTerms, addendum_pack
from tasks.amendments import amended_payments
from tasks.cycles import CycleRef
from tasks.engagements import engagement_of
from tasks.packs import IssuedPack, issue_pack
from tasks.plans_in_force import confirmed_versions


def issue_addendum(
    cycle: CycleRef, plan: ServicePlan, before: CompiledPlan, after: CompiledPlan, plan_sha256: str
) -> IssuedPack:
    """Issue the addendum that brings an amended plan into force; issued before, it is returned as it was.

    Args:
        cycle: the cycle of the amendment.
        plan: the amended version.
        before: content of the version it was edited from.
        after: its own content.
        plan_sha256: of the amended plan's document, which the addendum names as its annex.

    Raises:
        Terminal: there is no signed contract to amend.
    """
    with reading() as session:
        engagement = engagement_of(session, cycle.engagement_id)
        contract = session.exec(
            select(Contract).where(Contract.engagement_id == cycle.engagement_id, Contract.state == "signed")
        ).one_or_none()
        if contract is None:
            raise Terminal(f"{engagement.code} has no signed contract that an addendum could amend.")
        # The versions as they will be once this one is confirmed.
        versions = [
            *(
                version
                for version in confirmed_versions(session, cycle.engagement_id)
                if version.effective_on < plan.effective_on
            ),
            plan,
        ]
        payments = amended_payments(session, engagement, contract, versions, cycle.as_of)
        pack = addendum_pack(
            engagement,
            contract,
            AddendumTerms(
                plan_version=plan.version,
                based_on=plan.based_on or 0,
                effective_on=plan.effective_on,
                reason=plan.reason or "",
                changes=plan_diff(before, after),
                old_annual_fee=payments.old_annual_fee,
                new_annual_fee=plan.annual_fee,
                old_instalments={due_on: row.amount for due_on, row in payments.rows.items()},
                instalments=payments.calendar,
                plan_sha256=plan_sha256,
            ),
            cycle.as_of,
        )
    return issue_pack(cycle, "addendum", pack, cycle.as_of)
