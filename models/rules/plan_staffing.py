"""How many heads does each post need to carry the plan's work?"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal

from models.rules.catalogue import Catalogue, Engaged, Post, Scale
from models.rules.plan_figures import money, yearly_quantity
from models.rules.plan_scope import Scope
from models.rules.plan_types import CommitmentDraft, PostPlan

HOURS_OF_A_YEAR = Decimal(24 * 365)
_VISITING_STEP = Decimal("0.05")
_CONTRACTED_STEP = Decimal("0.01")


def yearly_hours(commitments: Iterable[CommitmentDraft], scope: Scope) -> dict[str, Decimal]:
    """Post to the working hours the commitments ask of it in a year."""
    hours: dict[str, Decimal] = defaultdict(Decimal)
    for commitment in commitments:
        quantity = yearly_quantity(commitment, scope.inputs.term_start, scope.inputs.term_end)
        hours[commitment.post_code] += quantity * commitment.hours
    return dict(hours)


def staff(commitments: Iterable[CommitmentDraft], scope: Scope, catalogue: Catalogue) -> tuple[PostPlan, ...]:
    """The posts of the plan in the catalogue's order, with heads, cost and the sum that led to them."""
    hours = yearly_hours(commitments, scope)
    return tuple(
        _post_plan(post, hours[code], scope, catalogue)
        for code, post in catalogue.posts.items()
        if code in hours
    )


def heads_needed(hours_a_year: Decimal, productive_hours: Decimal, step: Decimal) -> Decimal:
    """Heads = workload / hours one head really works in a year, rounded up to the step (at least one step).

    The relief factor of a post manned day and night is the same sum: 24 h x 365 / productive hours.
    """
    steps = (hours_a_year / productive_hours / step).to_integral_value(rounding=ROUND_CEILING)
    return max(steps, Decimal(1)) * step


def monthly_cost(post: Post, currency: str, catalogue: Catalogue) -> Decimal:
    """What one head of a post costs in a month: the catalogue's own figure, else that for China in this currency."""
    known = post.monthly_cost.get(currency)
    if known is not None:
        return known
    unit = catalogue.prices.money_unit[currency] / catalogue.prices.money_unit["CNY"]
    return money(post.monthly_cost["CNY"] * unit)


def _post_plan(post: Post, hours_a_year: Decimal, scope: Scope, catalogue: Catalogue) -> PostPlan:
    currency = scope.inputs.currency
    monthly = monthly_cost(post, currency, catalogue)
    productive = post.hours_per_month * 12 * post.productive_share
    around_the_clock = post.round_the_clock_persons if scope.scale is Scale.STAFFED else 0
    step = post.head_step if scope.scale is Scale.STAFFED else _VISITING_STEP
    if post.engaged is Engaged.CONTRACTED:
        step = _CONTRACTED_STEP
    heads = heads_needed(hours_a_year, productive, step)
    rate = monthly / post.hours_per_month
    shown_hours = hours_a_year.quantize(Decimal("0.1"))
    if post.engaged is Engaged.CONTRACTED:
        annual = money(hours_a_year * rate)
        text_en = f"{shown_hours} h a year bought at {money(rate)} {currency} an hour."
        text_zh = f"年需{shown_hours}小时，按每小时{money(rate)} {currency}外购。"
    else:
        annual = money(heads * monthly * 12)
        base = f"{shown_hours} h / {productive.quantize(Decimal('0.1'))} h = {hours_a_year / productive:.2f}"
        clock_en = (
            f" {around_the_clock} at every minute of the year need 24 h x 365." if around_the_clock else ""
        )
        clock_zh = f"全年每分钟{around_the_clock}人在岗（24小时×365天）。" if around_the_clock else ""
        text_en = f"{base}, rounded up to {heads.normalize():f} heads.{clock_en}"
        text_zh = f"{base}，取{heads.normalize():f}人。{clock_zh}"
    certificate = post.certificate
    return PostPlan(
        code=post.code,
        title_en=post.label.en,
        title_zh=post.label.zh,
        duties_en=post.duties_en,
        duties_zh=post.duties_zh,
        skills_en=post.skills_en,
        skills_zh=post.skills_zh,
        certificate="" if certificate is None else certificate.code,
        certificate_en="" if certificate is None else certificate.label.en,
        certificate_zh="" if certificate is None else certificate.label.zh,
        engaged=post.engaged,
        hours_per_month=(hours_a_year / 12).quantize(Decimal("0.1")),
        productive_hours_per_year=productive,
        heads=heads,
        round_the_clock_persons=around_the_clock,
        monthly_cost=monthly,
        annual_cost=annual,
        explanation_en=text_en,
        explanation_zh=text_zh,
    )
