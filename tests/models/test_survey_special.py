"""After which changes does a special survey open, on which day, and are two never too near? (D3)"""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from models.rules.survey_special import (
    ChangeEvent,
    ChangeKind,
    OnPost,
    SpecialFacts,
    SpecialRule,
    purpose_of,
    special_waves,
    staff_changes,
)

DAY = timedelta(days=1)
START = date(2027, 1, 1)
QUARTERLY = (date(2027, 3, 17), date(2027, 6, 16), date(2027, 9, 16), date(2027, 12, 17))
LAST = date(2027, 12, 17)
FLOOD = ChangeEvent(ChangeKind.INCIDENT, "E-1", date(2027, 4, 10))
ON = SpecialFacts(SpecialRule(), (FLOOD,))


def opening(facts: SpecialFacts, today: date) -> dict[str, tuple[date | None, str]]:
    return {
        wave.period: (wave.opens_on, wave.reason) for wave in special_waves(facts, QUARTERLY, LAST, today)
    }


def test_a_wave_opens_so_many_days_after_the_change() -> None:
    assert opening(ON, FLOOD.happened_on) == {"special:incident-E-1": (date(2027, 4, 24), "")}
    later = replace(ON, rule=SpecialRule(after_days=20))
    assert opening(later, FLOOD.happened_on)["special:incident-E-1"][0] == date(2027, 4, 30)


def test_weeks_without_a_clock_change_nothing_and_after_two_months_nobody_is_asked_any_more() -> None:
    asleep = FLOOD.happened_on + timedelta(days=14 + 21)
    assert opening(ON, asleep)["special:incident-E-1"][0] == date(2027, 4, 24)
    period, reason = opening(ON, FLOOD.happened_on + 61 * DAY)["special:incident-E-1"]
    assert period is None
    assert "more than 60 days" in reason


def test_what_changed_before_an_upgrade_brought_special_surveys_is_followed_by_none() -> None:
    upgraded = replace(ON, rule=SpecialRule(since=FLOOD.happened_on + DAY))
    period, reason = opening(upgraded, FLOOD.happened_on + DAY)["special:incident-E-1"]
    assert period is None
    assert "before 2027-04-11, the day of the upgrade" in reason
    that_day = replace(ON, rule=SpecialRule(since=FLOOD.happened_on))
    assert opening(that_day, FLOOD.happened_on)["special:incident-E-1"][0] == date(2027, 4, 24)


@pytest.mark.parametrize(
    ("happened", "opens"),
    [
        (
            date(2027, 3, 10),
            date(2027, 4, 16),
        ),  # would fall into the quarterly wave: thirty days after its opening
        (date(2027, 4, 20), date(2027, 5, 4)),
        (date(2027, 5, 20), date(2027, 7, 16)),  # would come just before the next one
        (date(2027, 5, 10), None),  # put off behind the next one it would be too late
    ],
)
def test_nobody_is_asked_twice_within_thirty_days(happened: date, opens: date | None) -> None:
    facts = replace(ON, events=(replace(FLOOD, happened_on=happened),))
    assert opening(facts, happened)["special:incident-E-1"][0] == opens


def test_what_changes_soon_after_is_asked_with_the_first() -> None:
    second = ChangeEvent(ChangeKind.AMENDMENT, "2", date(2027, 4, 20))
    facts = replace(ON, events=(FLOOD, second))
    found = opening(facts, date(2027, 4, 24))
    assert found["special:incident-E-1"][0] == date(2027, 4, 24)
    assert found["special:amendment-2"] == (None, "less than 90 days from the special survey of 2027-04-24")


def test_what_was_begun_stays_although_another_change_is_recorded_behind_it() -> None:
    earlier = ChangeEvent(ChangeKind.STAFF, "2027-04", date(2027, 4, 2))
    facts = replace(ON, events=(earlier, FLOOD), on_record={FLOOD.period: date(2027, 4, 25)})
    found = opening(facts, date(2027, 4, 26))
    assert found[FLOOD.period][0] == date(2027, 4, 25)
    assert found[earlier.period][0] is None
    gone = replace(facts, events=(), rule=SpecialRule(active=False))
    assert opening(gone, date(2027, 4, 26)) == {FLOOD.period: (date(2027, 4, 25), "")}, (
        "it is closed all the same"
    )


def test_only_the_chosen_changes_count_and_none_when_it_is_off() -> None:
    for rule in (SpecialRule(active=False), SpecialRule(kinds=(ChangeKind.STAFF,))):
        assert opening(replace(ON, rule=rule), FLOOD.happened_on)[FLOOD.period][0] is None


def test_none_opens_that_could_not_close_before_the_term_ends() -> None:
    late = replace(FLOOD, happened_on=date(2027, 12, 1))
    found = opening(replace(ON, events=(late,)), late.happened_on)[FLOOD.period]
    assert found == (None, "the term ends before")


def test_a_new_manager_is_a_change_of_staff_and_so_is_a_quarter_of_the_people() -> None:
    crew = [OnPost("guard", START - 20 * DAY, None) for _ in range(8)]
    assert staff_changes(crew, START) == ()
    one = [*crew, OnPost("guard", date(2027, 5, 3), None)]
    assert staff_changes(one, START) == ()
    two = [*one, OnPost("cleaner", date(2027, 5, 20), None)]
    assert staff_changes(two, START) == (ChangeEvent(ChangeKind.STAFF, "2027-05", date(2027, 5, 20)),)
    head = [*crew, OnPost("manager", date(2027, 6, 1), None)]
    assert staff_changes(head, START) == (ChangeEvent(ChangeKind.STAFF, "2027-06", date(2027, 6, 1)),)


def test_after_an_emergency_the_risks_are_asked_about_and_else_the_service() -> None:
    assert purpose_of("special:incident-E-1") == "risk"
    assert purpose_of("special:amendment-2") == "special"
    assert purpose_of("2027-Q1") == "overall"
