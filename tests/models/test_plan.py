"""The plan follows from the building, keeps the law, adds up, and is the same for the same facts."""

import random
import re
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.catalogue_files import load_catalogue
from models.rules.catalogue import Scale, Subject
from models.rules.element_classes import element_class
from models.rules.elements import ElementClass
from models.rules.plan import (
    AssetFact,
    CommitmentDraft,
    CompiledPlan,
    DemandFact,
    FindingFact,
    JobFact,
    PlaceFact,
    PlanInputs,
    PlanRefused,
    Target,
    TargetKind,
    compile_plan,
    content_sha256,
    due_dates,
    missing_duties,
    validate_plan,
    work_orders_per_month,
)
from models.rules.plan_explain import codes_to_explain, explain_figure, nearest_codes
from models.rules.plan_staffing import heads_needed

CATALOGUE = load_catalogue()
START, END = date(2026, 1, 1), date(2026, 12, 31)
DUPLEX = (
    Path(__file__).resolve().parents[2].parent
    / "shared"
    / "data"
    / "cobie"
    / "2012-03-23-Duplex-Handover.xlsx"
)


def assets(
    count: int, kind: ElementClass, type_name: str, installed_on: date | None = None
) -> list[AssetFact]:
    return [
        AssetFact(
            f"{type_name}-{number:03d}", f"{type_name} {number}", type_name, kind, installed_on=installed_on
        )
        for number in range(count)
    ]


TYPICAL = tuple(
    [
        *assets(8, ElementClass.LIFT, "Passenger lift"),
        *assets(40, ElementClass.FIRE, "Fire extinguisher"),
        *assets(6, ElementClass.FIRE, "消防水泵"),
        *assets(20, ElementClass.FIRE, "Smoke detector"),
        *assets(12, ElementClass.WATER_SUPPLY, "Booster pump"),
        *assets(4, ElementClass.WATER_SUPPLY, "水箱"),
        *assets(10, ElementClass.DRAINAGE, "Sump pump"),
        *assets(4, ElementClass.ELECTRICITY_HV, "Transformer"),
        *assets(50, ElementClass.ELECTRICITY_LV, "Distribution panel"),
        *assets(34, ElementClass.HVAC, "Fan coil unit"),
        *assets(20, ElementClass.HVAC, "Exhaust fan"),
        *assets(40, ElementClass.SECURITY, "CCTV camera"),
        *assets(10, ElementClass.LANDSCAPE, "Tree"),
        *assets(4, ElementClass.LANDSCAPE, "Lawn"),
        *assets(28, ElementClass.FABRIC, "Door"),
        *assets(10, ElementClass.OTHER, "Bench"),
    ]
)
PLACES = (
    PlaceFact("SITE", "Riverside", "site"),
    PlaceFact("Z-LOBBY", "Lobby", "zone"),
    PlaceFact("Z-PARK", "Car park", "zone"),
    PlaceFact("R-1", "Room 1", "space"),
)


def inputs(**changes: object) -> PlanInputs:
    plain = PlanInputs("E-1", "mixed", "CNY", START, END, floor_area=Decimal(42000), units=260)
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test's shorthand


def by_code(plan: CompiledPlan) -> dict[str, CommitmentDraft]:
    return {commitment.code: commitment for commitment in plan.commitments}


def covering(plan: CompiledPlan, tag: str) -> list[CommitmentDraft]:
    return [c for c in plan.commitments if Target(TargetKind.ASSET, tag) in c.targets]


# ------------------------------------------------------------------------------------------ the whole
def test_a_typical_property_gets_a_valid_plan_of_a_workable_size() -> None:
    given_facts = inputs(assets=TYPICAL, places=PLACES)
    plan = compile_plan(given_facts, CATALOGUE)
    assert validate_plan(plan) == ()
    assert missing_duties(plan, given_facts, CATALOGUE) == ()
    assert 500 <= work_orders_per_month(plan) <= 1200


@pytest.mark.parametrize("property_type", ["residential", "commercial", "office", "mixed"])
@pytest.mark.parametrize("currency", ["CNY", "USD", "GBP", "EUR"])
@pytest.mark.parametrize("units", [2, 200, None], ids=["small", "large", "unknown"])
def test_an_empty_register_still_gives_a_valid_plan(
    property_type: str, currency: str, units: int | None
) -> None:
    plan = compile_plan(
        inputs(property_type=property_type, currency=currency, units=units, floor_area=None), CATALOGUE
    )
    assert validate_plan(plan) == ()
    assert "NO-REGISTER" in {risk.code for risk in plan.risks}


def test_the_order_of_the_facts_does_not_change_the_plan() -> None:
    jobs = tuple(JobFact("Exhaust fan", f"Job {n}", str(n), "FREQ=MONTHLY", Decimal(1)) for n in range(5))
    findings = tuple(FindingFact(f"F-{n}", ElementClass.FABRIC, "Door-001", 5, "crack") for n in range(5))
    demands = tuple(DemandFact(f"D-{n}", "clean lobby") for n in range(3))
    facts = inputs(assets=TYPICAL, places=PLACES, jobs=jobs, findings=findings, demands=demands)
    shuffled = random.Random(7)
    other = replace(
        facts,
        assets=tuple(shuffled.sample(facts.assets, len(facts.assets))),
        places=tuple(shuffled.sample(facts.places, len(facts.places))),
        jobs=tuple(shuffled.sample(facts.jobs, len(facts.jobs))),
        findings=tuple(shuffled.sample(facts.findings, len(facts.findings))),
        demands=tuple(shuffled.sample(facts.demands, len(facts.demands))),
    )
    assert content_sha256(compile_plan(facts, CATALOGUE)) == content_sha256(compile_plan(other, CATALOGUE))


