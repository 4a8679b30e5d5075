"""Do the clocks of a request follow from its log alone, whatever is paused, reopened or promised anew? (B6)

The cases are those in which other desks' clocks are known to go wrong.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.request_states import TRANSITIONS, Act, ActRefused, LogEntry, legal_acts, standing
from models.rules.service_clock import Clock, RequestClocks, clocks, first_decision, with_working_days
from models.rules.service_levels import ServiceCalendar, ServiceLevel, Verdict, Window, due_at

ZONE = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
OFFICE = ServiceCalendar(ZONE, ((Window(time(9), time(12)), Window(time(13), time(18))),) * 5 + ((), ()))
NIGHTS = ServiceCalendar.weekly(ZONE, range(7), Window(time(22), time(6)))
LEVEL = ServiceLevel(2 * HOUR, 8 * HOUR, OFFICE)
FAR = datetime(2028, 1, 1, tzinfo=UTC)

moments = st.integers(0, 60 * 24 * 60).map(lambda minutes: at(1, 0) + timedelta(minutes=minutes))
spans = st.lists(st.tuples(st.integers(1, 4000), st.integers(0, 4000)), max_size=4)
levels = st.builds(
    ServiceLevel,
    st.integers(0, 40).map(lambda h: h * HOUR),
    st.integers(0, 200).map(lambda h: h * HOUR),
    st.sampled_from([OFFICE, NIGHTS, ServiceCalendar(ZONE, always_open=True)]),
)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in March 2027, which begins on a Monday."""
    return datetime(2027, 3, day, hour, minute, tzinfo=ZONE)


def log(start: datetime, *acts: tuple[str, datetime]) -> list[LogEntry]:
    return [LogEntry(Act.RECEIVED, start), *(LogEntry(Act(act), moment) for act, moment in acts)]


def with_pauses(start: datetime, paused: list[tuple[int, int]]) -> list[LogEntry]:
    acts, moment = [], start
    for wait, length in paused:
        begins = moment + timedelta(minutes=wait)
        moment = begins + timedelta(minutes=length)
        acts += [("paused", begins), ("resumed", moment)]
    return log(start, *acts)


def resolution(entries: list[LogEntry], as_of: datetime = FAR, level: ServiceLevel = LEVEL) -> Clock:
    return clocks(entries, level, as_of).resolution


# The three invariants.


@given(moments, spans, levels, st.integers(0, 40), st.floats(0, 1))
def test_splitting_a_pause_changes_nothing(
    start: datetime, paused: list[tuple[int, int]], level: ServiceLevel, later: int, share: float
) -> None:
    whole = with_pauses(start, paused)
    split = []
    for entry, following in zip(whole, [*whole[1:], None], strict=True):
        split.append(entry)
        if entry.act is Act.PAUSED and following is not None:
            middle = entry.at + (following.at - entry.at) * share
            split += [LogEntry(Act.RESUMED, middle), LogEntry(Act.PAUSED, middle)]
    as_of = whole[-1].at + later * HOUR
    assert clocks(split, level, as_of) == clocks(whole, level, as_of)


@given(st.integers(0, 40), st.integers(0, 200), st.integers(0, 400))
def test_a_pause_wholly_outside_hours_changes_nothing(day: int, target: int, later: int) -> None:
    start = at(1, 9) + timedelta(days=day)
    evening = start.replace(hour=18)
    level = ServiceLevel(None, target * HOUR, OFFICE)
    plain, held = log(start), log(start, ("paused", evening), ("resumed", evening + 15 * HOUR))
    as_of = evening + 15 * HOUR + later * HOUR
    assert resolution(held, as_of, level) == resolution(plain, as_of, level)


@given(moments, spans, st.integers(0, 100), st.integers(0, 100), levels)
def test_the_due_time_of_a_sum_is_the_due_time_after_the_due_time(
    start: datetime, paused: list[tuple[int, int]], a: int, b: int, level: ServiceLevel
) -> None:
    entries = with_pauses(start, paused)
    first = resolution(entries, FAR, replace(level, resolution=a * HOUR)).due_at
    both = resolution(entries, FAR, replace(level, resolution=(a + b) * HOUR)).due_at
    assert first is not None
    assert both == due_at(first, b * HOUR, level.calendar, standing(entries).pauses)


# What goes wrong elsewhere.


