"""Which findings of the condition survey are repaired first, and by when?"""

from datetime import timedelta
from decimal import Decimal

from models.rules.catalogue import Catalogue, FirstRepair, Label, Subject
from models.rules.plan_figures import money
from models.rules.plan_register_jobs import unique
from models.rules.plan_scope import Scope, slug
from models.rules.plan_staffing import monthly_cost
from models.rules.plan_types import (
    CommitmentDraft,
    Explanation,
    FindingFact,
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


def first_repairs(scope: Scope, catalogue: Catalogue) -> tuple[list[CommitmentDraft], list[Explanation]]:
    """A one-off repair for each poor or urgent finding, due within the first month, and a note on them."""
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
            title_en=f"Repair: {finding.text}{_where(finding, ' ({})')}",
            title_zh=f"维修：{finding.text}{_where(finding, '（{}）')}",
            targets=(target,),
            rrule="",
            start_on=min(inputs.term_start + timedelta(days=within_days), inputs.term_end),
            standard=_REPAIR_STANDARD.in_language(inputs.language),
            metric="resolution_on_time",
            target_value=catalogue.indicators["resolution_on_time"].target,
            evidence=_REPAIR_EVIDENCE.in_language(inputs.language),
            post_code=work.post,
            hours=repair.hours,
            material_cost=_materials(finding, repair, scope, catalogue),
            cost_item=work.cost_item,
            statutory="",
            longest_interval_days=None,
            source=f"finding {finding.ref}, score {finding.score}"
            + (f", priority {finding.priority}" if _is_urgent(finding) else "")
            + (
                ""
                if finding.repair_cost is None
                else f"; estimated by the surveyor at {finding.repair_cost} {inputs.currency}, "
                f"labour of {repair.hours.normalize():f} h included"
            ),
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
    return list(repairs.values()), notes


def _materials(finding: FindingFact, repair: FirstRepair, scope: Scope, catalogue: Catalogue) -> Decimal:
    """The surveyor's estimate less the labour that the plan pays for by the hour; else the catalogue's materials."""
    currency = scope.inputs.currency
    if finding.repair_cost is None:
        return money(repair.materials * catalogue.prices.money_unit[currency])
    post = catalogue.posts[catalogue.class_work[finding.element_class].post]
    labour = repair.hours * monthly_cost(post, currency, catalogue) / post.hours_per_month
    return money(max(Decimal(0), finding.repair_cost - labour))


def _is_urgent(finding: FindingFact) -> bool:
    return finding.priority is not None and finding.priority <= _URGENT_PRIORITY


def _where(finding: FindingFact, brackets: str) -> str:
    """The place or asset, where the surveyor's words do not name it: two loose terminals are two repairs."""
    return (
        ""
        if not finding.target_tag or finding.target_tag in finding.text
        else brackets.format(finding.target_tag)
    )
