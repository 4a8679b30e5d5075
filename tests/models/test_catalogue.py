"""The shipped catalogue is complete, and a wrong one is refused with the place of the mistake."""

import shutil
from importlib import resources
from pathlib import Path
from string import Template

import pytest

from models.catalogue_files import CatalogueInvalid, load_catalogue, read_catalogue
from models.rules.catalogue import Certainty, PropertyType
from models.rules.contract import PLACEHOLDERS
from models.rules.elements import ElementClass
from models.rules.indicators import INDICATORS, IndicatorCode
from models.rules.plan_checks import CLAUSES_IN_SCOPE
from models.rules.planning import Basis
from models.rules.recurrence import Recurrence, interval_days

CATALOGUE = load_catalogue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with resources.as_file(resources.files("models.catalogue")) as shipped:
        shutil.copytree(shipped, tmp_path / "catalogue")
    return tmp_path / "catalogue"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} has no {old!r} to break"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("element_class", list(ElementClass))
def test_every_element_class_has_a_job_plan_without_conditions_or_a_fallback(
    element_class: ElementClass,
) -> None:
    plans = [p for p in CATALOGUE.job_plans if p.element_class is element_class and p.applies_in("CN")]
    assert any(plan.fallback or not plan.matches for plan in plans)


def test_every_class_has_at_most_one_fallback() -> None:
    for element_class in ElementClass:
        fallbacks = [p for p in CATALOGUE.job_plans if p.element_class is element_class and p.fallback]
        assert len(fallbacks) <= 1


def test_no_planned_interval_is_longer_than_its_law() -> None:
    duties = [
        *((plan.code, plan.rrule, plan.statutory) for plan in CATALOGUE.job_plans),
        *((activity.code, activity.rrule, activity.statutory) for activity in CATALOGUE.activities),
    ]
    checked = 0
    for code, rrule, statutory in duties:
        if statutory is not None:
            gap = interval_days(Recurrence.parse(rrule))
            assert gap is not None and gap <= statutory.longest_interval_days, code
            checked += 1
    assert checked > 15


def test_lift_maintenance_is_every_fifteen_days_and_says_so_with_certainty() -> None:
    lift = next(plan for plan in CATALOGUE.job_plans if plan.code == "LIFT-15D")
    assert lift.statutory is not None
    assert (lift.rrule, lift.statutory.longest_interval_days) == ("FREQ=DAILY;INTERVAL=15", 15)
    assert lift.statutory.certainty is Certainty.VERIFIED


def test_every_label_is_in_both_languages() -> None:
    labels = [
        *(plan.label for plan in CATALOGUE.job_plans),
        *(plan.standard for plan in CATALOGUE.job_plans),
        *(activity.label for activity in CATALOGUE.activities),
        *(activity.standard for activity in CATALOGUE.activities),
        *(document.label for document in CATALOGUE.documents),
        *(clause.text for clause in CATALOGUE.clauses),
        *(step.action for plan in CATALOGUE.emergency_plans for step in plan.steps),
    ]
    for label in labels:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in label.zh), label
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in label.en), label


def test_indicators_are_those_the_evaluation_computes() -> None:
    assert set(CATALOGUE.indicators) <= {code.value for code in IndicatorCode}
    assert len(CATALOGUE.indicators) == 16


def test_both_languages_of_a_clause_use_the_same_placeholders_of_the_closed_list() -> None:
    used: set[str] = set()
    for clause in CATALOGUE.clauses:
        english = set(Template(clause.text.en).get_identifiers())
        assert english == set(Template(clause.text.zh).get_identifiers()), clause.head
        used |= english
    assert used == PLACEHOLDERS


def test_emergency_plans_hold_the_four_of_the_seed_and_steps_in_order() -> None:
    always = {plan.type for plan in CATALOGUE.emergency_plans if plan.always}
    assert always == {"fire", "burst_pipe", "power_cut", "severe_weather"}
    for plan in CATALOGUE.emergency_plans:
        minutes = [step.minute for step in plan.steps]
        assert minutes == sorted(minutes) and len(minutes) >= 4, plan.type