def test_a_lunch_break_and_a_shift_past_midnight_can_be_told() -> None:
    assert resolution(log(at(1, 11))).due_at == at(2, 11)
    night = ServiceLevel(None, 8 * HOUR, NIGHTS)
    assert resolution(log(at(1, 20)), FAR, night).due_at == at(2, 6)


def test_holidays_take_away_and_makeup_workdays_add() -> None:
    worked = with_working_days(OFFICE, {date(2027, 3, 1): False, date(2027, 3, 6): True})
    level = replace(LEVEL, calendar=worked)
    assert resolution(log(at(1, 9)), FAR, level).due_at == at(2, 18)
    assert resolution(log(at(5, 17)), FAR, level).due_at == at(6, 17)  # a Saturday that is worked
    assert resolution(log(at(5, 17))).due_at == at(8, 17)
    back = with_working_days(worked, {date(2027, 3, 1): True, date(2027, 3, 6): False})
    assert resolution(log(at(1, 9)), FAR, replace(LEVEL, calendar=back)).due_at == at(1, 18)


def test_a_pause_over_a_night_is_not_counted_twice() -> None:
    """Added to the target in wall-clock hours, 17:00 to 10:00 would give 17 hours instead of 2."""
    entries = log(at(1, 9), ("paused", at(1, 17)), ("resumed", at(2, 10)))
    assert resolution(entries).due_at == at(2, 11)
    assert resolution(entries, at(2, 10)).used == 7 * HOUR


def test_a_pause_outlives_a_change_of_the_promise_and_everything_is_judged_again() -> None:
    entries = log(at(1, 9), ("paused", at(1, 10)), ("resumed", at(3, 10)), ("resolved", at(3, 12)))
    assert resolution(entries).verdict is Verdict.MET
    strict = replace(LEVEL, resolution=2 * HOUR)
    assert resolution(entries, FAR, strict).verdict is Verdict.BREACHED
    assert resolution(entries, FAR, strict).used == resolution(entries).used == 3 * HOUR
    assert resolution(entries, FAR, strict).due_at == at(3, 11)


def test_a_pause_over_a_holiday_credits_the_hours_of_service_only() -> None:
    level = replace(LEVEL, calendar=with_working_days(OFFICE, {date(2027, 3, 2): False}))
    held = log(at(1, 17), ("paused", at(1, 18)), ("resumed", at(3, 9)))
    assert resolution(held, FAR, level).due_at == resolution(log(at(1, 17)), FAR, level).due_at == at(3, 17)


def test_nothing_is_breached_while_it_is_held() -> None:
    entries = log(at(1, 9), ("paused", at(1, 10)))
    held = clocks(entries, LEVEL, at(31, 9))
    assert (held.held, held.resolution.verdict, held.resolution.used) == (True, Verdict.OPEN, HOUR)
    assert held.resolution.due_at is None


def test_the_time_between_settling_and_reopening_is_no_pause_and_the_clock_goes_on() -> None:
    entries = log(at(1, 9), ("resolved", at(1, 12)), ("reopened", at(3, 9)))
    found = clocks(entries, LEVEL, at(3, 11))
    assert (found.paused, found.settled_between) == (timedelta(0), 45 * HOUR)
    assert (found.resolution.used, found.resolution.due_at) == (5 * HOUR, at(3, 15))
    again = [*entries, LogEntry(Act.CLOSED, at(3, 16))]
    assert resolution(again).verdict is Verdict.BREACHED
    assert resolution(again, at(2, 9)).verdict is Verdict.MET, "what was known before the reopening"


def test_the_servers_own_time_zone_plays_no_part() -> None:
    naive = [LogEntry(Act.RECEIVED, datetime(2027, 3, 1, 9))]  # noqa: DTZ001
    with pytest.raises((TypeError, ValueError)):
        clocks(naive, LEVEL, FAR)
    abroad = [
        LogEntry(entry.act, entry.at.astimezone(ZoneInfo("America/New_York"))) for entry in log(at(1, 9))
    ]
    assert resolution(abroad) == resolution(log(at(1, 9)))


def test_a_promise_of_an_answer_is_judged_apart_and_settling_is_an_answer() -> None:
    answered = clocks(log(at(1, 9), ("responded", at(1, 12))), LEVEL, at(1, 14))
    assert (answered.response.verdict, answered.resolution.verdict) == (Verdict.BREACHED, Verdict.OPEN)
    settled = clocks(log(at(1, 9), ("resolved", at(1, 10))), LEVEL, FAR)
    assert (settled.response.verdict, settled.response.finished_at) == (Verdict.MET, at(1, 10))


