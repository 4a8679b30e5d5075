"""Does the weather make planned work needless, or must it wait for another day of its window? (B3, B4)"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from models.rules.catalogue import Certainty, Label

WEATHER = "weather: "
"""Reasons begin so; what the weather made needless was not due, and is counted neither as done nor as missed."""


class WeatherAct(StrEnum):
    """What is done with work that the weather forbids."""

    SKIP = "skip"
    MOVE = "move"
    STAY = "stay"
    """It should move, but its window holds no better day: a person decides."""


@dataclass(frozen=True)
class Weather:
    """The weather of a day."""

    rain_mm: Decimal
    wind_ms: Decimal | None
    """The strongest gust; None where nobody measured it."""
    frost: bool


@dataclass(frozen=True)
class WeatherRule:
    """Which weather changes which work."""

    code: str
    act: WeatherAct
    label: Label
    activities: tuple[str, ...]
    rain_mm: Decimal | None
    rain_days: int
    wind_ms: Decimal | None
    frost: bool
    source: str
    certainty: Certainty


@dataclass(frozen=True)
class WeatherDecision:
    """What is done with one occurrence."""

    act: WeatherAct
    rule: WeatherRule
    to_on: date | None
    facts: str
    """What was measured, such as "12.5 mm in 3 days"."""


def what_forbids(rule: WeatherRule, weather: Mapping[date, Weather], day: date) -> str:
    """The measurements of a day that meet a rule, or an empty text; a day nobody recorded meets none.

    Args:
        rule: the rule.
        weather: the days that are known.
        day: the day of the work.
    """
    today = weather.get(day)
    if today is None:
        return ""
    met = []
    if rule.rain_mm is not None:
        span = [day - timedelta(days=back) for back in range(rule.rain_days)]
        rain = sum((weather[one].rain_mm for one in span if one in weather), Decimal(0))
        if rain >= rule.rain_mm:
            met.append(f"{rain} mm" + (f" in {rule.rain_days} days" if rule.rain_days > 1 else ""))
    if rule.wind_ms is not None and today.wind_ms is not None and today.wind_ms >= rule.wind_ms:
        met.append(f"{today.wind_ms} m/s")
    if rule.frost and today.frost:
        met.append("frost")
    return ", ".join(met)


def decide_weather(
    rules: Sequence[WeatherRule],
    weather: Mapping[date, Weather],
    activity: str,
    window: tuple[date, date],
    taken: Collection[date] = (),
) -> WeatherDecision | None:
    """What the weather does to an occurrence; None if nothing.

    Args:
        rules: in the order in which they decide.
        weather: the days that are known.
        activity: code of the commitment.
        window: the day it is due and the last day on which it counts as in time.
        taken: days on which the same work is planned already.
    """
    due_on, latest_on = window
    for rule in rules:
        if activity not in rule.activities:
            continue
        facts = what_forbids(rule, weather, due_on)
        if not facts:
            continue
        if rule.act is WeatherAct.SKIP:
            return WeatherDecision(WeatherAct.SKIP, rule, None, facts)
        mine = [one for one in rules if activity in one.activities]
        day = due_on + timedelta(days=1)
        while day <= latest_on:
            if day not in taken and not any(what_forbids(one, weather, day) for one in mine):
                return WeatherDecision(WeatherAct.MOVE, rule, day, facts)
            day += timedelta(days=1)
        return WeatherDecision(WeatherAct.STAY, rule, None, facts)
    return None
