"""Which findings of the condition survey are repaired first, and by when?"""

from collections.abc import Sequence
from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal

from models.rules.catalogue import Catalogue, FirstRepair, Label, Subject
from models.rules.condition_payer import Payer
from models.rules.plan_figures import money
from models.rules.plan_register_jobs import unique
from models.rules.plan_scope import Scope, slug
from models.rules.plan_staffing import monthly_cost
from models.rules.plan_types import (
    CommitmentDraft,
    Explanation,
    FindingFact,
    Risk,
    Target,
    TargetKind,
)

_REPAIR_STANDARD = Label("Defect repaired or made safe; checked", "缺陷修复或排险并验收")
_REPAIR_EVIDENCE = Label("Photographs before and after", "修复前后照片")
_POOR_SCORE = 4
"""From 4 (mediocre) on the 1-6 scale of NEN 2767 a defect is repaired, not watched."""
_URGENT_PRIORITY = 2
"""A small spot can be a danger: what the survey wants mended at once (1) or before the service (2) is, at any score."""
_TIME_OF_PRIORITY = {1: 6, 2: 5}
"""Priority of an urgent defect to the score whose time it gets."""


_PAID_ELSEWHERE: dict[str, tuple[Label, Label]] = {
    Payer.DEVELOPER_WARRANTY: (
        Label("paid by the developer under warranty", "建设单位保修承担"),
        Label("claim them from the developer before the warranty ends", "应在保修期满前向建设单位提出"),
    ),
    Payer.OWNERS_FUND: (
        Label("paid from the maintenance fund", "维修资金列支"),
        Label("the owners decide on the use of the fund first", "使用维修资金须先经业主依法表决"),
    ),
}
"""Who pays beside the fee, and what that asks for; the fee must not charge the client for it once more."""


def first_repairs(
    scope: Scope, catalogue: Catalogue
) -> tuple[list[CommitmentDraft], list[Explanation], list[Risk]]:
    """A one-off repair for each poor or urgent finding, due within the first month, a note on them, and who else pays.

    A repair that the warranty or the maintenance fund pays costs the fee only the custodian's hours: to make it safe,
    to call it in and to accept it.
    """
    inputs = scope.inputs
    tags = {asset.tag for asset in inputs.assets}
    places = {place.code for place in inputs.places}
    repairs: dict[str, CommitmentDraft] = {}
    poor = sorted(
        (f for f in inputs.findings if f.score >= _POOR_SCORE or _is_urgent(f)),
        key=lambda f: (f.ref, f.target_tag, f.text),
    )
    for finding in poor:
        code = unique(f"FIND-{slug(finding.ref)}", repairs)
        known = catalogue.prices.first_repairs
        repair = known[min(max(finding.score, _POOR_SCORE), max(known))]
        within_days = repair.within_days
        if finding.score < _POOR_SCORE:
            within_days = known[
                min(_TIME_OF_PRIORITY[finding.priority or _URGENT_PRIORITY], max(known))
            ].within_days
        work = catalogue.class_work[finding.element_class]
        hours, materials = _hours_and_materials(finding, repair, scope, catalogue)
        beside = _PAID_ELSEWHERE.get(finding.payer)
        if finding.target_tag in tags:
            target = Target(TargetKind.ASSET, finding.target_tag)
        elif finding.target_tag in places:
            target = Target(TargetKind.PLACE, finding.target_tag)
        else:
            target = scope.site
        repairs[code] = CommitmentDraft(
            code=code,
            clause="B2",
            subject=Subject.CORRECTIVE,
            title_en=f"Repair{f' ({beside[0].en})' if beside else ''}: {finding.text}{_where(finding, ' ({})')}",
            title_zh=f"维修{f'（{beside[0].zh}）' if beside else ''}：{finding.text}{_where(finding, '（{}）')}",
            targets=(target,),
            rrule="",
            start_on=min(inputs.term_start + timedelta(days=within_days), inputs.term_end),
            standard=_REPAIR_STANDARD.in_language(inputs.language),
            metric="resolution_on_time",
            target_value=catalogue.indicators["resolution_on_time"].target,
            evidence=_REPAIR_EVIDENCE.in_language(inputs.language),
            post_code=work.post,
            hours=hours,
            material_cost=materials,
            cost_item=work.cost_item,
            statutory="",
            longest_interval_days=None,
            source=f"finding {finding.ref}, score {finding.score}"
            + (f", priority {finding.priority}" if _is_urgent(finding) else "")
            + _priced(finding, hours, inputs.currency),
        )
    notes = []
    if repairs:
        count = len(repairs)
        notes.append(
            Explanation(
                "findings",
                f"{count} findings of score {_POOR_SCORE} or worse, or of priority {_URGENT_PRIORITY} or higher, "
                "are repaired in the first month.",
                f"{count}项评分{_POOR_SCORE}及以上或优先级{_URGENT_PRIORITY}及以前的勘查问题在首月内整改。",
            )
        )
    return list(repairs.values()), notes, _who_pays(poor, inputs.currency)


