"""What happened to one machine, from its installation on? Findings, work, readings, parts, history (B2)."""

from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from models.db import reading
from models.diligence import ConditionFinding, MaintenanceHistory
from models.errors import Terminal
from models.register import Asset
from models.rules.field_records import RESULTS
from models.work import PartForecast, WorkOrder, WorkRecord
from reports.code_labels import asset_labels_pack
from reports.pack import Pack
from tasks.check_readings import standing_readings
from tasks.engagements import business_today, engagement_id, find_engagement


def asset_ledger(code: str, tag: str) -> dict[str, Any]:
    """Everything recorded about an asset, in the order of its days.

    Raises:
        Terminal: the register has no such asset.
    """
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        asset = session.exec(select(Asset).where(Asset.engagement_id == key, Asset.tag == tag)).one_or_none()
        if asset is None:
            raise Terminal(f"The register of {code} has no asset {tag[:60]!r}.")
        entries = [
            *([_entry(asset.installed_on, "installed", asset.serial_number)] if asset.installed_on else []),
            *_history(session, key, tag),
            *_findings(session, key, tag),
            *_work(session, key, tag),
            *_readings(session, key, tag),
            *_parts(session, key, tag),
        ]
    return {
        "asset": asset.tag,
        "name": asset.name,
        "type": asset.type_name,
        "class": asset.element_class,
        "place": asset.place_code,
        "in_order": asset.in_order,
        "entries": sorted(entries, key=lambda entry: (entry["on"], entry["kind"], entry["text"])),
    }


def asset_labels_of(code: str) -> tuple[Pack, int]:
    """The labels of all assets of the register, and how many there are.

    Raises:
        Terminal: the register is empty.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        rows = session.exec(
            select(Asset).where(Asset.engagement_id == engagement_id(engagement)).order_by(col(Asset.id))
        ).all()
        if not rows:
            raise Terminal(f"The register of {code} is empty: take it in first (`steward register import`).")
        assets = [(row.tag, row.name, row.place_code) for row in rows]
        return asset_labels_pack(engagement, assets, business_today(engagement)), len(assets)


def _entry(on: date, kind: str, text: str, state: str = "", by: str = "") -> dict[str, str]:
    return {"on": on.isoformat(), "kind": kind, "text": text, "state": state, "by": by}


def _history(session: Session, key: int, tag: str) -> list[dict[str, str]]:
    rows = session.exec(
        select(MaintenanceHistory).where(
            MaintenanceHistory.engagement_id == key, MaintenanceHistory.asset_tag == tag
        )
    ).all()
    return [_entry(row.done_on, "history", row.text, row.kind) for row in rows]


def _findings(session: Session, key: int, tag: str) -> list[dict[str, str]]:
    rows = session.exec(
        select(ConditionFinding).where(
            ConditionFinding.engagement_id == key, ConditionFinding.asset_tag == tag
        )
    ).all()
    return [
        _entry(row.found_on, "finding", f"{row.ref}: {row.text}", f"{row.visit}, score {row.score}")
        for row in rows
    ]


def _work(session: Session, key: int, tag: str) -> list[dict[str, str]]:
    orders = session.exec(
        select(WorkOrder).where(WorkOrder.engagement_id == key, WorkOrder.target_code == tag)
    ).all()
    found = [
        _entry(order.due_on, "order", f"{order.id} {order.series}: {order.title}", order.state)
        for order in orders
    ]
    records = session.exec(
        select(WorkRecord, WorkOrder)
        .join(WorkOrder, col(WorkOrder.id) == col(WorkRecord.work_order_id))
        .where(WorkOrder.engagement_id == key, WorkOrder.target_code == tag)
        .order_by(col(WorkRecord.id))
    ).all()
    replaced = {(r.work_order_id, r.corrects) for r, _order in records if r.corrects is not None}
    for record, order in records:
        said = [record.reading, record.note, record.reason]
        state = record.outcome + (", late entry" if record.late_entry else "")
        if record.outcome in RESULTS and (record.work_order_id, record.sequence) in replaced:
            state += ", corrected"
        text = f"order {order.id}, record {record.sequence}: {'; '.join(filter(None, said)) or order.title}"
        found.append(_entry(record.done_on, "record", text, state, record.staff_ref))
    return found


def _readings(session: Session, key: int, tag: str) -> list[dict[str, str]]:
    return [
        _entry(
            row.read_on,
            "reading",
            f"{row.item} {'' if row.value is None else row.value} {row.unit}".replace("  ", " ").strip(),
            row.verdict,
        )
        for row in standing_readings(session, key, tag)
    ]


def _parts(session: Session, key: int, tag: str) -> list[dict[str, str]]:
    rows = session.exec(
        select(PartForecast).where(PartForecast.engagement_id == key, PartForecast.asset_tag == tag)
    ).all()
    return [
        _entry(
            row.reported_on,
            "part",
            f"{row.title or row.part}: replace by {row.replace_by}{row.reason and f' ({row.reason})'}",
            row.state,
        )
        for row in rows
    ]