def test_the_hash_changes_with_any_promise_but_not_with_how_a_number_is_written() -> None:
    plan = compile_plan(inputs(assets=TYPICAL[:10]), CATALOGUE)
    first = plan.commitments[0]
    rewritten = replace(first, hours=first.hours + Decimal("0.000"))
    assert content_sha256(replace(plan, commitments=(rewritten, *plan.commitments[1:]))) == content_sha256(
        plan
    )
    changed = replace(first, hours=first.hours + 1)
    assert content_sha256(replace(plan, commitments=(changed, *plan.commitments[1:]))) != content_sha256(plan)


CLASSES = st.sampled_from(list(ElementClass))
WORDS = st.sampled_from(["pump 泵", "fan", "lift", "tank 水箱", "door", "camera", "tree", "x", "灭火器", ""])
ASSETS = st.lists(
    st.tuples(CLASSES, WORDS, st.one_of(st.none(), st.dates(date(1980, 1, 1), START))), max_size=40
)
JOBS = st.lists(
    st.tuples(
        WORDS,
        st.sampled_from(["", "FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY;INTERVAL=6", "FREQ=YEARLY;INTERVAL=3", "nonsense"]),
        st.decimals(0, 8, places=1),
    ),
    max_size=12,
)  # fmt: skip
TERM_DAYS = st.integers(0, 2000)


@settings(max_examples=60, deadline=None)
@given(
    found=ASSETS,
    jobs=JOBS,
    days=TERM_DAYS,
    units=st.one_of(st.none(), st.integers(1, 900)),
    area=st.one_of(st.none(), st.decimals(1, 200000, places=2)),
    property_type=st.sampled_from(["residential", "commercial", "office", "mixed"]),
    fee_model=st.sampled_from(["lump_sum", "cost_plus_fee"]),
    jurisdiction=st.sampled_from(["CN", "GB", "US"]),
    scores=st.lists(st.integers(1, 6), max_size=6),
)
def test_any_building_gets_a_plan_that_is_valid_adds_up_and_is_the_same_twice(
    found: list[tuple[ElementClass, str, date | None]],
    jobs: list[tuple[str, str, Decimal]],
    days: int,
    units: int | None,
    area: Decimal | None,
    property_type: str,
    fee_model: str,
    jurisdiction: str,
    scores: list[int],
) -> None:
    facts = inputs(
        property_type=property_type,
        term_end=START + timedelta(days=days),
        units=units,
        floor_area=area,
        fee_model=fee_model,
        jurisdiction=jurisdiction,
        assets=tuple(
            AssetFact(f"A-{n}", word, word, kind, installed_on=when)
            for n, (kind, word, when) in enumerate(found)
        ),
        jobs=tuple(JobFact(word, word, str(n), rule, hours) for n, (word, rule, hours) in enumerate(jobs)),
        findings=tuple(
            FindingFact(f"F-{n}", ElementClass.FABRIC, "A-0", score, "crack")
            for n, score in enumerate(scores)
        ),
    )
    plan = compile_plan(facts, CATALOGUE)
    assert validate_plan(plan) == ()
    assert missing_duties(plan, facts, CATALOGUE) == ()
    budget = plan.budget
    assert sum(line.amount for line in budget.lines) == budget.total == sum(d.amount for d in budget.details)
    assert len({line.cost_item for line in budget.lines}) == len(budget.lines)
    assert compile_plan(facts, CATALOGUE) == plan
    repaired = [c for c in plan.commitments if c.code.startswith("FIND-")]
    assert len(repaired) == sum(score >= 4 for score in scores)
    assert len({(part.asset_tag, part.code) for part in plan.wear_parts}) == len(plan.wear_parts)
    assert all(part.due_on is None or part.due_on >= START for part in plan.wear_parts)


# ------------------------------------------------------------------------------------------ maintenance
def test_each_lift_is_maintained_every_fifteen_days_from_within_the_first_fifteen() -> None:
    plan = compile_plan(inputs(assets=TYPICAL), CATALOGUE)
    lift = by_code(plan)["PPM-LIFT-15D"]
    assert len(lift.targets) == 8
    due = due_dates(lift, START, END)
    assert due[0] < START + timedelta(days=15)
    assert {(b - a).days for a, b in pairwise(due)} == {15}
    assert "Art. 31" in lift.statutory and "verified" in lift.statutory


def test_a_register_job_replaces_the_catalogue_for_its_type_only() -> None:
    job = JobFact("Exhaust fan", "Grease bearings", "10", "FREQ=MONTHLY", Decimal("0.5"), source_row="17")
    plan = compile_plan(inputs(assets=TYPICAL, jobs=(job,)), CATALOGUE)
    codes = {c.code.split(".")[0] for c in covering(plan, "Exhaust fan-003")}
    assert codes == {"JOB-EXHAUST-FAN-10"}
    assert "PPM-HVAC-AHU-3M" in {c.code.split(".")[0] for c in covering(plan, "Fan coil unit-003")}
    batch = by_code(plan)["JOB-EXHAUST-FAN-10.01"]
    assert batch.source == "COBie job Grease bearings, row 17"


