"""Do past records give honest figures, and does a plan go on from them without stretching a legal limit? (A3, B2)"""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from models.catalogue_files import load_catalogue
from models.rules.elements import ElementClass
from models.rules.file_values import ValueDoubted, read_amount, read_date
from models.rules.history import HistoryFact, asset_reliability, history_kind, window_of
from models.rules.plan import compile_plan, plan_json, validate_plan
from models.rules.plan_types import AssetFact, CompiledPlan, JobFact, PlanInputs, Target, TargetKind

START, END = date(2026, 1, 1), date(2026, 12, 31)
TODAY = date(2026, 1, 1)


def plan(*history: HistoryFact, rule: str = "FREQ=MONTHLY;INTERVAL=3") -> CompiledPlan:
    assets = (
        AssetFact("FAN-1", "Fan 1", "Exhaust fan", ElementClass.HVAC, installed_on=date(2020, 1, 1)),
        AssetFact("LIFT-1", "Lift 1", "Passenger lift", ElementClass.LIFT, installed_on=date(2015, 3, 1)),
    )
    jobs = (JobFact("Exhaust fan", "Fan care", "1", rule, Decimal(1)),)
    return compile_plan(
        PlanInputs(
            "E-1",
            "mixed",
            "CNY",
            START,
            END,
            floor_area=Decimal(9000),
            assets=assets,
            jobs=jobs,
            history=history,
        ),
        load_catalogue(),
    )


def start_of(compiled: CompiledPlan, tag: str = "FAN-1") -> date:
    (job,) = [
        c
        for c in compiled.commitments
        if c.code.startswith("JOB-") and Target(TargetKind.ASSET, tag) in c.targets
    ]
    return job.start_on


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-03-05", date(2024, 3, 5)),
        ("2024/3/5", date(2024, 3, 5)),
        ("２０２４年３月５日", date(2024, 3, 5)),
        ("20240305", date(2024, 3, 5)),
        ("25/03/2024", date(2024, 3, 25)),
        ("03/25/2024", date(2024, 3, 25)),
        ("5 Mar 2024", date(2024, 3, 5)),
        ("March 5, 2024", date(2024, 3, 5)),
        ("2024-03-05T09:30:00", date(2024, 3, 5)),
    ],
)
def test_a_date_that_can_mean_one_day_is_read(text: str, day: date) -> None:
    assert read_date(text, TODAY) == day


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("03/04/2024", "swapped"),
        ("45356", "no date"),
        ("3/4/24", "no date"),
        ("2024-02-30", "calendar"),
        ("2026-02-01", "after 2026-01-01"),
        ("0012-01-01", "before 1950"),
        ("", "no date"),
    ],
)
def test_a_date_that_can_mean_two_days_or_none_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueDoubted, match=said):
        read_date(text, TODAY)


def test_an_amount_is_exact_or_refused() -> None:
    assert read_amount("¥1,750.5") == Decimal("1750.50")
    assert read_amount("") is None
    for text in ("1.750,00", "-3", "NaN", "1e9", "12.345", "=1+1"):
        with pytest.raises(ValueDoubted):
            read_amount(text)


def test_mtbf_is_operating_days_over_failures_and_says_when_there_are_few() -> None:
    facts = [
        HistoryFact("A", date(2024, 1, 1), "preventive"),
        HistoryFact("A", date(2024, 3, 1), "repair", downtime_hours=Decimal(3)),
        HistoryFact("A", date(2024, 3, 1), "维修", "second line of the same day"),
        HistoryFact("A", date(2024, 6, 1), "corrective"),
        HistoryFact("A", date(2024, 4, 10), "保养"),
        HistoryFact("B", date(2024, 12, 30), "inspection"),
    ]
    window = window_of(facts)
    assert window is not None
    figure = asset_reliability("A", facts, window, None)
    assert (figure.operating_days, figure.failures, figure.mtbf_days) == (365, 2, Decimal("182.5"))
    assert (figure.label, figure.last_preventive_on, figure.observed_interval_days) == (
        "few",
        date(2024, 4, 10),
        100,
    )
    assert figure.downtime_hours == Decimal(3)
    none = asset_reliability("B", facts, window, date(2024, 7, 1))
    assert (none.failures, none.mtbf_days, none.label, none.operating_days) == (0, None, "none", 183)
    assert history_kind("whatever") is None


def test_work_goes_on_from_its_last_recorded_date() -> None:
    fresh = plan(HistoryFact("FAN-1", date(2025, 12, 1), "preventive", "filters"))
    assert date(2026, 2, 25) <= start_of(fresh) <= date(2026, 3, 5)
    assert any(note.about == "history dates" for note in fresh.explanations)
    overdue = plan(HistoryFact("FAN-1", date(2024, 1, 1), "保养"))
    assert start_of(overdue) == START
    assert validate_plan(fresh) == validate_plan(overdue) == ()
    assert start_of(plan(HistoryFact("FAN-1", date(2026, 2, 1), "preventive"))) == start_of(plan()), (
        "not its past"
    )
    assert plan_json(plan(HistoryFact("GHOST", date(2025, 1, 1), "repair"))) == plan_json(plan())


def test_no_record_puts_a_legal_duty_off() -> None:
    before = {c.code: c for c in plan().commitments if c.longest_interval_days is not None}
    after = plan(
        *(HistoryFact("LIFT-1", START - timedelta(days=n), "preventive", "lift service") for n in (1, 15, 29))
    )
    assert validate_plan(after) == ()
    duties = {c.code: c for c in after.commitments if c.longest_interval_days is not None}
    assert duties.keys() == before.keys()
    assert all(duties[code].start_on <= before[code].start_on for code in before)


def test_failing_more_often_than_it_is_serviced_is_put_up_for_decision_and_changes_nothing() -> None:
    days = [date(2025, month, 3) for month in range(1, 13)]
    failing = plan(*(HistoryFact("FAN-1", day, "repair", "belt") for day in days))
    (risk,) = [risk for risk in failing.risks if risk.code == "HISTORY-FAN-1"]
    assert "failed 12 times" in risk.text_en
    assert "缩短为7天" in risk.text_zh
    rules = {c.code: c.rrule for c in failing.commitments}
    assert rules == {c.code: c.rrule for c in plan().commitments}
    once = plan(
        HistoryFact("FAN-1", date(2025, 6, 1), "repair"), HistoryFact("FAN-1", date(2025, 6, 9), "inspection")
    )
    assert [risk for risk in once.risks if risk.code.startswith("HISTORY")] == [], "one failure is no rate"


def test_a_wear_part_counts_from_its_replacement() -> None:
    part = next(part for part in plan().wear_parts if part.asset_tag == "LIFT-1")
    renewed_on = date(2025, 11, 16)
    renewed = plan(HistoryFact("LIFT-1", renewed_on, "replacement", f"{part.label_zh}更换"))
    found = next(p for p in renewed.wear_parts if (p.asset_tag, p.code) == ("LIFT-1", part.code))
    assert found.installed_on == renewed_on
    repaired = plan(HistoryFact("LIFT-1", renewed_on, "repair", f"{part.label_zh} adjusted"))
    assert next(p for p in repaired.wear_parts if p.code == part.code).installed_on == part.installed_on
