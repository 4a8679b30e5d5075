"""Does the plan pack say what is promised, how often, and what is confirmed?"""

from datetime import date
from decimal import Decimal

import pytest

from models.service_plan import BudgetLine, Commitment, EmergencyPlan, PlanPost, ServicePlan
from reports.pack import pack_file_name
from reports.pdf import render_pdf
from reports.service_plan_pack import service_plan_pack
from tests.reports.lifecycle import ON, demands, engagement, foreign_words, in_latin, text_of
from tests.reports.reading import pdf_text

HASH = "9f2c" * 16


def commitment(number: int, code: str, clause: str, subject: str, rrule: str, **over) -> Commitment:
    values = {
        "id": number,
        "engagement_id": 1,
        "plan_id": 1,
        "code": code,
        "clause": clause,
        "subject": subject,
        "title_en": "Lift maintenance",
        "title_zh": "电梯维护保养",
        "rrule": rrule,
        "start_on": date(2027, 10, 12),
        "standard": "TSG T5002",
        "metric": "pm_compliance",
        "target_value": Decimal("0.95"),
        "evidence": "A signed sheet",
        "post_code": "lift_technician",
        "hours": Decimal(2),
        "material_cost": Decimal("30.00"),
        "cost_item": "operation",
        "source": "catalogue",
    }
    return Commitment(**{**values, **over})


def commitments():
    return [
        commitment(
            1, "PPM-LIFT", "B2", "preventive_maintenance", "FREQ=DAILY;INTERVAL=15", statutory="TSG T5002"
        ),
        commitment(2, "EVAL", "C3", "review", "", metric="", target_value=None),
        commitment(3, "REPAIR", "B2", "corrective", "", on_demand=True),
    ]


def plan(**over) -> ServicePlan:
    values = {
        "engagement_id": 1,
        "version": 2,
        "content_sha256": HASH,
        "effective_on": date(2027, 1, 1),
        "annual_cost": Decimal("1750000.00"),
        "annual_fee": Decimal("1980000.00"),
        "risks": ["R-1"],
        "compiled_on": date(2026, 12, 1),
    }
    return ServicePlan(**{**values, **over})


def post(code: str = "manager", heads: str = "1") -> PlanPost:
    return PlanPost(
        plan_id=1,
        code=code,
        title_en="Property manager",
        title_zh="项目经理",
        duties="D",
        skills="S",
        headcount=Decimal(heads),
        explanation="E",
        round_the_clock=code == "gate_guard",
        heads_on_duty=2,
    )


def budget_line(item: str, amount: str) -> BudgetLine:
    return BudgetLine(
        plan_id=1,
        cost_item=item,
        label_en="Staff",
        label_zh="人员",
        amount=Decimal(amount),
        explanation="12 × 3",
    )


def emergency_plan() -> EmergencyPlan:
    steps = [
        {
            "ordinal": n,
            "role": "manager",
            "action_en": f"Call {n}",
            "action_zh": f"呼叫{n}",
            "within_minutes": 5 * n,
        }
        for n in (1, 2)
    ]
    return EmergencyPlan(plan_id=1, kind="fire", title_en="Fire", title_zh="火灾", steps=steps)


def full(language="zh", **over):
    rows = {
        "plan": plan(),
        "commitments": commitments(),
        "target_counts": {1: 12},
        "posts": [post(), post("gate_guard", "4.50")],
        "budget": [budget_line("staff", "1500000.00"), budget_line("tax", "480000.00")],
        "emergency_plans": [emergency_plan()],
        "demands": demands(),
        "answered": {"D1": ("电梯维保", "巡检", "应急", "演练", "报告")},
    }
    return service_plan_pack(engagement(language), **{**rows, **over}, on=ON)


def test_promise_is_told_in_words_a_client_understands():
    promises = full("en").sections[2]
    assert [table.caption for table in promises.tables] == [
        "B2 Rounds, preventive maintenance, repairs: periodic",
        "B2 Rounds, preventive maintenance, repairs: special (once, or when needed)",
        "C3 Joint evaluation",
    ]
    rows = {row[0].split("\n")[0] + row[1]: row for table in promises.tables for row in table.rows}
    legal = rows["Lift maintenanceevery 15 days"]
    assert legal == (
        "Lift maintenance\nBy law: TSG T5002",
        "every 15 days",
        "12",
        "TSG T5002\nEvidence: A signed sheet",
        "Lift technician (licensed firm)",
        "Preventive maintenance compliance\n95.0%",
    )
    assert "Lift maintenancewhen needed" in rows
    assert rows["Lift maintenanceonce,\n2027-10-12"][5] == "—"


def test_budget_total_is_the_fee_or_the_pack_says_so():
    assert "not the yearly fee" not in text_of(full("en"))
    assert full("en").sections[4].tables[0].total == ("Total", "1,980,000.00", "")
    short = full("en", budget=[budget_line("staff", "1500000.00")])
    assert "the lines add up to ¥1,500,000.00, which is not the yearly fee" in text_of(short)


def test_people_are_added_up():
    assert full().sections[3].tables[0].total == ("合计", "5.5", "", "", "")
    assert "同时在岗2人" in text_of(full())


def test_demands_stand_by_priority():
    rows = full().sections[1].tables[0].rows
    assert [row[0] for row in rows] == ["D1", "D2"]
    assert rows[0][4] == "电梯维保；巡检；应急；演练等共5项"
    assert rows[1][4] == "方案中尚无对应服务，需双方商定。", "an honest gap, not a wrong answer"


def test_the_version_is_part_of_the_files_name():
    assert "Service-plan-version-2" in pack_file_name(full("en"), "pdf")


def test_emergency_steps_name_the_post_and_the_minute():
    assert full("en").sections[5].tables[0].rows[1] == ("2", "10", "Property manager", "Call 2")
    assert full("zh").sections[5].tables[0].rows[0] == ("1", "5", "项目经理", "呼叫1")


def test_pack_is_in_one_language():
    assert foreign_words(full("en", demands=in_latin(demands()), answered={"D1": ("Lifts",)})) == []
    plain = [commitment(1, "A", "B2", "round", "FREQ=DAILY", standard="标准", evidence="台账")]
    assert foreign_words(full("zh", commitments=plain)) == []


def test_printed_plan_holds_the_whole_hash():
    text = pdf_text(render_pdf(full("zh")))
    assert "物业托管服务方案" in text
    assert "每15天" in text
    assert HASH in text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_empty_plan_still_makes_a_pack(language):
    pack = full(
        language,
        plan=plan(risks=[]),
        commitments=[],
        target_counts={},
        posts=[],
        budget=[],
        emergency_plans=[],
        demands=[],
        answered={},
    )
    assert foreign_words(pack) == []
    assert len(pack.sections) == 8
