"""Are readings judged by their limits, and are trends seen where there are some and only there? (B2)"""

import shutil
from datetime import date, timedelta
from decimal import Decimal
from importlib import resources
from pathlib import Path

import pytest

from models.catalogue_files import CatalogueInvalid
from models.check_item_files import load_round_items, read_round_items
from models.rules.check_items import Verdict, items_for, verdict_of
from models.rules.elements import ElementClass
from models.rules.field_records import OrderFacts, RecordFacts, is_late_entry, standing_record
from models.rules.reading_trend import trend_to_limit

START = date(2027, 1, 1)


def days(*values: str, step: int = 1) -> list[tuple[date, Decimal]]:
    return [(START + timedelta(days=step * k), Decimal(value)) for k, value in enumerate(values)]


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("0.19", Verdict.OUT),
        ("0.20", Verdict.EARLY),
        ("0.23", Verdict.OK),
        ("0.57", Verdict.OK),
        ("0.58", Verdict.EARLY),
        ("0.60", Verdict.EARLY),
        ("0.61", Verdict.OUT),
    ],
)
def test_a_limit_is_still_inside_and_the_band_begins_before_it(value: str, verdict: Verdict) -> None:
    assert verdict_of(Decimal(value), Decimal("0.20"), Decimal("0.60"), Decimal("0.03")) is verdict


def test_one_sided_limits_leave_the_other_side_open() -> None:
    assert verdict_of(Decimal(-5), None, Decimal(10), Decimal(3)) is Verdict.OK
    assert verdict_of(Decimal(999), Decimal(1), None, Decimal(0)) is Verdict.OK


def test_a_rising_temperature_reaches_its_limit_on_a_named_day() -> None:
    found = trend_to_limit(days("50", "52", "54", "56", "58"), None, Decimal(70))
    assert found is not None
    assert (found.slope_per_day, found.limit) == (2.0, Decimal(70))
    assert found.reached_on == START + timedelta(days=10), "50 + 2 a day is 70 on the tenth day"


def test_one_wrong_reading_does_not_turn_the_trend() -> None:
    found = trend_to_limit(days("50", "52", "54", "12", "58", "60", "62"), None, Decimal(70))
    assert found is not None
    assert found.reached_on == START + timedelta(days=10)


@pytest.mark.parametrize(
    "readings",
    [
        days("50", "52", "54", "56"),
        days("50", "50", "50", "50", "50", "50"),
        days("50", "55", "49", "56", "48", "54", "51"),
        days("58", "56", "54", "52", "50"),
        days("50.0", "50.1", "50.2", "50.3", "50.4"),
    ],
    ids=["too few", "flat", "noise", "away from the limit", "too far ahead"],
)
def test_no_trend_is_no_warning(readings: list[tuple[date, Decimal]]) -> None:
    assert trend_to_limit(readings, None, Decimal(70)) is None


def test_a_limit_already_crossed_is_reached_on_the_last_day_and_a_falling_value_meets_the_lower_one() -> None:
    high = trend_to_limit(days("60", "64", "68", "72", "76"), None, Decimal(70))
    assert high is not None
    assert high.reached_on == START + timedelta(days=4)
    low = trend_to_limit(days("10", "9", "8", "7", "6", step=7), Decimal(5), Decimal(20))
    assert low is not None
    assert low.reached_on == START + timedelta(days=35)


def test_of_a_day_the_last_reading_counts() -> None:
    readings = [*days("50", "52", "54", "56"), (START, Decimal(51))]
    assert trend_to_limit(readings, None, Decimal(70)) is None, "four days are too few"


def test_the_shipped_items_cover_every_class_and_say_their_source() -> None:
    items = load_round_items()
    assert set(items) == set(ElementClass)
    assert all(item.source for known in items.values() for item in known)
    tank = items_for(items, "water_supply", "屋顶水箱")
    pump = items_for(items, "water_supply", "Domestic pump 1")
    assert {item.code for item in tank} - {item.code for item in pump} == {"WS-CHLORINE"}
    assert items_for(items, "no such class", "x") == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('low: "0.20", high: "0.60", early: "0.03"', 'low: "0.20", high: "0.60", early: "0.3"', "leaves nothing between"),
        ('low: "353.4", high: "406.6", early: "5"', 'early: "5"', "needs low, high or both"),
        ("code: LV-TEMP", "code: LV-VOLT", "LV-VOLT"),
    ],
)  # fmt: skip
def test_a_wrong_catalogue_of_items_names_its_mistake(tmp_path: Path, old: str, new: str, said: str) -> None:
    with resources.as_file(resources.files("models.catalogue")) as shipped:
        shutil.copytree(shipped, tmp_path / "catalogue")
    path = tmp_path / "catalogue" / "check_items.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueInvalid, match=said):
        read_round_items(tmp_path / "catalogue")


def test_of_several_records_the_newest_that_nothing_replaced_holds() -> None:
    log = [
        RecordFacts(1, "started", None),
        RecordFacts(2, "passed", None),
        RecordFacts(3, "failed", 2),
        RecordFacts(4, "passed", 3),
    ]
    assert standing_record(log) == log[3]
    assert standing_record(log[:1]) is None


def test_an_entry_is_late_after_its_window_or_its_month() -> None:
    order = OrderFacts("released", START, START, START + timedelta(days=3))
    assert not is_late_entry(order, START, START + timedelta(days=3))
    assert is_late_entry(order, START, START + timedelta(days=4))
    assert not is_late_entry(order, START + timedelta(days=4), START + timedelta(days=4)), (
        "late work, not a late entry"
    )
    missed = OrderFacts("missed", START, START, START + timedelta(days=3))
    assert is_late_entry(missed, START + timedelta(days=9), START + timedelta(days=9))
