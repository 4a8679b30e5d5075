"""Does an amended plan govern from its day on, with no work lost, doubled or driven before both accept? (A4, A5)"""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import select

from models.contract import ContractAmendment, Instalment
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import Terminal
from models.rules.instalments import DueAmount, Rate, amended_calendar
from models.service_plan import ServicePlan
from models.work import WorkOrder
from tasks.amendments import align_work
from tasks.engagements import set_simulated_date
from tasks.plan_edits import Amendment, import_plan
from tasks.plan_history import plan_versions
from tasks.plans_in_force import plan_in_force
from tasks.work_entries import WorkEntry, record_work
from tasks.work_orders import count_orders, open_orders
from tests import factories
from tests.tasks.test_plan_edits import Edit, commitment, edited_workbook, setting, states, without

EFFECTIVE = date(2027, 2, 15)
AMENDMENT = Amendment(EFFECTIVE, "Lobby cleaned less often, cars patrolled")


def _daily_cleaning(code: str) -> str:
    return commitment(
        code, lambda c: c.subject == "cleaning" and c.rrule == "FREQ=DAILY" and not c.statutory
    ).code


def _amend(code: str, folder: Path, edit: Edit, amendment: Amendment = AMENDMENT) -> Path:
    file = edited_workbook(code, folder, edit)
    import_plan(code, file, amendment)
    return file


def _orders() -> list[tuple[str, str, date, str]]:
    with reading() as session:
        rows = session.exec(select(WorkOrder)).all()
    return sorted((o.series, o.target_code, o.due_on, o.state) for o in rows)


def _live(series: str, first: date, last: date) -> list[date]:
    return [
        due for s, _t, due, state in _orders() if s == series and state != "skipped" and first <= due <= last
    ]


def test_work_follows_the_old_version_before_and_the_new_one_from_the_day_on(
    in_service: str, tmp_path: Path
) -> None:
    for month in ("2027-01", "2027-02"):
        factories.open_the_month(in_service, month)
    series = _daily_cleaning(in_service)
    before = _orders()
    file = _amend(in_service, tmp_path, setting("commitments", series, "rrule", "FREQ=WEEKLY;BYDAY=MO"))
    assert _orders() == before, "an unconfirmed amendment drives no work"
    factories.answer(in_service, "plan", parties=["client"])
    assert _orders() == before, "nor does one side's yes"
    factories.answer(in_service, "plan")
    assert states() == ["confirmed", "confirmed"]
    january = _live(series, date(2027, 1, 1), date(2027, 1, 31))
    assert len(set(january)) == 31
    old = _live(series, date(2027, 2, 1), EFFECTIVE - timedelta(days=1))
    assert len(set(old)) == 14, "every day, by the old version"
    new = _live(series, EFFECTIVE, date(2027, 2, 28))
    assert set(new) == {date(2027, 2, 15), date(2027, 2, 22)}
    untouched = [o for o in before if o[0] != series]
    assert [o for o in _orders() if o[0] != series] == untouched, "other work is as it was"
    factories.open_the_month(in_service, "2027-03")
    assert set(_live(series, date(2027, 3, 1), date(2027, 3, 31))) == {
        date(2027, 3, day) for day in (1, 8, 15, 22, 29)
    }
    after = _orders()
    assert max(Counter(o[:3] for o in after).values()) == 1
    assert import_plan(in_service, file, AMENDMENT).state in ("known", "unchanged")
    with writing() as session:
        engagement = session.exec(select(Engagement)).one()
        plan = session.exec(select(ServicePlan).where(ServicePlan.version == 2)).one()
        counted = align_work(session, engagement, plan, EFFECTIVE)
    assert (counted["cancelled"], counted["released"]) == (0, 0)
    assert _orders() == after, "carried out twice is carried out once"


def test_added_work_is_released_and_work_taken_out_is_cancelled_but_not_missed(
    sqlite_in_service: str, tmp_path: Path
) -> None:
    code = sqlite_in_service
    factories.open_the_month(code, "2027-02")
    series = _daily_cleaning(code)

    def edit(sheets: dict[str, list[list[str]]]) -> None:
        head = sheets["commitments"][0]
        (row,) = [row for row in sheets["commitments"][1:] if row[0] == series]
        added = list(row)
        added[0], added[head.index("title_en")] = "HAND-PATROL", "Sweep the ramp"
        for name in ("statutory", "longest_interval_days", "source"):
            added[head.index(name)] = ""
        sheets["commitments"].append(added)
        (target,) = [list(t) for t in sheets["targets"] if t[0] == series][:1]
        sheets["targets"].append(["HAND-PATROL", *target[1:]])
        without(series)(sheets)

    _amend(code, tmp_path, edit)
    with reading() as session:
        key = plan_key(code)
        total = count_orders(session, key, EFFECTIVE, date(2027, 2, 28), ["cleaning"])[1]
    factories.answer(code, "plan")
    assert len(set(_live("HAND-PATROL", EFFECTIVE, date(2027, 2, 28)))) == 14
    assert not _live("HAND-PATROL", date(2027, 2, 1), EFFECTIVE - timedelta(days=1))
    assert not _live(series, EFFECTIVE, date(2027, 2, 28))
    with reading() as session:
        cancelled = session.exec(select(WorkOrder).where(WorkOrder.state == "skipped")).all()
        assert {order.reason for order in cancelled} == {"plan amended: version 2"}
        now = count_orders(session, key, EFFECTIVE, date(2027, 2, 28), ["cleaning"])[1]
    targets = len(cancelled) // 14
    assert now == total - len(cancelled) + 14, f"{targets} targets: cancelled work counts against nobody"


