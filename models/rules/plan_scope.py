"""Which of the catalogue's activities belong to this property, and on what are they carried out?"""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, timedelta

from models.rules.catalogue import Activity, Catalogue, Label, PropertyType, Scale, When, words_in
from models.rules.elements import ElementClass
from models.rules.plan_types import (
    AssetFact,
    Explanation,
    PlaceFact,
    PlanInputs,
    PlanRefused,
    Target,
    TargetKind,
)
from models.rules.recurrence import Frequency, Recurrence, interval_days

_SLUG = re.compile(r"[^A-Za-z0-9\u4e00-\u9fff]+")


@dataclass(frozen=True)
class Scope:
    """The property as the planner sees it."""

    inputs: PlanInputs
    property_type: PropertyType
    scale: Scale
    classes: frozenset[ElementClass]
    site: Target
    explanation: Explanation
    size_unknown: bool

    def say(self, en: str, zh: str) -> str:
        """The one of two texts that is in the language of the engagement."""
        return Label(en, zh).in_language(self.inputs.language)


def scope_of(inputs: PlanInputs, catalogue: Catalogue) -> Scope:
    """Look at the property once.

    Raises:
        PlanRefused: property type or currency unknown to the catalogue, or the term ends before it begins.
    """
    try:
        property_type = PropertyType(inputs.property_type)
    except ValueError:
        known = ", ".join(member.value for member in PropertyType)
        raise PlanRefused(
            f"Property type {inputs.property_type!r} is not known; expected one of {known}."
        ) from None
    if inputs.currency not in catalogue.prices.money_unit:
        known = ", ".join(sorted(catalogue.prices.money_unit))
        raise PlanRefused(f"No rates for currency {inputs.currency!r}; the catalogue has {known}.")
    if inputs.term_end < inputs.term_start:
        raise PlanRefused(f"The term ends on {inputs.term_end}, before it starts on {inputs.term_start}.")
    scale, explanation = _scale(inputs, catalogue)
    sites = sorted(place.code for place in inputs.places if place.kind == "site")
    return Scope(
        inputs=inputs,
        property_type=property_type,
        scale=scale,
        classes=frozenset(asset.element_class for asset in inputs.assets),
        site=Target(TargetKind.SITE, sites[0] if len(sites) == 1 else inputs.engagement_code),
        explanation=explanation,
        size_unknown=inputs.units is None
        and inputs.floor_area is None
        and not any(place.kind == "space" for place in inputs.places),
    )


def _scale(inputs: PlanInputs, catalogue: Catalogue) -> tuple[Scale, Explanation]:
    prices = catalogue.prices
    spaces = sum(place.kind == "space" for place in inputs.places)
    measures: tuple[tuple[str, str, object, bool], ...] = (
        ("units", "户数", inputs.units, inputs.units is not None and inputs.units <= prices.visiting_units),
        (
            "floor area in m²",
            "建筑面积（㎡）",
            inputs.floor_area,
            inputs.floor_area is not None and inputs.floor_area <= prices.visiting_floor_area_m2,
        ),
        ("spaces in the register", "台账空间数", spaces or None, 0 < spaces <= prices.visiting_spaces),
    )
    # Units and area are what people said; the count of spaces is only asked where both are unknown.
    told = [measure for measure in measures[:2] if measure[2] is not None] or [
        measure for measure in measures[2:] if measure[2] is not None
    ]
    small = bool(told) and all(measure[3] for measure in told)
    scale = Scale.VISITING if small else Scale.STAFFED
    reason_en = (
        ", ".join(f"{name} {value}" for name, _, value, _ in told)
        or "size unknown, the fuller service is planned"
    )
    reason_zh = "，".join(f"{name}{value}" for _, name, value, _ in told) or "规模未知，按较高服务标准编制"
    name_zh = "上门服务" if small else "驻场服务"
    return scale, Explanation(
        "scale", f"The property is {scale}: {reason_en}.", f"服务形式为{name_zh}：{reason_zh}。"
    )


