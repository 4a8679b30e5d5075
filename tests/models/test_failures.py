"""Are spells of one machine told apart as failures, and are hours and days counted whole and once? (B2)"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.failures import (
    Failure,
    begun_within,
    hours_out_of_order,
    machine_days_out_of_order,
    restoration,
    separate_failures,
)

ZONE = ZoneInfo("Asia/Shanghai")


def local(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2027, 1, day, hour, minute, tzinfo=ZONE)


MONTH = (local(1), datetime(2027, 2, 1, tzinfo=ZONE))


@pytest.mark.parametrize(
    ("spells", "failures"),
    [
        ([("A", local(5, 9), local(5, 11)), ("A", local(5, 15), local(6, 9))], 1),
        ([("A", local(5, 9), local(7)), ("A", local(6, 9), local(6, 10))], 1),
        ([("A", local(5, 9), None), ("A", local(20, 9), local(20, 10))], 1),
        ([("A", local(5, 9), local(5, 11)), ("A", local(6, 9), local(6, 10))], 2),
        ([("A", local(5, 9), local(5, 11)), ("B", local(5, 9), local(5, 11))], 2),
        ([], 0),
    ],
    ids=["same day", "inside", "never restored", "two days", "two machines", "none"],
)
def test_what_touches_or_begins_on_one_day_is_one_failure(
    spells: list[tuple[str, datetime, datetime | None]], failures: int
) -> None:
    assert len(separate_failures([Failure(*spell) for spell in spells], ZONE)) == failures


def test_a_failure_belongs_to_the_month_it_began_in_and_its_repair_to_the_month_it_ended_in() -> None:
    began_before = Failure("A", datetime(2026, 12, 31, 22, tzinfo=ZONE), local(1, 4))
    ends_after = Failure("B", local(31, 20), datetime(2027, 2, 1, 8, tzinfo=ZONE))
    by_its_end = Failure("C", local(31), MONTH[1])
    failures = [began_before, ends_after, by_its_end]
    assert begun_within(failures, *MONTH) == 2
    assert restoration(failures, *MONTH) == (Decimal("30.00"), 2), "6 hours, and a day known by its date only"
    assert hours_out_of_order(failures, *MONTH) == Decimal("32.00"), "4 of January, 4, 24"


def test_a_machine_repaired_within_its_day_was_in_order_at_its_end() -> None:
    failures = [
        Failure("A", local(5, 9), local(5, 18)),
        Failure("B", local(5, 9), local(8)),
        Failure("C", local(30), None),
    ]
    days = machine_days_out_of_order(failures, date(2027, 1, 1), date(2027, 1, 31), ZONE)
    assert days == {"A": 0, "B": 2, "C": 2}, (
        "B on the 5th and 6th, back at the end of the 7th; C from the 30th on"
    )


@given(
    st.lists(
        st.tuples(
            st.sampled_from("AB"),
            st.integers(0, 2000),
            st.one_of(st.none(), st.integers(0, 500)),
        ),
        max_size=12,
    )
)
def test_merged_failures_never_overlap_and_cover_the_same_time(
    drawn: list[tuple[str, int, int | None]],
) -> None:
    zero = datetime(2027, 1, 1, tzinfo=UTC)
    spells = [
        Failure(
            tag,
            zero + timedelta(hours=begin),
            None if length is None else zero + timedelta(hours=begin + length),
        )
        for tag, begin, length in drawn
    ]
    found = separate_failures(spells, ZONE)
    for earlier, later in pairwise(found):
        if earlier.asset_tag == later.asset_tag:
            assert earlier.restored is not None
            assert earlier.restored < later.began
    for spell in spells:
        assert any(
            f.asset_tag == spell.asset_tag
            and f.began <= spell.began
            and (f.restored is None or (spell.restored is not None and spell.restored <= f.restored))
            for f in found
        )
    assert hours_out_of_order(found, zero, zero + timedelta(days=150)) <= 2 * 150 * 24
