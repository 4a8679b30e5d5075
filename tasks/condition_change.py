"""What is on record of each element over the term, to tell age from neglect at the handover? (C4)"""

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, func, select

from models.diligence import ConditionFinding, ElementCondition
from models.engagement import Engagement
from models.register import Asset, AssetType
from models.rules.condition_change import Aged, ElementFacts, Explained, explain
from models.work import PartForecast, WorkOrder
from tasks.engagements import engagement_id


def explained_changes(
    session: Session,
    engagement: Engagement,
    entry: list[ElementCondition],
    exit_: list[ElementCondition],
    today: date,
) -> list[Explained]:
    """Why each element that was surveyed at the exit is in another condition than at entry; empty before that."""
    key = engagement_id(engagement)
    before, after = ({one.element_class: one for one in grades} for grades in (entry, exit_))
    lives = {
        one.name: one.expected_life_years
        for one in session.exec(select(AssetType).where(AssetType.engagement_id == key)).all()
    }
    aged: dict[str, list[Aged]] = defaultdict(list)
    class_of: dict[str, str] = {}
    for asset in session.exec(select(Asset).where(Asset.engagement_id == key)).all():
        class_of[asset.tag] = asset.element_class
        aged[asset.element_class].append(Aged(asset.installed_on, lives.get(asset.type_name)))
    work = _work_by_class(session, key, class_of, today)
    refused: Counter[str] = Counter(
        class_of.get(tag, "")
        for tag in session.exec(
            select(PartForecast.asset_tag).where(
                PartForecast.engagement_id == key, PartForecast.state == "refused"
            )
        ).all()
    )
    first = _surveyed_on(session, key, "entry") or engagement.term_start
    last = _surveyed_on(session, key, "exit") or engagement.term_end
    found = []
    for code, new in after.items():
        old = before.get(code)
        costs = (_backlog(old), _backlog(new))
        found.append(
            explain(
                ElementFacts(
                    element_class=code,
                    entry_score=old.score if old else None,
                    exit_score=new.score,
                    comparable=old is not None and old.scheme == new.scheme,
                    assets=aged[code],
                    repairs_done=work[code]["repaired"],
                    promised=work[code]["promised"],
                    missed=work[code]["missed"],
                    statutory_missed=work[code]["statutory"],
                    refused=refused[code],
                    backlog_added=None if costs[0] is None or costs[1] is None else costs[1] - costs[0],
                ),
                first,
                last,
            )
        )
    return found


def _backlog(grade: ElementCondition | None) -> Decimal | None:
    """What the repairs would cost: nothing without a defect; None where a defect has no price."""
    if grade is None or grade.finding_count:
        return grade.backlog_cost if grade else None
    return Decimal(0)


def _work_by_class(
    session: Session, key: int, class_of: dict[str, str], today: date
) -> dict[str, Counter[str]]:
    """Orders at assets by class: repaired, promised, missed, and of these the statutory ones."""
    work: dict[str, Counter[str]] = defaultdict(Counter)
    of_assets = (WorkOrder.engagement_id == key, WorkOrder.target_kind == "asset")
    target = col(WorkOrder.target_code)
    for tag, count in session.exec(
        select(target, func.count())
        .where(*of_assets, col(WorkOrder.commitment_id).is_(None), WorkOrder.state == "done")
        .group_by(target)
    ).all():
        work[class_of.get(tag, "")]["repaired"] += count
    for tag, state, statutory, count in session.exec(
        select(target, col(WorkOrder.state), col(WorkOrder.statutory), func.count())
        .where(
            *of_assets,
            col(WorkOrder.commitment_id).is_not(None),
            col(WorkOrder.state).in_(("done", "missed"))
            | ((col(WorkOrder.state) == "released") & (col(WorkOrder.latest_on) < today)),
        )
        .group_by(target, col(WorkOrder.state), col(WorkOrder.statutory))
    ).all():
        counts = work[class_of.get(tag, "")]
        counts["promised"] += count
        if state != "done":
            counts["missed"] += count
            counts["statutory"] += count if statutory else 0
    return work


def _surveyed_on(session: Session, key: int, visit: str) -> date | None:
    return session.exec(
        select(func.max(ConditionFinding.found_on)).where(
            ConditionFinding.engagement_id == key, ConditionFinding.visit == visit
        )
    ).one()
