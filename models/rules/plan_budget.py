"""What does the plan cost in a year, line by line, and what is the fee?"""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from models.rules.catalogue import Catalogue, Engaged, Overhead, OverheadBasis, Subject
from models.rules.plan_figures import money, yearly_quantity
from models.rules.plan_scope import Scope
from models.rules.plan_types import (
    Budget,
    BudgetLine,
    CommitmentDraft,
    FeeModel,
    PlanRefused,
    PostPlan,
)


def budget_of(
    commitments: Sequence[CommitmentDraft], posts: Sequence[PostPlan], scope: Scope, catalogue: Catalogue
) -> Budget:
    """The annual budget by the nine cost items of 物业服务收费管理办法 Art. 11, remuneration and tax.

    Lump sum (包干制): price = cost + profit + tax on both. Cost plus fee (酬金制): cost is passed through, the
    remuneration is a share of it and only the remuneration is taxed. (Both readings: certainty memory.)

    Raises:
        PlanRefused: the fee model is neither, or a remuneration was agreed for a lump sum.
    """
    try:
        fee_model = FeeModel(scope.inputs.fee_model)
    except ValueError:
        raise PlanRefused(
            f"Fee model {scope.inputs.fee_model!r} is not known; expected lump_sum or cost_plus_fee."
        ) from None
    if fee_model is FeeModel.LUMP_SUM and scope.inputs.remuneration_share is not None:
        raise PlanRefused("A lump sum has no remuneration: the intake record names one; expected none.")
    details = [
        *_staff_lines(posts, scope),
        *_bought_lines(commitments, posts, scope, catalogue),
        *_material_lines(commitments, scope),
        *_overhead_lines(posts, scope, catalogue),
    ]
    prices = catalogue.prices
    direct = _sum(details)
    contingency = money(direct * prices.contingency_share)
    details.append(
        BudgetLine(
            "other",
            "Contingency",
            "预备费",
            contingency,
            scope.say(
                f"{_percent(prices.contingency_share)} of {direct}",
                f"{direct} 的 {_percent(prices.contingency_share)}",
            ),
        )
    )
    cost = _sum(details)
    share, of_share = _remuneration(scope, catalogue)
    remuneration = money(cost * share)
    details.append(
        BudgetLine(
            "remuneration",
            "Custodian's profit" if fee_model is FeeModel.LUMP_SUM else "Custodian's remuneration",
            "托管利润" if fee_model is FeeModel.LUMP_SUM else "托管酬金",
            remuneration,
            scope.say(
                f"{_percent(share)} of cost {cost}; {of_share}",
                f"成本 {cost} 的 {_percent(share)}；{of_share}",
            ),
        )
    )
    tax_share = prices.tax_share.get(scope.inputs.currency, Decimal(0))
    taxed = cost + remuneration if fee_model is FeeModel.LUMP_SUM else remuneration
    tax = money(taxed * tax_share)
    details.append(
        BudgetLine(
            "tax",
            "Tax",
            "税费",
            tax,
            scope.say(f"{_percent(tax_share)} of {taxed}", f"{taxed} 的 {_percent(tax_share)}"),
        )
    )
    order = {item.code: number for number, item in enumerate(prices.cost_items)}
    details.sort(key=lambda line: (order[line.cost_item], line.label_en))
    return Budget(
        currency=scope.inputs.currency,
        fee_model=fee_model,
        lines=_by_cost_item(details, scope, catalogue),
        details=tuple(details),
        cost=cost,
        contingency=contingency,
        remuneration=remuneration,
        tax=tax,
        total=_sum(details),
    )


def remuneration_share(agreed: Decimal | None, catalogue: Catalogue) -> Decimal:
    """The share of cost that the custodian draws: as agreed, else the catalogue's."""
    return catalogue.prices.remuneration_share if agreed is None else agreed


def _remuneration(scope: Scope, catalogue: Catalogue) -> tuple[Decimal, str]:
    """The share, and who set it."""
    agreed = scope.inputs.remuneration_share
    source = (
        scope.say(f"share of catalogue {catalogue.edition}", f"比例取自目录 {catalogue.edition}")
        if agreed is None
        else scope.say("share as agreed in the intake record", "比例按托管意向书约定")
    )
    return remuneration_share(agreed, catalogue), source


