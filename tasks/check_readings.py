"""What did a round see and read at each machine, what was beyond its limits, and where is it going? (B2)"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlmodel import Session, col, func, select

from models.audit import record_event
from models.check_item_files import load_round_items
from models.db import reading
from models.engagement import Engagement
from models.register import Asset
from models.rules.check_items import CheckKind, RoundItem, Verdict, items_for, verdict_of
from models.rules.field_records import Outcome
from models.rules.file_values import plain_text
from models.rules.handover_sheet import word_key
from models.rules.reading_trend import NEWEST, trend_to_limit
from models.rules.work_sheet import RESULT_WORDS
from models.upsert import insert_if_absent
from models.work import CheckReading, WorkOrder, WorkRecord
from reports.words import voice_of
from tasks.engagements import engagement_id, find_engagement
from tasks.findings import FOUND, finding_series, how_soon, raise_corrective_order, take_out_of_order
from tasks.standing_records import is_standing_result
from tasks.work_entries import WorkEntry

_GREATEST = Decimal(10) ** 9
_LOOKED_AT = 3 * NEWEST
"""So many days of an item are looked at first: a daily round makes a thousand in three years."""


class CheckDoubted(ValueError):
    """A check cannot be taken; the text says what was expected."""


@dataclass(frozen=True)
class SaidCheck:
    """What somebody wrote about one item at one asset."""

    asset_tag: str
    item: str
    answer: str
    """A number for a reading; passed or failed otherwise."""


@dataclass(frozen=True)
class JudgedCheck:
    """The same, judged by the limits of the catalogue."""

    asset: Asset
    item: RoundItem
    value: Decimal | None
    verdict: Verdict


def judged_check(session: Session, key: int, said: SaidCheck) -> JudgedCheck:
    """Judge one check.

    Raises:
        CheckDoubted: no such asset or item, or no such answer.
    """
    asset = session.exec(
        select(Asset).where(Asset.engagement_id == key, Asset.tag == said.asset_tag)
    ).one_or_none()
    if asset is None:
        raise CheckDoubted(f"{said.asset_tag[:40]!r} is no asset of the register")
    items = {item.code: item for item in items_of(asset)}
    item = items.get(said.item)
    if item is None:
        raise CheckDoubted(
            f"{said.item[:40]!r} is not looked at on {asset.tag}; expected {', '.join(items) or 'nothing'}"
        )
    if item.kind is CheckKind.LOOK:
        outcome = word_key(said.answer, RESULT_WORDS)
        if outcome not in (Outcome.PASSED, Outcome.DONE, Outcome.FAILED):
            raise CheckDoubted(f"{said.answer[:40]!r} is no answer to {item.code}; expected passed or failed")
        return JudgedCheck(asset, item, None, Verdict.OUT if outcome == Outcome.FAILED else Verdict.OK)
    try:
        value = Decimal(plain_text(said.answer))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) > _GREATEST or len(said.answer) > 30:
        raise CheckDoubted(
            f"{said.answer[:40]!r} is no reading of {item.code}; expected a number in {item.unit}"
        )
    return JudgedCheck(asset, item, value, verdict_of(value, item.low, item.high, item.early))


def items_of(asset: Asset) -> tuple[RoundItem, ...]:
    """What is looked at on an asset."""
    return items_for(load_round_items(), asset.element_class, asset.name, asset.type_name)


def keep_checks(
    session: Session,
    engagement: Engagement,
    order: WorkOrder,
    record: WorkRecord,
    entry: WorkEntry,
    checks: Sequence[JudgedCheck],
) -> list[str]:
    """Keep what a record says about its check items; what is beyond its limits becomes corrective work.

    Returns:
        The series of the new corrective orders: one for each bad item of which none is open.
    """
    key = engagement_id(engagement)
    insert_if_absent(
        session,
        CheckReading,
        [
            {
                "engagement_id": key,
                "work_record_id": record.id,
                "asset_tag": check.asset.tag,
                "item": check.item.code,
                "value": check.value,
                "unit": check.item.unit,
                "low": check.item.low,
                "high": check.item.high,
                "verdict": check.verdict.value,
                "read_on": entry.done_on,
            }
            for check in checks
        ],
    )
    bad = [check for check in checks if check.verdict is Verdict.OUT]
    new = [check for check in bad if not _known(session, key, check)]
    for check in new:
        _raise(session, engagement, order, entry, check)
    if checks:
        detail = {"order": order.id, "checks": len(checks), "out": len(bad), "raised": len(new)}
        record_event(session, key, "round.checked", f"{order.series}/{order.due_on}", detail)
    return [f"{finding_series(order)}:{check.item.code}" for check in new]


def _known(session: Session, key: int, check: JudgedCheck) -> bool:
    """Whether an order for the same finding is open: a daily round would make one a day until it is repaired."""
    found = session.exec(
        select(WorkOrder.id).where(
            WorkOrder.engagement_id == key,
            WorkOrder.target_code == check.asset.tag,
            WorkOrder.state == "released",
            col(WorkOrder.series).startswith(FOUND),
            col(WorkOrder.series).endswith(f":{check.item.code}"),
        )
    ).first()
    return found is not None


def _raise(
    session: Session, engagement: Engagement, order: WorkOrder, entry: WorkEntry, check: JudgedCheck
) -> None:
    voice = voice_of(engagement)
    label = voice(check.item.label.en, check.item.label.zh)
    said = voice("failed", "不合格") if check.value is None else f"{check.value} {check.item.unit}"
    limits = f" ({check.item.limits})" if check.value is not None else ""
    priority, respond_by = how_soon(
        engagement, check.asset.element_class, order, entry.done_on, entry.done_at
    )
    raise_corrective_order(
        session,
        engagement_id(engagement),
        series=f"{finding_series(order)}:{check.item.code}",
        title=f"{check.asset.tag} {label}: {said}{limits}",
        target=("asset", check.asset.tag),
        clause=order.clause,
        post_code=order.post_code,
        on=entry.done_on,
        priority=priority,
        respond_by=respond_by,
    )
    take_out_of_order(session, engagement_id(engagement), check.asset.tag)


def out_of_limits(session: Session, record: WorkRecord) -> set[tuple[str, str]]:
    """Asset and item of what a record found beyond its limits, or failed."""
    rows = session.exec(
        select(CheckReading).where(
            CheckReading.work_record_id == record.id, CheckReading.verdict == Verdict.OUT.value
        )
    ).all()
    return {(row.asset_tag, row.item) for row in rows}


def says_the_same(session: Session, record: WorkRecord, checks: Sequence[JudgedCheck]) -> bool:
    """Whether a record holds just these checks."""
    kept = session.exec(select(CheckReading).where(CheckReading.work_record_id == record.id)).all()
    return {(r.asset_tag, r.item, r.value, r.verdict) for r in kept} == {
        (c.asset.tag, c.item.code, c.value, c.verdict.value) for c in checks
    }


def standing_readings(
    session: Session, key: int, asset_tag: str = "", *, days: int = 0
) -> list[CheckReading]:
    """The readings that no correction took the place of, by asset, item and day.

    Args:
        session: any session.
        key: the engagement.
        asset_tag: only of this machine.
        days: only of the newest so many days with readings of each item at each machine; all by default.
    """
    rank = func.dense_rank().over(
        partition_by=(col(CheckReading.asset_tag), col(CheckReading.item)),
        order_by=col(CheckReading.read_on).desc(),
    )
    standing = (
        select(CheckReading.id, rank.label("rank"))
        .join(WorkRecord, col(WorkRecord.id) == col(CheckReading.work_record_id))
        .where(CheckReading.engagement_id == key, is_standing_result())
    )
    if asset_tag:
        standing = standing.where(CheckReading.asset_tag == asset_tag)
    ranked = standing.subquery()
    query = select(CheckReading).join(ranked, ranked.c.id == col(CheckReading.id))
    if days:
        query = query.where(ranked.c.rank <= days)
    return list(
        session.exec(
            query.order_by(
                CheckReading.asset_tag, CheckReading.item, col(CheckReading.read_on), col(CheckReading.id)
            )
        ).all()
    )


def early_warnings(code: str) -> list[dict[str, Any]]:
    """The machines whose last reading is near a limit, or whose readings lead to one within the horizon."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        newest = _by_item(standing_readings(session, key, days=_LOOKED_AT))
        return [
            _warning(_far_enough(session, key, rows))
            for _place, rows in sorted(newest.items())
            if _warns(rows)
        ]