def test_prices_know_the_nine_cost_items_remuneration_and_tax() -> None:
    assert [item.code for item in CATALOGUE.prices.cost_items] == [
        "staff", "operation", "cleaning", "greening", "order", "office", "depreciation", "insurance", "other",
        "remuneration", "tax",
    ]  # fmt: skip
    for post in CATALOGUE.posts.values():
        assert set(post.monthly_cost) == {"CNY", "USD", "GBP", "EUR"}, post.code


def test_contract_fields_and_property_types_are_named() -> None:
    assert set(CATALOGUE.service_fields) == set(CLAUSES_IN_SCOPE)
    assert set(CATALOGUE.property_labels) == {kind.value for kind in PropertyType}


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        pytest.param("job_plans.yaml", "post: lift_technician", "post: liftman", "post 'liftman'", id="unknown-post"),
        pytest.param("job_plans.yaml", "class: lift", "class: elevator", "expected one of fabric", id="unknown-class"),
        pytest.param("job_plans.yaml", "INTERVAL=15", "INTERVAL=16", "allows 15", id="interval-beyond-the-law"),
        pytest.param("job_plans.yaml", "FREQ=DAILY;", "FREQ=HOURLY;", "expected FREQ=", id="unknown-frequency"),
        pytest.param("job_plans.yaml", 'hours: "2"', "hours: 2.5", "quoted decimal", id="inexact-number"),
        pytest.param("job_plans.yaml", "metric: statutory_compliance", "metric: luck", "indicator 'luck'", id="unknown-indicator"),
        pytest.param("job_plans.yaml", "    independent: true", "    independant: true", "unknown key independant", id="misspelled-key"),
        pytest.param("job_plans.yaml", "certainty: verified", "certainty: sure", "expected one of verified", id="unknown-certainty"),
        pytest.param("rounds.yaml", "ROUND-WATER-1D", "ROUND-DRAIN-1D", "the code stands twice", id="repeated-code"),
        pytest.param("posts.yaml", 'head_step: "1"', 'head_step: "0"', "at least 0.01", id="zero-step"),
        pytest.param("emergency.yaml", "role: cleaner", "role: butler", "not a post", id="unknown-role"),
        pytest.param("contract_clauses.yaml", "$client_name (the", "$client_nome (the", "unknown placeholder ['client_nome']", id="unknown-placeholder"),
        pytest.param("contract_clauses.yaml", "$client_name (the", "$5 (the", "a $ that starts no name", id="stray-dollar"),
        pytest.param("demands.yaml", "topics:", "topics: [", "is not YAML", id="not-yaml"),
    ],
)  # fmt: skip
def test_a_wrong_catalogue_is_refused_naming_file_and_mistake(
    folder: Path, file: str, old: str, new: str, said: str
) -> None:
    edit(folder / file, old, new)
    with pytest.raises(CatalogueInvalid) as refusal:
        read_catalogue(folder)
    assert said in str(refusal.value)
    named = "activity files" if file == "rounds.yaml" else file
    assert named in str(refusal.value)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "posts.yaml").unlink()
    with pytest.raises(CatalogueInvalid, match=r"posts\.yaml.*cannot be read"):
        read_catalogue(folder)


def test_reading_a_copy_gives_the_same_catalogue(folder: Path) -> None:
    assert read_catalogue(folder) == CATALOGUE


def test_the_bundled_plans_hold_one_by_running_hours_and_one_reckoned_from_the_last_time() -> None:
    plans = {plan.code: plan for plan in CATALOGUE.job_plans}
    generator = plans["LV-GEN-250H"].planning.meter
    assert generator is not None
    assert (generator.every, generator.unit) == (250, "h")
    assert plans["DR-SEPTIC-6M"].planning.basis is Basis.FLOATING


def test_contract_and_reports_call_an_indicator_by_the_same_name() -> None:
    agreed = {one.code: (one.label.en, one.label.zh) for one in load_catalogue().indicators.values()}
    assert agreed == {
        code: (INDICATORS[IndicatorCode(code)].label_en, INDICATORS[IndicatorCode(code)].label_zh)
        for code in agreed
    }
