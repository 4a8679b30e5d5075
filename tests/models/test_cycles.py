"""Is everything of the engagement's clockwork due exactly once, in its order, however long nobody looked?"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from models.rules.cycles import ONCE, CycleFacts, CycleKey, CycleKind, due_cycles, meeting_day
from models.rules.periods import contract_months, contract_quarters, contract_years
from models.rules.stages import SERVING, Stage

TERM = (date(2027, 1, 1), date(2027, 12, 31))
_DAY = timedelta(days=1)


def facts(stage: Stage = Stage.IN_SERVICE, done: Iterable[CycleKey] = (), **changes: object) -> CycleFacts:
    known: dict[str, object] = {
        "stage": stage,
        "term_start": TERM[0],
        "term_end": TERM[1],
        "surveyed": True,
        "plans_returned": 0,
        "contracts_returned": 0,
        "exit_surveyed": False,
        "done": frozenset(done),
    }
    return CycleFacts(**(known | changes))  # type: ignore[arg-type]


@st.composite
def any_facts(draw: st.DrawFn) -> tuple[CycleFacts, date]:
    start = draw(st.dates(date(2024, 1, 1), date(2030, 12, 31)))
    end = start + timedelta(days=draw(st.integers(1, 800)))
    possible = [
        (kind, label)
        for kind in CycleKind
        for label in (
            ONCE,
            "plan-1",
            "contract-1",
            *(
                period.label
                for periods in (
                    contract_months(start, end),
                    contract_quarters(start, end),
                    contract_years(start, end),
                )
                for period in periods
            ),
        )
    ]
    some = st.sets(st.sampled_from(possible))
    all_but_a_few = st.sets(st.sampled_from(possible), max_size=3).map(lambda few: set(possible) - few)
    done = draw(st.one_of(some, all_but_a_few, all_but_a_few))
    found = CycleFacts(
        stage=draw(st.one_of(st.sampled_from(Stage), st.just(Stage.IN_SERVICE))),
        term_start=start,
        term_end=end,
        surveyed=draw(st.booleans()),
        plans_returned=draw(st.integers(0, 3)),
        contracts_returned=draw(st.integers(0, 3)),
        exit_surveyed=draw(st.booleans()),
        done=frozenset(done),
    )
    today = start + timedelta(days=draw(st.integers(-60, 900)))
    return found, today


def test_a_contract_waits_until_both_sides_confirmed_the_record() -> None:
    day = TERM[0] - timedelta(days=40)
    asked = facts(stage=Stage.CONTRACTING, record_confirmed=False)
    assert due_cycles(asked, day) == ()
    confirmed = facts(stage=Stage.CONTRACTING)
    assert [cycle.kind for cycle in due_cycles(confirmed, day)] == [CycleKind.CONTRACT]


@given(any_facts())
def test_nothing_done_and_nothing_of_the_future_is_due_and_nothing_twice(
    case: tuple[CycleFacts, date],
) -> None:
    found, today = case
    due = due_cycles(found, today)
    keys = [(cycle.kind, cycle.period) for cycle in due]
    assert found.done.isdisjoint(keys)
    assert all(cycle.due_on <= today for cycle in due)
    assert len(set(keys)) == len(keys)
    assert [cycle.due_on for cycle in due] == sorted(cycle.due_on for cycle in due)


@given(any_facts(), st.integers(0, 400))
def test_what_is_due_stays_due_until_it_is_done(case: tuple[CycleFacts, date], later: int) -> None:
    found, today = case
    before = {(cycle.kind, cycle.period) for cycle in due_cycles(found, today)}
    after = {(cycle.kind, cycle.period) for cycle in due_cycles(found, today + timedelta(days=later))}
    assert before <= after


@given(any_facts())
def test_nothing_is_due_before_what_it_builds_on_is_done(case: tuple[CycleFacts, date]) -> None:
    found, today = case
    months = contract_months(found.term_start, found.term_end)
    quarters = {quarter.label: quarter for quarter in contract_quarters(found.term_start, found.term_end)}
    for cycle in due_cycles(found, today):
        needs: set[CycleKey] = set()
        match cycle.kind:
            case CycleKind.COMMENCEMENT:
                needs = {(CycleKind.MOBILISATION, ONCE)}
            case CycleKind.MONTH_CLOSE:
                needs = {(CycleKind.MONTH_OPEN, cycle.period)}
            case CycleKind.SURVEY_CLOSE:
                needs = {(CycleKind.SURVEY_OPEN, cycle.period)}
            case CycleKind.QUARTER_REVIEW:
                quarter = quarters[cycle.period]
                needs = {(CycleKind.SURVEY_CLOSE, cycle.period)} | {
                    (CycleKind.MONTH_CLOSE, month.label) for month in months if quarter.contains(month.first)
                }
            case CycleKind.HANDOVER_OPEN:
                needs = {(CycleKind.JOINT_EVALUATION, ONCE)}
            case CycleKind.HANDOVER_CLOSE:
                assert found.exit_surveyed
                needs = (
                    {(CycleKind.HANDOVER_OPEN, ONCE)}
                    | {(CycleKind.QUARTER_REVIEW, label) for label in quarters}
                    | {(CycleKind.MONTH_CLOSE, month.label) for month in months}
                )
        assert needs <= found.done, cycle
        if cycle.kind in _SERVICE_KINDS:
            assert found.stage in SERVING, cycle


_SERVICE_KINDS = {
    CycleKind.MONTH_OPEN,
    CycleKind.MONTH_CLOSE,
    CycleKind.OWNER_MEETING,
    CycleKind.DRILL,
    CycleKind.SURVEY_OPEN,
    CycleKind.SURVEY_CLOSE,
    CycleKind.QUARTER_REVIEW,
}


@given(
    st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    st.integers(30, 800),
    st.integers(0, 800),
    st.integers(1, 60),
)
def test_a_dispatcher_that_slept_for_weeks_does_what_one_did_that_looked_each_day(
    start: date, length: int, asleep_from: int, days: int
) -> None:
    begun = facts(term_start=start, term_end=start + timedelta(days=length), exit_surveyed=True)
    asleep = start + timedelta(days=asleep_from)
    awake = asleep + timedelta(days=days)
    slept = _catch_up(_catch_up(begun, asleep), awake)
    watched = _catch_up(begun, asleep)
    while asleep < awake:
        asleep += _DAY
        watched = _catch_up(watched, asleep)
    assert slept.done == watched.done


def test_a_whole_term_holds_every_month_quarter_and_year_once() -> None:
    done = _catch_up(facts(exit_surveyed=True), TERM[1] + timedelta(days=60)).done
    count = {kind: sum(key[0] is kind for key in done) for kind in CycleKind}
    assert count == {
        **dict.fromkeys(CycleKind, 0),
        CycleKind.MONTH_OPEN: 12,
        CycleKind.MONTH_CLOSE: 12,
        CycleKind.OWNER_MEETING: 4,
        CycleKind.DRILL: 4,
        CycleKind.SURVEY_OPEN: 4,
        CycleKind.SURVEY_CLOSE: 4,
        CycleKind.QUARTER_REVIEW: 4,
        CycleKind.YEAR_REVIEW: 1,
        CycleKind.JOINT_EVALUATION: 1,
        CycleKind.HANDOVER_OPEN: 1,
        CycleKind.HANDOVER_CLOSE: 1,
    }


def test_a_quarter_is_reviewed_when_its_months_and_its_survey_are_closed_and_not_before() -> None:
    closed: set[CycleKey] = {(CycleKind.MONTH_CLOSE, f"2027-0{month}") for month in (1, 2, 3)}
    closed.add((CycleKind.SURVEY_CLOSE, "2027-Q1"))
    review = (CycleKind.QUARTER_REVIEW, "2027-Q1")

    def due(done: set[CycleKey], today: date) -> bool:
        return review in [(cycle.kind, cycle.period) for cycle in due_cycles(facts(done=done), today)]

    assert due(closed, date(2027, 4, 6))
    assert not any(due(closed - {one}, date(2027, 4, 6)) for one in closed)


def test_what_is_made_of_reports_waits_until_every_month_before_it_has_its_report() -> None:
    january, february = ((CycleKind.MONTH_CLOSE, f"2027-0{month}") for month in (1, 2))
    meeting, review = (CycleKind.OWNER_MEETING, "2027-Q1"), (CycleKind.YEAR_REVIEW, "2027")
    eleven: set[CycleKey] = {(CycleKind.MONTH_CLOSE, f"2027-{month:02}") for month in range(1, 12)}

    def due(done: set[CycleKey], today: date) -> list[CycleKey]:
        return [(cycle.kind, cycle.period) for cycle in due_cycles(facts(done=done), today)]

    assert meeting not in due(set(), date(2027, 2, 1))
    assert meeting in due({january}, date(2027, 2, 1))
    assert meeting not in due({february}, date(2027, 3, 1))
    assert review in due(eleven, date(2027, 12, 1))
    assert not any(review in due(eleven - {one}, date(2027, 12, 1)) for one in eleven)


def test_the_plan_is_due_once_the_building_is_surveyed_and_again_after_each_return() -> None:
    today = date(2026, 10, 24)
    assert due_cycles(facts(Stage.DUE_DILIGENCE, surveyed=False), today) == ()
    for returned in range(3):
        found = due_cycles(facts(Stage.DUE_DILIGENCE, plans_returned=returned), today)
        assert [(cycle.kind, cycle.period) for cycle in found] == [
            (CycleKind.DUE_DILIGENCE, f"plan-{returned + 1}")
        ]


def test_a_closed_or_withdrawn_engagement_has_nothing_due() -> None:
    for stage in (Stage.CLOSED, Stage.WITHDRAWN):
        assert due_cycles(facts(stage), date(2030, 1, 1)) == ()


@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.integers(1, 800))
def test_owners_meet_within_the_quarter_and_the_term(start: date, length: int) -> None:
    for quarter in contract_quarters(start, start + timedelta(days=length)):
        assert quarter.first <= meeting_day(quarter) <= quarter.last


def _catch_up(found: CycleFacts, today: date) -> CycleFacts:
    """Do everything that is due, and what becomes due by it, as the dispatcher's rounds of a day do."""
    while due := due_cycles(found, today):
        found = replace(found, done=found.done | {(cycle.kind, cycle.period) for cycle in due})
    return found


