"""Which version of the plan governs the work on a day? The newest confirmed one that has come into effect (A4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, select

from models.engagement import Engagement
from models.rules.stages import SERVING
from models.service_plan import ServicePlan
from tasks.engagements import business_today, engagement_id


@dataclass(frozen=True)
class PlanSpan:
    """The days, both included, that one confirmed version governs."""

    plan: ServicePlan
    first: date
    last: date


def confirmed_versions(session: Session, key: int) -> list[ServicePlan]:
    """The versions both sides confirmed and no later one has replaced altogether, oldest first."""
    return list(
        session.exec(
            select(ServicePlan)
            .where(ServicePlan.engagement_id == key, ServicePlan.state == "confirmed")
            .order_by(col(ServicePlan.version))
        ).all()
    )


def plan_on(session: Session, key: int, on: date) -> ServicePlan | None:
    """The version in force on a day; before the term begins, the one it will begin with."""
    return _governing(confirmed_versions(session, key), on)


def _governing(versions: Sequence[ServicePlan], on: date) -> ServicePlan | None:
    come = [plan for plan in versions if plan.effective_on <= on]
    return come[-1] if come else next(iter(versions), None)


def plan_in_force(session: Session, key: int, on: date | None = None) -> int:
    """The id of the version in force on a day (the engagement's business date by default); -1 if none is."""
    if on is None:
        engagement = session.get(Engagement, key)
        if engagement is None:
            return -1
        on = business_today(engagement)
    plan = plan_on(session, key, on)
    return -1 if plan is None or plan.id is None else plan.id


def plan_spans(session: Session, key: int, first: date, last: date) -> list[PlanSpan]:
    """The days from `first` to `last`, each in the span of the one version that governs it."""
    versions = confirmed_versions(session, key)
    starts = sorted({first, *(p.effective_on for p in versions if first < p.effective_on <= last)})
    spans: list[PlanSpan] = []
    for number, start in enumerate(starts):
        end = starts[number + 1] - timedelta(days=1) if number + 1 < len(starts) else last
        governing = _governing(versions, start)
        if governing is not None:
            spans.append(PlanSpan(governing, start, end))
    return spans


def why_nothing_drives(session: Session, engagement: Engagement) -> str:
    """Why no work may be released, in a sentence; empty where a confirmed plan drives it.

    Work needs a version both sides confirmed, and an engagement in service: a plan may be confirmed long
    before its contract is signed.
    """
    key = engagement_id(engagement)
    if not confirmed_versions(session, key):
        newest = session.exec(
            select(ServicePlan)
            .where(ServicePlan.engagement_id == key)
            .order_by(col(ServicePlan.version).desc())
        ).first()
        if newest is None:
            return (
                f"No service plan of {engagement.code} is drawn up yet; work needs one both sides confirmed."
            )
        return (
            f"Version {newest.version} of the service plan of {engagement.code} is {newest.state} and no version is "
            "confirmed by both sides; an unconfirmed plan drives no work."
        )
    if engagement.stage not in SERVING:
        return f"{engagement.code} is in stage {engagement.stage}: work is released from the first day of service."
    return ""
