"""What does the contract made of a plan say, when is it paid, and is any clause missing?"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from string import Template

from models.rules.catalogue import Catalogue
from models.rules.evaluation import EvaluationTerms, terms_of, weights_in_words
from models.rules.plan import CompiledPlan, content_sha256
from models.rules.plan_figures import money, months_after

PLACEHOLDERS = frozenset(
    {
        "annual_fee",
        "asset_count",
        "budget_list",
        "client_name",
        "commitment_count",
        "credit_cap",
        "credit_list",
        "currency",
        "custodian_name",
        "dispute_forum",
        "evaluation_text",
        "fee_model",
        "fee_model_text",
        "governing_law",
        "indicator_list",
        "language_text",
        "late_rate",
        "notice_days",
        "payment_list",
        "plan_sha256",
        "post_list",
        "property_name",
        "property_type",
        "risk_list",
        "service_list",
        "term_end",
        "term_start",
        "term_total",
    }
)
"""The closed list of names a clause of the library may use."""

REQUIRED_HEADS: dict[str, tuple[str, ...]] = {
    "A5": (
        "service_content",
        "custodian_obligations",
        "client_obligations",
        "fees",
        "payment",
        "breach",
        "disputes",
    ),
    "Civil Code 938": (
        "service_content",
        "service_quality",
        "fees",
        "payment",
        "maintenance_fund",
        "service_rooms",
        "term",
        "handover",
        "signature",
    ),
    "Civil Code 470": ("parties", "service_quality", "fees", "payment", "term", "breach", "disputes"),
    "Personal Information Protection Law 21": ("personal_data",),
}
"""List to the heads it asks for: clause A5 of the seed; Civil Code Art. 938 (with its written form) and 470 (what a
contract generally says); PIPL Art. 21 (processing on instruction). Certainty of the laws: memory."""

_CENT = Decimal("0.01")


class PaymentInterval(StrEnum):
    """How often the fee is paid."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


_MONTHS = {
    PaymentInterval.MONTH: 1,
    PaymentInterval.QUARTER: 3,
    PaymentInterval.HALF_YEAR: 6,
    PaymentInterval.YEAR: 12,
}


@dataclass(frozen=True)
class Parties:
    """Who signs, and about which property."""

    client_name: str
    custodian_name: str
    property_name: str
    property_address: str = ""


@dataclass(frozen=True)
class ServiceCredit:
    """How much of a quarter's fee a missed indicator costs (share 0..1)."""

    indicator: str
    share: Decimal


@dataclass(frozen=True)
class ContractTerms:
    """What the parties agreed beside the plan; money in `currency`."""

    fee_model: str
    annual_fee: Decimal
    currency: str
    payment_calendar: tuple[tuple[date, Decimal], ...]
    property_type: str
    credits: tuple[ServiceCredit, ...] = ()
    credit_cap_share: Decimal = Decimal("0.10")
    governing_law: str = ""
    dispute_forum: str = ""
    notice_days: int = 60
    late_rate_per_day: Decimal = Decimal("0.0005")
    asset_count: int = 0
    remuneration_share: Decimal | None = None
    """Of cost plus fee: what the custodian draws, as a share of cost."""
    evaluation: EvaluationTerms = field(default_factory=lambda: terms_of({}))
    """How the parties evaluate together."""


@dataclass(frozen=True)
class ClauseText:
    """One clause of a contract as it will be signed."""

    ordinal: int
    head: str
    title: str
    text: str


@dataclass(frozen=True)
class MissingHead:
    """A clause that a list asks for and the contract lacks."""

    head: str
    asked_by: str


def compile_contract(
    plan: CompiledPlan, parties: Parties, terms: ContractTerms, catalogue: Catalogue, language: str
) -> tuple[ClauseText, ...]:
    """The clauses of the library filled for this plan, in the library's order, in one language.

    What people typed (names, demands, findings) is put in as data and never read as a template.

    Raises:
        ValueError: fee model, property type or an indicator of a service credit is not in the catalogue.
    """
    values = placeholder_values(plan, parties, terms, catalogue, language)
    return tuple(
        ClauseText(
            ordinal=number,
            head=clause.head,
            title=clause.title.in_language(language),
            text=Template(clause.text.in_language(language)).substitute(values),
        )
        for number, clause in enumerate(catalogue.clauses, start=1)
    )


