"""Do the accounts add up in the report, or does it say that they do not?"""

from decimal import Decimal

import pytest

from models.accounts import StatementLine
from reports.accounts_report import AccountsFacts, accounts_report
from tests.reports.lifecycle import ON, engagement, foreign_words, lines, statement, text_of


def report(language="zh", over=None, **fields):
    rows = {
        "statement": statement("2027-Q1"),
        "lines": lines(),
        "parts": [statement("2027-02", state="compiled"), statement("2027-01")],
    }
    return accounts_report(engagement(language, **fields), AccountsFacts(**{**rows, **(over or {})}), on=ON)


def test_spending_is_compared_with_the_budget_by_item():
    table = report("en").sections[1].tables[1]
    assert table.rows[1] == (
        "Operation and upkeep of common parts and equipment",
        "31,269.50",
        "29,000.00",
        "2,269.50",
        "7.8%",
    )
    assert table.total == ("Total", "152,769.50", "158,000.00", "-5,230.50", "-3.3%")


def test_overspent_items_are_named_with_their_amount():
    assert "Above budget: Operation and upkeep of common parts and equipment (by ¥2,269.50)." in text_of(
        report("en")
    )


@pytest.mark.parametrize(
    ("fee_model", "words"),
    [("lump_sum", "盈亏由托管方承担"), ("cost_plus_fee", "结余或不足由业主享有或承担并结转")],
)
def test_balance_belongs_to_whom_the_fee_model_says(fee_model, words):
    said = report(fee_model=fee_model).sections[0].paragraphs[1]
    assert said.startswith("本期结余¥12,230.50。")
    assert words in said


@pytest.mark.parametrize(
    ("language", "fee_model", "name"),
    [
        ("zh", "lump_sum", "托管利润"),
        ("zh", "cost_plus_fee", "托管酬金"),
        ("en", "lump_sum", "Custodian's profit"),
        ("en", "cost_plus_fee", "Custodian's remuneration"),
    ],
)
def test_what_the_custodian_earns_is_called_by_the_fee_model(language, fee_model, name):
    own = StatementLine(
        statement_id=1,
        kind="expense",
        cost_item="remuneration",
        actual=Decimal("900.00"),
        budget=Decimal("800.00"),
    )
    pack = report(language, {"lines": [*lines(), own]}, fee_model=fee_model)
    assert name in {row[0] for row in pack.sections[1].tables[1].rows}
    assert name in {bar.label for bar in pack.sections[0].bars[0].bars}
    assert name in pack.sections[0].paragraphs[2], "it is above its budget"


def test_deficit_is_not_a_negative_surplus():
    pack = report("en", {"statement": statement("2027-Q1", income=Decimal("100000.00"))})
    assert "a deficit of ¥52,769.50" in text_of(pack)
    assert "which is not what the statement says" in text_of(pack)


def test_months_stand_in_order_with_their_sum():
    table = report().sections[2].tables[0]
    assert [row[0] for row in table.rows] == ["2027年1月", "2027年2月"]
    assert table.total is not None
    assert table.total[4] == "24,461.00"


def test_audit_is_dated_or_said_to_be_missing():
    assert "audited on 5 April 2027" in text_of(report("en"))
    open_ = report("en", {"statement": statement("2027-Q1", state="compiled", audited_on=None)})
    assert "compiled, not yet audited" in text_of(open_)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_period_without_bookings_still_makes_a_report(language):
    nothing = statement("2027-Q1", income=Decimal(0), expense=Decimal(0), budget=Decimal(0))
    pack = report(language, {"statement": nothing, "lines": [], "parts": []})
    assert foreign_words(pack) == []
    assert foreign_words(report(language)) == []
    assert len(pack.sections) == 4