def test_a_plan_put_to_both_sides_by_a_run_that_died_is_brought_to_its_end() -> None:
    today = date(2026, 10, 24)
    waiting = facts(Stage.PLAN_CONFIRMATION, surveyed=True)
    assert [(c.kind, c.period) for c in due_cycles(waiting, today)] == [(CycleKind.DUE_DILIGENCE, "plan-1")]
    finished = replace(waiting, done=frozenset({(CycleKind.DUE_DILIGENCE, "plan-1")}))
    assert due_cycles(finished, today) == ()


def test_a_commencement_whose_run_died_after_the_stage_had_changed_is_brought_to_its_end() -> None:
    begun = {(CycleKind.COMMENCEMENT, ONCE)}
    died = due_cycles(facts(begun=frozenset(begun)), TERM[0])
    assert (CycleKind.COMMENCEMENT, ONCE) in {(cycle.kind, cycle.period) for cycle in died}
    ended = due_cycles(facts(done=begun), TERM[0])
    assert CycleKind.COMMENCEMENT not in {cycle.kind for cycle in ended}
    assert CycleKind.COMMENCEMENT not in {cycle.kind for cycle in due_cycles(facts(), TERM[0])}


def test_a_protocol_that_was_sent_back_is_followed_by_another_three_days_later() -> None:
    done = _catch_up(facts(exit_surveyed=True), TERM[1] + timedelta(days=60)).done
    back = TERM[1] + timedelta(days=12)
    returned = facts(exit_surveyed=True, stage=Stage.HANDOVER, done=done, protocols_returned=(back,))
    assert due_cycles(returned, back + timedelta(days=2)) == ()
    (again,) = due_cycles(returned, back + timedelta(days=3))
    assert (again.kind, again.period) == (CycleKind.HANDOVER_CLOSE, "protocol-2")