def _far_enough(session: Session, key: int, rows: list[CheckReading]) -> list[CheckReading]:
    """The same readings, with all before them where the warning stands so long that they decide since when."""
    before = {row.read_on for row in rows[: -_stands(rows)]}
    if len({row.read_on for row in rows}) < _LOOKED_AT or len(before) >= NEWEST:
        return rows
    return _by_item(standing_readings(session, key, rows[0].asset_tag))[rows[0].asset_tag, rows[0].item]


def _by_item(readings: Sequence[CheckReading]) -> dict[tuple[str, str], list[CheckReading]]:
    found: dict[tuple[str, str], list[CheckReading]] = {}
    for row in readings:
        found.setdefault((row.asset_tag, row.item), []).append(row)
    return found


def _warning(rows: Sequence[CheckReading]) -> dict[str, Any]:
    last = rows[-1]
    trend = trend_to_limit(_values(rows), last.low, last.high)
    return {
        "asset": last.asset_tag,
        "item": last.item,
        "last": f"{last.value if last.value is not None else 'failed'} {last.unit}".strip(),
        "on": last.read_on.isoformat(),
        "state": last.verdict,
        "limit_reached_on": "" if trend is None else trend.reached_on.isoformat(),
        "per_day": "" if trend is None else f"{trend.slope_per_day:+.3g} {last.unit}",
        "readings": 0 if trend is None else trend.readings,
        "since": rows[-_stands(rows)].read_on.isoformat(),
    }


def _values(rows: Sequence[CheckReading]) -> list[tuple[date, Decimal]]:
    return [(row.read_on, row.value) for row in rows if row.value is not None]


def _warns(rows: Sequence[CheckReading]) -> bool:
    """Whether the last of these readings of one item is, or leads, near a limit."""
    last = rows[-1]
    return last.verdict != Verdict.OK or trend_to_limit(_values(rows), last.low, last.high) is not None


def _stands(rows: Sequence[CheckReading]) -> int:
    """For how many of the last readings the warning has stood without a break; its first day is its name."""
    count = len(rows)
    while count > 1 and _warns(rows[: count - 1]):
        count -= 1
    return len(rows) - count + 1
