"""Is the bundled sample a register that imports cleanly and looks like a property?"""

import csv
import re
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from deployments.sample.workbook import HISTORY_FILE, OWNERS_FILE, SAMPLE_FOLDER, build_workbook
from models.rules.cobie import read_register
from models.rules.cobie_rows import RegisterReading
from models.rules.element_classes import element_class
from models.rules.elements import ElementClass
from tasks.workbook import file_sha256, read_workbook


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> RegisterReading:
    path = build_workbook(tmp_path_factory.mktemp("sample"))
    return read_register(read_workbook(path), path.name)


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_sample_imports_without_any_complaint(reading: RegisterReading) -> None:
    assert [found.sentence for found in reading.rejections] == []
    assert all(count.rows == count.accepted for count in reading.counts)
    assert reading.notes == ()


def test_sample_holds_about_three_hundred_assets_of_every_class(reading: RegisterReading) -> None:
    kinds = {kind.name: element_class(kind.category, kind.name, kind.description) for kind in reading.types}
    found = Counter(kinds[component.type_name] for component in reading.components)
    assert 280 <= len(reading.components) <= 330
    assert set(found) == set(ElementClass)


def test_sample_assets_have_unique_tags_places_and_installation_dates(reading: RegisterReading) -> None:
    tags = [component.tag_number for component in reading.components]
    assert len(set(tags)) == len(tags)
    assert all(component.space_names and component.installed_on for component in reading.components)


def test_sample_types_have_life_cost_and_a_known_maker(reading: RegisterReading) -> None:
    emails = {contact.email for contact in reading.contacts}
    for kind in reading.types:
        assert kind.expected_life is not None and kind.replacement_cost is not None
        assert kind.manufacturer in emails


def test_sample_jobs_mix_units_and_some_are_as_required(reading: RegisterReading) -> None:
    units = {job.interval.unit for job in reading.jobs if job.interval}
    assert len(units) >= 6
    assert any(job.as_required for job in reading.jobs)


def test_sample_assets_all_belong_to_a_system(reading: RegisterReading) -> None:
    members = {name for system in reading.systems.values() for name in system.component_names}
    assert members == {component.name for component in reading.components}


def test_workbook_built_twice_has_the_same_bytes(tmp_path: Path) -> None:
    first, second = build_workbook(tmp_path / "a.xlsx"), build_workbook(tmp_path / "b.xlsx")
    assert file_sha256(first) == file_sha256(second)


def test_owners_are_unique_and_plainly_fictional() -> None:
    owners = _csv(OWNERS_FILE)
    assert 110 <= len(owners) <= 130
    for column in ("unit", "email", "phone"):
        assert len({owner[column] for owner in owners}) == len(owners)
    assert all(owner["email"].endswith("@example.com") for owner in owners)
    assert all(re.fullmatch(r"1390000\d{4}", owner["phone"]) for owner in owners)
    assert {(owner["role"], owner["property_type"]) for owner in owners} == {
        ("owner", "residential"),
        ("tenant", "residential"),
        ("owner", "commercial"),
        ("tenant", "commercial"),
    }


def test_history_names_assets_of_the_register_after_their_installation(reading: RegisterReading) -> None:
    installed = {component.tag_number: component.installed_on for component in reading.components}
    records = _csv(HISTORY_FILE)
    assert len(records) == 40
    for record in records:
        began = installed[record["asset_tag"]]
        assert began is not None and date.fromisoformat(record["date"]) >= began
        assert Decimal(record["cost_cny"]) > 0


def test_readme_says_that_the_sample_is_invented() -> None:
    assert "invented" in (SAMPLE_FOLDER / "README.md").read_text(encoding="utf-8")
