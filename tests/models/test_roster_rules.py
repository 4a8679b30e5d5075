"""Does a computed roster cover the month to the minute within the limits, or say which slots stay open? (B5)"""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.coverage import Shift, prove_coverage
from models.rules.periods import Period
from models.rules.qualifications import Holding, refusal, warnings_due
from models.rules.roster_limits import REST, long_weeks, restless_weeks, short_rests
from models.rules.roster_rotation import day_slots, rotate, round_the_clock_slots

ZONE = "Asia/Shanghai"
START = datetime(2027, 2, 28, 16, tzinfo=UTC)
"""Midnight of 1 March in Shanghai."""
months = st.builds(
    "{:04}-{:02}".format, st.integers(min_value=2024, max_value=2032), st.integers(min_value=1, max_value=12)
)


def shift(hours_from: float, hours_to: float, person: str = "a") -> Shift:
    return Shift("gate", START + timedelta(hours=hours_from), START + timedelta(hours=hours_to), person)


@given(months, st.sampled_from((6, 8, 12)), st.integers(min_value=1, max_value=3), st.integers(5, 6))
def test_enough_people_cover_any_month_to_the_minute_within_the_limits(
    month: str, hours: int, heads: int, crew: int
) -> None:
    period = Period.parse(month)
    slots = round_the_clock_slots("gate", heads, period.first, period.last, ZONE, hours)
    people = [f"p{number:02}" for number in range(crew * heads)]
    found = rotate(slots, lambda _person, _slot: True, people)
    assert found.open_slots == ()
    start, end = slots[0].start, slots[-1].end
    assert end - start == timedelta(days=(period.last - period.first).days + 1)
    proof = prove_coverage(found.shifts, {"gate": heads}, start, end)
    assert proof.is_unbroken
    assert proof.overlaps == ()
    assert short_rests(found.shifts) == []
    assert long_weeks(found.shifts, start, end) == []


@given(months, st.integers(min_value=0, max_value=4), st.sampled_from((6, 8, 12)))
def test_whatever_the_crew_no_limit_is_bent_and_every_open_slot_is_a_gap(
    month: str, crew: int, hours: int
) -> None:
    period = Period.parse(month)
    slots = round_the_clock_slots("gate", 1, period.first, period.last, ZONE, hours)
    found = rotate(slots, lambda _person, _slot: True, [f"p{number}" for number in range(crew)])
    start, end = slots[0].start, slots[-1].end
    assert len(found.shifts) + len(found.open_slots) == len(slots)
    assert short_rests(found.shifts) == []
    assert long_weeks(found.shifts, start, end) == []
    proof = prove_coverage(found.shifts, {"gate": 1}, start, end)
    assert proof.double_bookings == ()
    assert sum(gap.minutes for gap in proof.gaps) == len(found.open_slots) * hours * 60


def test_nobody_is_given_a_day_on_leave_or_a_shift_too_soon_after_last_month() -> None:
    slots = round_the_clock_slots("gate", 1, date(2027, 3, 1), date(2027, 3, 31), ZONE)
    before = [shift(-8, 0, "a")]
    leave = date(2027, 3, 10)
    found = rotate(slots, lambda p, slot: not (p == "b" and slot.day == leave), list("abcde"), before)
    assert found.open_slots == ()
    assert short_rests([*before, *found.shifts]) == []
    assert [s for s in found.shifts if s.person == "b" and START + timedelta(days=9) <= s.start < START + timedelta(days=10)] == []  # fmt: skip


def test_the_same_roster_comes_out_twice() -> None:
    slots = day_slots("desk", 1, [date(2027, 3, 1), date(2027, 3, 2)], ZONE)
    one = rotate(slots, lambda _person, _slot: True, ["a", "b"])
    assert one == rotate(slots, lambda _person, _slot: True, ["a", "b"])
    assert [s.person for s in one.shifts] == ["a", "b"]


@pytest.mark.parametrize(
    ("shifts", "found"),
    [
        pytest.param([shift(0, 8), shift(19, 27)], 0, id="eleven hours to the minute"),
        pytest.param([shift(0, 8), shift(18.98, 27)], 1, id="a minute less"),
        pytest.param([shift(0, 8), shift(8, 16)], 1, id="two shifts on end"),
        pytest.param([shift(0, 8), shift(4, 12)], 0, id="an overlap is a double booking"),
        pytest.param([shift(0, 8), shift(9, 12, "b")], 0, id="two people"),
    ],
)
def test_rest_is_counted_from_the_end_of_one_shift_to_the_start_of_the_next(
    shifts: list[Shift], found: int
) -> None:
    assert len(short_rests(shifts, REST)) == found


def test_a_week_without_a_free_day_is_found_and_one_with_it_is_not() -> None:
    end = START + timedelta(days=7)
    restless = [shift(24 * day + 9, 24 * day + 17) for day in range(7)]
    assert [week.start for week in restless_weeks(restless, START, end)] == [START]
    assert restless_weeks(restless[:6], START, end) == []
    assert [person.hours_a_week for person in long_weeks(restless, START, end)] == [56.0]


@given(st.integers(min_value=-5, max_value=120))
def test_a_certificate_has_at_most_one_warning_due_and_none_once_it_is_over(days: int) -> None:
    until = date(2027, 6, 1)
    due = warnings_due([Holding("a", "electrician", until)], until - timedelta(days=days))
    assert [warning.days for warning in due] == (
        [] if not 0 <= days <= 90 else [7 if days <= 7 else 30 if days <= 30 else 90]
    )


def test_a_renewed_certificate_silences_the_old_one_and_a_lasting_one_never_warns() -> None:
    on = date(2027, 5, 28)
    old = Holding("a", "electrician", date(2027, 6, 1))
    assert warnings_due([old, Holding("a", "electrician", date(2030, 6, 1))], on) == []
    assert warnings_due([Holding("b", "lift", None)], on) == []
    assert refusal([old], "electrician", date(2027, 6, 1)) == ""
    assert "out of date since 2027-06-01" in refusal([old], "electrician", date(2027, 6, 2))
    assert "missing" in refusal([old], "lift", on)
    assert refusal([], "", on) == ""
