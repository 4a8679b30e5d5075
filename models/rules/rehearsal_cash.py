"""What is paid and received month by month, and how deep does the balance go? (A4, A5)

Lump sum (包干制): the custodian's own purse: what is left is the profit. Cost plus fee (酬金制): the owners'
purse: the remuneration is drawn from it, what is left is theirs.
"""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from models.rules.catalogue import Engaged
from models.rules.contract import payment_calendar, term_fee
from models.rules.periods import month_of
from models.rules.plan_figures import money, yearly_quantity
from models.rules.plan_types import CommitmentDraft, CompiledPlan, FeeModel, PostPlan
from models.rules.rehearsal_types import ZERO, CashFlow, CashLine, CashMonth, Change
from models.rules.rehearsal_work import Timetable

CASH_KINDS = ("staff", "materials", "bought", "overheads", "contingency", "remuneration", "tax")


def cash_flow(agreed: CompiledPlan, plan: CompiledPlan, change: Change, table: Timetable) -> CashFlow:
    """Costs by the month they fall due in against the instalments of the agreed plan.

    Every line is rounded once over all its months so far, so that its months add up to its sum to the cent.

    Args:
        agreed: the plan whose budget and fee are agreed.
        plan: the same plan with other heads and intervals.
        change: prices and payment.
        table: due dates of `plan`.
    """
    lines = _lines(agreed, plan, change, table)
    term = (agreed.term_start, agreed.term_end)
    received: dict[date, Decimal] = defaultdict(Decimal)
    for due_on, amount in payment_calendar(*term, agreed.budget.total):
        received[due_on + timedelta(days=change.fee_late_days)] += amount
    paid: dict[date, Decimal] = {
        month.last: sum((line.months[number] for line in lines), ZERO)
        for number, month in enumerate(table.months)
    }
    balance, deepest, deepest_on = Decimal("0.00"), Decimal("0.00"), None
    reached: dict[str, Decimal] = {}
    for day in sorted({*paid, *received}):
        # Wages do not wait for an instalment of the same day.
        balance -= paid.get(day, ZERO)
        if balance < deepest:
            deepest, deepest_on = balance, day
        balance += received.get(day, ZERO)
        reached[month_of(day).label] = balance
    months = []
    for number, month in enumerate(table.months):
        costs = tuple(
            (kind, sum((line.months[number] for line in lines if line.kind == kind), Decimal("0.00")))
            for kind in CASH_KINDS
        )
        months.append(_month(month.label, costs, received, reached))
    for label in sorted({month_of(day).label for day in received} - {month.label for month in table.months}):
        months.append(_month(label, tuple((kind, Decimal("0.00")) for kind in CASH_KINDS), received, reached))
    in_time = sum((amount for day, amount in received.items() if day <= agreed.term_end), Decimal("0.00"))
    return CashFlow(
        months=tuple(months),
        lines=lines,
        deepest=deepest,
        deepest_on=deepest_on,
        cost=sum(paid.values(), Decimal("0.00")),
        received=in_time,
        received_after_term=sum(received.values(), Decimal("0.00")) - in_time,
        final=balance,
    )


def _month(
    label: str,
    costs: tuple[tuple[str, Decimal], ...],
    received: dict[date, Decimal],
    reached: dict[str, Decimal],
) -> CashMonth:
    return CashMonth(
        label=label,
        costs=costs,
        paid=sum((amount for _, amount in costs), Decimal("0.00")),
        received=sum((a for day, a in received.items() if month_of(day).label == label), Decimal("0.00")),
        balance=reached[label],
    )


