"""With which engagement and which rows are the lifecycle reports tested?"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import SQLModel

from models.accounts import Statement, StatementLine
from models.diligence import ConditionFinding, DocumentItem, ElementCondition
from models.emergency import Incident
from models.engagement import Demand, Engagement
from models.review import ImprovementAction, IndicatorFigure
from models.rules.condition import NEN_2767_RECALLED
from models.survey import SurveyFigure
from reports.pack import Pack

ON = date(2027, 4, 6)
SCHEME = NEN_2767_RECALLED.name


def engagement(language: str = "zh", **over: object) -> Engagement:
    """A residential engagement of one year."""
    chinese = language == "zh"
    values: dict[str, object] = {
        "code": "BH-2027",
        "property_name": "滨河花园二期" if chinese else "Riverside Gardens, phase 2",
        "property_type": "residential",
        "client_name": "滨河花园业主委员会" if chinese else "Riverside Owners' Committee",
        "custodian_name": "安居托管服务有限公司" if chinese else "Anju Custody Services Ltd",
        "scope": "全部共用部位与共用设施设备" if chinese else "All common parts and shared systems",
        "service_standard": "一级服务标准" if chinese else "Grade one",
        "term_start": date(2027, 1, 1),
        "term_end": date(2027, 12, 31),
        "language": language,
        "floor_area": Decimal("48250"),
        "unit_count": 412,
    }
    return Engagement(**{**values, **over})


def figure(
    code: str, numerator: str, denominator: str, target: str | None, state: str, **over: object
) -> IndicatorFigure:
    """One figure of March 2027; an empty denominator leaves the value out."""
    above, below = Decimal(numerator), Decimal(denominator)
    values: dict[str, object] = {
        "engagement_id": 1,
        "code": code,
        "period": "2027-03",
        "numerator": above,
        "denominator": below,
        "value": above / below if below else None,
        "target": None if target is None else Decimal(target),
        "state": state,
    }
    return IndicatorFigure(**{**values, **over})


def figures() -> list[IndicatorFigure]:
    """Figures of every state and of every unit that occurs."""
    return [
        figure("satisfaction_share", "0", "0", "0.90", "no_data"),
        figure("pm_compliance", "188", "198", "0.95", "missed"),
        figure("round_completion", "999", "1000", "0.98", "met"),
        figure("post_coverage", "44640", "44640", "1", "met"),
        figure("response_on_time", "57", "59", "0.95", "met"),
        figure("resolution_on_time", "38", "44", "0.95", "missed"),
        figure("reopen_rate", "1", "52", "0.05", "met"),
        figure("drill_score", "172", "2", "80", "met"),
        figure("budget_variance", "-5230.5", "158000", "0.05", "met"),
        figure("greening_completion", "0", "0", None, "not_applicable"),
        figure("mtbf", "720", "0", "200", "met"),
        figure("mttr", "12.5", "4", "4", "met"),
    ]


def statement(period: str = "2027-03", **over: object) -> Statement:
    """An audited month, 3.3 % below budget."""
    values: dict[str, object] = {
        "engagement_id": 1,
        "period": period,
        "state": "audited",
        "income": Decimal("165000.00"),
        "expense": Decimal("152769.50"),
        "budget": Decimal("158000.00"),
        "compiled_on": date(2027, 4, 3),
        "audited_on": date(2027, 4, 5),
    }
    return Statement(**{**values, **over})


def lines() -> list[StatementLine]:
    """Lines that add up to `statement()`."""

    def line(kind: str, item: str, actual: str, budget: str) -> StatementLine:
        return StatementLine(
            statement_id=1, kind=kind, cost_item=item, actual=Decimal(actual), budget=Decimal(budget)
        )

    return [
        line("income", "fee", "165000.00", "165000.00"),
        line("expense", "operation", "31269.50", "29000.00"),
        line("expense", "staff", "98500.00", "104000.00"),
        line("expense", "cleaning", "15000.00", "16000.00"),
        line("expense", "insurance", "8000.00", "9000.00"),
    ]


def actions() -> list[ImprovementAction]:
    """An open action on a missed indicator and one that a survey verified."""
    return [
        ImprovementAction(
            engagement_id=1,
            ref="review:2027-03:resolution_on_time",
            text="增加一名夜班维修技工，常用备件设安全库存",
            post_code="manager",
            opened_on=date(2027, 4, 1),
            due_on=date(2027, 5, 15),
        ),
        ImprovementAction(
            engagement_id=1,
            ref="survey:2026-Q4:lift_waiting",
            text="调整电梯高峰群控方案",
            post_code="technician",
            opened_on=date(2027, 1, 5),
            due_on=date(2027, 2, 1),
            state="verified",
            done_on=date(2027, 1, 28),
            verified_in="2027-Q1",
        ),
    ]


def incidents() -> list[Incident]:
    """A burst pipe with a loss and a fire drill."""
    at = datetime(2027, 3, 9, 18, 40, tzinfo=UTC)
    return [
        Incident(
            engagement_id=1,
            ref="E-1",
            plan_kind="burst_pipe",
            place_code="2#-B1",
            summary="地下一层给水立管爆裂，关阀抢修",
            activated_at=at,
            stood_down_at=at + timedelta(minutes=95),
            score=Decimal(5) / Decimal(6),
            loss_amount=Decimal("3200.00"),
            lesson="立管阀门加挂标识",
        ),
        Incident(
            engagement_id=1,
            ref="D-1",
            plan_kind="fire",
            is_drill=True,
            summary="春季消防疏散演练",
            activated_at=datetime(2027, 3, 20, 2, 0, tzinfo=UTC),
            stood_down_at=datetime(2027, 3, 20, 2, 31, tzinfo=UTC),
            score=Decimal("0.857142857"),
        ),
    ]


def element(code: str, score: int, visit: str = "entry", **over: object) -> ElementCondition:
    """The condition of one element class."""
    values: dict[str, object] = {
        "engagement_id": 1,
        "visit": visit,
        "element_class": code,
        "asset_count": 12,
        "finding_count": 2,
        "score": score,
        "scheme": SCHEME,
        "backlog_cost": Decimal("18500.00"),
    }
    return ElementCondition(**{**values, **over})


def finding(ref: str, code: str, score: int, severity: str = "minor", **over: object) -> ConditionFinding:
    """One defect at entry."""
    values: dict[str, object] = {
        "engagement_id": 1,
        "visit": "entry",
        "ref": ref,
        "element_class": code,
        "asset_tag": "PUMP-02",
        "severity": severity,
        "intensity": 2,
        "extent": 3,
        "score": score,
        "scheme": SCHEME,
        "text": f"缺陷{ref}",
        "found_on": date(2026, 11, 20),
    }
    return ConditionFinding(**{**values, **over})


def document(ref: str, state: str, **over: object) -> DocumentItem:
    """One paper of the list."""
    values: dict[str, object] = {
        "engagement_id": 1,
        "ref": ref,
        "title": f"资料{ref}",
        "kind": "drawings",
        "basis": "物业承接查验办法",
        "state": state,
    }
    return DocumentItem(**{**values, **over})


def survey_figure(item: str, stratum: str, satisfied: int, n: int, **over: object) -> SurveyFigure:
    """One share with a rough interval; below ten answers suppressed."""
    share = Decimal(satisfied) / n if n >= 10 else None
    half = Decimal("0.05")
    values: dict[str, object] = {
        "wave_id": 1,
        "item_code": item,
        "stratum": stratum,
        "n": n,
        "satisfied": satisfied,
        "share": share,
        "low": None if share is None else max(Decimal(0), share - half),
        "high": None if share is None else min(Decimal(1), share + half),
        "suppressed": share is None,
    }
    return SurveyFigure(**{**values, **over})


ITEMS = [
    {"code": "OV1", "text_en": "The service as a whole", "text_zh": "总体服务"},
    {"code": "RE1", "text_en": "Repairs", "text_zh": "维修服务"},
]


def demands() -> list[Demand]:
    """Two demands, the second the more important."""
    return [
        Demand(engagement_id=1, ref="D2", text="绿化一年四季整洁", priority=2, measure="每月抽查"),
        Demand(engagement_id=1, ref="D1", text="电梯故障少", priority=1, measure="每台每年困人不超过一次"),
    ]


def text_of(pack: Pack) -> str:
    """Every text of a pack, in the order of reading."""
    parts = [pack.title, pack.subtitle, pack.period_label, pack.footer_note]
    for section in pack.sections:
        parts += [section.heading, *section.paragraphs]
        for chart in section.bars:
            parts += [chart.caption, *(bar.label for bar in chart.bars)]
        for table in section.tables:
            parts += [table.caption, *(column.label for column in table.columns)]
            parts += [cell for row in table.rows for cell in row] + list(table.total or ())
    return "\n".join(parts)


_HAN = re.compile(r"[\u3400-\u9fff\uff00-\uffef\u3000-\u303f]")
_ENGLISH = re.compile(r"[A-Za-z]*[a-z]{3,}[A-Za-z]*")


def foreign_words(pack: Pack) -> list[str]:
    """Words of a pack that are not in its language: Chinese in an English one, English in a Chinese one."""
    text = text_of(pack)
    return _HAN.findall(text) if pack.language == "en" else _ENGLISH.findall(text)


def in_latin(rows: Iterable[SQLModel]) -> list[Any]:
    """The rows with every Chinese text that a user typed replaced, so that only the builder's words are left."""
    kept = list(rows)
    for row in kept:
        for name, value in row.model_dump().items():
            if isinstance(value, str) and _HAN.search(value):
                setattr(row, name, "typed text")
    return kept
