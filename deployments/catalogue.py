"""What runs, under which name, and when? Every deployment and schedule of the product, in one list."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from prefect import Flow

from flows.decide import decide
from flows.dispatch import deliver_mail, dispatch_due, fetch_requests, reconcile
from flows.documents import remind_missing_documents
from flows.end_early import end_early
from flows.evaluate import evaluate_jointly, review_quarter, review_year
from flows.hand_over import begin_handover, complete_handover
from flows.operate import call_meeting, close_month, open_month
from flows.prepare import commence_service, conclude_contract, conduct_due_diligence, mobilise
from flows.respond import hold_drill, respond_to_emergency, stand_down_emergency, take_service_request
from flows.survey import close_survey, open_survey
from flows.take_in import import_asset_register, take_in_engagement
from models.settings import settings

WORK_POOL = "steward"


def _always() -> bool:
    return True


def _mailbox_is_fetched() -> bool:
    return any(chosen.engagement for chosen in settings().all_mailboxes)


@dataclass(frozen=True)
class CronSchedule:
    """When the clock starts a deployment; the time zone is the installation's."""

    slug: str
    cron: str
    parameters: dict[str, Any] = field(default_factory=dict)
    wanted: Callable[[], bool] = _always
    """Whether this installation is set up for it; asked when the deployments are registered."""


@dataclass(frozen=True)
class DeploymentEntry:
    """One deployment: its flow, its tags, its schedules, and how many runs of it may be active at once."""

    flow: Flow[..., Any]
    tags: tuple[str, ...]
    schedules: tuple[CronSchedule, ...] = ()
    limit: int | None = None

    @property
    def name(self) -> str:
        """The flow's name once more: the UI shows the deployment's name first."""
        return self.flow.name

    @property
    def entrypoint(self) -> str:
        """Module entrypoint: a path entrypoint would load the module a second time under another name."""
        return f"{self.flow.fn.__module__}.{self.flow.fn.__name__}"


CATALOGUE: tuple[DeploymentEntry, ...] = (
    DeploymentEntry(take_in_engagement, ("A1", "due-diligence")),
    DeploymentEntry(import_asset_register, ("A3", "due-diligence")),
    DeploymentEntry(conduct_due_diligence, ("A2", "A3", "A4", "due-diligence")),
    DeploymentEntry(decide, ("A1", "A4", "A5", "B2", "C2", "C3", "C4", "decisions")),
    DeploymentEntry(conclude_contract, ("A5", "due-diligence")),
    DeploymentEntry(mobilise, ("B1", "execution")),
    DeploymentEntry(commence_service, ("B1", "execution")),
    DeploymentEntry(open_month, ("B2", "B3", "B4", "B5", "execution")),
    DeploymentEntry(close_month, ("B2", "B3", "B4", "B5", "B7", "C1", "C2", "execution")),
    DeploymentEntry(call_meeting, ("B7", "execution")),
    DeploymentEntry(take_service_request, ("B6", "execution")),
    DeploymentEntry(respond_to_emergency, ("B8", "execution")),
    DeploymentEntry(stand_down_emergency, ("B8", "execution")),
    DeploymentEntry(hold_drill, ("B8", "execution")),
    DeploymentEntry(open_survey, ("D1", "D2", "D3", "D4", "D5", "survey")),
    DeploymentEntry(close_survey, ("D3", "D5", "D6", "survey")),
    DeploymentEntry(review_quarter, ("C1", "C2", "evaluation")),
    DeploymentEntry(review_year, ("C1", "evaluation")),
    DeploymentEntry(evaluate_jointly, ("C3", "evaluation")),
    DeploymentEntry(end_early, ("A5", "C3", "C4", "evaluation")),
    DeploymentEntry(begin_handover, ("C4", "handover")),
    DeploymentEntry(complete_handover, ("C4", "handover")),
    DeploymentEntry(
        dispatch_due,
        ("E3", "clockwork"),
        (
            CronSchedule("month-turn", "5 0 1 * *"),
            CronSchedule("quarter-review", "5 0 6 1,4,7,10 *"),
            CronSchedule("every-hour", "15 * * * *"),
        ),
        limit=1,
    ),
    DeploymentEntry(
        reconcile,
        ("B2", "B5", "B6", "B8", "D6", "clockwork"),
        (CronSchedule("every-ten-minutes", "*/10 * * * *"),),
        limit=1,
    ),
    DeploymentEntry(
        deliver_mail, ("E4", "clockwork"), (CronSchedule("every-five-minutes", "*/5 * * * *"),), limit=1
    ),
    DeploymentEntry(
        fetch_requests,
        ("B6", "clockwork"),
        (CronSchedule("every-ten-minutes", "5-55/10 * * * *", wanted=_mailbox_is_fetched),),
        limit=1,
    ),
    DeploymentEntry(
        remind_missing_documents,
        ("A3", "due-diligence", "clockwork"),
        (CronSchedule("every-morning", "35 8 * * *"),),
        limit=1,
    ),
)
"""The dispatcher reads what is due from the database; its schedules only say how often it looks."""
