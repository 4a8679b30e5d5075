"""Are the checklists whole, the references stable, and is nobody named as payer on a guess? (A2)"""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import models.catalogue
from models.catalogue_reading import CatalogueInvalid
from models.checklist_files import (
    load_checklists,
    load_condition_tables,
    read_checklists,
    read_condition_tables,
)
from models.rules.catalogue import Certainty, PropertyType
from models.rules.condition import FACILITY_BANDS, NEN_2767_RECALLED, Severity
from models.rules.condition_checks import AssetToCheck, check_lines, earlier_form, form_id
from models.rules.condition_payer import DefectFacts, propose_payer, repair_priority
from models.rules.elements import ElementClass

SHIPPED = Path(models.catalogue.__file__ or "").parent
LIFT = AssetToCheck("L1", "Lift", ElementClass.LIFT)
PUMP = AssetToCheck("P1", "Sump pump", ElementClass.DRAINAGE)
FACTS = DefectFacts(
    visit="entry",
    score=5,
    entry_score=None,
    found_on=date(2026, 10, 24),
    property_type=PropertyType.MIXED,
    installed_on=date(2016, 9, 9),
    warranty_months=24,
    fund=True,
)


def test_the_tables_of_the_catalogue_are_the_recalled_ones_and_say_so() -> None:
    assert load_condition_tables() == (NEN_2767_RECALLED, FACILITY_BANDS)
    assert not load_condition_tables()[0].verified


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("checklists.yaml", "code: FAB-ROOF", "code: FAB-STRUCT", "stands twice"),
        ("checklists.yaml", "scope: site", "scope: roof", "asset, site"),
        ("checklists.yaml", "  landscape:", "  gardens:", "is not an element class"),
        ("condition_tables.yaml", '"2 3 4 5 6"', '"2 3 4 5 9"', "scores 1 to 6"),
        ("condition_tables.yaml", '"0.05 0.10 0.30"', '"0.10 0.05 0.30"', "rising"),
    ],
)
def test_a_mistake_in_the_catalogue_is_named(
    tmp_path: Path, file: str, old: str, new: str, problem: str
) -> None:
    shutil.copytree(SHIPPED, tmp_path / "c")
    target = tmp_path / "c" / file
    target.write_text(target.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    read = read_checklists if file == "checklists.yaml" else read_condition_tables
    with pytest.raises(CatalogueInvalid, match=problem):
        read(tmp_path / "c")


def test_an_asset_has_the_same_lines_whatever_stands_beside_it() -> None:
    alone = {line.ref for line in check_lines([LIFT], load_checklists())}
    both = {line.ref for line in check_lines([PUMP, LIFT], load_checklists())}
    assert alone < both
    assert any(ref.startswith("DRA-RUN-") for ref in both - alone), "a pump is run, a pipe is not"
    assert max(map(len, both)) <= 36


def test_a_form_knows_its_register_and_visit() -> None:
    marks = {form_id("A", v, assets, "1") for v in ("entry", "exit") for assets in ([LIFT], [LIFT, PUMP])}
    assert len(marks) == 4
    assert form_id("A", "entry", [PUMP, LIFT], "1") == form_id("A", "entry", [LIFT, PUMP], "1")


def test_a_form_of_an_earlier_register_is_told_from_one_of_another_visit_or_edition() -> None:
    now = form_id("A/B", "entry", [LIFT, PUMP], "1")
    assert earlier_form(form_id("A/B", "entry", [LIFT], "1"), now)
    assert not earlier_form(now, now)
    for other in (
        form_id("A", "entry", [LIFT], "1"),
        form_id("A/B", "exit", [LIFT], "1"),
        form_id("A/B", "entry", [LIFT], "2"),
        "",
    ):
        assert not earlier_form(other, now)


@pytest.mark.parametrize(
    ("changes", "payer", "basis"),
    [
        ({}, "owners_fund", "fund_renewal"),
        ({"score": 3}, "client", "before_term"),
        ({"property_type": PropertyType.OFFICE}, "client", "before_term"),
        ({"installed_on": date(2024, 10, 24)}, "developer_warranty", "warranty_runs"),
        ({"installed_on": date(2024, 10, 23)}, "owners_fund", "fund_renewal"),
        ({"installed_on": None}, "unknown", "warranty_unknown"),
        ({"warranty_months": None}, "unknown", "warranty_unknown"),
        ({"visit": "exit", "entry_known": True}, "custodian", "arose_in_term"),
        ({"visit": "exit", "entry_known": True, "entry_score": 5}, "owners_fund", "fund_renewal"),
        ({"visit": "exit", "entry_known": True, "outlived": True}, "owners_fund", "fund_renewal"),
        ({"visit": "exit"}, "owners_fund", "fund_renewal"),
    ],
)
def test_who_pays_follows_from_facts(changes: dict[str, object], payer: str, basis: str) -> None:
    found = propose_payer(replace(FACTS, **changes), Certainty.MEMORY)  # type: ignore[arg-type]
    assert (found.payer, found.basis, found.certainty) == (payer, basis, Certainty.MEMORY)


@pytest.mark.parametrize(
    ("severity", "intensity", "score", "priority"),
    [(Severity.CRITICAL, 3, 2, 1), (Severity.CRITICAL, 1, 1, 2), (Severity.MINOR, 3, 5, 2), (Severity.SERIOUS, 1, 1, 3), (Severity.MINOR, 1, 1, 4)],
)  # fmt: skip
def test_what_the_element_is_for_goes_first(
    severity: Severity, intensity: int, score: int, priority: int
) -> None:
    assert repair_priority(severity, intensity, score) == priority
