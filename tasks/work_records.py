"""What does the person in the field record about an order: begun, done, not possible, put right? (B2-B5)"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.audit import record_event
from models.clock import utc_now
from models.db import writing
from models.engagement import Engagement
from models.errors import Terminal
from models.rules.check_items import Verdict
from models.rules.field_records import (
    MAX_TEXT,
    Outcome,
    RecordFacts,
    progress,
    standing_record,
    why_not_recordable,
    why_not_that_day,
)
from models.rules.file_values import plain_text
from models.rules.personal_data import masked
from models.work import WorkOrder, WorkRecord
from tasks.check_readings import (
    CheckDoubted,
    JudgedCheck,
    SaidCheck,
    judged_check,
    keep_checks,
    out_of_limits,
    says_the_same,
)
from tasks.condition_photos import PhotoRefused, read_photo
from tasks.engagements import business_today, engagement_id, lock_engagement
from tasks.findings import finding_series, put_back_in_order, raise_finding
from tasks.occurrences import settle_orders
from tasks.permit_checks import why_not_complete, why_not_start
from tasks.references import is_known_person
from tasks.work_entries import TakenPhoto, WorkEntry, add_records, let_follow, settle_work
from tasks.work_orders import order_facts

MAX_PHOTOS = 20
MAX_HOURS = Decimal(1000)
MAX_COST = Decimal(10_000_000)
_WITHDRAWN = "the finding was corrected: "


class WorkRefused(Terminal):
    """What was to be recorded about an order cannot be; the message says why."""


@dataclass(frozen=True)
class FieldNote:
    """What a person says about an order; the day is the business date where none is said."""

    staff_ref: str
    on: date | None = None
    at: datetime | None = None
    """The instant, with its zone; its day in the engagement's zone is the day of the work."""
    outcome: str = Outcome.DONE
    reading: str = ""
    note: str = ""
    hours: Decimal = Decimal(0)
    material_cost: Decimal = Decimal("0.00")
    place: str = ""
    photos: tuple[TakenPhoto, ...] = ()
    reason: str = ""
    source: str = ""
    checks: tuple[SaidCheck, ...] = ()


def taken_photos(paths: list[Path]) -> tuple[TakenPhoto, ...]:
    """The pictures of the work, checked as those of the condition survey are.

    Raises:
        WorkRefused: one is no JPEG or PNG of at most 15 MB, or there are too many.
    """
    if len(paths) > MAX_PHOTOS:
        raise WorkRefused(f"--photo was given {len(paths)} times; expected at most {MAX_PHOTOS} pictures.")
    taken = []
    for path in paths:
        try:
            content, media_type = read_photo(path.parent, path.name)
        except PhotoRefused as refused:
            raise WorkRefused(f"--photo {path.name}: expected {refused}.") from refused
        taken.append(TakenPhoto(path.name, content, media_type))
    return tuple(taken)


def start_work(code: str, order_id: int, note: FieldNote) -> bool:
    """Record that somebody has begun; False if the same person had begun already.

    Raises:
        WorkRefused: no such order, settled, or not on that day.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        order = order_named(session, engagement, order_id)
        entry = checked_entry(session, engagement, order, replace(note, outcome=Outcome.STARTED))
        _refuse(order, why_not_recordable(order_facts(order), entry.done_on, business_today(engagement)))
        log = log_of(session, order_id)
        if progress(map(record_facts, log)) == Outcome.STARTED and log[-1].staff_ref == entry.staff_ref:
            return False
        _refuse(order, why_not_start(session, engagement, order, entry))
        return _append(session, engagement, order, entry, "work.started")


def complete_work(code: str, order_id: int, note: FieldNote) -> bool:
    """Record that an order was done, passed or failed; False if exactly that was recorded before.

    A failed check raises corrective work and takes the asset out of order, as `tasks.findings` has it.

    Raises:
        WorkRefused: no such order, settled otherwise, or not on that day.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        return complete_in(session, engagement, order_named(session, engagement, order_id), note)


def complete_in(session: Session, engagement: Engagement, order: WorkOrder, note: FieldNote) -> bool:
    """As `complete_work`, in the caller's transaction, which holds the engagement."""
    entry = checked_entry(session, engagement, order, note)
    checks = _judged(session, engagement, note.checks)
    if order.state == "done" and _says(session, standing_of(log_of(session, order.id or 0)), entry, checks):
        return False
    today = business_today(engagement)
    _refuse(order, why_not_recordable(order_facts(order), entry.done_on, today))
    _refuse(order, why_not_complete(session, engagement, order, entry))
    settle_work(session, engagement, [order], {order.id or 0: entry}, today)
    _keep(session, engagement, order, entry, checks)
    return True


