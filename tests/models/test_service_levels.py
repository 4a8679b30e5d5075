"""Service levels: the clock measures opening hours less pauses, and verdicts follow from it."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.service_levels import (
    PROPOSED_TARGETS,
    Pause,
    Priority,
    RequestKind,
    ServiceCalendar,
    Verdict,
    Window,
    due_at,
    elapsed,
    service_level_for,
    verdict,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONDON = ZoneInfo("Europe/London")
HOUR = timedelta(hours=1)
OFFICE = ServiceCalendar(
    SHANGHAI,
    windows=((Window(time(9), time(12)), Window(time(13), time(18))),) * 5 + ((), ()),
    holidays=frozenset({date(2027, 10, 1)}),
    makeup_workdays=frozenset({date(2027, 10, 9)}),
)
NIGHTS = ServiceCalendar.weekly(LONDON, range(7), Window(time(22), time(6)))
SPLIT_NIGHTS = ServiceCalendar.weekly(LONDON, (0, 2, 4), Window(time(20), time(2)), Window(time(4), time(5)))
ALWAYS = ServiceCalendar(SHANGHAI, always_open=True)
CALENDARS = [OFFICE, NIGHTS, SPLIT_NIGHTS, ALWAYS]

calendars = st.sampled_from(CALENDARS)
instants = st.integers(0, 364 * 86400).map(lambda s: datetime(2027, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
targets = st.integers(0, 200 * 3600).map(lambda seconds: timedelta(seconds=seconds))
pauses = st.lists(
    st.tuples(instants, st.integers(0, 10 * 24 * 3600)).map(
        lambda p: Pause(p[0], p[0] + timedelta(seconds=p[1]))
    ),
    max_size=4,
)


def shanghai(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=SHANGHAI)


@given(instants, targets, targets, calendars, pauses)
def test_due_of_a_sum_is_due_after_due(
    start: datetime, a: timedelta, b: timedelta, calendar: ServiceCalendar, held: list[Pause]
) -> None:
    halfway = due_at(start, a, calendar, held)
    assert halfway is not None
    assert due_at(start, a + b, calendar, held) == due_at(halfway, b, calendar, held)


@given(instants, targets, calendars, pauses)
def test_exactly_the_target_has_elapsed_when_it_is_due(
    start: datetime, target: timedelta, calendar: ServiceCalendar, held: list[Pause]
) -> None:
    due = due_at(start, target, calendar, held)
    assert due is not None
    assert elapsed(start, due, calendar, held) == target


@given(instants, targets, targets, calendars, pauses)
def test_elapsed_adds_up_over_a_cut(
    start: datetime, a: timedelta, b: timedelta, calendar: ServiceCalendar, held: list[Pause]
) -> None:
    cut, end = start + a, start + a + b
    whole = elapsed(start, end, calendar, held)
    assert whole == elapsed(start, cut, calendar, held) + elapsed(cut, end, calendar, held)
    assert timedelta(0) <= whole <= a + b


@given(instants, targets, calendars, pauses, st.floats(0, 1))
def test_splitting_a_pause_changes_nothing(
    start: datetime, target: timedelta, calendar: ServiceCalendar, held: list[Pause], share: float
) -> None:
    split = []
    for pause in held:
        assert pause.ends is not None
        middle = pause.begins + (pause.ends - pause.begins) * share
        split += [Pause(middle, pause.ends), Pause(pause.begins, middle)]
    assert due_at(start, target, calendar, split) == due_at(start, target, calendar, held)


@given(st.integers(0, 360), targets)
def test_a_pause_wholly_outside_hours_changes_nothing(day: int, target: timedelta) -> None:
    start = datetime(2027, 1, 1, tzinfo=SHANGHAI)
    lunch = datetime(2027, 1, 1, 12, tzinfo=SHANGHAI) + timedelta(days=day)
    night = lunch + 6 * HOUR
    held = [Pause(lunch, lunch + HOUR), Pause(night, night + 15 * HOUR)]
    assert due_at(start, target, OFFICE, held) == due_at(start, target, OFFICE)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        pytest.param(shanghai(3, 1, 10), 1, shanghai(3, 1, 11), id="within the morning"),
        pytest.param(shanghai(3, 1, 11), 2, shanghai(3, 1, 14), id="over lunch"),
        pytest.param(shanghai(3, 1, 17), 1, shanghai(3, 1, 18), id="exactly at closing"),
        pytest.param(shanghai(3, 5, 17), 2, shanghai(3, 8, 10), id="over the weekend"),
        pytest.param(shanghai(9, 30, 17), 2, shanghai(10, 4, 10), id="over a holiday and the weekend"),
        pytest.param(shanghai(10, 8, 17), 2, shanghai(10, 9, 10), id="into a make-up Saturday"),
        pytest.param(shanghai(3, 6, 10), 0, shanghai(3, 6, 10), id="no time promised"),
    ],
)
def test_due_in_office_hours(start: datetime, hours: int, due: datetime) -> None:
    assert due_at(start, hours * HOUR, OFFICE) == due


def test_makeup_workday_can_have_its_own_hours() -> None:
    calendar = ServiceCalendar(
        SHANGHAI,
        OFFICE.windows,
        makeup_workdays=frozenset({date(2027, 10, 9)}),
        makeup_windows=(Window(time(10), time(11)),),
    )
    assert elapsed(shanghai(10, 9, 0), shanghai(10, 10, 0), calendar) == HOUR


def test_a_night_window_runs_on_into_the_next_day() -> None:
    assert elapsed(
        datetime(2027, 1, 5, 20, tzinfo=LONDON), datetime(2027, 1, 6, 12, tzinfo=LONDON), NIGHTS
    ) == (8 * HOUR)


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2027, 3, 27), 7), (date(2027, 10, 30), 9)], ids=["spring", "autumn"]
)
def test_a_night_of_a_clock_change_is_an_hour_shorter_or_longer(day: date, hours: int) -> None:
    start = datetime.combine(day, time(12), LONDON)
    end = datetime.combine(day + timedelta(days=1), time(12), LONDON)
    assert elapsed(start, end, NIGHTS) == hours * HOUR


def test_windows_that_overlap_count_once() -> None:
    calendar = ServiceCalendar.weekly(SHANGHAI, range(7), Window(time(9), time(9)), Window(time(8), time(20)))
    assert elapsed(shanghai(3, 1, 0), shanghai(3, 4, 0), calendar) == 72 * HOUR


def test_a_lasting_pause_holds_the_clock_and_leaves_the_due_date_open() -> None:
    held = [Pause(shanghai(3, 1, 10))]
    assert elapsed(shanghai(3, 1, 9), shanghai(3, 9, 9), OFFICE, held) == HOUR
    assert due_at(shanghai(3, 1, 9), 2 * HOUR, OFFICE, held) is None
    assert due_at(shanghai(3, 1, 9), HOUR, OFFICE, held) == shanghai(3, 1, 10)


@pytest.mark.parametrize(
    ("target", "finished", "as_of", "expected"),
    [
        pytest.param(
            2 * HOUR, shanghai(3, 1, 11), shanghai(3, 2, 9), Verdict.MET, id="finished on the minute"
        ),
        pytest.param(
            2 * HOUR, shanghai(3, 1, 11, 1), shanghai(3, 2, 9), Verdict.BREACHED, id="a minute late"
        ),
        pytest.param(2 * HOUR, None, shanghai(3, 1, 10), Verdict.OPEN, id="half the time used"),
        pytest.param(2 * HOUR, None, shanghai(3, 1, 10, 36), Verdict.AT_RISK, id="80 % used"),
        pytest.param(2 * HOUR, None, shanghai(3, 1, 11), Verdict.AT_RISK, id="due this instant"),
        pytest.param(2 * HOUR, None, shanghai(3, 1, 11, 1), Verdict.BREACHED, id="overdue"),
        pytest.param(
            2 * HOUR, shanghai(3, 1, 11), shanghai(3, 1, 9, 30), Verdict.OPEN, id="seen before finishing"
        ),
        pytest.param(None, None, shanghai(3, 1, 11), Verdict.NOT_APPLICABLE, id="nothing promised"),
        pytest.param(2 * HOUR, None, shanghai(3, 1, 8), Verdict.NOT_APPLICABLE, id="before it came in"),
    ],
)
def test_verdict(
    target: timedelta | None, finished: datetime | None, as_of: datetime, expected: Verdict
) -> None:
    assert verdict(shanghai(3, 1, 9), target, OFFICE, as_of, finished) is expected


def test_every_kind_and_priority_has_one_proposed_target_labelled_as_a_proposal() -> None:
    keys = [(row.kind, row.priority) for row in PROPOSED_TARGETS]
    assert sorted(keys) == sorted((kind, priority) for kind in RequestKind for priority in Priority)
    assert all(
        row.source.startswith("proposal") and row.response <= row.resolution for row in PROPOSED_TARGETS
    )


def test_proposed_levels_run_day_and_night_or_in_desk_hours() -> None:
    burst_pipe = service_level_for(RequestKind.REPAIR, Priority.EMERGENCY, OFFICE)
    question = service_level_for(RequestKind.ENQUIRY, Priority.NORMAL, OFFICE)
    assert burst_pipe is not None
    assert burst_pipe.calendar.always_open
    assert question is not None
    assert question.calendar is OFFICE
    assert service_level_for(RequestKind.REPAIR, Priority.LOW, OFFICE, targets=()) is None


def test_wrong_calendars_are_refused() -> None:
    with pytest.raises(ValueError, match="never opens"):
        ServiceCalendar(SHANGHAI)
    with pytest.raises(ValueError, match="7 weekdays"):
        ServiceCalendar(SHANGHAI, windows=((Window(time(9), time(10)),),))
    with pytest.raises(ValueError, match="2027-10-01"):
        ServiceCalendar(
            SHANGHAI, OFFICE.windows, OFFICE.holidays, makeup_workdays=frozenset({date(2027, 10, 1)})
        )


def test_wrong_instants_are_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        elapsed(shanghai(1, 1, 9).replace(tzinfo=None), shanghai(3, 1, 9), OFFICE)
    with pytest.raises(ValueError, match="backwards"):
        elapsed(shanghai(3, 2, 9), shanghai(3, 1, 9), OFFICE)
    with pytest.raises(ValueError, match="negative"):
        due_at(shanghai(3, 2, 9), -HOUR, OFFICE)
    with pytest.raises(ValueError, match="before it begins"):
        Pause(shanghai(3, 2, 9), shanghai(3, 1, 9))