def plan_key(code: str) -> int:
    with reading() as session:
        return session.exec(select(Engagement.id).where(Engagement.code == code)).one() or 0


def test_work_done_before_the_amendment_stays_done(sqlite_in_service: str, tmp_path: Path) -> None:
    code = sqlite_in_service
    factories.open_the_month(code, "2027-02")
    series = _daily_cleaning(code)
    early = [o for o in open_orders(code, EFFECTIVE) if o.series == series and o.due_on == EFFECTIVE]
    record_work(code, [WorkEntry(order.id, EFFECTIVE, "staff-1") for order in early], EFFECTIVE)
    _amend(code, tmp_path, without(series))
    factories.answer(code, "plan")
    done = [o for o in _orders() if o[0] == series and o[3] == "done"]
    assert len(done) == len(early) > 0


def test_a_rejected_amendment_changes_nothing(in_service: str, tmp_path: Path) -> None:
    factories.open_the_month(in_service, "2027-02")
    before, instalments = _orders(), _instalments()
    in_force = plan_versions(in_service)[0]
    _amend(in_service, tmp_path, setting("posts", "cleaner", "heads", "30"))
    factories.answer(in_service, "plan", parties=["client"])
    factories.answer(in_service, "plan", "rejected", ["custodian"])
    assert states() == ["confirmed", "returned"]
    assert (_orders(), _instalments()) == (before, instalments)
    assert plan_versions(in_service)[0] == in_force
    with reading() as session:
        assert session.exec(select(ContractAmendment)).all() == []
        assert session.exec(select(Engagement.stage)).one() == "in_service"
    _amend(in_service, tmp_path, setting("posts", "cleaner", "heads", "20"))
    factories.answer(in_service, "plan")
    assert states() == ["confirmed", "returned", "confirmed"]


def _instalments() -> list[tuple[date, Decimal]]:
    with reading() as session:
        return sorted((i.due_on, i.amount) for i in session.exec(select(Instalment)).all())


def test_the_remaining_instalments_carry_the_new_fee_and_the_old_ones_are_kept_on_record(
    in_service: str, tmp_path: Path
) -> None:
    before = _instalments()
    _amend(
        in_service,
        tmp_path,
        setting("posts", "cleaner", "heads", "30"),
        Amendment(date(2027, 7, 1), "more cleaners"),
    )
    factories.answer(in_service, "plan")
    after = _instalments()
    assert after[:2] == before[:2], "the first half year is paid by the old fee"
    with reading() as session:
        addendum = session.exec(select(ContractAmendment)).one()
        old, new = session.exec(select(ServicePlan.annual_fee).order_by(ServicePlan.version)).all()
    assert (addendum.old_annual_fee, addendum.new_annual_fee) == (old, new)
    assert sum(amount for _, amount in after) == ((old + new) / 2).quantize(Decimal("0.01"))
    assert [(c["due_on"], c["old"], c["new"]) for c in addendum.instalments] == [
        (str(due), str(was), str(now))
        for (due, was), (_, now) in zip(before, after, strict=True)
        if was != now
    ]
    assert len(addendum.instalments) == 2
    key = plan_key(in_service)
    with reading() as session:
        ids = [plan_in_force(session, key, day) for day in (date(2027, 6, 30), date(2027, 7, 1))]
        versions = session.exec(select(ServicePlan.id).order_by(ServicePlan.version)).all()
    assert ids == list(versions)
    assert [v.in_force for v in plan_versions(in_service)] == [True, False]
    set_simulated_date(in_service, date(2027, 7, 1))
    assert [v.in_force for v in plan_versions(in_service)] == [False, True]


@pytest.mark.parametrize(
    ("day", "reason", "said"),
    [
        (date(2026, 12, 1), "why not", "expected a day from 2027-01-01"),
        (date(2028, 1, 1), "why not", "to 2027-12-31"),
        (EFFECTIVE, "  ", "needs a reason"),
    ],
)
def test_an_amendment_without_a_day_in_the_term_or_a_reason_is_refused(
    sqlite_in_service: str, tmp_path: Path, day: date, reason: str, said: str
) -> None:
    with pytest.raises(Terminal, match=said):
        _amend(
            sqlite_in_service, tmp_path, setting("posts", "cleaner", "heads", "30"), Amendment(day, reason)
        )
    assert states() == ["confirmed"]


def test_a_change_in_the_last_quarter_is_settled_by_an_instalment_of_its_own() -> None:
    term = (date(2027, 1, 1), date(2027, 12, 31))
    paid = [DueAmount(date(2027, month, 1), Decimal("300.00"), True) for month in (1, 4, 7, 10)]
    rates = [Rate(term[0], Decimal("1200.00")), Rate(date(2027, 12, 1), Decimal("2400.00"))]
    calendar = amended_calendar(paid, term, rates, date(2027, 12, 1))
    assert calendar[-1] == DueAmount(date(2027, 12, 1), Decimal("100.00"), False)
    assert sum(entry.amount for entry in calendar) == Decimal("1300.00")


def test_what_was_paid_ahead_is_refunded_although_an_instalment_was_paid_on_the_very_day_of_the_end() -> None:
    end = date(2027, 7, 1)
    paid = [DueAmount(date(2027, month, 1), Decimal("300.00"), True) for month in (1, 4, 7)]
    calendar = amended_calendar(
        paid, (date(2027, 1, 1), end), [Rate(date(2027, 1, 1), Decimal("1200.00"))], end
    )
    assert sum(entry.amount for entry in calendar) == Decimal("603.23"), "six months and one day of July"
    assert calendar[:3] == tuple(paid), "what was paid stands"
    assert calendar[-1] == DueAmount(date(2027, 7, 2), Decimal("-296.77"), False)
