"""Does nobody work before qualification and training, and nothing begin before every post is filled? (B1, B5)"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlmodel import select

from models.db import reading
from models.errors import NotReady, Terminal
from models.rules.coverage import Shift
from models.rules.periods import Period
from models.service_plan import PlanPost
from models.staff import ShiftRecord, StaffMember
from tasks.engagements import find_engagement
from tasks.mobilisation import assign_staff, record_training, training_programme, vacancies
from tasks.promises import manned_posts
from tasks.rosters import record_shifts, shifts_between
from tests import factories

ON = date(2026, 12, 15)


@pytest.fixture
def mobilising(surveyed: str) -> Iterator[str]:
    factories.propose_plan(surveyed)
    factories.answer(surveyed, "plan")
    factories.offer(surveyed)
    factories.answer(surveyed, "contract")
    yield surveyed


def test_a_post_that_asks_for_a_certificate_is_closed_to_those_without_a_valid_one(mobilising: str) -> None:
    post = next(post for post in vacancies(mobilising) if post.certificate)
    for certificate, expires, said in (
        ("", None, "is missing"),
        ("a driving licence", date(2030, 1, 1), "is missing"),
        (post.certificate, None, "out of date"),
        (post.certificate, date(2026, 12, 14), "out of date"),
    ):
        with pytest.raises(NotReady, match=said):
            assign_staff(mobilising, "staff-1", post.post_code, certificate, expires, ON)
    assert assign_staff(mobilising, "staff-1", post.post_code, post.certificate, ON, ON) is True
    assert assign_staff(mobilising, "staff-1", post.post_code, post.certificate, ON, ON) is False
    with reading() as session:
        assert [member.ref for member in session.exec(select(StaffMember)).all()] == ["staff-1"]


def test_a_post_the_plan_does_not_have_cannot_be_taken(mobilising: str) -> None:
    with pytest.raises(Terminal, match="no post 'astronaut'"):
        assign_staff(mobilising, "staff-1", "astronaut", "", None, ON)


def test_a_shift_worked_before_every_module_is_passed_is_kept_and_marked(mobilising: str) -> None:
    guard = next(post for post in vacancies(mobilising) if post.round_the_clock)
    expires = date(2029, 1, 1) if guard.certificate else None
    assign_staff(mobilising, "guard-1", guard.post_code, guard.certificate, expires, ON)
    modules = [
        (code, mark) for code, posts, mark in training_programme(mobilising) if guard.post_code in posts
    ]
    assert len(modules) >= 2
    shift = _shift(guard.post_code, "guard-1")
    (last, mark), rest = modules[-1], modules[:-1]
    record_training(mobilising, [("guard-1", code, Decimal(100)) for code, _mark in rest], ON)
    record_training(mobilising, [("guard-1", last, mark - 1)], ON)
    assert record_shifts(mobilising, [shift]) == 1
    with reading() as session:
        (kept,) = session.exec(select(ShiftRecord)).all()
        assert f"has not passed {last}" in kept.objection
        assert shifts_between(session, kept.engagement_id, shift.start, shift.end) == [shift]
        assert shifts_between(session, kept.engagement_id, shift.start, shift.end, qualified=True) == []


def test_whoever_passed_everything_may_be_rostered_once(mobilising: str) -> None:
    factories.fill_the_posts(mobilising)
    guard = next(post for post in vacancies(mobilising) if post.round_the_clock)
    shift = _shift(guard.post_code, f"staff-{guard.post_code}-1")
    assert record_shifts(mobilising, [shift]) == 1
    assert record_shifts(mobilising, [shift]) == 0
    with reading() as session:
        key = find_engagement(session, mobilising).id or 0
        assert shifts_between(session, key, shift.start, shift.end) == [shift]
        assert shifts_between(session, key, shift.end, datetime(2027, 2, 1, tzinfo=UTC)) == []
        (january,) = manned_posts(session, key, Period.parse("2027-01"))
        assert january.posts[guard.post_code] == guard.heads_on_duty


def test_one_unknown_reference_keeps_the_whole_list_out(mobilising: str) -> None:
    factories.fill_the_posts(mobilising)
    guard = next(post for post in vacancies(mobilising) if post.round_the_clock)
    ready = _shift(guard.post_code, f"staff-{guard.post_code}-1")
    with pytest.raises(NotReady, match="a stranger"):
        record_shifts(mobilising, [ready, _shift(guard.post_code, "a stranger")])
    with reading() as session:
        assert session.exec(select(ShiftRecord)).all() == []


def test_service_waits_until_every_post_is_filled_and_says_what_is_missing(mobilising: str) -> None:
    with reading() as session:
        posts = {post.code for post in session.exec(select(PlanPost)).all()}
    missing = factories.commence(mobilising)
    assert {line.partition(":")[0] for line in missing} == posts
    assert all("0 of" in line for line in missing)
    assert _stage(mobilising) == "mobilisation"


def test_service_commences_when_everybody_is_in_place(mobilising: str) -> None:
    factories.fill_the_posts(mobilising)
    assert factories.commence(mobilising) == []
    assert _stage(mobilising) == "in_service"


def test_training_in_a_module_the_plan_does_not_have_is_refused(mobilising: str) -> None:
    with pytest.raises(Terminal, match="no training module juggling"):
        record_training(mobilising, [("staff-1", "juggling", Decimal(100))], ON)


def test_a_training_result_recorded_before_stands(mobilising: str) -> None:
    module, posts, mark = training_programme(mobilising)[0]
    assert posts
    assert record_training(mobilising, [("somebody", module, mark)], ON) == 1
    assert record_training(mobilising, [("somebody", module, Decimal(0))], ON) == 0


def _shift(post: str, person: str) -> Shift:
    return Shift(post, datetime(2027, 1, 1, 0, tzinfo=UTC), datetime(2027, 1, 1, 8, tzinfo=UTC), person)


def _stage(code: str) -> str:
    with reading() as session:
        return find_engagement(session, code).stage