def _hours_and_materials(
    finding: FindingFact, repair: FirstRepair, scope: Scope, catalogue: Catalogue
) -> tuple[Decimal, Decimal]:
    """The catalogue's hours and materials; with an estimate, hours and materials that come to it together.

    An estimate too small for the catalogue's hours buys as many as it pays for. One of nothing says that nothing is
    to be bought: our own people mend it in the hours of the catalogue.
    """
    currency, estimate = scope.inputs.currency, finding.repair_cost
    if finding.payer in _PAID_ELSEWHERE or estimate == 0:
        return repair.hours, Decimal("0.00")
    if estimate is None:
        return repair.hours, money(repair.materials * catalogue.prices.money_unit[currency])
    post = catalogue.posts[catalogue.class_work[finding.element_class].post]
    rate = monthly_cost(post, currency, catalogue) / post.hours_per_month
    affordable = (estimate / rate).quantize(Decimal("0.01"), rounding=ROUND_FLOOR)
    hours = max(min(repair.hours, affordable), Decimal("0.01"))
    return hours, money(max(Decimal(0), estimate - hours * rate))


def _priced(finding: FindingFact, hours: Decimal, currency: str) -> str:
    """The price in the words of a source; empty where nobody named one."""
    if finding.payer in _PAID_ELSEWHERE:
        told = "not priced" if finding.repair_cost is None else f"{finding.repair_cost} {currency}"
        return f"; {_PAID_ELSEWHERE[finding.payer][0].en}, beside the fee: {told}"
    if finding.repair_cost is None:
        return ""
    return f"; estimated by the surveyor at {finding.repair_cost} {currency}, labour of {hours.normalize():f} h included"


def _who_pays(repairs: Sequence[FindingFact], currency: str) -> list[Risk]:
    """What somebody pays beside the fee, or nobody is known to pay: both sides must know how much before they sign."""
    said = {
        payer: (
            f"{whose.en} and not in the fee",
            f"由{whose.zh}，不在服务费内",
            first.en,
            first.zh,
        )
        for payer, (whose, first) in _PAID_ELSEWHERE.items()
    }
    said[Payer.UNKNOWN] = (
        "in the fee although it is not settled who pays",
        "已列入服务费，但费用承担尚未确定",
        "agree who pays before signing",
        "应在签约前商定由谁承担",
    )
    risks = []
    for payer, (state_en, state_zh, first_en, first_zh) in said.items():
        own = [finding for finding in repairs if finding.payer == payer]
        if not own:
            continue
        costs = [finding.repair_cost for finding in own if finding.repair_cost is not None]
        total, unpriced = sum(costs, Decimal(0)), len(own) - len(costs)
        count = f"{len(own)} repair{' is' if len(own) == 1 else 's are'}"
        risks.append(
            Risk(
                f"PAYER-{payer.upper().replace('_', '-')}",
                f"{count} {state_en}: estimated at {total:,.2f} {currency}"
                f"{f', {unpriced} not priced' if unpriced else ''}; {first_en}.",
                f"{len(own)}项维修{state_zh}：估价{total:,.2f} {currency}"
                f"{f'，其中{unpriced}项未估价' if unpriced else ''}；{first_zh}。",
                "findings of the condition survey",
            )
        )
    return risks


def _is_urgent(finding: FindingFact) -> bool:
    return finding.priority is not None and finding.priority <= _URGENT_PRIORITY


def _where(finding: FindingFact, brackets: str) -> str:
    """The place or asset, where the surveyor's words do not name it: two loose terminals are two repairs."""
    return (
        ""
        if not finding.target_tag or finding.target_tag in finding.text
        else brackets.format(finding.target_tag)
    )
