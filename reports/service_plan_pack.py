"""What does the custodian promise, how often, to which standard, by whom and at what price? (A4)"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from models.engagement import Demand, Engagement
from models.service_plan import BudgetLine, Commitment, EmergencyPlan, PlanPost, ServicePlan
from reports.demand_schedule import demands_table
from reports.pack import Column, Pack, Section, Table
from reports.plan_promises import promises_section
from reports.sections import both_sides, cell_lines, pack_of, signature_table
from reports.words import FEE_MODELS, NOTHING, POSTS, STATES, Voice, voice_of


def service_plan_pack(
    engagement: Engagement,
    *,
    plan: ServicePlan,
    commitments: Sequence[Commitment],
    target_counts: Mapping[int, int],
    posts: Sequence[PlanPost],
    budget: Sequence[BudgetLine],
    emergency_plans: Sequence[EmergencyPlan],
    demands: Sequence[Demand],
    answered: Mapping[str, Sequence[str]],
    on: date,
) -> Pack:
    """The 《物业托管服务方案》 as both sides confirm it.

    Args:
        engagement: the engagement.
        plan: the version.
        commitments: its promises.
        target_counts: number of assets or places by id of the commitment.
        posts: its staffing.
        budget: the lines of its yearly budget.
        emergency_plans: its emergency plans.
        demands: the client's core demands.
        answered: titles of the promises that answer a demand, by its reference.
        on: the day the pack is issued.
    """
    voice = voice_of(engagement)
    return pack_of(
        engagement,
        # The version is part of the file's name: two versions are two files.
        title=voice(f"Service plan, version {plan.version}", f"物业托管服务方案（第{plan.version}版）"),
        subtitle=voice(
            f"Applies from {voice.day(plan.effective_on)}", f"自{voice.day(plan.effective_on)}起执行"
        ),
        period=f"{engagement.term_start.isoformat()} – {engagement.term_end.isoformat()}",
        period_name=voice("Term", "方案期限"),
        on=on,
        sections=(
            _overview(engagement, plan, commitments, posts, voice),
            Section(
                voice("What the client asked for", "委托方核心诉求"),
                tables=(demands_table(demands, answered, voice),),
            ),
            promises_section(commitments, target_counts, voice),
            _staffing(posts, voice),
            _budget(plan, budget, engagement, voice),
            _emergencies(emergency_plans, voice),
            Section(
                voice("Risks both sides know", "双方知悉的风险"),
                tuple(plan.risks) or (voice("None was named.", "未列出风险。"),),
            ),
            _confirmation(engagement, plan, voice),
        ),
    )


def _overview(
    engagement: Engagement,
    plan: ServicePlan,
    commitments: Sequence[Commitment],
    posts: Sequence[PlanPost],
    voice: Voice,
) -> Section:
    heads = sum((p.headcount for p in posts), Decimal(0))
    statutory = sum(bool(c.statutory) for c in commitments)
    return Section(
        voice("The plan in short", "方案概要"),
        (
            voice(f"Scope: {engagement.scope}", f"托管范围：{engagement.scope}"),
            voice(
                f"Service standard: {engagement.service_standard}", f"服务标准：{engagement.service_standard}"
            ),
            voice(
                f"The plan holds {voice.counted(len(commitments), 'promise', 'promises', '')}, {statutory} of them "
                f"required by law, kept by {_number(heads)} people in "
                f"{voice.counted(len(posts), 'post', 'posts', '')}. The yearly fee is {voice.money(plan.annual_fee)} "
                f"({voice.word(FEE_MODELS, engagement.fee_model)}). Once both sides have confirmed it, it governs "
                "every piece of work; it changes only by an amendment that both sides confirm.",
                f"本方案共{len(commitments)}项服务承诺，其中法定要求{statutory}项；设{len(posts)}类岗位，"
                f"配置{_number(heads)}人。年度费用{voice.money(plan.annual_fee)}"
                f"（{voice.word(FEE_MODELS, engagement.fee_model)}）。经双方确认后作为服务执行的纲领性文件，"
                "变更须经双方确认。",
            ),
        ),
    )


def _staffing(posts: Sequence[PlanPost], voice: Voice) -> Section:
    rows = []
    for post in sorted(posts, key=lambda p: p.code):
        around = voice(
            f"24 hours, {post.heads_on_duty} on duty at any time",
            f"24小时值守，同时在岗{post.heads_on_duty}人",
        )
        rows.append(
            (
                voice(post.title_en, post.title_zh),
                _number(post.headcount),
                cell_lines(post.duties, around if post.round_the_clock else ""),
                cell_lines(
                    post.skills,
                    post.certificate
                    and voice("Certificate: ", "持证：") + (post.certificate_title or post.certificate),
                ),
                post.explanation,
            )
        )
    total = _number(sum((p.headcount for p in posts), Decimal(0)))
    return Section(
        voice("Staffing", "人员配置"),
        tables=(
            Table(
                voice("Posts, duties and skills", "岗位、职责与技能"),
                (
                    Column(voice("Post", "岗位"), width=1.3),
                    Column(voice("People", "人数"), "right", 0.75),
                    Column(voice("Duties", "职责"), width=2.4),
                    Column(voice("Skills", "技能要求"), width=2.2),
                    Column(voice("Why so many", "配置依据"), width=2.4),
                ),
                tuple(rows),
                total=(voice("Total", "合计"), total, "", "", "") if posts else None,
            ),
        ),
    )


def _budget(plan: ServicePlan, budget: Sequence[BudgetLine], engagement: Engagement, voice: Voice) -> Section:
    total = sum((line.amount for line in budget), Decimal(0))
    said = voice(
        f"Yearly cost {voice.money(plan.annual_cost)}, yearly fee {voice.money(plan.annual_fee)}; fee model: "
        f"{voice.word(FEE_MODELS, engagement.fee_model)}.",
        f"年度成本{voice.money(plan.annual_cost)}，年度费用{voice.money(plan.annual_fee)}；"
        f"计费方式：{voice.word(FEE_MODELS, engagement.fee_model)}。",
    )
    differs = voice(
        f"Attention: the lines add up to {voice.money(total)}, which is not the yearly fee.",
        f"注意：预算明细合计{voice.money(total)}，与年度费用不一致。",
    )
    return Section(
        voice("Budget", "财务预算"),
        (said, differs) if budget and total != plan.annual_fee else (said,),
        tables=(
            Table(
                voice(f"Yearly budget ({voice.currency})", f"年度预算（{voice.money_unit}）"),
                (
                    Column(voice("Item", "项目"), width=2.2),
                    Column(voice("Amount", "金额"), "right", 1.1),
                    Column(voice("How it was reckoned", "测算依据"), width=3),
                ),
                tuple(
                    (voice(line.label_en, line.label_zh), voice.cell(line.amount), line.explanation)
                    for line in budget
                ),
                total=(voice("Total", "合计"), voice.cell(total), "") if budget else None,
            ),
        ),
    )


def _emergencies(plans: Sequence[EmergencyPlan], voice: Voice) -> Section:
    return Section(
        voice("Emergency plans", "应急处理预案"),
        (voice("None was made.", "未编制应急预案。"),) if not plans else (),
        tables=tuple(
            Table(
                voice(plan.title_en, plan.title_zh),
                (
                    Column(voice("Step", "步骤"), "center", 0.6),
                    Column(voice("Within (min)", "时限（分钟）"), "right", 0.9),
                    Column(voice("Who", "岗位"), width=1.4),
                    Column(voice("Does what", "处置动作"), width=4),
                ),
                tuple(
                    (
                        str(step.get("ordinal", number)),
                        str(step.get("within_minutes", NOTHING)),
                        voice.word(POSTS, str(step.get("role", NOTHING))),
                        str(step.get(voice("action_en", "action_zh"), NOTHING)),
                    )
                    for number, step in enumerate(plan.steps, start=1)
                ),
            )
            for plan in sorted(plans, key=lambda p: (p.kind != "fire", p.kind))
        ),
    )


def _confirmation(engagement: Engagement, plan: ServicePlan, voice: Voice) -> Section:
    return Section(
        voice("Confirmation by both sides", "双方确认"),
        (
            voice(
                f"State of this version: {voice.word(STATES, plan.state)}.",
                f"本版状态：{voice.word(STATES, plan.state)}。",
            ),
            voice(
                f"What is confirmed is exactly the content with this hash (SHA-256): {plan.content_sha256}",
                f"确认内容以下列哈希值（SHA-256）对应的文本为准：{plan.content_sha256}",
            ),
        ),
        tables=(signature_table(both_sides(engagement, voice), voice),),
    )


def _number(heads: Decimal) -> str:
    """People without needless zeros: "4", "0.5"."""
    text = f"{heads:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
