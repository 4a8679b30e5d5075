"""What was done to the assets before the custody, and how reliable are they? Reads the records (A3)."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlmodel import Session, select

from models.db import reading
from models.diligence import MaintenanceHistory
from models.register import Asset
from models.rules.elements import ElementClass
from models.rules.history import HistoryFact, Reliability, window_of
from models.rules.plan_history import reliability_table
from models.rules.plan_types import AssetFact
from tasks.engagements import engagement_id, find_engagement


@dataclass(frozen=True)
class ReliabilityReport:
    """The reliability of what has records: by asset and by type, the worst first."""

    records: int
    first: str
    last: str
    assets: tuple[Reliability, ...]
    types: tuple[Reliability, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program; figures as text, dates in ISO form."""
        return asdict(self)


def asset_names(session: Session, key: int) -> dict[str, str]:
    """How a record may name a machine, its name in the register or the label on it, to the name; the name wins."""
    assets = session.exec(
        select(Asset.tag, Asset.tag_number).where(Asset.engagement_id == key).order_by(Asset.tag)
    ).all()
    return {number: tag for tag, number in assets if number} | {tag: tag for tag, _ in assets}


def history_facts(session: Session, key: int) -> tuple[HistoryFact, ...]:
    """The records of an engagement as facts, in order."""
    return tuple(
        HistoryFact(row.asset_tag, row.done_on, row.kind, row.text, row.downtime_hours)
        for row in session.exec(
            select(MaintenanceHistory)
            .where(MaintenanceHistory.engagement_id == key)
            .order_by(MaintenanceHistory.asset_tag, MaintenanceHistory.done_on, MaintenanceHistory.text)  # type: ignore[arg-type]
        ).all()
    )


def reliability_report(code: str) -> ReliabilityReport:
    """How often the assets failed and when they were last serviced, by the records."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        facts = history_facts(session, key)
        assets = [
            AssetFact(a.tag, a.name, a.type_name, ElementClass(a.element_class), installed_on=a.installed_on)
            for a in session.exec(select(Asset).where(Asset.engagement_id == key).order_by(Asset.tag)).all()
        ]
    window = window_of(facts)
    by_asset, by_type = reliability_table(assets, facts)
    return ReliabilityReport(
        records=len(facts),
        first="" if window is None else window.first.isoformat(),
        last="" if window is None else window.last.isoformat(),
        assets=by_asset,
        types=by_type,
    )