def test_a_stricter_statutory_job_stays_beside_the_registers_own() -> None:
    job = JobFact("Passenger lift", "Monthly service", "1", "FREQ=MONTHLY", Decimal(2))
    plan = compile_plan(inputs(assets=TYPICAL, jobs=(job,)), CATALOGUE)
    codes = {c.code for c in covering(plan, "Passenger lift-000")}
    assert "PPM-LIFT-15D" in codes, "the law asks for 15 days, the register for a month"
    assert "PPM-LIFT-12M" in codes, "an independent body inspects"
    assert "PPM-LIFT-3M" not in codes, "the monthly job is stricter"
    own = by_code(plan)["JOB-PASSENGER-LIFT-1"]
    assert own.longest_interval_days == 92 and own.statutory


def test_a_register_job_as_strict_as_the_law_carries_the_legal_limit() -> None:
    job = JobFact("Passenger lift", "Fortnightly service", "1", "FREQ=WEEKLY;INTERVAL=2", Decimal(2))
    plan = compile_plan(inputs(assets=TYPICAL, jobs=(job,)), CATALOGUE)
    assert "PPM-LIFT-15D" not in by_code(plan)
    assert by_code(plan)["JOB-PASSENGER-LIFT-1"].longest_interval_days == 15


def test_steps_of_one_job_are_one_commitment_with_the_sum_of_hours() -> None:
    steps = tuple(
        JobFact("Exhaust fan", "Service", str(n), "FREQ=YEARLY", Decimal("0.5"), source_row=str(n))
        for n in (1, 2, 3)
    )
    plan = compile_plan(
        inputs(assets=TYPICAL[-60:] + tuple(assets(1, ElementClass.HVAC, "Exhaust fan")), jobs=steps),
        CATALOGUE,
    )
    own = [c for c in plan.commitments if c.code.startswith("JOB-")]
    assert [(c.hours, c.source) for c in own] == [(Decimal("1.5"), "COBie job Service, row 1, 2, 3")]


def test_as_required_unreadable_and_orphan_jobs_are_told_and_not_planned() -> None:
    jobs = (
        JobFact("Exhaust fan", "Repair", "1", "", Decimal(1)),
        JobFact("Exhaust fan", "Odd", "2", "FREQ=HOURLY", Decimal(1)),
        JobFact("Ghost", "Exorcise", "3", "FREQ=MONTHLY", Decimal(1), source_row="9"),
    )
    plan = compile_plan(inputs(assets=TYPICAL, jobs=jobs), CATALOGUE)
    assert not any(c.code.startswith("JOB-") for c in plan.commitments)
    told = " ".join(risk.text_en for risk in plan.risks)
    assert "FREQ=HOURLY" in told and "'Ghost' (row 9)" in told
    assert any("1 jobs of the register without an interval" in e.text_en for e in plan.explanations)


def test_furniture_gets_one_yearly_round_and_nothing_more() -> None:
    plan = compile_plan(inputs(assets=tuple(assets(200, ElementClass.OTHER, "Chair"))), CATALOGUE)
    own = [c for c in plan.commitments if c.code.startswith("PPM-")]
    assert [(c.code, c.rrule, len(c.targets)) for c in own] == [("PPM-OTHER-12M", "FREQ=YEARLY", 1)]


def test_work_of_one_job_is_spread_over_its_interval() -> None:
    plan = compile_plan(inputs(assets=tuple(assets(120, ElementClass.HVAC, "Fan coil unit"))), CATALOGUE)
    batches = [c for c in plan.commitments if c.code.startswith("PPM-HVAC-AHU-3M")]
    assert len(batches) == 10
    per_month = Counter(day.month for batch in batches for day in due_dates(batch, START, END))
    assert max(per_month.values()) - min(per_month.values()) <= 2


@pytest.mark.parametrize(
    ("score", "days"), [(3, None), (4, 28), (5, 14), (6, 3)], ids=["fair", "mediocre", "bad", "very-bad"]
)
def test_a_poor_finding_is_repaired_once_within_the_first_month(score: int, days: int | None) -> None:
    finding = FindingFact("F/1", ElementClass.LIFT, "Passenger lift-000", score, "brake worn")
    plan = compile_plan(inputs(assets=TYPICAL, findings=(finding,)), CATALOGUE)
    repair = by_code(plan).get("FIND-F-1")
    if days is None:
        assert repair is None
        return
    assert repair is not None
    assert due_dates(repair, START, END) == (START + timedelta(days=days),)
    assert repair.targets == (Target(TargetKind.ASSET, "Passenger lift-000"),)
    assert repair.source == f"finding F/1, score {score}"
    assert repair.title_en == "Repair: brake worn (Passenger lift-000)"
    named = replace(finding, text="brake of Passenger lift-000 worn")
    again = by_code(compile_plan(inputs(assets=TYPICAL, findings=(named,)), CATALOGUE))["FIND-F-1"]
    assert again.title_zh == "维修：brake of Passenger lift-000 worn"


def test_a_wear_part_is_due_at_the_next_end_of_its_life() -> None:
    lift = assets(1, ElementClass.LIFT, "Passenger lift", date(2020, 3, 31))
    plan = compile_plan(inputs(assets=tuple(lift)), CATALOGUE)
    due = {part.code: part.due_on for part in plan.wear_parts}
    assert due["door-rollers"] == date(2026, 3, 31), "36 months: 2023, then 2026"
    assert due["suspension-rope"] == date(2027, 3, 31)


