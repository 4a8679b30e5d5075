"""Do the accounts add up in the report, or does it say that they do not?"""

from datetime import date
from decimal import Decimal

import pytest

from models.accounts import FormerStatement, LedgerEntry, StatementFund, StatementLine
from models.rules.accounts_terms import Terms
from models.rules.bank_matching import BankComparison, BankMovement, BookMovement
from models.rules.receivables import Owed
from models.rules.remuneration import fee_result
from models.rules.statement import BookedLine
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


def facts(language="zh", **over):
    """Accounts with something in every chapter; version 2 of a quarter that was late."""
    text = "一月工资" if language == "zh" else "pay of January"
    entry = LedgerEntry(
        engagement_id=1,
        voucher="V-1",
        booked_on=date(2027, 4, 12),
        kind="expense",
        cost_item="operation",
        amount=Decimal("12500.00"),
        text=text,
        corrects="2027-Q1",
    )
    former = FormerStatement(
        statement_id=1,
        version=1,
        income=Decimal("165000.00"),
        expense=Decimal("140269.50"),
        budget=Decimal("158000.00"),
        compiled_on=date(2027, 4, 6),
        returned_because=text,
        control_count=3,
        control_sum=Decimal("1.00"),
        control_sha256="a" * 64,
        last_entry=3,
        lines=[{"kind": "expense", "cost_item": "operation", "actual": "18769.50", "budget": "29000.00"}],
        funds=[
            {"fund": "deposits", "opening": "0.00", "received": "0.00", "paid": "0.00", "closing": "0.00"}
        ],
    )
    movement = BankMovement(1, date(2027, 3, 31), Decimal("-25.00"), "F-1", text)
    booked = [BookedLine(line.kind, line.cost_item, line.actual, line.budget) for line in lines()]
    found = {
        "statement": statement(
            "2027-Q1",
            version=2,
            due_on=date(2027, 4, 1),
            control_count=4,
            control_sum=Decimal("12230.50"),
            control_sha256="1" * 64,
        ),
        "lines": lines(),
        "funds": [
            StatementFund(
                statement_id=1,
                fund=fund,
                opening=Decimal(5),
                received=Decimal(3),
                paid=Decimal(1),
                closing=Decimal(7),
            )
            for fund in ("service", "common_income", "deposit", "utilities", "maintenance_fund")
        ],
        "parts": [statement("2027-02"), statement("2027-01")],
        "result": fee_result(booked, "cost_plus_fee", Decimal("0.1"), None),
        "result_so_far": fee_result(booked, "cost_plus_fee", Decimal("0.1"), None),
        "year_so_far": booked,
        "reasons": {("expense", "staff"): text},
        "owed": [Owed(date(2027, 1, 10), Decimal("100.00"))],
        "owed_on": date(2027, 3, 31),
        "large": [entry],
        "corrections": [entry],
        "former": former,
        "bank": BankComparison(
            date(2027, 1, 1),
            date(2027, 3, 31),
            Decimal("-25.00"),
            Decimal("-12500.00"),
            Decimal("-5.00"),
            7,
            ((movement, None),),
            ((BookMovement("V-1", date(2027, 3, 30), Decimal("-12500.00"), text), date(2027, 4, 2)),),
        ),
        "carried": Decimal("5.00"),
    }
    return AccountsFacts(**{**found, **over})


def full(language="zh", fee_model="cost_plus_fee", **over):
    return accounts_report(engagement(language, fee_model=fee_model), facts(language, **over), on=ON)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("fee_model", ["lump_sum", "cost_plus_fee"])
def test_every_chapter_is_in_one_language(language, fee_model):
    assert foreign_words(full(language, fee_model)) == []


def test_what_changed_since_the_returned_version_is_shown_with_its_vouchers():
    pack = full("en")
    (section,) = [s for s in pack.sections if s.heading == "What changed since the version before"]
    assert section.paragraphs[0].endswith("was sent back: pay of January")
    operation = next(row for row in section.tables[0].rows if row[0].startswith("Operation"))
    assert operation[1:] == ("18,769.50", "31,269.50", "12,500.00")
    assert section.tables[1].rows[0][0] == "V-1"
    assert ("Deposits held: closing balance", "0.00", "7.00", "7.00") in section.tables[0].rows
    assert "(version 2)" in pack.period_label


def test_an_item_without_a_reason_is_said_to_have_none():
    strict = Terms(reason_share=Decimal("0.01"), reason_amount=Decimal("500.00"))
    table = full("en", terms=strict).sections[1].tables[2]
    said = {row[0]: row[3] for row in table.rows}
    assert said["Staff pay, insurance, welfare"] == "pay of January"
    assert said["Cleaning"] == "no reason given"
    assert len(full("en").sections[1].tables) == 2, "by the proposed limits nothing is far from budget"


def test_late_accounts_say_so():
    assert "These accounts are late: due on 1 April 2027, issued 5 days after." in text_of(full("en"))
    assert "迟5天" in text_of(full())


def test_an_opening_balance_that_is_not_the_last_closing_one_is_pointed_at():
    assert "Attention: the statement before closed with ¥4.00" in text_of(full("en", carried=Decimal("4.00")))
    assert "Attention: the statement before" not in text_of(full("en"))


def test_books_open_items_and_bank_leave_nothing_unexplained():
    (section,) = [s for s in full("en").sections if s.heading == "Bank reconciliation"]
    assert section.tables[0].rows[-1] == ("Not explained", "0.00")
    assert section.tables[2].rows[0][-1] == "2027-04-02"
    (absent,) = [s for s in full("en", bank=None).sections if s.heading == "Bank reconciliation"]
    assert "not reconciled" in absent.paragraphs[0]