def placeholder_values(
    plan: CompiledPlan, parties: Parties, terms: ContractTerms, catalogue: Catalogue, language: str
) -> dict[str, str]:
    """What each placeholder stands for; a line to write on where nothing is known.

    Raises:
        ValueError: fee model, property type or an indicator of a service credit is not in the catalogue.
    """
    if terms.fee_model not in catalogue.fee_models:
        known = ", ".join(catalogue.fee_models)
        raise ValueError(f"Fee model {terms.fee_model!r} is not known; expected one of {known}.")
    if terms.property_type not in catalogue.property_labels:
        known = ", ".join(catalogue.property_labels)
        raise ValueError(f"Property type {terms.property_type!r} is not known; expected one of {known}.")
    chinese = language.lower().startswith("zh")
    fee_name, fee_text = catalogue.fee_models[terms.fee_model]
    none = "无" if chinese else "none"
    unnamed = "________"
    colon = _colon(language)
    return {
        "annual_fee": _amount(terms.annual_fee),
        "asset_count": str(terms.asset_count),
        "budget_list": _budget_list(plan, language),
        "client_name": parties.client_name,
        "commitment_count": str(len(plan.commitments)),
        "credit_cap": _percent(terms.credit_cap_share),
        "credit_list": _credit_list(terms, catalogue, language) or none,
        "currency": terms.currency,
        "custodian_name": parties.custodian_name,
        "dispute_forum": terms.dispute_forum or unnamed,
        "evaluation_text": weights_in_words(terms.evaluation, language),
        "fee_model": fee_name.in_language(language),
        "fee_model_text": fee_text.in_language(language) + _remuneration(terms, chinese),
        "governing_law": terms.governing_law or unnamed,
        "indicator_list": _indicator_list(plan, catalogue, language),
        "language_text": "中文文本为准。" if chinese else "The English text governs.",
        "late_rate": _percent(terms.late_rate_per_day),
        "notice_days": str(terms.notice_days),
        "payment_list": _lines(
            f"{due_on.isoformat()}{colon}{_amount(amount)} {terms.currency}"
            for due_on, amount in terms.payment_calendar
        ),
        "plan_sha256": content_sha256(plan),
        "post_list": ("、" if chinese else ", ").join(
            f"{post.title_zh} {post.heads.normalize():f}"
            if chinese
            else f"{post.title_en} {post.heads.normalize():f}"
            for post in plan.posts
        ),
        "property_name": ", ".join(filter(None, (parties.property_name, parties.property_address))),
        "property_type": catalogue.property_labels[terms.property_type].in_language(language),
        "risk_list": _lines(risk.text_zh if chinese else risk.text_en for risk in plan.risks) or none,
        "service_list": _service_list(plan, catalogue, language),
        "term_end": plan.term_end.isoformat(),
        "term_start": plan.term_start.isoformat(),
        "term_total": _amount(sum((amount for _, amount in terms.payment_calendar), Decimal(0))),
    }


