"""What differs between two versions of a plan, in words both sides can read?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Literal

from models.rules.plan_types import BudgetLine, CommitmentDraft, CompiledPlan, PostPlan
from models.rules.rhythm import frequency_words

_WORDS: dict[str, tuple[str, str]] = {
    "commitment": ("Commitment", "承诺"),
    "post": ("Post", "岗位"),
    "budget": ("Budget", "预算"),
    "emergency": ("Emergency plan", "应急预案"),
    "total": ("Total", "合计"),
}
_FIELDS_ZH = {
    "clause": "条款",
    "subject": "类别",
    "title_en": "英文名称",
    "title_zh": "中文名称",
    "targets": "对象",
    "rrule": "周期",
    "start_on": "起始日",
    "standard": "标准",
    "metric": "指标",
    "target_value": "目标值",
    "evidence": "记录",
    "post_code": "岗位",
    "hours": "工时",
    "material_cost": "材料费",
    "cost_item": "费用科目",
    "on_demand": "按需",
    "expected_per_year": "年预计次数",
    "statutory": "法定依据",
    "longest_interval_days": "最长间隔（天）",
    "heads": "人数",
    "hours_per_month": "月工时",
    "round_the_clock_persons": "24小时在岗人数",
    "certificate": "证书",
    "skills_en": "英文技能",
    "skills_zh": "中文技能",
    "annual_cost": "年费用",
    "amount": "金额",
    "steps": "步骤",
    "cost": "成本",
    "fee": "年费",
}
_FIELDS_EN = {"rrule": "interval", "cost": "yearly cost", "fee": "yearly fee"}
_AMOUNTS = frozenset({"material_cost", "annual_cost", "amount", "cost", "fee"})
_POST_FIELDS = (
    "heads",
    "hours_per_month",
    "round_the_clock_persons",
    "certificate",
    "skills_en",
    "skills_zh",
    "annual_cost",
)


@dataclass(frozen=True)
class PlanChange:
    """One difference; `old` and `new` as people read them, empty where there is none."""

    part: str
    """commitment, post, budget, emergency or total."""
    code: str
    kind: str
    """added, removed or changed."""
    field: str
    old: str
    new: str
    text_en: str
    text_zh: str


@dataclass(frozen=True)
class _Part:
    """What changed, by its kind and its own name: a contract speaks of deep cleaning and not of a code alone."""

    name: str
    title_en: str = ""
    title_zh: str = ""

    def words(self, code: str, language: Literal["zh", "en"]) -> str:
        en, zh = _WORDS[self.name]
        coded = self.name in ("commitment", "post")
        if not self.title_en:
            return zh if language == "zh" else en
        if language == "zh":
            return f"{zh}“{self.title_zh}”" + (f"（{code}）" if coded else "")
        return f"{en} {self.title_en}" + (f" ({code})" if coded else "")


_TOTAL = _Part("total")


def plan_diff(old: CompiledPlan, new: CompiledPlan) -> tuple[PlanChange, ...]:
    """Everything that differs, commitments first, totals last; equal plans give nothing."""
    return (
        *_commitments(old.commitments, new.commitments),
        *_posts(old.posts, new.posts),
        *_emergencies(old, new),
        *_budget(old.budget.lines, new.budget.lines),
        *_compare(_TOTAL, "cost", "cost", old.budget.cost, new.budget.cost),
        *_compare(_TOTAL, "fee", "fee", old.budget.total, new.budget.total),
    )


def _commitments(old: Sequence[CommitmentDraft], new: Sequence[CommitmentDraft]) -> Iterator[PlanChange]:
    # The source only marks which of the other fields were set by hand.
    names = tuple(field.name for field in fields(CommitmentDraft) if field.name not in ("code", "source"))
    before, after = {c.code: c for c in old}, {c.code: c for c in new}
    yield from _whole(
        "commitment", {k: (c.title_en, c.title_zh) for k, c in before.items()}, after, "removed"
    )
    yield from _whole("commitment", {k: (c.title_en, c.title_zh) for k, c in after.items()}, before, "added")
    for code in sorted(before.keys() & after.keys()):
        part = _Part("commitment", after[code].title_en, after[code].title_zh)
        for name in names:
            yield from _compare(part, code, name, getattr(before[code], name), getattr(after[code], name))


def _posts(old: Sequence[PostPlan], new: Sequence[PostPlan]) -> Iterator[PlanChange]:
    before, after = {p.code: p for p in old}, {p.code: p for p in new}
    yield from _whole("post", {k: (p.title_en, p.title_zh) for k, p in before.items()}, after, "removed")
    yield from _whole("post", {k: (p.title_en, p.title_zh) for k, p in after.items()}, before, "added")
    for code in sorted(before.keys() & after.keys()):
        part = _Part("post", after[code].title_en, after[code].title_zh)
        for name in _POST_FIELDS:
            yield from _compare(part, code, name, getattr(before[code], name), getattr(after[code], name))


def _emergencies(old: CompiledPlan, new: CompiledPlan) -> Iterator[PlanChange]:
    after = {event.type: event for event in new.emergency_plans}
    for event in old.emergency_plans:
        now = after.get(event.type)
        if now is None or now.steps == event.steps:
            continue
        old_steps = [f"{s.minute}' {s.role}: {s.action_en}" for s in event.steps]
        new_steps = [f"{s.minute}' {s.role}: {s.action_en}" for s in now.steps]
        gone = [text for text in old_steps if text not in new_steps]
        come = [text for text in new_steps if text not in old_steps]
        if not gone and not come:  # only the Chinese wording or the order
            gone, come = [s.action_zh for s in event.steps], [s.action_zh for s in now.steps]
        part = _Part("emergency", event.label_en, event.label_zh)
        yield _change(part, event.type, "steps", "; ".join(gone), "; ".join(come))


def _budget(old: Sequence[BudgetLine], new: Sequence[BudgetLine]) -> Iterator[PlanChange]:
    before, after = {line.cost_item: line for line in old}, {line.cost_item: line for line in new}
    for code in (*before, *(code for code in after if code not in before)):
        line = after.get(code) or before[code]
        yield from _compare(
            _Part("budget", line.label_en, line.label_zh),
            code,
            "amount",
            before[code].amount if code in before else Decimal(0),
            after[code].amount if code in after else Decimal(0),
        )


def _whole(
    part: str, there: Mapping[str, tuple[str, str]], other: Mapping[str, object], kind: str
) -> Iterator[PlanChange]:
    for code in sorted(there.keys() - other.keys()):
        title_en, title_zh = there[code]
        did_en, did_zh = ("added", "新增") if kind == "added" else ("taken out", "取消")
        word_en, word_zh = _WORDS[part]
        yield PlanChange(
            part,
            code,
            kind,
            "",
            title_en if kind == "removed" else "",
            title_en if kind == "added" else "",
            f"{word_en} {code} {did_en}: {title_en}.",
            f"{did_zh}{word_zh} {code}：{title_zh}。",
        )


def _compare(part: _Part, code: str, field: str, old: object, new: object) -> Iterator[PlanChange]:
    if old != new:
        yield _change(part, code, field, _shown(old), _shown(new))


def _change(part: _Part, code: str, field: str, old: str, new: str) -> PlanChange:
    field_en, field_zh = _FIELDS_EN.get(field, field.replace("_", " ")), _FIELDS_ZH.get(field, field)
    from_en, to_en = (_read(field, value, "en") for value in (old, new))
    from_zh, to_zh = (_read(field, value, "zh") for value in (old, new))
    return PlanChange(
        part.name,
        code,
        "changed",
        field,
        old,
        new,
        f"{part.words(code, 'en')}: {field_en} {from_en or 'none'} becomes {to_en or 'none'}.",
        f"{part.words(code, 'zh')}：{field_zh}由“{from_zh or '无'}”改为“{to_zh or '无'}”。",
    )


def _read(field: str, value: str, language: Literal["zh", "en"]) -> str:
    """A value as a client reads it: an interval in words, an amount with its places."""
    if field == "rrule" and value:
        return frequency_words(value, language)
    return f"{Decimal(value):,.2f}" if field in _AMOUNTS and value else value


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, tuple):
        return ", ".join(str(getattr(item, "code", item)) for item in value)
    return value.isoformat() if isinstance(value, date) else str(value)