def test_british_law_brings_british_duties() -> None:
    plan = compile_plan(inputs(assets=TYPICAL, jurisdiction="GB", currency="GBP"), CATALOGUE)
    codes = set(by_code(plan))
    assert {"PPM-LIFT-LOLER-6M", "PPM-LIFT-1M"} <= codes
    assert "PPM-LIFT-15D" not in codes


# ------------------------------------------------------------------------------------------ services
def test_a_small_house_is_visited_and_costs_a_fraction() -> None:
    small = compile_plan(inputs(property_type="residential", units=2, floor_area=Decimal(490)), CATALOGUE)
    assert small.scale is Scale.VISITING
    assert validate_plan(small) == ()
    assert work_orders_per_month(small) < 100
    large = compile_plan(inputs(), CATALOGUE)
    assert small.budget.total * 10 < large.budget.total


def test_zones_are_targets_where_the_register_has_them_and_the_site_else() -> None:
    with_zones = by_code(compile_plan(inputs(places=PLACES), CATALOGUE))
    assert with_zones["CLEAN-LOBBY-1D"].targets == (Target(TargetKind.PLACE, "Z-LOBBY"),)
    assert with_zones["CLEAN-REFUSE-1D"].targets == (Target(TargetKind.SITE, "SITE"),)
    without = by_code(compile_plan(inputs(), CATALOGUE))
    assert without["CLEAN-LOBBY-1D"].targets == (Target(TargetKind.SITE, "E-1"),)
    assert "CLEAN-PARK-1D" in with_zones and "CLEAN-PARK-1D" not in without


def test_many_zones_become_one_route_of_the_same_hours() -> None:
    zones = tuple(PlaceFact(f"Z{n}", f"Lobby {n}", "zone") for n in range(40))
    many = by_code(compile_plan(inputs(places=zones), CATALOGUE))["CLEAN-LOBBY-1D"]
    two = by_code(compile_plan(inputs(places=zones[:2]), CATALOGUE))["CLEAN-LOBBY-1D"]
    assert len(many.targets) == 1 and len(two.targets) == 2
    assert many.hours == two.hours * 2


def test_greening_follows_the_plants_of_the_register() -> None:
    lawn = by_code(compile_plan(inputs(assets=tuple(assets(1, ElementClass.LANDSCAPE, "Lawn"))), CATALOGUE))
    assert "GREEN-LAWN-MOW" in lawn and "GREEN-TREE-PRUNE" not in lawn and "GREEN-SITE-WATER" not in lawn
    assert {day.month for day in due_dates(lawn["GREEN-LAWN-MOW"], START, END)} == set(range(4, 11))
    none = by_code(compile_plan(inputs(), CATALOGUE))
    assert "GREEN-SITE-WATER" in none and "GREEN-LAWN-MOW" not in none


def test_reviews_surveys_and_the_end_fall_on_their_days() -> None:
    plan = by_code(compile_plan(inputs(), CATALOGUE))
    assert len(due_dates(plan["SURVEY-3M"], START, END)) == 4
    assert len(due_dates(plan["MEETING-3M"], START, END)) == 4
    assert due_dates(plan["EVALUATION-JOINT"], START, END) == (END - timedelta(days=90),)
    assert due_dates(plan["SURVEY-SPECIAL"], START, END) == ()


@pytest.mark.parametrize(("property_type", "drills"), [("residential", 1), ("commercial", 2)])
def test_fire_drills_follow_the_kind_of_property(property_type: str, drills: int) -> None:
    plan = compile_plan(inputs(property_type=property_type), CATALOGUE)
    fire = [c for c in plan.commitments if c.code.startswith("DRILL-FIRE")]
    assert sum(len(due_dates(c, START, END)) for c in fire) == drills


def test_emergency_plans_follow_the_equipment_and_use_posts_that_exist() -> None:
    kinds = {e.type for e in compile_plan(inputs(), CATALOGUE).emergency_plans}
    assert {"fire", "burst_pipe", "power_cut", "severe_weather"} <= kinds
    assert "lift_entrapment" not in kinds
    small = compile_plan(inputs(assets=TYPICAL, units=2, floor_area=None), CATALOGUE)
    posts = {post.code for post in small.posts}
    assert "lift_entrapment" in {e.type for e in small.emergency_plans}
    assert all(step.role in posts for e in small.emergency_plans for step in e.steps)


def test_texts_come_in_the_language_of_the_engagement() -> None:
    chinese = by_code(compile_plan(inputs(assets=TYPICAL, language="zh-CN"), CATALOGUE))
    assert chinese["CLEAN-LOBBY-1D"].standard.startswith("营业时段")
    assert by_code(compile_plan(inputs(), CATALOGUE))["CLEAN-LOBBY-1D"].standard.startswith("No litter")


@pytest.mark.parametrize(("priority", "latest"), [(1, 3), (2, 14)])
def test_a_dangerous_spot_is_repaired_though_it_hardly_lowers_the_score(priority: int, latest: int) -> None:
    finding = FindingFact("F/1", ElementClass.FABRIC, "", 2, "loose render above the entrance", priority)
    plan = compile_plan(inputs(assets=TYPICAL, findings=(finding,)), CATALOGUE)
    repair = by_code(plan)["FIND-F-1"]
    assert repair.start_on <= START + timedelta(days=latest)
    assert f"priority {priority}" in repair.source


