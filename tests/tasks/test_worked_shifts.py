"""Is every shift really worked on record, and does the check show who might not have stood there? (B1, B5)"""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import select

from models.db import reading
from models.rules.periods import Period
from models.staff import Qualification
from tasks.engagements import find_engagement, set_simulated_date
from tasks.indicators import _people_figures
from tasks.mobilisation import assign_staff, leave_post, vacancies
from tasks.quarantine import quarantine_of
from tasks.roster_check import checked_roster
from tasks.roster_file import import_roster, import_shifts
from tasks.roster_planning import plan_roster

MONTH = "2027-02"
HEAD = ("Post", "Ref", "Date", "From", "To")


@pytest.fixture
def code(in_service: str) -> str:
    set_simulated_date(in_service, date(2027, 2, 28))
    return in_service


def book(folder: Path, *rows: tuple[str, ...]) -> Path:
    path = folder / "gate-book.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([HEAD, *rows])
    return path


def manned(code: str) -> str:
    return next(post.post_code for post in vacancies(code) if post.round_the_clock)


def coverage(code: str) -> dict[str, tuple[Decimal | None, Decimal | None]]:
    with reading() as session:
        found = _people_figures(session, find_engagement(session, code), Period.parse(MONTH), {})
    return {figure.code: (figure.numerator, figure.denominator) for figure in found}


def test_a_shift_of_whoever_left_is_kept_marked_and_no_cover(code: str, tmp_path: Path) -> None:
    post = manned(code)
    gone, there = f"staff-{post}-1", f"staff-{post}-2"
    leave_post(code, gone, date(2027, 2, 2))
    path = book(
        tmp_path,
        (post, gone, "2027-02-01", "16:00", "24:00"),
        (post, gone, "2027-02-02", "00:00", "08:00"),
        (post, there, "2027-02-02", "08:00", "16:00"),
    )
    found = import_shifts(code, path)
    new, known, doubts = found.recorded, found.as_before, found.doubts
    assert (new, known) == (3, 0)
    assert [(doubt.row, doubt.taken) for doubt in doubts] == [(3, True)]
    assert "left on 2027-02-02" in doubts[0].reason
    again = import_shifts(code, path)
    assert (again.recorded, again.as_before) == (0, 3)
    rows, proof = checked_roster(code, MONTH, worked=True)
    unable = [row for row in rows if row["what"] == "not able"]
    assert [(row["ref"], row["from"]) for row in unable] == [(gone, "2027-02-02 00:00")]
    assert proof["covered_minutes"] == 3 * 480
    assert proof["qualified_minutes"] == 2 * 480
    assert coverage(code)["post_coverage"][0] == 2 * 480
    assert quarantine_of(code) == []


def test_a_certificate_that_runs_out_at_midnight_ends_the_night_shift_too(code: str, tmp_path: Path) -> None:
    post = next(p for p in vacancies(code) if p.certificate)
    ref = f"staff-{post.post_code}-1"
    with reading() as session:
        assert session.exec(select(Qualification)).all() == []
    last = date(2028, 11, 14)  # the last valid day of the factories' certificates
    set_simulated_date(code, date(2028, 11, 30))
    path = book(
        tmp_path,
        (post.post_code, ref, last.isoformat(), "08:00", "16:00"),
        (post.post_code, ref, last.isoformat(), "22:00", "06:00"),
    )
    found = import_shifts(code, path)
    new, doubts = found.recorded, found.doubts
    assert new == 2
    assert [doubt.row for doubt in doubts] == [3]
    assert f"the certificate {post.certificate} is out of date since {last}" in doubts[0].reason
    refused = import_roster(code, path).doubts
    assert [(doubt.row, doubt.taken) for doubt in refused] == [(3, False)]