def _judged(session: Session, engagement: Engagement, said: tuple[SaidCheck, ...]) -> list[JudgedCheck]:
    found: dict[tuple[str, str], JudgedCheck] = {}
    for check in said:
        try:
            judged = judged_check(session, engagement_id(engagement), check)
        except CheckDoubted as doubted:
            raise WorkRefused(f"--check: {doubted}.") from doubted
        if (judged.asset.tag, judged.item.code) in found:
            raise WorkRefused(f"--check: {judged.item.code} of {judged.asset.tag} is said twice.")
        found[(judged.asset.tag, judged.item.code)] = judged
    return list(found.values())


def _keep(
    session: Session, engagement: Engagement, order: WorkOrder, entry: WorkEntry, checks: list[JudgedCheck]
) -> None:
    record = standing_of(log_of(session, order.id or 0))
    if checks and record is not None:
        keep_checks(session, engagement, order, record, entry, checks)


def reject_work(code: str, order_id: int, note: FieldNote) -> bool:
    """Record that an order could not be done and why; it stays open with its post and shows the reason.

    Returns:
        Whether it is new; the same reason once more adds nothing.

    Raises:
        WorkRefused: no such order, settled, no reason, or not on that day.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        return reject_in(session, engagement, order_named(session, engagement, order_id), note)


def reject_in(session: Session, engagement: Engagement, order: WorkOrder, note: FieldNote) -> bool:
    """As `reject_work`, in the caller's transaction, which holds the engagement."""
    entry = checked_entry(session, engagement, order, replace(note, outcome=Outcome.REJECTED))
    if not entry.reason:
        raise WorkRefused("--reason is empty; expected why the work cannot be done.")
    _refuse(order, why_not_recordable(order_facts(order), entry.done_on, business_today(engagement)))
    newest = next(iter(reversed(log_of(session, order.id or 0))), None)
    if newest is not None and (newest.outcome, newest.reason) == (Outcome.REJECTED, entry.reason):
        return False
    return _append(session, engagement, order, entry, "work.rejected")