def test_a_repair_costs_what_the_surveyor_estimated_and_names_its_source() -> None:
    priced = FindingFact("F-1", ElementClass.LIFT, "L-1", 5, "worn rope", 1, Decimal("9000.00"))
    unpriced = replace(priced, ref="F-2", repair_cost=None)
    plan = compile_plan(inputs(assets=TYPICAL, findings=(priced, unpriced)), CATALOGUE)
    costs = {c.code: explain_figure(plan, c.code, CATALOGUE) for c in plan.commitments}
    first, second = costs["FIND-F-1"], costs["FIND-F-2"]
    assert first is not None and second is not None
    assert abs(sum(line.rate * line.quantity for line in first.lines if line.rate) - 9000) < Decimal("0.02")
    sources = {c.code: c.source for c in plan.commitments}
    assert "estimated by the surveyor at 9000.00 CNY" in sources["FIND-F-1"]
    assert "less the labour" in first.lines[0].how
    assert f"of materials each time, rate of catalogue {CATALOGUE.edition}" in second.lines[0].how


@pytest.mark.parametrize("priority", [3, 4, None])
def test_a_good_element_with_a_blemish_is_watched_not_repaired(priority: int | None) -> None:
    finding = FindingFact("F/1", ElementClass.FABRIC, "", 2, "scratch", priority)
    assert "FIND-F-1" not in by_code(compile_plan(inputs(assets=TYPICAL, findings=(finding,)), CATALOGUE))


# ------------------------------------------------------------------------------------------ demands, risks
def test_clean_stairs_are_not_taken_for_a_wish_about_air_conditioning() -> None:
    plan = compile_plan(inputs(assets=TYPICAL, demands=(DemandFact("D-1", "Clean stairs"),)), CATALOGUE)
    (answer,) = plan.demand_answers
    assert {c.subject for c in plan.commitments if c.code in answer.commitment_codes} == {Subject.CLEANING}


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("The lobby must always be clean", Subject.CLEANING),
        ("电梯故障要少", Subject.PREVENTIVE_MAINTENANCE),
        ("No theft in the garage", Subject.SECURITY_POST),
        ("账目透明", Subject.REPORT),
    ],
)
def test_a_demand_is_answered_and_the_commitment_says_so(text: str, subject: Subject) -> None:
    plan = compile_plan(inputs(assets=TYPICAL, demands=(DemandFact("D-1", text),)), CATALOGUE)
    (answer,) = plan.demand_answers
    answering = [c for c in plan.commitments if c.code in answer.commitment_codes]
    assert subject in {c.subject for c in answering}
    assert all(c.source.endswith("demand D-1") for c in answering)


@pytest.mark.parametrize(
    "text",
    [
        "电梯安全，困人及时救援",
        "Safe lifts",
        "Lift maintenance on time",
        "No equipment breakdown of the lifts",
    ],
)
def test_a_demand_about_lifts_is_answered_by_work_on_lifts_alone(text: str) -> None:
    plan = compile_plan(inputs(assets=TYPICAL, demands=(DemandFact("D-1", text),)), CATALOGUE)
    (answer,) = plan.demand_answers
    lifts = {asset.tag for asset in TYPICAL if asset.element_class is ElementClass.LIFT}
    answering = [c for c in plan.commitments if c.code in answer.commitment_codes]
    assert answering
    assert all(lifts & {target.code for target in c.targets} or "LIFT" in c.code for c in answering)


def test_who_is_trapped_is_answered_by_the_rescue_and_a_faulty_lift_by_its_repair() -> None:
    (lift, *_) = (asset.tag for asset in TYPICAL if asset.element_class is ElementClass.LIFT)
    finding = FindingFact("L-1", ElementClass.LIFT, lift, 5, "door shakes")
    demand = DemandFact("D-1", "电梯安全，困人及时救援")
    plan = compile_plan(inputs(assets=TYPICAL, findings=(finding,), demands=(demand,)), CATALOGUE)
    (answer,) = plan.demand_answers
    assert {"FIND-L-1", "DRILL-LIFT-12M", "EMERG-LIFT-ENTRAPMENT"} <= set(answer.commitment_codes)


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("花园整洁美观", Subject.GREENING),
        ("A tidy garden", Subject.GREENING),
        ("Clean and tidy lawns", Subject.GREENING),
        ("Lawns are kept neat and clean", Subject.GREENING),
        ("干净整洁的草坪", Subject.GREENING),
        ("饮用水干净卫生", Subject.PREVENTIVE_MAINTENANCE),
        ("Clean drinking water", Subject.PREVENTIVE_MAINTENANCE),
        ("Good water quality", Subject.PREVENTIVE_MAINTENANCE),
    ],
)
def test_a_word_within_a_longer_one_of_another_topic_names_nothing(text: str, subject: Subject) -> None:
    tank = AssetFact("W-1", "Tank 1", "Water tank", ElementClass.WATER_SUPPLY)
    plan = compile_plan(inputs(assets=(*TYPICAL, tank), demands=(DemandFact("D-1", text),)), CATALOGUE)
    (answer,) = plan.demand_answers
    subjects = {c.subject for c in plan.commitments if c.code in answer.commitment_codes}
    assert subject in subjects
    assert not subjects & {Subject.CLEANING, Subject.SURVEY, Subject.REVIEW}


