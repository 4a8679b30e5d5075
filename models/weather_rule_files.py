"""Which weather changes which planned work? Reads `weather_rules.yaml` (B3, B4)."""

from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from models.catalogue_files import load_catalogue, open_entry
from models.catalogue_reading import CatalogueInvalid, Entry, refuse_repeated
from models.rules.catalogue import Certainty
from models.rules.weather import WeatherAct, WeatherRule

_FILE = "weather_rules.yaml"


@lru_cache(maxsize=1)
def load_weather_rules() -> tuple[WeatherRule, ...]:
    """The rules shipped with the product, read once.

    Raises:
        CatalogueInvalid: the file is missing or wrong; the message names entry and key.
    """
    return read_weather_rules(resources.files("models.catalogue"))


def read_weather_rules(folder: Traversable | Path) -> tuple[WeatherRule, ...]:
    """Read and check `weather_rules.yaml` of a catalogue folder; no rule may name statutory work.

    Raises:
        CatalogueInvalid: the file is missing or wrong; the message names entry and key.
    """
    whole = open_entry(folder, _FILE)
    whole.text("edition")
    rules = tuple(_rule(entry) for entry in whole.entries("rules"))
    whole.finish()
    refuse_repeated(_FILE, "rule", (rule.code for rule in rules))
    statutory = {activity.code for activity in load_catalogue().activities if activity.statutory is not None}
    for rule in rules:
        if named := sorted(statutory & set(rule.activities)):
            raise CatalogueInvalid(
                _FILE, rule.code, f"{named[0]} is asked for by law: no weather calls it off"
            )
    return rules


def _rule(entry: Entry) -> WeatherRule:
    rule = WeatherRule(
        code=entry.text("code"),
        act=entry.choice("act", WeatherAct),
        label=entry.label(),
        activities=entry.texts("activities"),
        rain_mm=entry.number("rain_mm", at_least="0.1") if entry.has("rain_mm") else None,
        rain_days=entry.whole("rain_days", 1, at_least=1),
        wind_ms=entry.number("wind_ms", at_least="0.1") if entry.has("wind_ms") else None,
        frost=entry.flag("frost"),
        source=entry.text("source"),
        certainty=entry.choice("certainty", Certainty),
    )
    if rule.act is WeatherAct.STAY:
        raise entry.refuse("act", "expected skip or move")
    if rule.rain_mm is None and rule.wind_ms is None and not rule.frost:
        raise entry.refuse("rain_mm", "a rule needs rain_mm, wind_ms or frost")
    if not rule.activities:
        raise entry.refuse("activities", "expected at least one activity")
    entry.finish()
    return rule
