"""Does the weather decide by its rules: skipped, moved within the window, or left to a person? (B3, B4)"""

import shutil
from datetime import date, timedelta
from decimal import Decimal
from importlib import resources
from pathlib import Path

import pytest

from models.catalogue_files import CatalogueInvalid, load_catalogue
from models.rules.weather import Weather, WeatherAct, WeatherDecision, decide_weather
from models.weather_rule_files import load_weather_rules, read_weather_rules

DAY = date(2027, 5, 12)


def weather(*rain: str, wind: str = "", frost: bool = False) -> dict[date, Weather]:
    """Rain of the days up to `DAY`, wind and frost of the last."""
    last = len(rain) - 1
    return {
        DAY - timedelta(days=last - k): Weather(
            Decimal(mm), Decimal(wind) if wind and k == last else None, frost and k == last
        )
        for k, mm in enumerate(rain)
    }


def decided(
    activity: str, known: dict[date, Weather], window: int = 3, taken: tuple[date, ...] = ()
) -> WeatherDecision | None:
    return decide_weather(load_weather_rules(), known, activity, (DAY, DAY + timedelta(days=window)), taken)


def test_watering_is_left_out_after_enough_rain_of_three_days_and_only_then() -> None:
    found = decided("GREEN-LAWN-WATER", weather("4", "3", "3"))
    assert found is not None
    assert (found.act, found.rule.code, found.facts) == (WeatherAct.SKIP, "RAIN-WATER", "10 mm in 3 days")
    assert decided("GREEN-LAWN-WATER", weather("4", "3", "2.9")) is None
    assert decided("GREEN-LAWN-WATER", weather("50", "0", "0", "0")) is None, "the rain of four days ago"


def test_a_day_nobody_recorded_changes_nothing() -> None:
    assert decided("GREEN-LAWN-WATER", {DAY - timedelta(days=1): Weather(Decimal(99), None, False)}) is None


def test_spraying_moves_to_the_first_day_of_its_window_that_is_not_known_to_be_bad() -> None:
    known = weather("0", wind="6") | {DAY + timedelta(days=1): Weather(Decimal(2), None, False)}
    found = decided("GREEN-SITE-PEST", known)
    assert found is not None
    assert (found.act, found.to_on) == (WeatherAct.MOVE, DAY + timedelta(days=2))
    taken = decided("GREEN-SITE-PEST", known, taken=(DAY + timedelta(days=2),))
    assert taken is not None
    assert taken.to_on == DAY + timedelta(days=3)


def test_work_without_a_better_day_in_its_window_is_left_to_a_person() -> None:
    found = decided("GREEN-SITE-PRUNE", weather("0", frost=True), window=0)
    assert found is not None
    assert (found.act, found.to_on, found.facts) == (WeatherAct.STAY, None, "frost")


def test_wind_that_nobody_measured_forbids_nothing() -> None:
    assert decided("GREEN-SITE-PEST", weather("0")) is None


def test_rules_name_only_activities_there_are_and_none_asked_for_by_law() -> None:
    activities = {activity.code: activity for activity in load_catalogue().activities}
    for rule in load_weather_rules():
        assert set(rule.activities) <= set(activities)
        assert all(activities[code].subject in ("greening", "cleaning") for code in rule.activities)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    act: skip", "    act: stay", "expected skip or move"),
        ("    frost: true\n    source: \"professional practice\"\n    certainty: memory\n  - code: BAD-SPRAY", "    source: x\n    certainty: memory\n  - code: BAD-SPRAY", "needs rain_mm, wind_ms or frost"),
        ("[CLEAN-OUTDOOR-1D]", "[SEC-FIRE-1D]", "asked for by law"),
        ('rain_mm: "10"', 'rain_mm: "-1"', "at least 0.1"),
    ],
)  # fmt: skip
def test_a_wrong_catalogue_of_weather_names_its_mistake(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    with resources.as_file(resources.files("models.catalogue")) as shipped:
        shutil.copytree(shipped, tmp_path / "catalogue")
    path = tmp_path / "catalogue" / "weather_rules.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueInvalid, match=said):
        read_weather_rules(tmp_path / "catalogue")