@pytest.mark.parametrize(
    ("hour", "state"),
    [(14, Verdict.OPEN), (17, Verdict.AT_RISK), (18, Verdict.AT_RISK), (42, Verdict.BREACHED)],
)
def test_a_clock_is_open_at_risk_and_breached_in_turn(hour: int, state: Verdict) -> None:
    assert resolution(log(at(1, 9)), at(1, 0) + hour * HOUR).verdict is state


def test_where_nothing_is_promised_no_verdict_is_given() -> None:
    found = clocks(log(at(1, 9)), ServiceLevel(None, None, OFFICE), FAR)
    assert (found.response.verdict, found.resolution.verdict) == (Verdict.NOT_APPLICABLE,) * 2
    assert found.resolution.share_used is None


# Decisions, of which each counts once.


def test_a_promise_is_decided_once_by_the_first_settling_or_when_its_time_is_up() -> None:
    entries = log(at(1, 9), ("resolved", at(1, 12)), ("reopened", at(3, 9)), ("resolved", at(9, 9)))
    assert [d.at for d in first_decision(entries, LEVEL, FAR)] == [at(1, 11), at(1, 12)]
    assert [d.kept for d in first_decision(entries, LEVEL, FAR)] == [False, True]
    slow = log(at(1, 9), ("paused", at(1, 10)), ("resumed", at(2, 10)), ("resolved", at(9, 9)))
    assert first_decision(slow, LEVEL, FAR)[1].at == at(2, 18)
    assert first_decision(slow, LEVEL, at(2, 12))[1].at is None


@given(moments, spans, levels, st.integers(0, 300))
def test_a_verdict_and_the_due_time_agree(
    start: datetime, paused: list[tuple[int, int]], level: ServiceLevel, later: int
) -> None:
    entries = with_pauses(start, paused)
    as_of = entries[-1].at + later * HOUR
    found: RequestClocks = clocks(entries, level, as_of)
    due = found.resolution.due_at
    assert due is not None
    assert level.resolution is not None
    assert (found.resolution.verdict is Verdict.BREACHED) == (found.resolution.used > level.resolution)
    if as_of < due:
        assert found.resolution.verdict in (Verdict.OPEN, Verdict.AT_RISK)


# The table of legal acts.


@given(st.lists(st.sampled_from(list(Act)), max_size=12))
def test_a_log_is_replayed_as_the_table_says_or_refused(acts: list[Act]) -> None:
    entries = [LogEntry(Act.RECEIVED, at(1, 9))]
    state = "received"
    for minute, act in enumerate(acts, start=1):
        following = [*entries, LogEntry(act, at(1, 9, minute))]
        if (state, act) not in TRANSITIONS:
            with pytest.raises(ActRefused, match=f"a request that is {state} cannot be"):
                standing(following)
            continue
        entries, state = following, standing(following).state
    assert state in ("received", "responded", "waiting", "resolved", "closed")
    found = standing(entries)
    assert (found.settled_at is not None) == (state in ("resolved", "closed"))
    assert found.reopened == sum(entry.act is Act.REOPENED for entry in entries)


def test_what_is_legal_is_said_and_time_does_not_go_back() -> None:
    assert legal_acts("waiting") == (
        *(Act.ASSIGNED, Act.RESUMED, Act.RECLASSIFIED, Act.CONVERTED, Act.ESCALATED),
        *(Act.RESOLVED, Act.CLOSED),
    )
    with pytest.raises(ActRefused, match="legal is closed, reopened, called_back"):
        standing(log(at(1, 9), ("resolved", at(1, 10)), ("paused", at(1, 11))))
    with pytest.raises(ActRefused, match="before the entry before it"):
        standing(log(at(1, 9), ("responded", at(1, 8))))


def test_what_the_clock_wrote_down_keeps_nobody_from_telling_when_it_was_settled() -> None:
    told_late = log(at(1, 9), ("escalated", at(1, 15)), ("responded", at(1, 10)), ("resolved", at(1, 14)))
    assert resolution(told_late).finished_at == at(1, 14)
    assert clocks(told_late, LEVEL, at(1, 12)).resolution.verdict is Verdict.OPEN, "as it stood at noon"
    with pytest.raises(ActRefused, match="before the entry before it"):
        standing(
            log(at(1, 9), ("responded", at(1, 10)), ("escalated", at(1, 15)), ("resolved", at(1, 9, 30)))
        )
