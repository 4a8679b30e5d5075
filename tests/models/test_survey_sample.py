"""Is the sample large enough, fair to every building, and the same each time it is drawn? (D2, D5)"""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.satisfaction import kish_design_effect, margin_of_error
from models.rules.survey_sample import (
    FrameContact,
    SampleChoices,
    allocate_with_floor,
    checked_link,
    detectable_change,
    draw_sample,
    rotation_part,
)

ON = date(2027, 3, 1)
CHOICES = SampleChoices("seed", ON)


@pytest.mark.parametrize(("households", "answers", "points"), [(300, 150, 6.4), (2000, 322, 5.7)])
def test_the_detectable_change_is_that_of_the_worked_cases(
    households: int, answers: int, points: float
) -> None:
    assert round(100 * detectable_change(answers, households), 1) == points


def test_below_300_households_everybody_is_asked() -> None:
    drawn = draw_sample(_frame(A=140, B=159), CHOICES)
    assert drawn.census
    assert len(drawn.refs) == 299


def test_a_large_property_is_sampled_in_proportion_with_a_floor_for_small_buildings() -> None:
    drawn = draw_sample(_frame(A=1500, B=1490, C=10), CHOICES)
    assert not drawn.census
    invited = {part.building: part.invited for part in drawn.buildings}
    assert invited["C"] == 5, "in proportion it would be two"
    assert abs(invited["A"] - invited["B"]) <= 5
    assert sum(invited.values()) == len(drawn.refs)
    assert sum(part.wanted for part in drawn.buildings) == drawn.answers_needed


def test_the_floor_of_small_buildings_costs_precision_that_is_told_before_launch() -> None:
    even = draw_sample(_frame(A=1500, B=1500), CHOICES)
    uneven = draw_sample(_frame(A=1500, B=1490, C=100), replace(CHOICES, floor=100))
    assert even.design_effect == pytest.approx(1, abs=1e-4)
    drawn = {part.building: (part.frame, part.invited) for part in uneven.buildings}
    weights = [size / n for size, n in drawn.values() for _ in range(n)]
    assert uneven.design_effect == pytest.approx(kish_design_effect(weights))
    assert uneven.design_effect > 1.05
    assert uneven.margin_expected == pytest.approx(
        margin_of_error(uneven.answers_expected, 3090, deff=uneven.design_effect)
    )


@given(st.integers(300, 5000), st.sampled_from([0.2, 0.3, 0.5, 0.62, 0.9]))
def test_a_sample_drawn_for_a_margin_is_expected_to_reach_it(households: int, rate: float) -> None:
    drawn = draw_sample(_frame(A=households), replace(CHOICES, response_rate=rate))
    assert drawn.reachable or len(drawn.refs) == households


def test_a_building_that_was_asked_lately_still_stands_in_the_frame() -> None:
    asked = [FrameContact(f"b{n}", f"{n}", "B", "owner", ON, stratum="office") for n in range(3)]
    drawn = draw_sample([*_frame(A=400), *asked], CHOICES)
    assert {(part.stratum, part.building): (part.frame, part.invited) for part in drawn.parts} == {
        ("", "A"): (400, len(drawn.refs)),
        ("office", "B"): (3, 0),
    }
    assert sum(part.frame for part in drawn.buildings) == drawn.frame == 403


def test_the_same_seed_draws_the_same_sample_and_another_seed_another() -> None:
    frame = _frame(A=1000, B=1000)
    first = draw_sample(frame, CHOICES)
    assert draw_sample(list(reversed(frame)), CHOICES) == first
    assert draw_sample(frame, SampleChoices("other", ON)).refs != first.refs


def test_the_parts_of_a_rotation_do_not_overlap_and_cover_everybody() -> None:
    frame = _frame(A=200, B=90)
    parts = [draw_sample(frame, SampleChoices("s", ON, part=n, parts=4)).refs for n in range(1, 5)]
    assert sum(len(part) for part in parts) == len({ref for part in parts for ref in part}) == 290
    assert all(rotation_part(contact, 1) == 1 for contact in frame)


