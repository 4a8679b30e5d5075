"""Does the contract pack hold the clauses as they stand, the payments, and room to sign?"""

from datetime import date
from decimal import Decimal

import pytest

from models.contract import Contract, ContractClause, Instalment
from reports.contract_pack import contract_pack
from reports.pdf import render_pdf
from tests.reports.lifecycle import ON, demands, engagement, foreign_words, text_of
from tests.reports.reading import pdf_text

CONTRACT = Contract(
    engagement_id=1, plan_id=1, number="BH-1", content_sha256="AB" * 32, annual_fee=Decimal("1980000.00")
)
SIGNED = Contract(
    engagement_id=1,
    plan_id=1,
    number="BH-1",
    state="signed",
    content_sha256="AB" * 32,
    annual_fee=Decimal("1980000.00"),
    signed_on=date(2026, 12, 15),
)


def clause(ordinal: int, title: str, text: str) -> ContractClause:
    return ContractClause(contract_id=1, ordinal=ordinal, head="fees", title=title, text=text)


def pack(language="zh", contract=CONTRACT):
    return contract_pack(
        engagement(language),
        contract=contract,
        clauses=[clause(2, "收费标准", "年费。\n- 人员\n- 税费"), clause(1, "当事人", "甲方与乙方。")],
        instalments=[
            Instalment(contract_id=1, due_on=date(2027, 4, 1), amount=Decimal("495000.00")),
            Instalment(
                contract_id=1, due_on=date(2027, 1, 1), amount=Decimal("495000.00"), paid_on=date(2027, 1, 4)
            ),
        ],
        demands=demands(),
        answered={"D1": ("电梯维保",)},
        on=ON,
    )


def test_clauses_come_first_in_their_order_and_whole():
    sections = pack().sections
    assert [section.heading for section in sections] == [
        "当事人",
        "收费标准",
        "附件：付款日程",
        "附件：核心诉求与衡量方式",
        "签署页",
    ]
    assert sections[1].paragraphs == ("年费。\n- 人员\n- 税费",)


def test_payments_stand_by_date_with_a_total():
    table = pack("en").sections[2].tables[0]
    assert table.rows == (
        ("1", "2027-01-01", "495,000.00", "2027-01-04"),
        ("2", "2027-04-01", "495,000.00", "not yet paid"),
    )
    assert table.total == ("Total", "", "990,000.00", "")


def test_before_anything_is_paid_no_day_of_payment_is_asked_for():
    offered = contract_pack(
        engagement("en"),
        contract=CONTRACT,
        clauses=[],
        instalments=[Instalment(contract_id=1, due_on=date(2027, 1, 1), amount=Decimal("1.00"))],
        demands=[],
        answered={},
        on=ON,
    )
    table = offered.sections[0].tables[0]
    assert [column.label for column in table.columns][-1] == "Amount"
    assert table.total == ("Total", "", "1.00")
    assert "The client named none." in text_of(offered)


def test_the_contract_holds_the_core_demands_with_their_measures():
    rows = pack("en").sections[3].tables[0].rows
    assert [row[0] for row in rows] == ["D1", "D2"]
    assert all(row[2] for row in rows), "each with how it is measured"
    assert [row[4] for row in rows] == ["电梯维保", "Not answered by the plan: to be agreed."]


def test_both_sides_have_room_to_sign_what_the_hash_names():
    table = pack().sections[4].tables[0]
    assert [column.label for column in table.columns] == ["委托方", "托管方"]
    assert [cell.split("\n")[0] for cell in table.rows[0]] == ["滨河花园业主委员会", "安居托管服务有限公司"]
    assert all(cell.endswith("日期：") for cell in table.rows[0])
    assert "AB" * 32 in text_of(pack())


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "全部字节"), ("en", "exactly the bytes of this document")]
)
def test_a_contract_on_offer_says_where_its_hash_stands_instead_of_leaving_a_gap(language, said):
    offered = Contract(engagement_id=1, plan_id=1, number="BH-1", content_sha256="", annual_fee=Decimal(1))
    text = text_of(pack(language, contract=offered))
    assert said in text
    assert "(SHA-256): \n" not in text and "（SHA-256）对应" not in text


def test_signed_contract_shows_the_day():
    cells = pack("en", contract=SIGNED).sections[4].tables[0].rows[0]
    assert all(cell.endswith("Date: 2026-12-15") for cell in cells)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_contract_without_clauses_still_makes_a_pack(language):
    empty = contract_pack(
        engagement(language), contract=CONTRACT, clauses=[], instalments=[], demands=[], answered={}, on=ON
    )
    assert foreign_words(empty) == []
    assert empty.sections[0].tables[0].total is None


def test_the_cover_of_a_contract_names_its_term_and_no_period_of_a_report():
    cover = pdf_text(render_pdf(pack("zh"))).partition("目录")[0]
    assert "合同期限" in cover
    assert "报告期" not in cover