def test_what_cannot_have_been_is_quarantined_until_the_sheet_is_mended(code: str, tmp_path: Path) -> None:
    post = manned(code)
    path = book(
        tmp_path,
        (post, "a stranger", "2027-02-01", "00:00", "08:00"),
        ("moon_base", f"staff-{post}-1", "2027-02-01", "00:00", "08:00"),
        (post, f"staff-{post}-1", "2027-03-09", "00:00", "08:00"),
        (post, f"staff-{post}-1", "2027-02-03", "25:00", "08:00"),
        (post, f"staff-{post}-1", "2027-02-04", "00:00", "08:00"),
    )
    for time in ("first", "again"):
        found = import_shifts(code, path)
        new, doubts = found.recorded, found.doubts
        assert new == (1 if time == "first" else 0)
        assert [(doubt.row, doubt.column) for doubt in doubts] == [
            (2, "ref"),
            (3, "post"),
            (4, "date"),
            (5, "from"),
        ]
        held = [(c.source, c.file, c.row, c.column) for c in quarantine_of(code)]
        assert held == [("shifts", "gate-book.csv", row, c) for row, c in ((2, "ref"), (3, "post"), (4, "date"), (5, "from"))]  # fmt: skip
    assert post in next(c.expected for c in quarantine_of(code) if c.column == "post")
    set_simulated_date(code, date(2027, 3, 31))  # what was to come has been worked meanwhile
    import_shifts(code, path)
    assert [c.row for c in quarantine_of(code)] == [2, 3, 5]


def test_who_moved_to_another_post_keeps_the_shifts_of_the_old_one(code: str, tmp_path: Path) -> None:
    post = manned(code)
    other = next(p.post_code for p in vacancies(code) if not p.certificate and p.post_code != post)
    ref = f"staff-{post}-1"
    import_shifts(code, book(tmp_path, (post, ref, "2027-02-01", "00:00", "08:00")))
    leave_post(code, ref, date(2027, 2, 10))
    assign_staff(code, ref, other, "", None, date(2027, 2, 10))
    rows, _proof = checked_roster(code, MONTH, worked=True)
    assert [row for row in rows if row["what"] == "not able"] == []


def test_a_hand_over_is_told_and_is_no_fault(code: str, tmp_path: Path) -> None:
    post = manned(code)
    first, second = f"staff-{post}-1", f"staff-{post}-2"
    import_shifts(
        code,
        book(
            tmp_path,
            (post, f"staff-{post}-3", "2027-02-01", "00:00", "24:00"),
            (post, f"staff-{post}-3", "2027-02-02", "00:00", "24:00"),
            (post, first, "2027-02-01", "00:00", "08:15"),
            (post, second, "2027-02-01", "08:00", "16:00"),
            (post, first, "2027-02-02", "04:00", "08:00"),
            (post, second, "2027-02-02", "04:00", "08:00"),
        ),
    )
    overlaps = [row for row in checked_roster(code, MONTH, worked=True)[0] if row["what"] == "overlap"]
    assert [(row["from"], row["to"]) for row in overlaps] == [
        ("2027-02-01 08:00", "2027-02-01 08:15"),
        ("2027-02-02 04:00", "2027-02-02 08:00"),
    ]
    assert overlaps[0]["why"].startswith("hand-over: 3 on post, 2 needed, 15 minutes")
    assert overlaps[1]["why"].startswith("hours to spare")


def test_training_coverage_counts_those_who_are_there(code: str) -> None:
    everybody = coverage(code)["training_coverage"]
    assert everybody[0] == everybody[1]
    post = next(p.post_code for p in vacancies(code) if not p.certificate)
    leave_post(code, f"staff-{post}-1", date(2027, 2, 10))
    assign_staff(code, "new-1", post, "", None, date(2027, 2, 10))  # not trained yet
    assign_staff(code, "new-2", post, "", None, date(2027, 3, 1))  # comes after the period
    trained, staff = coverage(code)["training_coverage"]
    assert staff == everybody[1]
    assert trained == (everybody[0] or 0) - 1


def test_a_planned_month_is_computed_round_whoever_may_not_stand_there(code: str) -> None:
    post = manned(code)
    leave_post(code, f"staff-{post}-1", date(2027, 2, 15))
    plan_roster(code, MONTH)
    assert [row for row in checked_roster(code, MONTH)[0] if row["what"] == "not able"] == []