def belongs(activity: Activity, scope: Scope) -> bool:
    """Whether the activity's conditions, other than words for places and plants, are met."""
    when = activity.when
    inputs = scope.inputs
    return (
        (not when.scales or scope.scale in when.scales)
        and (not when.property_types or scope.property_type in when.property_types)
        and (not when.element_classes or bool(scope.classes & set(when.element_classes)))
        and (not when.jurisdictions or inputs.jurisdiction in when.jurisdictions)
        and not (
            when.unless_matched and any(asset_has(asset, when.unless_matched) for asset in inputs.assets)
        )
        and not (when.requires_place and not _matching_places(when, inputs.places))
        and _plants_present(when, scope)
    )


def _plants_present(when: When, scope: Scope) -> bool:
    if when.plants:
        return bool(plants_of(when, scope.inputs.assets))
    return True


def plants_of(when: When, assets: tuple[AssetFact, ...]) -> tuple[AssetFact, ...]:
    """The landscape assets of one plant group."""
    return tuple(
        asset
        for asset in assets
        if asset.element_class is ElementClass.LANDSCAPE and asset_has(asset, when.plants)
    )


def asset_has(asset: AssetFact, words: tuple[str, ...]) -> bool:
    """Whether one of the words stands in the asset's type or name."""
    return words_in(words, asset.type_name, asset.name)


def targets_of(activity: Activity, scope: Scope, max_zones: int) -> tuple[Target, ...]:
    """The zones (or the few assets) an activity names; the whole site where there are none or too many.

    A work order per zone and day is what a cleaner can follow; one per room is not.
    """
    inputs = scope.inputs
    if activity.when.plants:
        plants = sorted(asset.tag for asset in plants_of(activity.when, inputs.assets))
        if 0 < len(plants) <= max_zones:
            return tuple(Target(TargetKind.ASSET, tag) for tag in plants)
    zones = sorted(
        place.code for place in _matching_places(activity.when, inputs.places) if place.kind == "zone"
    )
    if 0 < len(zones) <= max_zones:
        return tuple(Target(TargetKind.PLACE, code) for code in zones)
    return (scope.site,)


def _matching_places(when: When, places: tuple[PlaceFact, ...]) -> tuple[PlaceFact, ...]:
    if not when.places:
        return ()
    return tuple(place for place in places if words_in(when.places, place.code, place.name, place.category))


def matched_place_count(activity: Activity, scope: Scope) -> int:
    """How many places of any kind the activity covers."""
    return len(_matching_places(activity.when, scope.inputs.places))


def slug(text: str) -> str:
    """A code part from a free name: letters, digits and Chinese kept, the rest one hyphen."""
    return _SLUG.sub("-", text).strip("-").upper()[:40] or "X"


def staggered_start(code: str, rrule: str, term: tuple[date, date], share: int = 0, shares: int = 1) -> date:
    """The first due date, spread over the first interval by the hash of the code so that work is levelled.

    Daily and on-demand work starts on the first day. The `share`-th of `shares` batches of one job is moved
    on by its part of the interval. The result is always before the start of the term + interval, so a duty
    with a longest interval is never late at its first occurrence, and inside the term.
    """
    term_start, term_end = term
    if not rrule:
        return term_start
    rule = Recurrence.parse(rrule)
    if rule.frequency is Frequency.DAILY and rule.interval == 1:
        return term_start
    # A season's gap is no measure of the step: levelling happens within one plain step, at most a year.
    plain = interval_days(Recurrence(rule.frequency, rule.interval)) or 1
    step = min(plain, 365, (term_end - term_start).days + 1)
    digest = int.from_bytes(hashlib.sha256(code.encode()).digest()[:8], "big")
    return term_start + timedelta(days=(digest + share * step // shares) % step)
