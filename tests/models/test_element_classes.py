"""Does a register's type fall into the class a property manager would look for it in?"""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.cobie import read_register
from models.rules.element_classes import element_class
from models.rules.elements import ElementClass
from tasks.workbook import read_workbook

DUPLEX = (
    Path(__file__).resolve().parents[2].parent
    / "shared"
    / "data"
    / "cobie"
    / "2012-03-23-Duplex-Handover.xlsx"
)

EXAMPLES = [
    ("", "Fire hydrant pump", "fire"),
    ("", "消防水泵", "fire"),
    ("23-60 30 21: Pumps", "Fire pump", "fire"),
    ("23-75 35 17: Fans", "排烟风机", "fire"),
    ("23-30 10: Doors", "防火门", "fire"),
    ("23-80 70: Luminaires", "应急照明灯", "fire"),
    ("", "Passenger lift", "lift"),
    ("", "自动扶梯", "lift"),
    ("", "Lift lobby light", "electricity_lv"),
    ("", "电梯厅照明", "electricity_lv"),
    ("", "Lift pit sump pump", "drainage"),
    ("", "电梯坑集水井潜污泵", "drainage"),
    ("", "Chilled water pump", "hvac"),
    ("", "Water heater", "water_supply"),
    ("", "Unit heater", "hvac"),
    ("", "Booster pump", "water_supply"),
    ("", "Irrigation pump", "landscape"),
    ("", "Gate valve", "water_supply"),
    ("", "Barrier gate", "security"),
    ("", "高压开关柜", "electricity_hv"),
    ("23-80 30 11: Switchgear", "10kV ring main unit", "electricity_hv"),
    ("", "低压配电柜", "electricity_lv"),
    ("", "Diesel generator", "electricity_lv"),
    ("23-85 30 17 11: Closed Circuit TV Systems", "Type 4", "security"),
    ("23-85 30 21 11 14: Alarm Panels", "Type 5", "fire"),
    ("23-33 25: Air Conditioning", "Type 6", "hvac"),
    ("23-23 11 11: Elevators", "Type 7", "lift"),
    ("Ss_80_50: Lift systems", "Type 8", "lift"),
    ("Ss_55_30: Fire extinguishing supply", "Type 9", "fire"),
    ("Ss_50_35: Below-ground drainage", "Type 10", "drainage"),
    ("IfcTransportElement", "Type 11", "lift"),
    ("IfcBoilerType", "Type 12", "hvac"),
    ("IfcDoorStyle", "Type 13", "fabric"),
    ("IfcPump", "Type 14", "other"),
    ("23-60 30 21: Pumps", "Type 15", "water_supply"),
    ("23-70 50: Liquid Waste Handling", "Type 16", "drainage"),
    ("", "屋面防水", "fabric"),
    ("", "Lawn", "landscape"),
    ("", "化粪池", "drainage"),
    ("", "Firefly poster", "other"),
    ("", "", "other"),
]


@pytest.mark.parametrize(
    ("category", "name", "expected"),
    EXAMPLES,
    ids=[f"{name or 'nothing'}-{code[:14]}" for code, name, _ in EXAMPLES],
)
def test_type_falls_into_its_class(category: str, name: str, expected: str) -> None:
    assert element_class(category, name) is ElementClass(expected)


def test_description_decides_only_where_category_and_name_are_silent() -> None:
    assert element_class("", "Type 17", "Roof membrane") is ElementClass.FABRIC
    assert element_class("", "Boiler", "Roof membrane") is ElementClass.HVAC


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_any_text_has_one_class_and_always_the_same(category: str, name: str, description: str) -> None:
    first = element_class(category, name, description)
    assert isinstance(first, ElementClass)
    assert element_class(category, name, description) is first


@given(st.sampled_from(EXAMPLES))
def test_case_and_width_do_not_matter(example: tuple[str, str, str]) -> None:
    category, name, expected = example
    assert element_class(category, name.upper()) is ElementClass(expected)


DUPLEX_CLASSES = {
    "Appliance": "other",
    "Bath/Shower": "water_supply",
    "Boiler": "hvac",
    "Cabinet": "other",
    "Counter": "other",
    "Door": "fabric",
    "Duplex Receptacle": "electricity_lv",
    "Exhaust Fan": "hvac",
    "Fire Alarm": "fire",
    "Furniture": "other",
    "Inline Pump": "water_supply",
    "Intercom": "security",
    "Light Fixture": "electricity_lv",
    "Panelboard": "electricity_lv",
    "Radiator": "hvac",
    "Shower Stall": "water_supply",
    "Single Pole Switch": "electricity_lv",
    "Sink": "water_supply",
    "Skylight": "fabric",
    "Smoke Detector": "fire",
    "Telophone Outlet": "electricity_lv",
    "Thermostat": "hvac",
    "Toilet": "drainage",
    "Window": "fabric",
}


def test_the_43_types_of_a_real_register_are_classified_sensibly() -> None:
    if not DUPLEX.exists():
        pytest.skip("shared test data is not here")
    types = read_register(read_workbook(DUPLEX), DUPLEX.name).types
    assert len(types) == 43
    for kind in types:
        expected = next(value for start, value in DUPLEX_CLASSES.items() if kind.name.startswith(start))
        assert element_class(kind.category, kind.name, kind.description) is ElementClass(expected), kind.name
