"""What does a new term take over from the one before it? The follow-up engagement of a renewal (C4)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from models.audit import record_event
from models.condition import ConditionInspection, ConditionPhoto
from models.db import reading, writing
from models.diligence import ConditionFinding, DocumentItem, ElementCondition, MaintenanceHistory
from models.engagement import Engagement, Renewal
from models.errors import Terminal
from models.intake import IntakeForm
from models.occurrence import MeterReading
from models.owners import NoticeBoard
from models.people import Person
from models.register import Asset, AssetJob, AssetType, Place, RegisterImport, SparePart
from models.review import ImprovementAction
from models.rules.history import HistoryKind
from models.rules.stages import SERVING, Stage
from models.staff import Qualification
from models.stock import StockMovement, StockPart
from models.survey import SurveyFrameUnit, SurveyItemMark
from models.upsert import insert_if_absent
from models.work import WorkOrder
from reports.words import POSTS
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.intake import record_intake, send_intake_sheet
from tasks.intake_versions import ask_confirmation, form_of
from tasks.open_matters import open_matters
from tasks.spare_stock import stock_levels

_ACTION_TIME = timedelta(days=30)
"""What was open without a day is due so long after the new term begins."""
_CARRIED_MATTERS = ("action", "order", "request", "emergency", "part")
"""Fees, accounts, permits and people on posts belong to the old term and end with it."""
_NOT_CARRIED_ROLES = ("receiver",)

Row = dict[str, Any]


@dataclass(frozen=True)
class Renewed:
    """What the new term has of the old one."""

    code: str
    carried: Mapping[str, int]
    """New rows, by what they are; of a dry run how many there would be at most."""
    entry_survey: bool
    """Whether the exit survey of the old term was there to become the entry survey of the new one."""


def renew_engagement(
    old_code: str, new_code: str, first: date, last: date, *, dry_run: bool = False
) -> Renewed:
    """Open the engagement of the next term and carry over what stays true of the building and its people.

    Places, assets, papers, past maintenance, readings, spare parts, people, the survey frame and what is open are
    carried; the exit survey becomes the entry survey. Accounts, contracts, decisions, single-use links and who is on
    which post are not: they are the old term's. Doing it again adds what came since, until the new plan is drafted.

    Args:
        old_code: the engagement that ends.
        new_code: code of the new one.
        first: first day of the new term.
        last: its last day.
        dry_run: look only.

    Raises:
        Terminal: the old one is not in service or over, the terms overlap, it was renewed into another engagement,
            or the new one is no longer at the stage where anything is carried.
    """
    with reading() as session:
        old = find_engagement(session, old_code)
        form = _form(session, old, new_code, first, last)
        _refuse_if_wrong(session, old, new_code, first)
        if dry_run:
            found = _carry(session, old, None, first)
            return Renewed(
                new_code, {what: len(rows) for what, _t, rows in found if rows}, _exit_surveyed(session, old)
            )
        day = business_today(old)
        simulated_on = old.simulated_on
    record_intake.fn(form, simulated_on)
    with writing() as session:
        old = lock_engagement(session, old_code)
        new = lock_engagement(session, new_code)
        _refuse_if_wrong(session, old, new_code, first)
        if new.stage not in (Stage.INTAKE, Stage.DUE_DILIGENCE):
            raise Terminal(f"{new_code} is in stage {new.stage}: nothing more is carried into it.")
        carried = _write(session, old, new, day)
        surveyed = _exit_surveyed(session, old)
    send_intake_sheet.fn(new_code, simulated_on)
    ask_confirmation.fn(new_code)
    return Renewed(new_code, carried, surveyed)


def renewed_into(session: Session, key: int) -> tuple[str, date, date] | None:
    """Code and term of the engagement that follows this one; None where none was opened."""
    found = session.exec(
        select(Engagement)
        .join(Renewal, col(Renewal.engagement_id) == col(Engagement.id))
        .where(Renewal.from_engagement_id == key)
    ).first()
    return None if found is None else (found.code, found.term_start, found.term_end)


def _form(session: Session, old: Engagement, code: str, first: date, last: date) -> IntakeForm:
    agreed = form_of(session, old).model_dump()
    try:
        return IntakeForm.model_validate(agreed | {"code": code, "term_start": first, "term_end": last})
    except ValueError as error:
        raise Terminal(f"{code} from {first} to {last} cannot be recorded: {_first_line(error)}") from error


def _first_line(error: ValueError) -> str:
    errors = getattr(error, "errors", None)
    if callable(errors):
        one = errors()[0]
        return f"{one['loc'][0]}: {one['msg'].removeprefix('Value error, ')}."
    return str(error)


def _refuse_if_wrong(session: Session, old: Engagement, new_code: str, first: date) -> None:
    if old.stage not in {*SERVING, Stage.CLOSED}:
        raise Terminal(
            f"{old.code} is in stage {old.stage}: only a term in service, or one that is over, is renewed."
        )
    if first <= old.last_day:
        raise Terminal(f"The new term begins on {first}, before that of {old.code} ends on {old.last_day}.")
    into = renewed_into(session, engagement_id(old))
    if into is not None and into[0] != new_code:
        raise Terminal(f"{old.code} was renewed into {into[0]} already.")


def _write(session: Session, old: Engagement, new: Engagement, day: date) -> dict[str, int]:
    key = engagement_id(new)
    before = session.exec(select(Renewal).where(Renewal.engagement_id == key)).one_or_none()
    if before is not None and before.from_engagement_id != old.id:
        raise Terminal(f"{new.code} follows another engagement.")
    carried: dict[str, int] = {}
    for what, table, rows in _carry(session, old, new, new.term_start):
        count = insert_if_absent(session, table, rows)
        if count:
            carried[what] = carried.get(what, 0) + count
    if before is None:
        session.add(
            Renewal(engagement_id=key, from_engagement_id=engagement_id(old), renewed_on=day, counts=carried)
        )
        record_event(session, engagement_id(old), "renewal.opened", new.code)
    elif carried:
        before.counts = {
            what: before.counts.get(what, 0) + carried.get(what, 0)
            for what in sorted({*before.counts, *carried})
        }
        session.add(before)
    if carried:
        record_event(session, key, "renewal.carried", old.code, carried)
    return carried


def _carry(
    session: Session, old: Engagement, new: Engagement | None, first: date
) -> Iterable[tuple[str, type[SQLModel], list[Row]]]:
    """What it is called, the table, and its rows for the new engagement; for a dry run for none."""
    key, to = engagement_id(old), (new.id or 0) if new else 0
    today = business_today(old)

    def same(table: Any, keep: Callable[[Any], bool] = lambda _row: True, **changed: Any) -> list[Row]:
        rows = session.exec(select(table).where(table.engagement_id == key).order_by(table.id)).all()
        return [row.model_dump(exclude={"id"}) | {"engagement_id": to} | changed for row in rows if keep(row)]

    yield "places", Place, same(Place)
    yield "asset types", AssetType, same(AssetType)
    yield "assets", Asset, same(Asset)
    yield "asset jobs", AssetJob, same(AssetJob)
    yield "spare parts of the register", SparePart, same(SparePart)
    yield "register files", RegisterImport, same(RegisterImport)
    papers = same(DocumentItem)
    for paper in papers:  # what is missing still is asked for anew, reckoned from now
        if paper["state"] == "missing":
            paper["listed_on"] = today
    yield "papers", DocumentItem, papers
    yield "past maintenance", MaintenanceHistory, same(MaintenanceHistory)
    yield "past maintenance", MaintenanceHistory, _work_as_history(session, key, to)
    yield "meter readings", MeterReading, same(MeterReading)
    yield (
        "people",
        Person,
        same(Person, lambda one: one.erased_on is None and one.role not in _NOT_CARRIED_ROLES),
    )
    yield (
        "certificates",
        Qualification,
        same(Qualification, lambda one: one.expires_on is None or one.expires_on >= first),
    )
    yield "notice boards", NoticeBoard, same(NoticeBoard, lambda one: one.until is None)
    yield "survey frame", SurveyFrameUnit, same(SurveyFrameUnit)
    yield "survey items", SurveyItemMark, same(SurveyItemMark)
    yield "stock parts", StockPart, same(StockPart)
    yield "stock counts", StockMovement, _stock(session, old, new, today)
    for what, table in (
        ("entry findings", ConditionFinding),
        ("entry grades", ElementCondition),
        ("entry inspections", ConditionInspection),
        ("entry photos", ConditionPhoto),
    ):
        yield what, table, same(table, lambda one: one.visit == "exit", visit="entry")
    yield "open matters", ImprovementAction, _matters(session, old, to, first, today)


def _work_as_history(session: Session, key: int, to: int) -> list[Row]:
    """Work done at assets in the old term is past maintenance of the new one, from which its plan goes on."""
    orders = session.exec(
        select(
            col(WorkOrder.target_code),
            col(WorkOrder.done_on),
            col(WorkOrder.commitment_id),
            col(WorkOrder.title),
        )
        .where(WorkOrder.engagement_id == key, WorkOrder.target_kind == "asset", WorkOrder.state == "done")
        .order_by(col(WorkOrder.id))
    ).all()
    return [
        {
            "engagement_id": to,
            "asset_tag": tag,
            "done_on": done_on,
            "kind": (HistoryKind.CORRECTIVE if planned is None else HistoryKind.PREVENTIVE).value,
            "text": title,
            "cost": None,
            "downtime_hours": None,
        }
        for tag, done_on, planned, title in orders
        if done_on is not None
    ]


def _stock(session: Session, old: Engagement, new: Engagement | None, today: date) -> list[Row]:
    """What is on the shelf by the books, as a first count; nothing where the new term's books say the same."""
    there = stock_levels(session, engagement_id(new), today) if new else {}
    return [
        {
            "engagement_id": (new.id or 0) if new else 0,
            "part_code": code,
            "kind": "count",
            "reference": f"renewal:{old.code}:{today}",
            "quantity": level["level"],
            "moved_on": today,
            "staff_ref": "",
            "note": "",
        }
        for code, level in stock_levels(session, engagement_id(old), today).items()
        if code not in there or there[code]["level"] != level["level"]
    ]


def _matters(session: Session, old: Engagement, to: int, first: date, today: date) -> list[Row]:
    return [
        {
            "engagement_id": to,
            "ref": f"renewal:{old.code}:{one.kind} {one.ref}",
            "text": one.title,
            "post_code": one.owner if one.owner in POSTS else "manager",
            "opened_on": today,
            "due_on": one.due_on or first + _ACTION_TIME,
            "state": "open",
            "verified_in": "",
            "done_note": "",
            "evidence": {},
        }
        for one in open_matters(session, old, today)
        if one.kind in _CARRIED_MATTERS
    ]


def _exit_surveyed(session: Session, old: Engagement) -> bool:
    return (
        session.exec(
            select(ElementCondition.id).where(
                ElementCondition.engagement_id == engagement_id(old), ElementCondition.visit == "exit"
            )
        ).first()
        is not None
    )