def test_months_beyond_the_term_are_due_only_where_service_goes_on_and_the_protocol_waits_for_them() -> None:
    every = [(CycleKind.MONTH_OPEN, month.label) for month in contract_months(*TERM)]
    every += [(CycleKind.MONTH_CLOSE, label) for _kind, label in list(every)]
    every += [(CycleKind.QUARTER_REVIEW, quarter.label) for quarter in contract_quarters(*TERM)]
    every += [(CycleKind.HANDOVER_OPEN, ONCE)]
    ended = facts(Stage.HANDOVER, every, exit_surveyed=True)
    going_on = replace(ended, serving_until=date(2028, 2, 10))

    def due(known: CycleFacts, day: date) -> set[CycleKey]:
        kinds = (CycleKind.MONTH_OPEN, CycleKind.MONTH_CLOSE, CycleKind.HANDOVER_CLOSE)
        return {(one.kind, one.period) for one in due_cycles(known, day) if one.kind in kinds}

    assert due(ended, date(2028, 2, 20)) == {(CycleKind.HANDOVER_CLOSE, ONCE)}
    assert due(going_on, date(2028, 1, 15)) == {(CycleKind.MONTH_OPEN, "2028-01")}
    beyond = [
        (kind, label)
        for label in ("2028-01", "2028-02")
        for kind in (CycleKind.MONTH_OPEN, CycleKind.MONTH_CLOSE)
    ]
    served = replace(going_on, done=going_on.done | frozenset(beyond))
    assert due(served, date(2028, 2, 17)) == set()
    assert due(served, date(2028, 2, 18)) == {(CycleKind.HANDOVER_CLOSE, ONCE)}
    assert due(replace(served, done=served.done - {beyond[-1]}), date(2028, 2, 18)) == {beyond[-1]}


