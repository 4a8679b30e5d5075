"""Do the months of a budget add up to its year, to the cent?"""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from models.rules.budget import budget_share
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
