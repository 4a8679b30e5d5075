"""Coverage: gaps, double bookings and overlaps of security posts, to the minute."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.coverage import (
    DoubleBooking,
    Gap,
    Overlap,
    Shift,
    prove_coverage,
)

DAY = datetime(2027, 3, 1, tzinfo=UTC)
NEXT_DAY = DAY + timedelta(days=1)


def at(hour: int, minute: int = 0) -> datetime:
    return DAY + timedelta(hours=hour, minutes=minute)


def three_shifts(post: str = "gate") -> list[Shift]:
    return [
        Shift(post, at(-1), at(7), "Li"),
        Shift(post, at(7), at(15), "Wang"),
        Shift(post, at(15), at(23), "Zhao"),
        Shift(post, at(23), at(31), "Li"),
    ]


def test_shifts_that_meet_leave_no_gap() -> None:
    proof = prove_coverage(three_shifts(), {"gate": 1}, DAY, NEXT_DAY)
    assert proof.is_unbroken
    assert (proof.gaps, proof.overlaps, proof.double_bookings) == ((), (), ())
    assert proof.covered == proof.required


def test_a_late_relief_is_a_gap_to_the_minute() -> None:
    shifts = three_shifts()
    shifts[1] = Shift("gate", at(7, 13), at(15), "Wang")
    proof = prove_coverage(shifts, {"gate": 1}, DAY, NEXT_DAY)
    assert proof.gaps == (Gap("gate", at(7), at(7, 13), 1),)
    assert proof.gaps[0].minutes == 13
    assert not proof.is_unbroken
    assert (proof.covered, proof.required) == (timedelta(minutes=1440 - 13), timedelta(days=1))


def test_a_gap_of_a_second_is_a_minute_begun() -> None:
    assert Gap("gate", at(7), at(7) + timedelta(seconds=1), 1).minutes == 1


def test_a_post_nobody_was_rostered_on_is_one_gap() -> None:
    proof = prove_coverage(three_shifts(), {"gate": 1, "monitor room": 2}, DAY, NEXT_DAY)
    assert proof.gaps == (Gap("monitor room", DAY, NEXT_DAY, 2),)
    assert proof.required == 3 * proof.covered


def test_one_person_on_a_two_person_post_is_a_gap_of_one() -> None:
    shifts = [*three_shifts(), Shift("gate", at(0), at(20), "Sun")]
    proof = prove_coverage(shifts, {"gate": 2}, DAY, NEXT_DAY)
    # The relief at 23:00 changes nothing in what is missing: one gap, not two.
    assert proof.gaps == (Gap("gate", at(20), NEXT_DAY, 1),)


def test_one_person_on_two_posts_is_double_booked() -> None:
    shifts = [*three_shifts(), Shift("patrol", at(14), at(16), "Wang")]
    proof = prove_coverage(shifts, {"gate": 1}, DAY, NEXT_DAY)
    assert proof.double_bookings == (DoubleBooking("Wang", at(14), at(15), ("gate", "patrol")),)
    assert proof.gaps == ()
    assert not proof.is_unbroken


def test_a_shift_entered_twice_counts_once_and_is_shown() -> None:
    shifts = [Shift("gate", DAY, NEXT_DAY, "Li")] * 2
    proof = prove_coverage(shifts, {"gate": 2}, DAY, NEXT_DAY)
    assert proof.gaps == (Gap("gate", DAY, NEXT_DAY, 1),)
    assert proof.double_bookings == (DoubleBooking("Li", DAY, NEXT_DAY, ("gate", "gate")),)


def test_a_handover_is_an_overlap_and_no_fault() -> None:
    shifts = [Shift("gate", DAY, at(12, 15), "Li"), Shift("gate", at(12), NEXT_DAY, "Wang")]
    proof = prove_coverage(shifts, {"gate": 1}, DAY, NEXT_DAY)
    assert proof.overlaps == (Overlap("gate", at(12), at(12, 15), ("Li", "Wang")),)
    assert proof.is_unbroken
    assert proof.covered == proof.required


def test_where_no_post_is_asked_about_no_time_is_required() -> None:
    assert not prove_coverage(three_shifts(), {}, DAY, NEXT_DAY).required


minutes = st.integers(-120, 1560)
shift_lists = st.lists(
    st.builds(
        lambda post, start, length, person: Shift(post, at(0, start), at(0, start + length), person),
        post=st.sampled_from(["gate", "patrol", "elsewhere"]),
        start=minutes,
        length=st.integers(1, 700),
        person=st.sampled_from(["Li", "Wang", "Zhao"]),
    ),
    max_size=8,
)
needs = st.dictionaries(st.sampled_from(["gate", "patrol"]), st.integers(1, 3), min_size=1)


@given(shift_lists, needs)
def test_proof_agrees_with_counting_every_minute(shifts: list[Shift], needed: dict[str, int]) -> None:
    proof = prove_coverage(shifts, needed, DAY, NEXT_DAY)
    for post, people in needed.items():
        for minute in range(0, 1440, 7):
            now = at(0, minute)
            present = {s.person for s in shifts if s.post == post and s.start <= now < s.end}
            missing = sum(g.missing for g in proof.gaps if g.post == post and g.start <= now < g.end)
            surplus = [o for o in proof.overlaps if o.post == post and o.start <= now < o.end]
            assert missing == max(0, people - len(present))
            assert bool(surplus) == (len(present) > people)


@given(shift_lists, needs)
def test_covered_and_missing_time_add_up_to_the_required(shifts: list[Shift], needed: dict[str, int]) -> None:
    proof = prove_coverage(shifts, needed, DAY, NEXT_DAY)
    missing = sum(((g.end - g.start) * g.missing for g in proof.gaps), timedelta(0))
    assert proof.covered + missing == proof.required
    assert proof == prove_coverage(shifts[::-1], needed, DAY, NEXT_DAY)


def test_wrong_shifts_and_windows_are_refused() -> None:
    with pytest.raises(ValueError, match="not after its start"):
        Shift("gate", at(8), at(8), "Li")
    with pytest.raises(ValueError, match="without a time zone"):
        Shift("gate", at(8).replace(tzinfo=None), at(9), "Li")
    with pytest.raises(ValueError, match="not a span"):
        prove_coverage([], {"gate": 1}, DAY, DAY)
    with pytest.raises(ValueError, match="at least 1"):
        prove_coverage([], {"gate": 0}, DAY, NEXT_DAY)
