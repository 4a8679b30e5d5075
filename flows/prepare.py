"""Due diligence to contract: survey, papers, plan, confirmation, contract, people (A2-A5, B1)."""

from datetime import date
from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State

from flows.cycle_runs import RUN_NAME, nothing_to_do, take_cycle
from models.rules.cycles import CycleKind
from tasks.artifacts import show_pack, show_table
from tasks.contracts import draw_up_contract, offer_contract
from tasks.cycles import finish_cycle, postpone_cycle
from tasks.documents import list_expected_documents
from tasks.gates import open_gates
from tasks.mobilisation import call_for_staff, commence_if_ready
from tasks.planning import draft_plan, issue_survey_report, submit_plan


@flow(name="conduct-due-diligence", flow_run_name=RUN_NAME)
def conduct_due_diligence(
    engagement: str, period: str = "plan-1", as_of: date | None = None, attempt: int | None = None
) -> State[Any] | dict[str, Any]:
    """Report the condition survey, compute the service plan, and put it to both sides (clauses A2-A4).

    Args:
        engagement: code of the engagement.
        period: which version of the plan, for example plan-1.
        as_of: the business date; today by default.
        attempt: set by the dispatcher; leave empty.
    """
    cycle = take_cycle(CycleKind.DUE_DILIGENCE, engagement, period, as_of, attempt)
    if cycle is None:
        return nothing_to_do(engagement, period)
    list_expected_documents(engagement)
    report = issue_survey_report(cycle, "entry")
    plan = draft_plan(cycle)
    pack = submit_plan(cycle, plan["version"])
    show_pack(f"survey-{engagement}", report)
    show_pack(f"plan-{engagement}", pack)
    show_table(f"plan-{engagement}-figures", [plan], "The computed plan in figures")
    open_gates(engagement, "plan")
    finish_cycle(cycle)
    return plan


@flow(name="conclude-contract", flow_run_name=RUN_NAME)
def conclude_contract(
    engagement: str, period: str = "contract-1", as_of: date | None = None, attempt: int | None = None
) -> State[Any] | dict[str, Any]:
    """Draw up the contract from the confirmed plan and offer it to both sides for signature (clause A5).

    Args:
        engagement: code of the engagement.
        period: which offer, for example contract-1.
        as_of: the business date; today by default.
        attempt: set by the dispatcher; leave empty.
    """
    cycle = take_cycle(CycleKind.CONTRACT, engagement, period, as_of, attempt)
    if cycle is None:
        return nothing_to_do(engagement, period)
    figures = draw_up_contract(cycle)
    pack = offer_contract(cycle)
    show_pack(f"contract-{engagement}", pack)
    open_gates(engagement, "contract")
    finish_cycle(cycle)
    return figures


@flow(name="mobilise", flow_run_name=RUN_NAME)
def mobilise(
    engagement: str, period: str = "once", as_of: date | None = None, attempt: int | None = None
) -> State[Any] | dict[str, int]:
    """Call for the staff and the pre-job training that the plan asks for (clause B1).

    Args:
        engagement: code of the engagement.
        period: always once.
        as_of: the business date; today by default.
        attempt: set by the dispatcher; leave empty.
    """
    cycle = take_cycle(CycleKind.MOBILISATION, engagement, period, as_of, attempt)
    if cycle is None:
        return nothing_to_do(engagement, period)
    posts = call_for_staff(cycle)
    finish_cycle(cycle)
    return {"posts": posts}


@flow(name="commence-service", flow_run_name=RUN_NAME)
def commence_service(
    engagement: str, period: str = "once", as_of: date | None = None, attempt: int | None = None
) -> State[Any] | dict[str, list[str]]:
    """Commence service once every post is filled with qualified and trained people (clause B1).

    Args:
        engagement: code of the engagement.
        period: always once.
        as_of: the business date; today by default.
        attempt: set by the dispatcher; leave empty.
    """
    cycle = take_cycle(CycleKind.COMMENCEMENT, engagement, period, as_of, attempt)
    if cycle is None:
        return nothing_to_do(engagement, period)
    missing = commence_if_ready(cycle)
    if missing:
        get_run_logger().warning("Service cannot commence yet: %s", "; ".join(missing))
        postpone_cycle(cycle, "; ".join(missing)[:500])
    else:
        finish_cycle(cycle)
    return {"missing": missing}