def _lines(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _colon(language: str) -> str:
    return "：" if language.lower().startswith("zh") else ": "


def _amount(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f} %"


def _remuneration(terms: ContractTerms, chinese: bool) -> str:
    if terms.remuneration_share is None:
        return ""
    share = _percent(terms.remuneration_share)
    return f"酬金为成本的 {share}。" if chinese else f" The remuneration is {share} of cost."


def _budget_list(plan: CompiledPlan, language: str) -> str:
    chinese = language.lower().startswith("zh")
    return _lines(
        f"{line.label_zh if chinese else line.label_en}{_colon(language)}{_amount(line.amount)} {plan.budget.currency}"
        for line in plan.budget.lines
    )


def _credit_list(terms: ContractTerms, catalogue: Catalogue, language: str) -> str:
    for credit in terms.credits:
        if credit.indicator not in catalogue.indicators:
            raise ValueError(
                f"Service credit on {credit.indicator!r}, which is no indicator of the catalogue."
            )
    return _lines(
        f"{catalogue.indicators[credit.indicator].label.in_language(language)}{_colon(language)}{_percent(credit.share)}"
        for credit in terms.credits
    )


def _indicator_list(plan: CompiledPlan, catalogue: Catalogue, language: str) -> str:
    targets: dict[str, Decimal] = {}
    for commitment in plan.commitments:
        if commitment.metric and commitment.target_value is not None:
            targets.setdefault(commitment.metric, commitment.target_value)
    lines = []
    for code, indicator in catalogue.indicators.items():
        if code in targets:
            target = targets[code]
            shown = _percent(target) if indicator.unit == "share" else f"{target.normalize():f}"
            sign = "≥" if indicator.direction == "at_least" else "≤"
            lines.append(f"{indicator.label.in_language(language)} {sign} {shown}")
    return _lines(lines)


def _service_list(plan: CompiledPlan, catalogue: Catalogue, language: str) -> str:
    counted = {
        clause: sum(commitment.clause == clause for commitment in plan.commitments)
        for clause in catalogue.service_fields
    }

    def words(count: int) -> str:
        if language.lower().startswith("zh"):
            return f"（{count}项）"
        return f" ({count} commitment)" if count == 1 else f" ({count} commitments)"

    return _lines(
        f"{label.in_language(language)}{words(counted[clause])}"
        for clause, label in catalogue.service_fields.items()
        if counted[clause]
    )


def missing_heads(clauses: Iterable[ClauseText]) -> tuple[MissingHead, ...]:
    """Which clauses of the required lists the contract lacks or leaves empty; empty means complete."""
    present = {clause.head for clause in clauses if clause.text.strip()}
    return tuple(
        MissingHead(head, asked_by)
        for asked_by, heads in REQUIRED_HEADS.items()
        for head in heads
        if head not in present
    )


def contract_contradictions(plan: CompiledPlan, terms: ContractTerms) -> tuple[str, ...]:
    """Where the agreed terms and the plan disagree, in sentences; empty means that they agree.

    Checked before signing beside `missing_heads`: a contract that names two different fees has none.
    """
    budget = plan.budget
    found = []
    if terms.currency != budget.currency:
        found.append(f"The terms are in {terms.currency}, the plan's budget is in {budget.currency}.")
    if terms.fee_model != budget.fee_model:
        found.append(f"The terms say {terms.fee_model}, the plan's budget was made for {budget.fee_model}.")
    if terms.annual_fee != budget.total:
        found.append(f"The annual fee is {terms.annual_fee}, the plan's budget is {budget.total}.")
    share = terms.remuneration_share
    if share is not None and money(budget.cost * share) != budget.remuneration:
        found.append(
            f"The remuneration is {_percent(share)} of cost, the plan's budget has {budget.remuneration} for a cost "
            f"of {budget.cost}."
        )
    paid = sum((amount for _, amount in terms.payment_calendar), Decimal(0))
    owed = term_fee(plan.term_start, plan.term_end, terms.annual_fee)
    if paid != owed:
        found.append(f"The instalments add up to {paid}, the fee of the term is {owed}.")
    return tuple(found)


def term_fee(term_start: date, term_end: date, annual_fee: Decimal) -> Decimal:
    """The fee of the whole term: a twelfth of the annual fee per whole month, a broken month by its days."""
    return fee_until(term_start, term_end, annual_fee)


def payment_calendar(
    term_start: date, term_end: date, annual_fee: Decimal, every: str = PaymentInterval.QUARTER
) -> tuple[tuple[date, Decimal], ...]:
    """The instalments, each due on the first day of its period; their sum is exactly `term_fee`.

    Each instalment is the rounded fee up to its end less what was paid before, so no cent is lost or made.

    Raises:
        ValueError: the term ends before it starts, the fee is negative, or the interval is not known.
    """
    if term_end < term_start:
        raise ValueError(f"The term ends on {term_end}, before it starts on {term_start}.")
    if annual_fee < 0:
        raise ValueError(f"The annual fee is {annual_fee}; expected 0 or more.")
    try:
        months = _MONTHS[PaymentInterval(every)]
    except ValueError:
        known = ", ".join(member.value for member in PaymentInterval)
        raise ValueError(f"Payment interval {every!r} is not known; expected one of {known}.") from None
    instalments = []
    paid = Decimal("0.00")
    period = 0
    due_on = term_start
    while due_on <= term_end:
        period += 1
        next_due = months_after(term_start, period * months)
        last = min(next_due - timedelta(days=1), term_end)
        owed = fee_until(term_start, last, annual_fee)
        instalments.append((due_on, owed - paid))
        paid = owed
        due_on = next_due
    return tuple(instalments)


def term_months(term_start: date, last: date) -> Decimal:
    """The length from the start to `last` included: whole months count one each, the rest by days of its month."""
    end = last + timedelta(days=1)
    months = (end.year - term_start.year) * 12 + end.month - term_start.month
    while months_after(term_start, months) > end:
        months -= 1
    whole = months_after(term_start, months)
    month_days = (months_after(term_start, months + 1) - whole).days
    return Decimal(months) + Decimal((end - whole).days) / Decimal(month_days)


def fee_until(term_start: date, last: date, annual_fee: Decimal) -> Decimal:
    """The fee from the start to `last` included: a twelfth a month.

    So four quarters of one year are equal to the cent's rounding, and twelve months are exactly the annual fee.
    """
    return (annual_fee * term_months(term_start, last) / 12).quantize(_CENT, rounding=ROUND_HALF_UP)