@pytest.mark.parametrize(
    "text", ["楼道清洁，花园整洁", "Clean stairs and green lawns", "Stairs clean, lawns green"]
)
def test_a_garden_and_clean_stairs_are_both_answered(text: str) -> None:
    plan = compile_plan(inputs(assets=TYPICAL, demands=(DemandFact("D-1", text),)), CATALOGUE)
    (answer,) = plan.demand_answers
    subjects = {c.subject for c in plan.commitments if c.code in answer.commitment_codes}
    assert subjects == {Subject.CLEANING, Subject.GREENING}


@pytest.mark.parametrize(
    ("text", "measure"),
    [("Hot water is always there", "hot water at the tap"), ("热水随时可用", "一分钟内出热水")],
)
def test_hot_water_is_answered_by_work_on_boilers_and_by_nothing_where_there_are_none(
    text: str, measure: str
) -> None:
    demand = DemandFact("D-1", text, "1", measure)
    boiler = AssetFact("B-1", "Boiler 1", "Gas boiler", ElementClass.HVAC)
    fan = AssetFact("F-1", "Fan 1", "Exhaust fan", ElementClass.HVAC)
    plan = compile_plan(inputs(assets=(boiler, fan), demands=(demand,)), CATALOGUE)
    (answer,) = plan.demand_answers
    answering = [c for c in plan.commitments if c.code in answer.commitment_codes]
    assert answering
    assert all("B-1" in {target.code for target in c.targets} for c in answering)
    without = compile_plan(inputs(assets=(fan,), demands=(demand,)), CATALOGUE)
    assert without.demand_answers[0].commitment_codes == ()
    assert "DEMAND-D-1" in {risk.code for risk in without.risks}


def test_a_demand_is_about_what_it_says_before_what_it_is_measured_by() -> None:
    demand = DemandFact("D-1", "The garden looks cared for", "1", "quality score of the survey")
    plan = compile_plan(inputs(assets=TYPICAL, demands=(demand,)), CATALOGUE)
    (answer,) = plan.demand_answers
    assert {c.subject for c in plan.commitments if c.code in answer.commitment_codes} == {Subject.GREENING}


def test_safety_as_such_is_answered_by_the_guards() -> None:
    plan = compile_plan(inputs(assets=TYPICAL, demands=(DemandFact("D-1", "小区安全"),)), CATALOGUE)
    (answer,) = plan.demand_answers
    assert {c.subject for c in plan.commitments if c.code in answer.commitment_codes} <= {
        Subject.SECURITY_POST,
        Subject.SECURITY_PATROL,
        Subject.CCTV_CHECK,
    }


def test_a_demand_nobody_answers_is_a_risk() -> None:
    plan = compile_plan(inputs(demands=(DemandFact("D-9", "A helipad"),)), CATALOGUE)
    assert "DEMAND-D-9" in {risk.code for risk in plan.risks}


def test_missing_documents_are_risks_under_their_name() -> None:
    plan = compile_plan(inputs(missing_documents=("as-built-site", "diary of the caretaker")), CATALOGUE)
    texts = " ".join(risk.text_en for risk in plan.risks)
    assert "As-built general plan" in texts and "diary of the caretaker" in texts


# ------------------------------------------------------------------------------------------ staffing, budget
def test_a_round_the_clock_post_needs_five_heads_and_two_persons_need_ten() -> None:
    posts = {post.code: post for post in compile_plan(inputs(), CATALOGUE).posts}
    assert posts["gate_guard"].heads == 5, "24 h x 365 / (168 h x 12 x 0.88) = 4.94"
    assert posts["fire_operator"].heads >= 10
    assert "4.94" in posts["gate_guard"].explanation_en


@given(
    hours=st.decimals(0, 100000, places=2),
    productive=st.decimals("500", "2200", places=1),
    step=st.sampled_from([Decimal(1), Decimal("0.5"), Decimal("0.05")]),
)
def test_heads_carry_the_hours_and_not_a_step_more(
    hours: Decimal, productive: Decimal, step: Decimal
) -> None:
    heads = heads_needed(hours, productive, step)
    assert heads * productive >= hours
    assert heads == step or (heads - step) * productive < hours


def test_fee_models_tax_different_things() -> None:
    lump = compile_plan(inputs(), CATALOGUE).budget
    fee = compile_plan(inputs(fee_model="cost_plus_fee"), CATALOGUE).budget
    assert lump.cost == fee.cost and lump.remuneration == fee.remuneration
    assert lump.tax > fee.tax
    assert fee.tax == (fee.remuneration * Decimal("0.06")).quantize(Decimal("0.01"))
    named = [
        next((line.label_en, line.label_zh) for line in budget.lines if line.cost_item == "remuneration")
        for budget in (lump, fee)
    ]
    assert named == [("Custodian's profit", "托管利润"), ("Custodian's remuneration", "托管酬金")]


