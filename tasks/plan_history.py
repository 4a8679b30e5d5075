"""Which versions of the plan were there, from when does each apply, and who decided on it when?"""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from models.db import reading
from models.decision import Decision, DecisionRequest
from models.service_plan import ServicePlan
from tasks.engagements import engagement_id, find_engagement
from tasks.plans_in_force import plan_in_force


@dataclass(frozen=True)
class PlanVersion:
    """One version as it stands now."""

    version: int
    state: str
    effective_on: date
    in_force: bool
    annual_fee: str
    based_on: int | None
    reason: str
    content_sha256: str
    decisions: tuple[str, ...]
    """Party, verdict and day of each decision, or that the party was asked or is no longer asked."""


def plan_versions(code: str) -> list[PlanVersion]:
    """Every version of the engagement's plan, oldest first."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        now = plan_in_force(session, key)
        said = _decisions(session, key)
        rows = session.exec(
            select(ServicePlan).where(ServicePlan.engagement_id == key).order_by(col(ServicePlan.version))
        ).all()
        return [
            PlanVersion(
                row.version,
                row.state,
                row.effective_on,
                row.id == now,
                str(row.annual_fee),
                row.based_on,
                row.reason or "",
                row.content_sha256,
                tuple(said.get(str(row.version), ())),
            )
            for row in rows
        ]


def _decisions(session: Session, key: int) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    rows = session.exec(
        select(DecisionRequest, Decision)
        .outerjoin(Decision, col(Decision.request_id) == col(DecisionRequest.id))
        .where(DecisionRequest.engagement_id == key, DecisionRequest.subject == "plan")
        .order_by(col(DecisionRequest.party))
    ).all()
    for request, decision in rows:
        # An outer join: a question nobody answered has no decision.
        answer = f"{decision.verdict} on {decision.decided_on}" if decision else request.state
        said.setdefault(request.reference, []).append(f"{request.party} {answer}")
    return said
