"""Do the months of a budget add up to its year, to the cent?"""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from models.rules.budget import BudgetSpan, budget_of_spans, budget_share
from models.rules.periods import Period

YEARLY = st.decimals(min_value=0, max_value=10**9, places=2)


@given(YEARLY)
def test_twelve_months_and_four_quarters_each_give_the_year(yearly: Decimal) -> None:
    months = [budget_share(yearly, Period.parse(f"2027-{month:02d}")) for month in range(1, 13)]
    quarters = [budget_share(yearly, Period.parse(f"2027-Q{quarter}")) for quarter in range(1, 5)]
    assert sum(months) == sum(quarters) == budget_share(yearly, Period.parse("2027")) == yearly
    assert [sum(months[3 * index : 3 * index + 3]) for index in range(4)] == quarters


@given(YEARLY)
def test_no_month_differs_from_a_twelfth_by_more_than_a_cent(yearly: Decimal) -> None:
    for month in range(1, 13):
        share = budget_share(yearly, Period.parse(f"2027-{month:02d}"))
        assert abs(share - yearly / 12) <= Decimal("0.01")
        assert share == share.quantize(Decimal("0.01"))


@given(YEARLY, st.dates(date(2027, 1, 2), date(2027, 12, 31)))
def test_a_change_to_the_same_budget_changes_no_month(yearly: Decimal, changed_on: date) -> None:
    spans = [
        BudgetSpan(date(2027, 1, 1), changed_on - timedelta(days=1), {"order": yearly}),
        BudgetSpan(changed_on, date(2027, 12, 31), {"order": yearly}),
    ]
    for label in ("2027", "2027-Q2", *(f"2027-{month:02d}" for month in range(1, 13))):
        period = Period.parse(label)
        assert budget_of_spans(spans, period) == {"order": budget_share(yearly, period)}


def test_a_cost_item_that_begins_in_a_month_costs_its_days() -> None:
    spans = [
        BudgetSpan(date(2027, 1, 1), date(2027, 4, 20), {"order": Decimal(1200)}),
        BudgetSpan(date(2027, 4, 21), date(2027, 12, 31), {"order": Decimal(2400), "greening": Decimal(360)}),
    ]
    april = budget_of_spans(spans, Period.parse("2027-04"))
    assert april == {"order": Decimal("133.34"), "greening": Decimal("10.00")}
    assert budget_of_spans(spans, Period.parse("2027-03")) == {"order": Decimal("100.00")}