def test_an_agreed_remuneration_takes_the_place_of_the_catalogues_and_is_told_apart() -> None:
    usual = compile_plan(inputs(fee_model="cost_plus_fee"), CATALOGUE).budget
    agreed = compile_plan(
        inputs(fee_model="cost_plus_fee", remuneration_share=Decimal("0.125")), CATALOGUE
    ).budget
    assert agreed.cost == usual.cost
    assert agreed.remuneration == (agreed.cost * Decimal("0.125")).quantize(Decimal("0.01"), ROUND_HALF_UP)
    said = {
        budget: next(line.explanation for line in budget.details if line.cost_item == "remuneration")
        for budget in (usual, agreed)
    }
    assert "8 % of cost" in said[usual] and f"catalogue {CATALOGUE.edition}" in said[usual]
    assert "12.5 % of cost" in said[agreed] and "agreed in the intake record" in said[agreed]


def test_a_remuneration_of_a_lump_sum_is_refused() -> None:
    with pytest.raises(PlanRefused, match="A lump sum has no remuneration"):
        compile_plan(inputs(remuneration_share=Decimal("0.1")), CATALOGUE)


def test_an_estimate_below_the_labour_buys_fewer_hours_and_is_not_exceeded() -> None:
    cheap = FindingFact("F-1", ElementClass.FABRIC, "", 5, "loose tile", 1, Decimal("100.00"))
    plan = compile_plan(inputs(assets=TYPICAL, findings=(cheap,)), CATALOGUE)
    told = explain_figure(plan, "FIND-F-1", CATALOGUE)
    assert told is not None
    assert told.figure == Decimal("100.00")
    assert Decimal(0) < by_code(plan)["FIND-F-1"].hours < 4, (
        "the catalogue's hours cost more than the estimate"
    )


@pytest.mark.parametrize(
    ("payer", "title", "risk"),
    [
        ("developer_warranty", "paid by the developer under warranty", "claim them from the developer"),
        ("owners_fund", "paid from the maintenance fund", "the owners decide on the use of the fund"),
    ],
)
def test_what_warranty_or_fund_pays_is_not_charged_in_the_fee_once_more(
    payer: str, title: str, risk: str
) -> None:
    own = FindingFact("F-1", ElementClass.FABRIC, "", 5, "roof leaks", 2, Decimal("80000.00"), "client")
    beside = replace(own, payer=payer)
    charged = compile_plan(inputs(assets=TYPICAL, findings=(own,)), CATALOGUE)
    free = compile_plan(inputs(assets=TYPICAL, findings=(beside,)), CATALOGUE)
    assert charged.budget.total - free.budget.total > 80000
    repair = by_code(free)["FIND-F-1"]
    assert title in repair.title_en
    assert repair.hours > 0, "to make it safe, call it in and accept it"
    told = explain_figure(free, "FIND-F-1", CATALOGUE)
    assert told is not None and "the rest is paid beside the fee" in told.lines[0].how
    (known,) = [r for r in free.risks if r.code.startswith("PAYER-")]
    assert "1 repair is" in known.text_en and "80,000.00 CNY" in known.text_en and risk in known.text_en
    assert not [r for r in charged.risks if r.code.startswith("PAYER-")]


def test_a_repair_nobody_is_known_to_pay_is_in_the_fee_and_said_so() -> None:
    finding = FindingFact("F-1", ElementClass.FABRIC, "", 5, "roof leaks", 2, Decimal("80000.00"), "unknown")
    plan = compile_plan(inputs(assets=TYPICAL, findings=(finding,)), CATALOGUE)
    assert by_code(plan)["FIND-F-1"].material_cost > 79000
    (known,) = [r for r in plan.risks if r.code == "PAYER-UNKNOWN"]
    assert "80,000.00 CNY; agree who pays before signing" in known.text_en


def test_a_repair_in_a_long_term_is_said_once_with_the_years_it_is_spread_over() -> None:
    finding = FindingFact("F-1", ElementClass.FABRIC, "", 5, "loose tile", 1, Decimal("9000.00"))
    facts = inputs(assets=TYPICAL, findings=(finding,), term_end=date(2028, 12, 31))
    told = explain_figure(compile_plan(facts, CATALOGUE), "FIND-F-1", CATALOGUE)
    assert told is not None
    assert told.lines[0].how.startswith("once on 20")
    assert "spread over the 3 years of the term" in told.lines[0].how
    assert abs(told.figure - 3000) < 3


@pytest.mark.parametrize(
    "about", ["FIND-F-1", "PPM-LIFT-15D", "cleaner", "operation", "total", "remuneration"]
)
def test_a_figure_is_explained_in_one_language(about: str) -> None:
    finding = FindingFact("F-1", ElementClass.FABRIC, "", 5, "外墙瓷砖松动", 1, Decimal("9000.00"))
    demands = (DemandFact("D1", "小区安全", "1"), DemandFact("D2", "及时维修", "2"))
    plan = compile_plan(
        inputs(assets=TYPICAL, findings=(finding,), demands=demands, language="zh"), CATALOGUE
    )
    told = explain_figure(plan, about, CATALOGUE, "zh")
    assert told is not None
    said = "\n".join((told.title, told.unit, *told.notes, *(f"{x.title} {x.how}" for x in told.lines)))
    words = set(re.findall(r"(?<![A-Za-z0-9.-])[a-z]{2,}", said))
    assert not words, words


def test_every_budget_line_says_how_it_came_about() -> None:
    budget = compile_plan(inputs(assets=TYPICAL), CATALOGUE).budget
    for line in (*budget.lines, *budget.details):
        assert " x " in line.explanation or "once" in line.explanation or " % of " in line.explanation, line


