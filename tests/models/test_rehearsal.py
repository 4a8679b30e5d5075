"""Does the rehearsal of a term come to what one reckons by hand?"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from models.catalogue_files import load_catalogue
from models.rules.catalogue import Subject
from models.rules.contract import term_fee
from models.rules.plan import CommitmentDraft, CompiledPlan, Target, TargetKind, compile_plan, due_dates
from models.rules.plan_types import FeeModel, PlanInputs, PostPlan
from models.rules.rehearsal import (
    Change,
    Rehearsal,
    RehearsalRefused,
    compare,
    read_change,
    rehearse,
    scenarios,
)
from models.rules.rehearsal_types import PostMonth

CATALOGUE = load_catalogue()
START, END = date(2027, 1, 1), date(2028, 2, 29)
"""Fourteen months, a leap day among them."""
D = Decimal


@pytest.fixture(scope="module")
def compiled() -> CompiledPlan:
    return compile_plan(
        PlanInputs("E-1", "mixed", "CNY", START, date(2027, 12, 31), floor_area=D(42000), units=260),
        CATALOGUE,
    )


def post(code: str = "fitter", heads: str = "1", productive: str = "365", clock: int = 0) -> PostPlan:
    """By default one head of exactly one productive hour a day."""
    words = {name: "" for name in ("certificate", "certificate_en", "certificate_zh")}
    none: dict[str, tuple[str, ...]] = {
        name: () for name in ("duties_en", "duties_zh", "skills_en", "skills_zh")
    }
    return PostPlan(
        code=code,
        title_en=code,
        title_zh=code,
        **none,
        **words,
        engaged="employed",
        hours_per_month=D(0),
        productive_hours_per_year=D(productive),
        heads=D(heads),
        round_the_clock_persons=clock,
        monthly_cost=D(100),
        annual_cost=D(heads) * 1200,
        explanation_en="",
        explanation_zh="",
    )


def duty(code: str, rrule: str, hours: str, targets: int = 1, **changes: object) -> CommitmentDraft:
    plain = CommitmentDraft(
        code=code,
        clause="B2",
        subject=Subject.PREVENTIVE_MAINTENANCE,
        title_en=code,
        title_zh=code,
        targets=tuple(Target(TargetKind.ASSET, f"A-{number}") for number in range(targets)),
        rrule=rrule,
        start_on=date(2027, 1, 10),
        standard="",
        metric="",
        target_value=None,
        evidence="",
        post_code="fitter",
        hours=D(hours),
        material_cost=D(0),
        cost_item="operation",
        statutory="",
        longest_interval_days=None,
        source="",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test's shorthand


def plan(
    compiled: CompiledPlan, *duties: CommitmentDraft, posts: tuple[PostPlan, ...] = (post(),)
) -> CompiledPlan:
    return replace(compiled, term_start=START, term_end=END, commitments=duties, posts=posts)


def by_month(run: Rehearsal, code: str = "fitter") -> dict[str, PostMonth]:
    return {entry.month.label: entry for entry in run.workload if entry.post == code}


def test_a_monthly_duty_on_three_targets_asks_for_six_hours_in_each_of_fourteen_months(
    compiled: CompiledPlan,
) -> None:
    run = rehearse(plan(compiled, duty("M", "FREQ=MONTHLY", "2", targets=3)))
    entries = by_month(run)
    assert len(entries) == 14
    assert {entry.needed for entry in entries.values()} == {D(6)}
    assert [entries[label].available for label in ("2027-01", "2027-02", "2028-02")] == [31, 28, 29]
    assert run.overloaded_months == 0
    assert run.undone_hours == 0


def test_a_season_is_worked_in_its_months_only(compiled: CompiledPlan) -> None:
    run = rehearse(plan(compiled, duty("S", "FREQ=MONTHLY;BYMONTH=4,5", "3")))
    assert {label for label, entry in by_month(run).items() if entry.needed} == {"2027-04", "2027-05"}


def test_a_one_off_is_worked_once(compiled: CompiledPlan) -> None:
    run = rehearse(plan(compiled, duty("O", "", "7", start_on=date(2027, 9, 9))))
    assert {label: entry.needed for label, entry in by_month(run).items() if entry.needed} == {
        "2027-09": D(7)
    }


def test_expected_repairs_are_spread_evenly_over_the_months(compiled: CompiledPlan) -> None:
    work = duty("R", "", "2", on_demand=True, expected_per_year=D(24))
    entries = by_month(rehearse(plan(compiled, work)))
    assert {entry.on_demand.quantize(D("0.000001")) for entry in entries.values()} == {D("4.000000")}


def test_what_a_month_cannot_do_is_done_in_the_next_the_statutory_first(compiled: CompiledPlan) -> None:
    big = duty("BIG", "", "40", start_on=date(2027, 1, 5))
    law = duty("LAW", "", "10", start_on=date(2027, 1, 20), statutory="a law", longest_interval_days=366)
    run = rehearse(plan(compiled, big, law))
    january, february = by_month(run)["2027-01"], by_month(run)["2027-02"]
    # 50 h are asked of 31: the law's 10 are done, 21 of the 40, and 19 wait.
    assert (january.overloaded, january.done, january.carried_out) == (True, 31, 19)
    assert (february.overloaded, february.carried_in, february.done, february.carried_out) == (
        False,
        19,
        19,
        0,
    )
    assert set(january.causes) == {"BIG", "LAW"}
    assert (run.undone_hours, run.breaches) == (0, ())


def test_a_statutory_duty_too_big_for_its_month_is_late_and_at_the_end_missed(compiled: CompiledPlan) -> None:
    law = {"statutory": "a law", "longest_interval_days": 400}
    early = duty(
        "EARLY", "", "20", 2, start_on=date(2027, 3, 1), **law
    )  # 40 h, 31 in March: one of two waits
    final = duty("FINAL", "", "30", 2, start_on=date(2028, 2, 1), **law)  # 60 h, 29 in the last month
    run = rehearse(plan(compiled, early, final))
    assert [(b.code, b.month, b.late, b.missed) for b in run.breaches] == [
        ("EARLY", "2027-03", 1, 0),
        ("FINAL", "2028-02", 0, 2),
    ]
    assert (run.statutory_late, run.statutory_missed, run.undone_hours) == (1, 2, 31)


def test_a_missed_daily_round_is_never_made_up(compiled: CompiledPlan) -> None:
    run = rehearse(plan(compiled, duty("D", "FREQ=DAILY", "2", start_on=START)))
    entries = by_month(run)
    assert all(entry.lapsed == entry.month.days and not entry.carried_in for entry in entries.values())
    assert run.undone_hours == (END - START).days + 1


def test_a_post_around_the_clock_counts_the_hours_nobody_can_be_there(compiled: CompiledPlan) -> None:
    gate = post("gate", heads="4", productive="1825", clock=1)  # 20 hours a day
    run = rehearse(plan(compiled, posts=(gate,)))
    january = by_month(run, "gate")["2027-01"]
    assert (january.needed, january.idle_presence, january.uncovered) == (744, 744, 124)
    assert run.uncovered_hours == 4 * ((END - START).days + 1)
    full = rehearse(plan(compiled, posts=(replace(gate, heads=D(5)),)))
    assert (full.uncovered_hours, full.overloaded_months) == (0, 0)


def test_one_head_less_overloads_the_months_that_need_two(compiled: CompiledPlan) -> None:
    drawn = plan(
        compiled,
        duty("M", "FREQ=MONTHLY", "20"),
        duty("Q", "FREQ=MONTHLY;INTERVAL=6", "30", start_on=date(2027, 3, 2)),
        posts=(post(heads="2"),),
    )
    assert rehearse(drawn).overloaded_months == 0
    run = rehearse(drawn, read_change(drawn, less=["fitter"]))
    assert [label for label, entry in by_month(run).items() if entry.overloaded] == ["2027-03", "2027-09"]
    assert {entry.causes[0] for entry in by_month(run).values() if entry.overloaded} == {"Q"}


def test_the_weeks_add_up_to_the_months(compiled: CompiledPlan) -> None:
    run = rehearse(plan(compiled, duty("W", "FREQ=WEEKLY", "3"), duty("D", "FREQ=DAILY;INTERVAL=2", "1")))
    assert sum(week.needed for week in run.weeks) == sum(entry.needed for entry in run.workload)
    assert all(before.monday < after.monday for before, after in pairwise(run.weeks))


# -------------------------------------------------------------------------------- the law
def test_the_statutory_calendar_is_the_due_dates_with_their_slack(compiled: CompiledPlan) -> None:
    run = rehearse(compiled)
    for commitment in compiled.commitments:
        rows = [row for row in run.statutory if row.code == commitment.code]
        expected = due_dates(commitment, compiled.term_start, compiled.term_end)
        if not commitment.statutory:
            assert rows == [] or commitment.longest_interval_days is not None
        elif len(rows) == len(expected):
            assert [row.due_on for row in rows] == list(expected)
            assert [r.gap_days for r in rows[1:]] == [(b - a).days for a, b in pairwise(expected)]
        else:
            assert [(r.due_on, r.last_on, r.count) for r in rows] == [
                (expected[0], expected[-1], len(expected))
            ]
    assert len(run.statutory) > 10
    assert run.unlawful == ()
    assert all(row.slack_days is None or row.slack_days >= 0 for row in run.statutory)


def test_an_interval_longer_than_the_law_allows_is_rehearsed_and_flagged(compiled: CompiledPlan) -> None:
    law = duty("L", "FREQ=MONTHLY", "1", statutory="a law", longest_interval_days=31)
    drawn = plan(compiled, law)
    run = rehearse(drawn, read_change(drawn, intervals=["L=x2"]))
    assert [(u.code, u.rrule, u.longest_days) for u in run.unlawful] == [("L", "FREQ=MONTHLY;INTERVAL=2", 31)]
    assert {row.slack_days for row in run.statutory[1:]} <= {-28, -30, -31}
    assert sum(entry.needed for entry in run.workload) == 7
    assert rehearse(drawn).unlawful == ()


# -------------------------------------------------------------------------------- money
@pytest.mark.parametrize("fee_model", list(FeeModel))
def test_a_year_of_cash_is_the_budget_to_the_cent(fee_model: FeeModel) -> None:
    facts = PlanInputs("E-1", "mixed", "CNY", START, date(2027, 12, 31), floor_area=D(42000), units=260)
    drawn = compile_plan(replace(facts, fee_model=fee_model), CATALOGUE)
    run, budget = rehearse(drawn), drawn.budget
    assert [line for line in run.cash.lines if line.difference] == []
    lump = fee_model is FeeModel.LUMP_SUM
    assert run.cash.cost == (budget.cost + budget.tax if lump else budget.total)
    assert run.cash.received == budget.total
    assert run.cash.final == (budget.remuneration if lump else 0)
    assert sum(month.paid for month in run.cash.months) == run.cash.cost
    assert all(sum(line.months) == line.rehearsed for line in run.cash.lines)


def test_materials_are_paid_in_the_month_they_fall_due(compiled: CompiledPlan) -> None:
    work = duty("M", "FREQ=MONTHLY;INTERVAL=6", "1", 3, material_cost=D("33.33"))
    run = rehearse(plan(compiled, work))
    months = {m.label: dict(m.costs)["materials"] for m in run.cash.months}
    assert {label: money for label, money in months.items() if money} == {
        "2027-01": D("99.99"),
        "2027-07": D("99.99"),
        "2028-01": D("99.99"),
    }


def test_a_late_fee_deepens_the_balance_and_changes_no_sum(compiled: CompiledPlan) -> None:
    base, late = rehearse(compiled), rehearse(compiled, Change(fee_late_days=100))
    assert base.cash.deepest == 0
    unpaid = sum((m.paid for m in base.cash.months[:3]), D(0))
    assert (late.cash.deepest, late.cash.deepest_on) == (-unpaid, date(2027, 3, 31))
    assert late.cash.final == base.cash.final
    assert late.cash.received + late.cash.received_after_term == compiled.budget.total
    assert late.cash.received_after_term > 0
    assert late.cash.months[-1].label == "2028-01"


def test_inflation_raises_every_month_after_the_first_and_no_tax(compiled: CompiledPlan) -> None:
    base, dear = rehearse(compiled), rehearse(compiled, Change(inflation=D(12)))
    assert dear.cash.months[0].costs == base.cash.months[0].costs
    staff = [
        dict(m.costs)["staff"] / dict(b.costs)["staff"]
        for m, b in zip(dear.cash.months, base.cash.months, strict=True)
    ]
    assert staff == sorted(staff)
    assert staff[6].quantize(D("0.0001")) == D("1.0583")  # 1.12 ** 0.5
    assert [dict(m.costs)["tax"] for m in dear.cash.months] == [
        dict(m.costs)["tax"] for m in base.cash.months
    ]


def test_a_broken_term_costs_its_share_of_the_annual_budget(compiled: CompiledPlan) -> None:
    term = (date(2027, 1, 15), date(2028, 3, 9))
    run = rehearse(replace(compiled, term_start=term[0], term_end=term[1]))
    flat = [line for line in run.cash.lines if line.kind in ("staff", "overheads", "contingency", "tax")]
    assert flat
    assert all(line.rehearsed == line.budget for line in flat)
    assert run.cash.received == term_fee(*term, compiled.budget.total)


# -------------------------------------------------------------------------------- changes
def test_each_change_is_compared_alone_and_all_together(compiled: CompiledPlan) -> None:
    change = read_change(compiled, ["gate_guard"], ["CLEAN-DEEP-3M=x2"], D(5), 30)
    wanted = scenarios(change)
    assert len(wanted) == 5
    assert wanted[-1] == change
    rows = {row.figure: row for row in compare(rehearse(compiled), [rehearse(compiled, s) for s in wanted])}
    uncovered = rows["uncovered_hours"]
    assert uncovered.base == 0 < uncovered.changed[0] == uncovered.changed[-1]
    assert rows["cost"].changed[0] < rows["cost"].base < rows["cost"].changed[2]


@pytest.mark.parametrize(
    ("less", "intervals", "said"),
    [
        (["nobody"], [], "no post 'nobody'.*gate_guard"),
        (["gate_guard=99"], [], "99 cannot be taken"),
        (["gate_guard=none"], [], "number above 0"),
        (["gate_guard", "gate_guard=98"], [], "99 cannot be taken"),
        ([], ["NOTHING=x2"], "no commitment 'NOTHING'"),
        ([], ["CLEAN-DEEP-3M"], "expected COMMITMENT=RRULE"),
        ([], ["CLEAN-DEEP-3M=FREQ=HOURLY"], "CLEAN-DEEP-3M.*expected FREQ"),
        ([], ["CLEAN-DEEP-3M=x0.5"], "no whole number"),
        ([], ["REPAIR-ON-DEMAND=x2"], "does not repeat"),
    ],
)
def test_a_change_the_plan_does_not_know_is_refused_by_name(
    compiled: CompiledPlan, less: list[str], intervals: list[str], said: str
) -> None:
    with pytest.raises(RehearsalRefused, match=said):
        read_change(compiled, less, intervals)


@pytest.mark.parametrize(
    ("rule", "factor", "expected"),
    [
        ("FREQ=YEARLY", "x0.5", "FREQ=MONTHLY;INTERVAL=6"),
        ("FREQ=WEEKLY", "×2", "FREQ=WEEKLY;INTERVAL=2"),
        ("FREQ=DAILY;INTERVAL=15", "*2", "FREQ=DAILY;INTERVAL=30"),
        ("FREQ=MONTHLY;BYMONTH=4,5,6", "x2", "FREQ=MONTHLY;INTERVAL=2;BYMONTH=4,5,6"),
    ],
)
def test_an_interval_is_stretched_by_a_factor(
    compiled: CompiledPlan, rule: str, factor: str, expected: str
) -> None:
    drawn = plan(compiled, duty("C.01", rule, "1"), duty("C.02", rule, "1"))
    change = read_change(drawn, intervals=[f"C={factor}"])
    assert change.intervals == (("C.01", expected), ("C.02", expected))


def test_a_plan_without_duties_or_of_a_single_day_is_rehearsed(compiled: CompiledPlan) -> None:
    run = rehearse(replace(plan(compiled), term_end=START))
    assert (run.undone_hours, len(run.months), len(run.weeks)) == (0, 1, 1)
    assert run.plan.term_end - run.plan.term_start == timedelta(0)