def _lines(
    agreed: CompiledPlan, plan: CompiledPlan, change: Change, table: Timetable
) -> tuple[CashLine, ...]:
    term = (agreed.term_start, agreed.term_end)
    months = range(len(table.months))
    growth = [(1 + change.inflation / 100) ** (Decimal(number) / 12) for number in months]
    budget, lines = agreed.budget, []
    before = {post.code: post.annual_cost for post in agreed.posts}
    spent_by_budget = ZERO

    def flat(annual: Decimal) -> list[Decimal]:
        return [annual * share / 12 for share in table.shares]

    def add(kind: str, label: str, annual: Decimal, exact: list[Decimal], *, grows: bool = True) -> None:
        grown = [amount * growth[number] for number, amount in enumerate(exact)] if grows else exact
        rounded = _rounded(grown)
        lines.append(CashLine(kind, label, term_fee(*term, annual), sum(rounded, Decimal("0.00")), rounded))

    for post in plan.posts:
        if post.engaged == Engaged.EMPLOYED:
            add("staff", post.code, before[post.code], flat(post.annual_cost))
            spent_by_budget += before[post.code]
    for kind, groups in (("materials", _materials(agreed, plan)), ("bought", _bought(agreed, plan))):
        for label, parts in sorted(groups.items()):
            annual = money(sum((rate * yearly_quantity(was, *term) for rate, was, _ in parts), ZERO))
            exact = [sum((rate * _count(now, n, table) for rate, _, now in parts), ZERO) for n in months]
            add(kind, label, annual, exact)
            spent_by_budget += annual
    # The rest of the budget has no dates: uniforms, insurance, office, depreciation.
    overheads = budget.cost - budget.contingency - spent_by_budget
    add("overheads", "overheads", overheads, flat(overheads))
    add("contingency", "contingency", budget.contingency, flat(budget.contingency))
    if budget.fee_model == FeeModel.COST_PLUS_FEE:
        add("remuneration", "remuneration", budget.remuneration, flat(budget.remuneration), grows=False)
    add("tax", "tax", budget.tax, flat(budget.tax), grows=False)
    return tuple(lines)


_Parts = dict[str, list[tuple[Decimal, CommitmentDraft, CommitmentDraft]]]
"""Label of the line to (money each time, the commitment as agreed, as changed)."""


def _materials(agreed: CompiledPlan, plan: CompiledPlan) -> _Parts:
    parts: _Parts = defaultdict(list)
    for was, now in zip(agreed.commitments, plan.commitments, strict=True):
        if was.material_cost:
            parts[f"{was.cost_item}: {was.subject}"].append((was.material_cost, was, now))
    return parts


def _bought(agreed: CompiledPlan, plan: CompiledPlan) -> _Parts:
    parts: _Parts = defaultdict(list)
    posts = {post.code: post for post in agreed.posts if post.engaged != Engaged.EMPLOYED}
    rates = {code: _hourly_rate(post, agreed) for code, post in posts.items()}
    for was, now in zip(agreed.commitments, plan.commitments, strict=True):
        if was.post_code in posts:
            rate = rates[was.post_code] * was.hours
            parts[f"{was.cost_item}: {was.post_code}"].append((rate, was, now))
    return parts


def _hourly_rate(post: PostPlan, plan: CompiledPlan) -> Decimal:
    """What an hour is bought at: the yearly cost over the yearly hours it was computed from."""
    hours = sum(
        (
            commitment.hours * yearly_quantity(commitment, plan.term_start, plan.term_end)
            for commitment in plan.commitments
            if commitment.post_code == post.code
        ),
        ZERO,
    )
    return post.annual_cost / hours if hours else post.monthly_cost * 12 / post.productive_hours_per_year


def _count(commitment: CommitmentDraft, number: int, table: Timetable) -> Decimal:
    """Occurrences times targets in a month of the term."""
    if commitment.on_demand:
        return commitment.expected_per_year * table.shares[number] / 12
    return Decimal(len(commitment.targets) * table.by_month[commitment.code][number])


def _rounded(exact: list[Decimal]) -> tuple[Decimal, ...]:
    """The months in cents, each the rounded sum so far less what was paid before."""
    rounded, paid, so_far = [], Decimal("0.00"), ZERO
    for amount in exact:
        so_far += amount
        rounded.append(money(so_far) - paid)
        paid = money(so_far)
    return tuple(rounded)
