"""Do the figures of accounts add up to the cent whatever was booked, and is nothing matched twice? (C2)"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.account_items import ALSO_CALLED, EARNED, SPENT, Fund, fund_of, way_refused
from models.rules.accounts_terms import Terms, days_late, due_day, needs_reason
from models.rules.bank_matching import BankMovement, BookMovement, compare_period, match_movements
from models.rules.bank_sheet import read_bank_row
from models.rules.control_total import SealedEntry, control_total
from models.rules.ledger_sheet import VoucherDoubted, read_signed
from models.rules.periods import Period
from models.rules.receivables import Owed, aged
from models.rules.remuneration import fee_result
from models.rules.statement import (
    BookedLine,
    BookedSum,
    fund_balances,
    label_and_version,
    line_item,
    net_of,
    reference_of,
    statement_lines,
)
from reports.words import LEDGER_ITEMS

FIRST = date(2027, 1, 1)
Q1 = Period.parse("2027-Q1")
cents = st.integers(-5_000_000, 5_000_000).map(lambda n: Decimal(n) / 100)
days = st.integers(0, 120).map(lambda n: FIRST + timedelta(days=n))
sums = st.lists(
    st.builds(
        BookedSum,
        st.sampled_from(["income", "expense"]),
        st.sampled_from([*LEDGER_ITEMS, "labour"]),
        st.none() | days,
        cents,
    ),
    max_size=30,
)


@given(before=sums, during=sums)
def test_every_fund_is_carried_forward_and_together_they_are_the_whole_ledger(
    before: list[BookedSum], during: list[BookedSum]
) -> None:
    funds = fund_balances(before, during)
    assert sum(fund.closing for fund in funds) == net_of([*before, *during])
    following = {fund.fund: fund.opening for fund in fund_balances([*before, *during], [])}
    assert following == {fund.fund: fund.closing for fund in funds}


@given(during=sums)
def test_the_lines_are_the_service_money_and_nothing_held_for_others(during: list[BookedSum]) -> None:
    lines = statement_lines(during, {}, Q1)
    (service,) = [fund for fund in fund_balances([], during) if fund.fund == Fund.SERVICE]
    assert sum(line.actual for line in lines if line.kind == "income") == service.received
    assert sum(line.actual for line in lines if line.kind == "expense") == service.paid
    assert all(fund_of(line.cost_item) is Fund.SERVICE for line in lines)


@pytest.mark.parametrize(
    ("due", "line"),
    [
        (date(2026, 12, 31), "fee_arrears"),
        (date(2027, 1, 1), "fee"),
        (date(2027, 3, 31), "fee"),
        (date(2027, 4, 1), "fee_advance"),
        (None, "fee"),
    ],
)
def test_a_fee_is_told_by_the_day_it_was_due(due: date | None, line: str) -> None:
    assert line_item("fee", due, Q1) == line


@st.composite
def both_sides(draw: st.DrawFn) -> tuple[list[BankMovement], list[BookMovement]]:
    few = st.sampled_from([Decimal("10.00"), Decimal("-10.00"), Decimal("25.50"), Decimal("-0.01")])
    bank = [
        BankMovement(number, draw(days), draw(few), draw(st.sampled_from(["", "V1", "V2", "V7"])), "text")
        for number in range(draw(st.integers(0, 12)))
    ]
    books = [
        BookMovement(
            f"V{number // 2}" + (f"/{number % 2}" if draw(st.booleans()) else f"x{number}"),
            draw(days),
            draw(few),
            "",
        )
        for number in range(draw(st.integers(0, 12)))
    ]
    return bank, list({one.voucher: one for one in books}.values())


@given(sides=both_sides(), order=st.randoms())
def test_what_is_open_on_both_sides_explains_the_difference_to_the_cent(
    sides: tuple[list[BankMovement], list[BookMovement]], order: object
) -> None:
    bank, books = sides
    found = match_movements(bank, books)
    used = [one.voucher for _line, group in found.pairs for one in group]
    assert len(used) == len(set(used))
    assert sorted([*used, *(one.voucher for one in found.books_only)]) == sorted(one.voucher for one in books)
    assert all(line.amount == sum(one.amount for one in group) for line, group in found.pairs)
    period = compare_period(bank, books, Decimal("0.00"), Q1.first, Q1.last)
    at_bank = sum(line.amount for line, _day in period.bank_open)
    in_books = sum(one.amount for one, _day in period.books_open)
    assert period.bank_total - period.books_total == at_bank - in_books
    order.shuffle(bank)  # type: ignore[attr-defined]
    order.shuffle(books)  # type: ignore[attr-defined]
    assert match_movements(bank, books) == found


def test_a_movement_is_matched_by_its_voucher_number_before_its_amount() -> None:
    bank = [BankMovement(1, FIRST, Decimal("-30.00"), "", "pay run 记-7"), _bank(2, "5.00")]
    books = [
        _book("记-7/1", "-10.00"),
        _book("记-7/2", "-20.00"),
        _book("A", "-30.00"),
        _book("B", "5.00", 6),
    ]
    found = match_movements(bank, books)
    assert [one.voucher for one in found.pairs[0][1]] == ["记-7/1", "记-7/2"]
    assert [line.id for line in found.bank_only] == [2], "six days apart, the amount alone tells nothing"


def test_a_movement_of_the_next_days_is_told_as_being_on_its_way() -> None:
    last = Q1.last
    bank = [BankMovement(1, last + timedelta(days=2), Decimal("-8.00"), "", "")]
    books = [BookMovement("V", last, Decimal("-8.00"), "")]
    assert compare_period(bank, books, Decimal(0), Q1.first, last).books_open == (
        (books[0], last + timedelta(days=2)),
    )


LINES = (
    BookedLine("income", "fee", Decimal("1000.00"), Decimal("1000.00")),
    BookedLine("expense", "staff", Decimal("600.05"), Decimal("600.00")),
    BookedLine("expense", "remuneration", Decimal("50.00"), Decimal("60.00")),
    BookedLine("expense", "tax", Decimal("3.60"), Decimal("3.60")),
)


def test_the_custodian_draws_its_share_of_cost_and_the_rest_is_the_owners() -> None:
    found = fee_result(LINES, "cost_plus_fee", Decimal("0.10"), None)
    assert (found.due, found.overdrawn) == (Decimal("60.00"), Decimal("-10.00"))  # 60.005 to the even cent
    assert found.owners == Decimal("1000.00") - Decimal("600.05") - Decimal("3.60") - Decimal("60.00")


@given(
    costs=st.lists(cents, min_size=4, max_size=4),
    share=st.integers(0, 2000).map(lambda n: Decimal(n) / 10000),
)
def test_the_quarters_shares_are_the_years_to_the_cent(costs: list[Decimal], share: Decimal) -> None:
    def due(cost: Decimal, before: Decimal) -> Decimal:
        line = BookedLine("expense", "staff", cost, Decimal(0))
        return fee_result([line], "cost_plus_fee", share, None, before).due or Decimal(0)

    before = [sum(costs[:number], Decimal(0)) for number in range(4)]
    assert sum(map(due, costs, before)) == due(sum(costs), Decimal(0))


def test_a_fixed_sum_takes_the_place_of_the_share() -> None:
    found = fee_result(LINES, "cost_plus_fee", Decimal("0.10"), Decimal("75.00"))
    assert (found.share, found.due) == (None, Decimal("75.00"))


def test_under_a_lump_sum_the_result_is_the_custodians() -> None:
    found = fee_result(LINES, "lump_sum", Decimal("0.10"), None)
    assert (found.due, found.result) == (None, Decimal("396.35"))


def test_what_is_owed_falls_into_one_age_each() -> None:
    owed = [Owed(FIRST - timedelta(days=n), Decimal(1)) for n in (-1, 0, 30, 31, 60, 61, 90, 91, 400)]
    assert aged(owed, FIRST) == (Decimal(2), Decimal(2), Decimal(2), Decimal(2))


ENTRY = SealedEntry("V1", FIRST, "expense", "staff", Decimal("10.00"), "pay", None, "")


@pytest.mark.parametrize(
    "change",
    [
        {"voucher": "V2"},
        {"booked_on": FIRST + timedelta(days=1)},
        {"kind": "income"},
        {"cost_item": "tax"},
        {"amount": Decimal("10.01")},
        {"text": "pays"},
        {"owed_on": FIRST},
        {"corrects": "2026-Q4"},
    ],
)
def test_the_seal_breaks_at_any_change(change: dict[str, object]) -> None:
    other = replace(ENTRY, voucher="V0")
    sealed = control_total([ENTRY, other])
    assert control_total([other, ENTRY]) == sealed
    assert control_total([replace(ENTRY, **change), other]).sha256 != sealed.sha256  # type: ignore[arg-type]
    assert control_total([ENTRY]).count == sealed.count - 1


def test_two_entries_cannot_be_written_alike() -> None:
    one, two = replace(ENTRY, voucher="V1", text="a1:b"), replace(ENTRY, voucher="V1a", text="1:b")
    assert control_total([one]).sha256 != control_total([two]).sha256


@pytest.mark.parametrize(
    ("kind", "actual", "budget", "asked"),
    [
        ("expense", "11000.00", "10000.00", False),  # both limits reached, none passed
        ("expense", "11000.01", "10000.00", True),
        ("expense", "8999.99", "10000.00", True),
        ("expense", "1200.00", "1000.00", False),  # a fifth, but a small amount
        ("expense", "1000.01", "0.00", True),
        ("income", "9000.00", "0.00", False),
        ("income", "0.00", "9000.00", True),
    ],
)
def test_a_reason_is_asked_where_share_and_amount_are_passed(
    kind: str, actual: str, budget: str, asked: bool
) -> None:
    assert needs_reason(kind, Decimal(actual), Decimal(budget), Terms()) is asked


def test_quarters_and_years_have_a_day_and_months_have_none() -> None:
    assert due_day(Q1, Terms()) == date(2027, 4, 15)
    assert due_day(Period.parse("2027"), Terms()) == date(2028, 1, 30)
    assert due_day(Period.parse("2027-03"), Terms()) is None
    assert [days_late(date(2027, 4, 15), date(2027, 4, day)) for day in (14, 15, 17)] == [0, 0, 2]


@pytest.mark.parametrize(
    "text", ["-1,200.50", "(1,200.50)", "（1,200.50）", "1200.50-", "−1200.50", "红字1200.50"]
)
def test_red_figures_are_read_in_every_usual_form(text: str) -> None:
    assert read_signed("amount", text) == Decimal("-1200.50")


@pytest.mark.parametrize("text", ["", "0", "--5", "(-5)", "-(5)", "1,2,00", "1.005", "1e3", "=1+1", "-"])
def test_what_is_no_amount_is_doubted(text: str) -> None:
    with pytest.raises(VoucherDoubted):
        read_signed("amount", text)


def test_a_bank_row_may_have_one_signed_amount_or_two_columns() -> None:
    row = {"booked_on": "2027-03-01 10:15", "paid_in": "", "paid_out": "25.00", "account": "6222000011112222"}
    found = read_bank_row(row, date(2027, 12, 31))
    assert (found.amount, found.booked_on, found.account) == (Decimal("-25.00"), date(2027, 3, 1), "2222")
    assert read_bank_row({"booked_on": "2027-03-01", "amount": "-3"}, date(2027, 12, 31)).amount == -3
    with pytest.raises(VoucherDoubted):
        read_bank_row({"booked_on": "2027-03-01", "paid_in": "1", "paid_out": "1"}, date(2027, 12, 31))


def test_every_way_to_write_an_item_means_one() -> None:
    said = [
        (word.casefold(), code)
        for code, names in LEDGER_ITEMS.items()
        for word in {code, *names, *ALSO_CALLED.get(code, ())}
    ]
    assert set(ALSO_CALLED) <= set(LEDGER_ITEMS)
    assert len({word for word, _code in said}) == len(set(said))


def test_income_and_spending_are_not_booked_the_wrong_way() -> None:
    assert all(way_refused("income", item) and not way_refused("expense", item) for item in SPENT)
    assert all(way_refused("expense", item) and not way_refused("income", item) for item in EARNED)
    assert not any(way_refused(kind, "deposit") for kind in ("income", "expense"))


@pytest.mark.parametrize(("label", "version"), [("2027-Q1", 1), ("2027-Q1", 2), ("2027", 11)])
def test_a_reference_tells_period_and_version(label: str, version: int) -> None:
    assert label_and_version(reference_of(label, version)) == (label, version)


def _bank(number: int, amount: str) -> BankMovement:
    return BankMovement(number, FIRST, Decimal(amount), "", "")


def _book(voucher: str, amount: str, day: int = 0) -> BookMovement:
    return BookMovement(voucher, FIRST + timedelta(days=day), Decimal(amount), "")