def test_a_month_in_which_the_term_ends_is_closed_when_service_ends_in_it() -> None:
    opened = facts(done=[(CycleKind.MONTH_OPEN, "2027-06")], term_end=date(2027, 6, 15))

    def closed_on(known: CycleFacts) -> date:
        (day,) = [
            one.due_on
            for one in due_cycles(known, date(2027, 9, 1))
            if (one.kind, one.period) == (CycleKind.MONTH_CLOSE, "2027-06")
        ]
        return day

    assert closed_on(opened) == date(2027, 6, 16)
    assert closed_on(replace(opened, serving_until=date(2027, 6, 20))) == date(2027, 6, 21)
    assert closed_on(replace(opened, serving_until=date(2027, 7, 31))) == date(2027, 7, 1)


@given(
    st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    st.integers(1, 800),
    st.integers(-30, 366),
    st.one_of(st.none(), st.integers(1, 800)),
    st.booleans(),
    st.lists(st.integers(-20, 900), max_size=2),
    st.lists(st.integers(-20, 20), max_size=2),
)
def test_every_term_is_gone_through_once_to_one_protocol(
    start: date,
    length: int,
    beyond: int,
    ended_after: int | None,
    yearly: bool,
    called: list[int],
    sent_back: list[int],
) -> None:
    """Whether it ends early, goes on, is evaluated yearly or by appointment, or its protocol comes back."""
    end = start + timedelta(days=length)
    if ended_after is not None:
        end = min(end, start + timedelta(days=ended_after))
    last = max(end, end + timedelta(days=beyond))
    known = facts(
        Stage.IN_SERVICE,
        term_start=start,
        term_end=end,
        serving_until=end + timedelta(days=beyond),
        exit_surveyed=True,
        evaluated_yearly=yearly,
        begun=frozenset(
            (CycleKind.JOINT_EVALUATION, (start + timedelta(days=day)).isoformat()) for day in called
        ),
        protocols_returned=tuple(last + timedelta(days=12 + day) for day in sent_back),
    )
    done = _catch_up(known, last + timedelta(days=90)).done
    months = [month.label for month in contract_months(start, last)]
    for kind in (CycleKind.MONTH_OPEN, CycleKind.MONTH_CLOSE):
        assert sorted(period for one, period in done if one is kind) == months
    quarters = [quarter.label for quarter in contract_quarters(start, end)]
    assert sorted(period for kind, period in done if kind is CycleKind.QUARTER_REVIEW) == quarters
    years = [year.label for year in contract_years(start, end)]
    assert sorted(period for kind, period in done if kind is CycleKind.YEAR_REVIEW) == years
    evaluated = {period for kind, period in done if kind is CycleKind.JOINT_EVALUATION}
    appointed = {day for day in (start + timedelta(days=one) for one in called) if day < end}
    assert evaluated == {ONCE, *(years[:-1] if yearly else ()), *(day.isoformat() for day in appointed)}
    (protocol,) = [period for kind, period in done if kind is CycleKind.HANDOVER_CLOSE]
    assert protocol == (f"protocol-{len(sent_back) + 1}" if sent_back else ONCE)
    assert due_cycles(replace(known, stage=Stage.CLOSED, done=done), date(2036, 1, 1)) == ()
