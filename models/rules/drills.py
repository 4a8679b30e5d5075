"""Which emergency plan is to be drilled when, and how ready is the property? By kind of plan and type of site."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from models.rules.catalogue import Certainty
from models.rules.plan_figures import months_after

NOTICE = timedelta(days=30)
"""So long before its day a drill counts as due: it has to be prepared and announced."""


@dataclass(frozen=True)
class DrillRule:
    """A plan of a kind is drilled every so many months in such properties."""

    kind: str
    """Empty: any."""
    property_types: frozenset[str]
    """Empty: any."""
    months: int
    source: str
    certainty: Certainty


class DrillState(StrEnum):
    """How a plan's drills stand."""

    IN_TIME = "in_time"
    DUE = "due"
    OVERDUE = "overdue"
    NOT_YET = "not_yet"
    """Never drilled, and its first day has not come: neither ready nor late."""


@dataclass(frozen=True)
class DrillStanding:
    """One plan: its rule, its last drill, the day by which the next must be held."""

    kind: str
    rule: DrillRule
    last_on: date | None
    due_on: date
    state: DrillState


@dataclass(frozen=True)
class DrilledShare:
    """Plans drilled in time, of those that were drilled or should have been; of nothing it is no data."""

    in_time: int
    judged: int


def drill_rule(rules: Sequence[DrillRule], kind: str, property_type: str) -> DrillRule | None:
    """The first rule that fits a kind of plan in a type of property."""
    return next(
        (
            rule
            for rule in rules
            if rule.kind in ("", kind) and (not rule.property_types or property_type in rule.property_types)
        ),
        None,
    )


def drill_standings(
    kinds: Sequence[str],
    property_type: str,
    rules: Sequence[DrillRule],
    last_held: Mapping[str, date],
    since: date,
    today: date,
) -> list[DrillStanding]:
    """How each plan stands on a day, most urgent first.

    Args:
        kinds: of the plans in force.
        property_type: of the site.
        rules: in order of precedence.
        last_held: day of the last drill that was carried out and scored, by kind.
        since: first day of service, from which the first interval counts.
        today: the day of the question.
    """
    standings = []
    for kind in kinds:
        rule = drill_rule(rules, kind, property_type)
        if rule is None:
            continue
        last = last_held.get(kind)
        due = months_after(last or since, rule.months)
        if due < today:
            state = DrillState.OVERDUE
        elif due - today <= NOTICE:
            state = DrillState.DUE
        else:
            state = DrillState.NOT_YET if last is None else DrillState.IN_TIME
        standings.append(DrillStanding(kind, rule, last, due, state))
    return sorted(standings, key=lambda one: (one.due_on, one.kind != "fire", one.kind))


def drilled_share(standings: Sequence[DrillStanding]) -> DrilledShare:
    """How many plans are drilled in time, of those that can be judged.

    A plan nobody has drilled yet, and whose first day has not passed, is not judged: it would be 0 % on the first day.
    """
    judged = [one for one in standings if one.last_on is not None or one.state is DrillState.OVERDUE]
    return DrilledShare(sum(one.state is not DrillState.OVERDUE for one in judged), len(judged))


def median_score(scores: Sequence[Decimal]) -> Decimal | None:
    """The middle score, or the mean of the two in the middle; None of none."""
    ordered = sorted(scores)
    if not ordered:
        return None
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