def _by_cost_item(
    details: Sequence[BudgetLine], scope: Scope, catalogue: Catalogue
) -> tuple[BudgetLine, ...]:
    """One line per cost item that occurs; its explanation lists what it is made of."""
    lines = []
    for item in catalogue.prices.cost_items:
        parts = [detail for detail in details if detail.cost_item == item.code]
        if parts:
            explanation = scope.say("; ", "；").join(
                scope.say(
                    f"{part.label_en} {part.amount} ({part.explanation.rstrip('.')})",
                    f"{part.label_zh} {part.amount}（{part.explanation.rstrip('。')}）",
                )
                for part in parts
            )
            # Profit or remuneration is one line; it goes by the fee model, which the catalogue does not know.
            label = parts[0] if item.code == "remuneration" else None
            en, zh = (label.label_en, label.label_zh) if label else (item.label.en, item.label.zh)
            lines.append(BudgetLine(item.code, en, zh, _sum(parts), explanation))
    return tuple(lines)


def _sum(lines: Sequence[BudgetLine]) -> Decimal:
    return sum((line.amount for line in lines), Decimal("0.00"))


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f} %"


def _staff_lines(posts: Sequence[PostPlan], scope: Scope) -> list[BudgetLine]:
    return [
        BudgetLine(
            "staff",
            post.title_en,
            post.title_zh,
            post.annual_cost,
            scope.say(
                f"{post.heads.normalize():f} heads x {post.monthly_cost:.2f} {scope.inputs.currency} a head and month "
                f"x 12 months; {post.explanation_en}",
                f"{post.heads.normalize():f} 人 × 每人每月 {post.monthly_cost:.2f} {scope.inputs.currency} × 12 个月；"
                f"{post.explanation_zh}",
            ),
        )
        for post in posts
        if post.engaged == Engaged.EMPLOYED
    ]


def _bought_lines(
    commitments: Sequence[CommitmentDraft], posts: Sequence[PostPlan], scope: Scope, catalogue: Catalogue
) -> list[BudgetLine]:
    """Specialist work bought by the hour, in the cost item of the work."""
    bought = {post.code: post for post in posts if post.engaged == Engaged.CONTRACTED}
    hours: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    count: dict[tuple[str, str], int] = defaultdict(int)
    for commitment in commitments:
        if commitment.post_code in bought:
            key = (commitment.cost_item, commitment.post_code)
            hours[key] += commitment.hours * _quantity(commitment, scope)
            count[key] += 1
    lines = []
    for (cost_item, code), spent in sorted(hours.items()):
        post = bought[code]
        rate = post.monthly_cost / catalogue.posts[code].hours_per_month
        lines.append(
            BudgetLine(
                cost_item,
                post.title_en,
                post.title_zh,
                money(spent * rate),
                scope.say(
                    f"{_commitments(count[(cost_item, code)])}, {spent:.1f} h a year x {rate:.2f} "
                    f"{scope.inputs.currency} an hour",
                    f"{count[(cost_item, code)]} 项承诺，全年 {spent:.1f} 小时 × 每小时 {rate:.2f} {scope.inputs.currency}",
                ),
            )
        )
    return lines


def _material_lines(commitments: Sequence[CommitmentDraft], scope: Scope) -> list[BudgetLine]:
    amounts: dict[tuple[str, Subject], Decimal] = defaultdict(Decimal)
    rates: dict[tuple[str, Subject], set[Decimal]] = defaultdict(set)
    quantities: dict[tuple[str, Subject], Decimal] = defaultdict(Decimal)
    count: dict[tuple[str, Subject], int] = defaultdict(int)
    for commitment in commitments:
        if commitment.material_cost:
            key = (commitment.cost_item, commitment.subject)
            quantity = _quantity(commitment, scope)
            amounts[key] += quantity * commitment.material_cost
            rates[key].add(commitment.material_cost)
            quantities[key] += quantity
            count[key] += 1
    return [
        BudgetLine(
            cost_item,
            f"Materials: {subject.replace('_', ' ')}",
            f"材料：{_SUBJECTS_ZH[subject]}",
            money(amount),
            scope.say(
                f"{_commitments(count[(cost_item, subject)])}, {quantities[(cost_item, subject)]:.1f} times a year x "
                f"{_rate(rates[(cost_item, subject)], scope)} of materials each time",
                f"{count[(cost_item, subject)]} 项承诺，全年 {quantities[(cost_item, subject)]:.1f} 次 × 每次材料费 "
                f"{_rate(rates[(cost_item, subject)], scope)}",
            ),
        )
        for (cost_item, subject), amount in sorted(amounts.items())
    ]