def test_nobody_is_invited_again_before_the_cap_has_passed() -> None:
    lately = FrameContact("x", "X", "A", "owner", ON - timedelta(days=59))
    long_ago = FrameContact("y", "Y", "A", "owner", ON - timedelta(days=60))
    drawn = draw_sample([lately, long_ago, *_frame(A=5)], CHOICES)
    assert "x" not in drawn.refs
    assert "y" in drawn.refs
    assert drawn.capped == 1


def test_a_frame_of_which_nobody_may_be_asked_now_is_refused_with_the_reason() -> None:
    lately = [FrameContact(f"x{n}", f"{n}", "A", "owner", ON - timedelta(days=20)) for n in range(12)]
    with pytest.raises(ValueError, match="all 12 who could be asked were invited within the last 60 days"):
        draw_sample(lately, CHOICES)
    one = [FrameContact("x", "1", "A", "owner")]
    part = rotation_part(one[0], 4)
    with pytest.raises(ValueError, match=f"part {part % 4 + 1} of 4 of the rotation holds nobody"):
        draw_sample(one, replace(CHOICES, part=part % 4 + 1, parts=4))


def test_a_special_wave_does_not_empty_the_next_quarters_frame() -> None:
    asked_of_the_flood = FrameContact("x", "X", "A", "owner", last_other=ON - timedelta(days=31))
    asked_just_now = FrameContact("y", "Y", "A", "owner", last_other=ON - timedelta(days=29))
    drawn = draw_sample([asked_of_the_flood, asked_just_now, *_frame(A=5)], CHOICES)
    assert ("x" in drawn.refs, "y" in drawn.refs, drawn.capped) == (True, False, 1)
    without = SampleChoices("s", ON, cap_days=0)
    assert draw_sample([asked_of_the_flood, asked_just_now], without).capped == 0


@pytest.mark.parametrize(
    "link",
    [
        "http://form.example.com/{code}",
        "https://form.example.com/",
        "https://form.example.com/{code}{code}",
        "javascript:alert({code})",
        "https://form.example.com/ {code}",
        f"https://form.example.com/{'x' * 200}{{code}}",
    ],
)
def test_an_address_that_could_not_bring_the_code_to_a_form_is_refused(link: str) -> None:
    with pytest.raises(ValueError, match="expected an https address"):
        checked_link(link)
    assert checked_link(" https://form.example.com/{code} ") == "https://form.example.com/{code}"
    assert checked_link("") == ""


def test_a_household_answers_once_and_tenant_contacts_are_never_mixed_with_employees() -> None:
    frame = [
        FrameContact("owner", "101", "A", "owner"),
        FrameContact("user", "101", "A", "user"),
        FrameContact("firm", "201", "A", "tenant_contact"),
        FrameContact("worker-1", "201", "A", "employee"),
        FrameContact("worker-2", "201", "A", "employee"),
    ]
    drawn = {
        name: draw_sample(frame, SampleChoices("s", ON, name)).refs
        for name in ("household", "tenant_contact", "employee")
    }
    assert drawn == {
        "household": ("user",),
        "tenant_contact": ("firm",),
        "employee": ("worker-1", "worker-2"),
    }


def test_a_frame_without_the_population_is_refused() -> None:
    with pytest.raises(ValueError, match="no contact of kind employee"):
        draw_sample(_frame(A=3), SampleChoices("s", ON, "employee"))


@given(
    sizes=st.lists(st.integers(1, 400), min_size=1, max_size=12),
    share=st.floats(0, 1),
    floor=st.integers(0, 20),
)
def test_no_building_gets_less_than_its_floor_or_more_than_it_holds(
    sizes: list[int], share: float, floor: int
) -> None:
    n = int(share * sum(sizes))
    given_ = allocate_with_floor(n, sizes, floor)
    assert all(min(size, floor) <= got <= size for size, got in zip(sizes, given_, strict=True))
    assert sum(given_) == max(n, sum(min(size, floor) for size in sizes))


def _frame(**buildings: int) -> list[FrameContact]:
    return [
        FrameContact(f"{name}-{number:04d}", f"{number:04d}", name, "owner")
        for name, count in buildings.items()
        for number in range(count)
    ]
