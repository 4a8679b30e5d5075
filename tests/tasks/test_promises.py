"""Is every period judged by the plan of its own time, however late its figures are reckoned? (A4, C1, C2)"""

from datetime import date
from decimal import Decimal
from pathlib import Path

from sqlmodel import select

from models.accounts import Statement
from models.db import reading
from models.review import IndicatorFigure
from models.rules.budget import budget_share
from models.rules.cycles import CycleKind
from models.rules.periods import Period
from models.work import WorkOrder
from tasks.engagements import set_simulated_date
from tasks.indicators import compute_indicators
from tasks.plan_edits import Amendment, import_plan, load_version
from tasks.statements import compile_statement
from tasks.work_entries import WorkEntry, record_work
from tasks.work_orders import open_orders
from tests import factories
from tests.tasks.test_plan_edits import Edit, edited_workbook, setting

LATE = date(2027, 6, 7)
"""When the figures are reckoned: long after the amendment."""


def test_an_amended_target_and_frequency_judge_no_month_before_their_day(
    in_service: str, tmp_path: Path
) -> None:
    for month in ("2027-01", "2027-02", "2027-03"):
        factories.open_the_month(in_service, month)
    _amend(in_service, tmp_path, date(2027, 3, 1), _fewer_rounds(in_service, "0.50"))
    _do_every_round_but_each_third(in_service)
    set_simulated_date(in_service, LATE)

    february, march, quarter = (
        _figure(in_service, period, "round_completion") for period in ("2027-02", "2027-03", "2027-Q1")
    )
    assert (february.target, february.state) == (Decimal("0.98"), "missed")
    assert (march.target, march.state) == (Decimal("0.5"), "met")
    assert quarter.target == Decimal("0.5"), "the quarter's last day lies under the amendment"
    assert february.denominator == _rounds("2027-02")
    assert march.denominator == _rounds("2027-03")
    assert (_rounds("2027-02", "ROUND-SITE-1D"), _rounds("2027-03", "ROUND-SITE-1D")) == (28, 5)


def test_in_a_month_with_an_amendment_in_its_middle_each_day_is_owed_what_was_in_force_on_it(
    in_service: str, tmp_path: Path
) -> None:
    effective = date(2027, 2, 15)

    def edit(sheets: dict[str, list[list[str]]]) -> None:
        setting("posts", "gate_guard", "round_the_clock_persons", "2")(sheets)
        setting("posts", "gate_guard", "heads", "10")(sheets)
        setting("commitments", "SEC-GATE-24H", "hours", "48")(sheets)
        _targets("post_coverage", "0.90")(sheets)

    _amend(in_service, tmp_path, effective, edit)
    set_simulated_date(in_service, LATE)
    january, february, march = (_figure(in_service, f"2027-0{month}", "post_coverage") for month in (1, 2, 3))
    day = 24 * 60
    before = january.denominator / 31
    assert february.denominator == 14 * before + 14 * (before + day)
    assert march.denominator == 31 * (before + day)
    assert [figure.target for figure in (january, february, march)] == [1, Decimal("0.9"), Decimal("0.9")]


def test_a_month_is_held_to_the_budget_of_its_own_plan_and_a_quarter_to_its_months(
    in_service: str, tmp_path: Path
) -> None:
    (_row, plan) = load_version(in_service)
    old = {line.cost_item: line.amount for line in plan.budget.lines}
    _amend(in_service, tmp_path, date(2027, 2, 15), setting("posts", "cleaner", "heads", "30"))
    set_simulated_date(in_service, LATE)
    (_row, plan) = load_version(in_service)
    new = {line.cost_item: line.amount for line in plan.budget.lines}
    budgets = {period: _budget(in_service, period) for period in ("2027-01", "2027-02", "2027-03", "2027-Q1")}
    assert budgets["2027-01"] == _month(old, "2027-01") < budgets["2027-02"]
    assert budgets["2027-03"] == _month(new, "2027-03")
    halfway = (_month(old, "2027-02") + _month(new, "2027-02")) / 2
    assert abs(budgets["2027-02"] - halfway) <= Decimal("0.01") * len(new)
    assert budgets["2027-Q1"] == sum(budgets[f"2027-0{month}"] for month in (1, 2, 3))


def _amend(code: str, folder: Path, effective: date, edit: Edit) -> None:
    import_plan(code, edited_workbook(code, folder, edit), Amendment(effective, "as agreed"))
    factories.answer(code, "plan")


def _targets(metric: str, value: str) -> Edit:
    def edit(sheets: dict[str, list[list[str]]]) -> None:
        head = sheets["commitments"][0]
        rows = [row for row in sheets["commitments"][1:] if row[head.index("metric")] == metric]
        assert rows
        for row in rows:
            row[head.index("target_value")] = value

    return edit


def _fewer_rounds(code: str, target: str) -> Edit:
    """The manager's daily round becomes one on Mondays, and half of all rounds are enough."""

    def edit(sheets: dict[str, list[list[str]]]) -> None:
        setting("commitments", "ROUND-SITE-1D", "rrule", "FREQ=WEEKLY;BYDAY=MO")(sheets)
        _targets("round_completion", target)(sheets)

    return edit


def _rounds(month: str, series: str = "") -> int:
    """How many rounds are due in a month and were not taken out of the plan."""
    days = Period.parse(month)
    with reading() as session:
        rows = session.exec(
            select(WorkOrder).where(WorkOrder.subject == "round", WorkOrder.state != "skipped")
        ).all()
    return sum(days.contains(row.due_on) and row.series in (series or row.series,) for row in rows)


def _do_every_round_but_each_third(code: str) -> None:
    rounds = [order for order in open_orders(code, date(2027, 3, 31)) if order.subject == "round"]
    entries = [WorkEntry(order.id, order.due_on, "staff-1") for n, order in enumerate(rounds) if n % 3]
    assert record_work(code, entries, LATE) == len(entries)


def _figure(code: str, period: str, indicator: str) -> IndicatorFigure:
    compute_indicators.fn(factories.claim(code, _kind(period), period, LATE))
    with reading() as session:
        return session.exec(
            select(IndicatorFigure).where(IndicatorFigure.period == period, IndicatorFigure.code == indicator)
        ).one()


def _budget(code: str, period: str) -> Decimal:
    compile_statement.fn(factories.claim(code, _kind(period), period, LATE))
    with reading() as session:
        return session.exec(select(Statement.budget).where(Statement.period == period)).one()


def _kind(period: str) -> CycleKind:
    return CycleKind.QUARTER_REVIEW if "Q" in period else CycleKind.MONTH_CLOSE


def _month(yearly: dict[str, Decimal], label: str) -> Decimal:
    return sum((budget_share(amount, Period.parse(label)) for amount in yearly.values()), Decimal(0))