def correct_work(code: str, order_id: int, note: FieldNote) -> bool:
    """Add a record that takes the place of the one that holds; the earlier one stays in the log.

    A check that was wrongly passed raises its corrective work; one that was wrongly failed withdraws it, if
    nobody has begun it, and puts the asset back in order.

    Returns:
        Whether it says anything new.

    Raises:
        WorkRefused: no such order, nothing recorded yet, no reason, or not on that day.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        order = order_named(session, engagement, order_id)
        entry = checked_entry(session, engagement, order, note)
        before = standing_of(log_of(session, order_id))
        if before is None:
            raise WorkRefused(
                f"Order {order_id} ({order.series}) has no result yet; `steward work complete` records one."
            )
        if not entry.reason:
            raise WorkRefused("--reason is empty; expected why the record is corrected.")
        checks = _judged(session, engagement, note.checks)
        if _says(session, before, entry, checks):
            return False
        today = business_today(engagement)
        _refuse(order, why_not_that_day(order_facts(order), entry.done_on, today))
        add_records(session, [(order, replace(entry, corrects=before.sequence))], today)
        order.done_on = entry.done_on
        session.add(order)
        _follow_correction(session, engagement, order, before, entry, checks)
        _keep(session, engagement, order, entry, checks)
        if order.commitment_id:
            settled = (order.series, order.target_code, order.due_on, entry.done_on)
            settle_orders(session, engagement_id(engagement), [settled])
            let_follow(session, engagement, [order], today)
        record_event(
            session,
            engagement_id(engagement),
            "work.corrected",
            f"{order.series}/{order.target_code}",
            {"order": order_id, "record": before.sequence, "before": before.outcome, "after": entry.outcome},
        )
        return True


def _follow_correction(
    session: Session,
    engagement: Engagement,
    order: WorkOrder,
    before: WorkRecord,
    entry: WorkEntry,
    checks: list[JudgedCheck],
) -> None:
    if entry.outcome == Outcome.FAILED and before.outcome != Outcome.FAILED:
        raise_finding(session, engagement, order, on=entry.done_on, at=entry.done_at, note=entry.note)
    if before.outcome == Outcome.FAILED and entry.outcome != Outcome.FAILED:
        call_off_repair(session, engagement, finding_series(order), order.target_code, entry.reason)
    still_out = {(c.asset.tag, c.item.code) for c in checks if c.verdict is Verdict.OUT}
    for tag, item in out_of_limits(session, before) - still_out:
        call_off_repair(session, engagement, f"{finding_series(order)}:{item}", tag, entry.reason)


def call_off_repair(session: Session, engagement: Engagement, series: str, target: str, reason: str) -> None:
    """Call off the corrective order of a finding that was none, unless somebody is at it."""
    key = engagement_id(engagement)
    repair = session.exec(
        select(WorkOrder).where(
            WorkOrder.engagement_id == key,
            WorkOrder.series == series,
            WorkOrder.target_code == target,
            WorkOrder.state == "released",
        )
    ).first()
    if repair is None or log_of(session, repair.id or 0):
        return  # somebody is at it, or was: what they found stands by itself
    repair.state, repair.reason = "skipped", (_WITHDRAWN + reason)[:MAX_TEXT]
    session.add(repair)
    session.flush()
    if repair.target_kind == "asset":
        put_back_in_order(session, key, target)


def order_named(session: Session, engagement: Engagement, order_id: int) -> WorkOrder:
    """The engagement's order with this number.

    Raises:
        WorkRefused: it has none.
    """
    found = session.exec(
        select(WorkOrder).where(
            WorkOrder.engagement_id == engagement_id(engagement), WorkOrder.id == order_id
        )
    ).one_or_none()
    if found is None:
        raise WorkRefused(
            f"{engagement.code} has no work order {order_id}; `steward work list {engagement.code}` shows them."
        )
    return found


def checked_entry(session: Session, engagement: Engagement, order: WorkOrder, note: FieldNote) -> WorkEntry:
    """What a person says, as it is kept: who is known, texts without personal data, day and instant agree.

    Raises:
        WorkRefused: an unknown person, or a figure or outcome that cannot be.
    """
    key, zone = engagement_id(engagement), ZoneInfo(engagement.timezone)
    if not is_known_person(session, key, note.staff_ref):
        raise WorkRefused(
            "Who did it is no reference of a person of this engagement; expected the reference of a member of staff "
            "or of a person in the people table (`steward people import`), never a name."
        )
    if note.outcome not in list(Outcome):
        raise WorkRefused(f"The outcome is {note.outcome!r}; expected done, passed or failed.")
    if not 0 <= note.hours <= MAX_HOURS:
        raise WorkRefused(f"--hours is {note.hours}; expected hours from 0 to {MAX_HOURS}.")
    if not 0 <= note.material_cost <= MAX_COST:
        raise WorkRefused(f"--material is {note.material_cost}; expected an amount from 0 to {MAX_COST}.")
    at = note.at
    if at is not None and at.tzinfo is None:
        at = at.replace(tzinfo=zone)
    if at is None and note.on is None and engagement.simulated_on is None:
        at = utc_now()
    on = note.on or (at.astimezone(zone).date() if at is not None else business_today(engagement))
    if at is not None and engagement.simulated_on is None and at > utc_now():
        raise WorkRefused(f"Order {order.id} cannot have been done at {at:%Y-%m-%d %H:%M}: that is to come.")
    return WorkEntry(
        order_id=order.id or 0,
        done_on=on,
        staff_ref=note.staff_ref,
        outcome=Outcome(note.outcome).value,
        reading=kept_text(note.reading),
        note=kept_text(note.note),
        hours=note.hours,
        material_cost=note.material_cost,
        done_at=at,
        place=kept_text(note.place)[:80],
        photos=note.photos,
        reason=kept_text(note.reason),
        source=note.source,
    )


def kept_text(text: str) -> str:
    """A free text as it is kept: one line, personal data masked, of limited length."""
    return masked(plain_text(text))[:MAX_TEXT]


def log_of(session: Session, order_id: int) -> list[WorkRecord]:
    """Everything recorded about an order, in order."""
    return list(
        session.exec(
            select(WorkRecord).where(WorkRecord.work_order_id == order_id).order_by(col(WorkRecord.sequence))
        ).all()
    )


def record_facts(record: WorkRecord) -> RecordFacts:
    """A record as the rules see it."""
    return RecordFacts(record.sequence, record.outcome, record.corrects)


def standing_of(log: list[WorkRecord]) -> WorkRecord | None:
    """The result that holds, None while there is none."""
    found = standing_record(map(record_facts, log))
    return None if found is None else next(r for r in log if r.sequence == found.sequence)


def _append(session: Session, engagement: Engagement, order: WorkOrder, entry: WorkEntry, event: str) -> bool:
    add_records(session, [(order, entry)], business_today(engagement))
    subject = f"{order.series}/{order.target_code}"
    record_event(
        session,
        engagement_id(engagement),
        event,
        subject,
        {"order": entry.order_id, "on": str(entry.done_on)},
    )
    return True


def _says(session: Session, record: WorkRecord | None, entry: WorkEntry, checks: list[JudgedCheck]) -> bool:
    """Whether a record says just what an entry says."""
    if record is None or not says_the_same(session, record, checks):
        return False
    return (
        record.done_on,
        record.staff_ref,
        record.outcome,
        record.reading,
        record.note,
        record.hours,
        record.material_cost,
    ) == (
        entry.done_on,
        entry.staff_ref,
        entry.outcome,
        entry.reading,
        entry.note,
        entry.hours,
        entry.material_cost,
    )


def _refuse(order: WorkOrder, why: str) -> None:
    if why:
        raise WorkRefused(f"Order {order.id} ({order.series}, {order.target_code}) {why}.")
