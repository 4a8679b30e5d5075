"""How do two sets of marks become one judgement, and where do the sides differ too far? Joint evaluation (C3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

DIMENSIONS = ("service_quality", "equipment_condition", "finance", "owner_feedback")
"""服务质量、设备状况、财务状况、业主反馈: what clause C3 names."""
DIMENSION_LABELS: Mapping[str, tuple[str, str]] = {
    "service_quality": ("Service quality", "服务质量"),
    "equipment_condition": ("Equipment condition", "设备状况"),
    "finance": ("Finance", "财务状况"),
    "owner_feedback": ("Owner feedback", "业主反馈"),
}
"""In English and Chinese."""
JUDGEMENT = "judgement"
"""The difference that a side's rejection of the whole makes."""
MARKS = range(1, 6)
AS_AGREED = 3
"""A mark below it says that less was given than agreed: that needs a reason."""
TOO_FAR = 2
"""Marks that differ by so much are talked over."""
SETTLING_TIME = timedelta(days=7)
SECOND_AFTER = timedelta(days=3)
"""A rejected evaluation is followed by another so long after: until then what was objected to can be put right."""
OWNERS = {"equipment_condition": "technician", "finance": "accountant", "owner_feedback": "service_agent"}
"""Which post brings the sides together; the manager for all others."""
WHOLE = 100


@dataclass(frozen=True)
class EvaluationTerms:
    """What was agreed of the joint evaluation."""

    weights: Mapping[str, int]
    """Per cent of each dimension; together 100."""
    yearly: bool
    """Also in each year before the last, not only before the end."""
    agreed_in: str
    """The paper it stands in; empty: nothing was agreed, all weighs equally."""


def terms_of(said: Mapping[str, Any]) -> EvaluationTerms:
    """The agreement as it is kept with the engagement; equal weights, once, where nothing is."""
    weights = said.get("weights") or {}
    return EvaluationTerms(
        {dimension: int(weights.get(dimension, WHOLE // len(DIMENSIONS))) for dimension in DIMENSIONS},
        bool(said.get("yearly")),
        str(said.get("agreed_in", "")),
    )


def weights_in_words(terms: EvaluationTerms, language: str) -> str:
    """The weights and how often both sides evaluate, as a sentence of the contract and of the dossier."""
    chinese = language.lower().startswith("zh")
    listed = [
        f"{DIMENSION_LABELS[dimension][1]}{weight}%"
        if chinese
        else f"{DIMENSION_LABELS[dimension][0].lower()} {weight}%"
        for dimension, weight in terms.weights.items()
    ]
    if chinese:
        return f"各维度权重：{'、'.join(listed)}。" + ("每年另行联合评估一次。" if terms.yearly else "")
    return f"The dimensions weigh: {', '.join(listed)}." + (
        " The parties also evaluate together once in each year before the last." if terms.yearly else ""
    )


def weight_problem(weights: Mapping[str, int]) -> str:
    """What is wrong with the weights, in a sentence; empty if nothing."""
    if any(weight < 0 for weight in weights.values()):
        return "A weight is negative; expected 0 to 100 for each dimension."
    total = sum(weights.values())
    return "" if total == WHOLE else f"The weights add up to {total}; expected 100 together."


def weighted_mark(marks: Mapping[str, int], weights: Mapping[str, int]) -> Decimal | None:
    """The mean of the marks by the weights, to two places; None while a dimension with weight has no mark."""
    if any(weight and dimension not in marks for dimension, weight in weights.items()):
        return None
    total = sum((Decimal(marks[d] * weight) for d, weight in weights.items() if weight), Decimal(0))
    return (total / WHOLE).quantize(Decimal("0.01"), ROUND_HALF_UP)


def too_far_apart(client: Mapping[str, int], custodian: Mapping[str, int]) -> tuple[str, ...]:
    """The dimensions both sides marked and on which they differ too far, in the clause's order."""
    return tuple(
        dimension
        for dimension in DIMENSIONS
        if dimension in client
        and dimension in custodian
        and abs(client[dimension] - custodian[dimension]) >= TOO_FAR
    )


def settle_by(raised_on: date, term_end: date) -> date:
    """Until when a difference is to be settled: a week, but not after the end of the term if that is still to come."""
    due = raised_on + SETTLING_TIME
    return min(due, term_end) if raised_on <= term_end else due


def next_evaluation(period: str, rejected: int) -> str:
    """What the evaluation after so many rejected ones of a period is called.

    Args:
        period: `once` for the one before the end, else the year or day of an agreed one.
        rejected: how many of it a side rejected.
    """
    if not rejected:
        return period
    name = f"evaluation-{rejected + 1}"
    return name if period == "once" else f"{period}-{name}"


def root_of(period: str) -> str:
    """The evaluation that a second or third one repeats: `once`, a year, or a day."""
    head, mark, _number = period.rpartition("evaluation-")
    return period if not mark else head.rstrip("-") or "once"
