"""Is an amount of money the same after it was stored, to the cent, on both databases?"""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import StatementError
from sqlmodel import func, select

from models.accounts import LedgerEntry
from models.columns import Exact, Money
from models.db import reading, writing
from models.engagement import Engagement
from tests import factories

AMOUNTS = [Decimal(text) for text in ("0.00", "0.01", "0.10", "0.20", "-0.05", "1234567890123.45", "7")]
DIALECT = sqlite.dialect()


def test_amounts_come_back_exactly_and_add_up_in_the_database(database: str) -> None:
    factories.create_engagement()
    with writing() as session:
        session.add_all(_entry(number, amount) for number, amount in enumerate(AMOUNTS))
    with reading() as session:
        stored = session.exec(select(LedgerEntry.amount).order_by(LedgerEntry.voucher)).all()
        total = session.exec(select(func.sum(LedgerEntry.amount))).one()
    assert list(stored) == AMOUNTS
    assert Decimal(total) == sum(AMOUNTS)


@pytest.mark.parametrize("amount", ["0.001", "10.005", "1E-3"])
def test_a_fraction_of_a_cent_is_refused_not_rounded(database: str, amount: str) -> None:
    factories.create_engagement()
    with pytest.raises(StatementError, match="at most two decimal places"), writing() as session:
        session.add(_entry(1, Decimal(amount)))
    with reading() as session:
        assert session.exec(select(LedgerEntry)).all() == []


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_every_amount_survives_the_way_to_the_database_and_back(amount: Decimal) -> None:
    kind = Money()
    stored = kind.process_bind_param(amount, DIALECT)
    assert isinstance(stored, int)
    back = kind.process_result_value(stored, DIALECT)
    assert back == amount
    assert back is not None
    assert back.as_tuple().exponent == -2


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**6), max_value=10**6, places=9))
def test_an_exact_figure_keeps_every_digit_and_is_never_written_with_an_exponent(figure: Decimal) -> None:
    kind = Exact()
    stored = kind.process_bind_param(figure, DIALECT)
    assert stored is not None
    assert "E" not in stored.upper()
    assert kind.process_result_value(stored, DIALECT) == figure


def test_an_unknown_figure_stays_unknown(database: str) -> None:
    factories.create_engagement(floor_area=None)
    factories.create_engagement("SECOND", floor_area=Decimal("4200.125"))
    with reading() as session:
        rows = dict(session.exec(select(Engagement.code, Engagement.floor_area)).all())
    assert rows == {factories.CODE: None, "SECOND": Decimal("4200.125")}


def _entry(number: int, amount: Decimal) -> LedgerEntry:
    return LedgerEntry(
        engagement_id=1,
        voucher=f"V{number}",
        booked_on=date(2027, 1, 5),
        kind="expense",
        cost_item="labour",
        amount=amount,
        text="",
    )