def test_every_figure_names_its_rate_with_unit_and_source() -> None:
    plan = compile_plan(inputs(assets=TYPICAL), CATALOGUE)
    for line in plan.budget.details:
        assert " each" not in line.explanation or re.search(r"\d\.\d\d CNY", line.explanation), line
        told = explain_figure(plan, line.cost_item, CATALOGUE)
        assert told is not None
        for part in told.lines:
            assert "rate of catalogue" in part.how or "share of catalogue" in part.how or not part.code, part


def test_a_code_that_is_not_there_is_answered_with_the_nearest() -> None:
    known = codes_to_explain(compile_plan(inputs(assets=TYPICAL), CATALOGUE))
    assert nearest_codes("clean", known)[0] == "cleaning"
    assert "electrician" in nearest_codes("elektrician", known)
    assert nearest_codes("zzzz", known) == ()


def test_a_chinese_engagement_reads_its_budget_in_chinese() -> None:
    budget = compile_plan(inputs(assets=TYPICAL, language="zh"), CATALOGUE).budget
    for line in (*budget.lines, *budget.details):
        assert not {"heads", "commitments", "months", "assets"} & set(line.explanation.split()), line
        assert "×" in line.explanation or "的" in line.explanation, line


# ------------------------------------------------------------------------------------------ refusals, checks
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"property_type": "castle"}, "expected one of residential"),
        ({"currency": "XXX"}, "the catalogue has CNY"),
        ({"term_end": START - timedelta(days=1)}, "before it starts"),
        ({"fee_model": "barter"}, "expected lump_sum"),
    ],
    ids=["property-type", "currency", "term", "fee-model"],
)
def test_what_cannot_be_planned_is_refused_in_a_sentence(change: dict[str, object], said: str) -> None:
    with pytest.raises(PlanRefused, match=said):
        compile_plan(inputs(**change), CATALOGUE)


def broken(plan: CompiledPlan, code: str, **changes: object) -> CompiledPlan:
    return replace(
        plan,
        commitments=tuple(
            replace(c, **changes) if c.code == code else c  # type: ignore[arg-type]  # a test's shorthand
            for c in plan.commitments
        ),
    )


def test_an_edited_plan_that_breaks_a_rule_is_caught() -> None:
    plan = compile_plan(inputs(assets=TYPICAL), CATALOGUE)
    lift = "PPM-LIFT-15D"
    cases = {
        "statutory_interval": broken(plan, lift, rrule="FREQ=MONTHLY"),
        "statutory_start": broken(plan, lift, start_on=date(2026, 2, 20)),
        "start_in_term": broken(plan, lift, start_on=date(2027, 2, 20)),
        "recurrence": broken(plan, lift, rrule="FREQ=HOURLY"),
        "post_exists": broken(plan, lift, post_code="butler"),
        "target": broken(plan, lift, targets=()),
        "unique_code": replace(plan, commitments=(*plan.commitments, by_code(plan)[lift])),
        "clause_covered": replace(plan, commitments=tuple(c for c in plan.commitments if c.clause != "B4")),
        "budget_sum": replace(plan, budget=replace(plan.budget, total=plan.budget.total + 1)),
        "post_heads": replace(
            plan, posts=tuple(replace(p, heads=Decimal(4)) if p.code == "gate_guard" else p for p in plan.posts)
        ),
    }  # fmt: skip
    for rule, wrong in cases.items():
        assert rule in {problem.rule for problem in validate_plan(wrong)}, rule


@pytest.mark.parametrize("duty", ["LIFT-15D", "LIFT-12M", "FIRE-12M", "WS-TANK-6M"])
def test_a_statutory_duty_edited_out_is_missed(duty: str) -> None:
    facts = inputs(assets=TYPICAL)
    plan = compile_plan(facts, CATALOGUE)
    without = replace(plan, commitments=tuple(c for c in plan.commitments if c.code != f"PPM-{duty}"))
    assert len(without.commitments) == len(plan.commitments) - 1
    assert {problem.about for problem in missing_duties(without, facts, CATALOGUE)} == {duty}


def test_a_public_workbook_without_jobs_gives_a_small_valid_plan() -> None:
    if not DUPLEX.exists():
        pytest.skip(f"{DUPLEX.name} is not beside the checkout")
    from models.rules.cobie import read_register
    from tasks.workbook import read_workbook

    register = read_register(read_workbook(DUPLEX), DUPLEX.name)
    types = {found.name: found for found in register.types}
    facts = inputs(
        property_type="residential",
        currency="USD",
        units=2,
        floor_area=None,
        jurisdiction="US",
        assets=tuple(
            AssetFact(
                c.name,
                c.name,
                c.type_name,
                element_class(types[c.type_name].category, c.type_name),
                installed_on=c.installed_on,
            )
            for c in register.components
        ),
        places=tuple(PlaceFact(space.name, space.description, "space") for space in register.spaces),
    )
    assert len(facts.assets) > 150
    plan = compile_plan(facts, CATALOGUE)
    assert validate_plan(plan) == ()
    assert work_orders_per_month(plan) < 120


def test_ten_thousand_assets_are_planned_and_stay_valid() -> None:
    facts = inputs(assets=tuple(assets(10_000, ElementClass.HVAC, "Fan coil unit")))
    plan = compile_plan(facts, CATALOGUE)
    assert validate_plan(plan) == ()
    assert sum(len(c.targets) for c in plan.commitments if c.code.startswith("PPM-HVAC-AHU-3M")) == 10_000