def _rate(rates: set[Decimal], scope: Scope) -> str:
    """One rate, or the lowest and the highest of several."""
    low, high, currency = min(rates), max(rates), scope.inputs.currency
    if low == high:
        return f"{low:.2f} {currency}"
    return scope.say(f"{low:.2f} to {high:.2f} {currency}", f"{low:.2f} 至 {high:.2f} {currency}")


def _commitments(count: int) -> str:
    return f"{count} commitment" if count == 1 else f"{count} commitments"


def _quantity(commitment: CommitmentDraft, scope: Scope) -> Decimal:
    return yearly_quantity(commitment, scope.inputs.term_start, scope.inputs.term_end)


def _overhead_lines(posts: Sequence[PostPlan], scope: Scope, catalogue: Catalogue) -> list[BudgetLine]:
    heads = sum((post.heads for post in posts if post.engaged == Engaged.EMPLOYED), Decimal(0))
    unit = catalogue.prices.money_unit[scope.inputs.currency]
    lines = []
    for overhead in catalogue.prices.overheads:
        quantity, what = _overhead_quantity(overhead, heads, scope)
        if quantity:
            rate = overhead.amount * unit
            lines.append(
                BudgetLine(
                    overhead.cost_item,
                    overhead.label.en,
                    overhead.label.zh,
                    money(quantity * rate),
                    f"{what} {scope.say('x', '×')} {_unit_price(overhead.basis, rate, scope)}",
                )
            )
    return lines


def _unit_price(basis: OverheadBasis, rate: Decimal, scope: Scope) -> str:
    """A rate of an overhead with what it is paid for; one in parts of a hundredth keeps them, for it is multiplied."""
    shown = money(rate) if rate == money(rate) else rate.normalize()
    price = f"{shown:f} {scope.inputs.currency}"
    return {
        OverheadBasis.PER_HEAD_MONTH: scope.say(f"{price} a head and month", f"每人每月 {price}"),
        OverheadBasis.PER_M2_YEAR: scope.say(f"{price} a m² and year", f"每平方米每年 {price}"),
        OverheadBasis.PER_ASSET_YEAR: scope.say(f"{price} an asset and year", f"每台（套）每年 {price}"),
        OverheadBasis.SITE_YEAR: price,
    }[basis]


def _overhead_quantity(overhead: Overhead, heads: Decimal, scope: Scope) -> tuple[Decimal, str]:
    match overhead.basis:
        case OverheadBasis.PER_HEAD_MONTH:
            return heads * 12, scope.say(
                f"{heads.normalize():f} heads x 12 months", f"{heads.normalize():f} 人 × 12 个月"
            )
        case OverheadBasis.PER_M2_YEAR:
            area = scope.inputs.floor_area or Decimal(0)
            return area, f"{area:,f} m²"
        case OverheadBasis.PER_ASSET_YEAR:
            return Decimal(len(scope.inputs.assets)), scope.say(
                f"{len(scope.inputs.assets)} assets", f"{len(scope.inputs.assets)} 台（套）设备"
            )
        case OverheadBasis.SITE_YEAR:
            return Decimal(1), scope.say("once a year", "每年一次")


_SUBJECTS_ZH: dict[Subject, str] = {
    Subject.PREVENTIVE_MAINTENANCE: "预防性维护",
    Subject.ROUND: "巡检",
    Subject.CLEANING: "保洁",
    Subject.GREENING: "绿化",
    Subject.SECURITY_POST: "门岗与值守",
    Subject.SECURITY_PATROL: "巡逻",
    Subject.CCTV_CHECK: "监控检查",
    Subject.FIRE_CHECK: "防火检查",
    Subject.SERVICE_DESK: "客户服务",
    Subject.TRAINING: "培训",
    Subject.DRILL: "演练",
    Subject.EMERGENCY: "应急",
    Subject.MEETING: "业主沟通会",
    Subject.BULLETIN: "信息通报",
    Subject.SURVEY: "满意度调查",
    Subject.REVIEW: "复盘评估",
    Subject.REPORT: "报告",
    Subject.CORRECTIVE: "维修",
}
