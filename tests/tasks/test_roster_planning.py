"""Is the computed roster proved to the minute, and is nobody on it who may not stand there? (B1, B5)"""

import csv
from datetime import date
from pathlib import Path

import pytest

from models.errors import NotReady, Terminal
from tasks.mobilisation import assign_staff, leave_post, record_training, training_programme, vacancies
from tasks.roster_check import checked_roster
from tasks.roster_file import import_roster
from tasks.roster_planning import listed_roster, plan_roster, record_leave
from tasks.training_status import import_training, training_matrix

MONTH = "2027-02"


def table(folder: Path, *rows: tuple[str, ...]) -> Path:
    path = folder / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


def manned(code: str) -> str:
    return next(post.post_code for post in vacancies(code) if post.round_the_clock)


def test_a_computed_month_holds_and_computing_it_again_changes_nothing(in_service: str) -> None:
    report = plan_roster(in_service, MONTH)
    assert {line["post"] for line in report} == {post.post_code for post in vacancies(in_service)}
    assert sum(line["open"] for line in report) == 0
    rows, proof = checked_roster(in_service, MONTH)
    assert [row for row in rows if row["what"] in ("gap", "double booking", "short rest", "not able")] == []
    assert proof["covered_minutes"] == proof["required_minutes"] > 0
    planned = listed_roster(in_service, MONTH)
    assert all(line["note"] for line in plan_roster(in_service, MONTH))
    assert listed_roster(in_service, MONTH) == planned
    plan_roster(in_service, MONTH, replace=True)
    assert listed_roster(in_service, MONTH) == planned


def test_an_empty_month_is_one_gap_from_midnight_to_midnight(in_service: str) -> None:
    rows, proof = checked_roster(in_service, MONTH)
    gap = next(row for row in rows if row["post"] == manned(in_service))
    assert (gap["what"], gap["from"], gap["to"]) == ("gap", "2027-02-01 00:00", "2027-03-01 00:00")
    assert proof["covered_minutes"] == 0


def test_leave_is_seen_and_computing_anew_works_round_it(in_service: str) -> None:
    post = manned(in_service)
    ref = f"staff-{post}-1"
    plan_roster(in_service, MONTH)
    assert record_leave(in_service, ref, date(2027, 2, 8), date(2027, 2, 9)) is True
    assert record_leave(in_service, ref, date(2027, 2, 8), date(2027, 2, 9)) is False
    assert [r["ref"] for r in checked_roster(in_service, MONTH)[0] if r["what"] == "on leave"].count(ref) >= 1
    plan_roster(in_service, MONTH, replace=True)
    assert [row for row in checked_roster(in_service, MONTH)[0] if row["what"] == "on leave"] == []
    with pytest.raises(Terminal, match="before it begins"):
        record_leave(in_service, ref, date(2027, 2, 9), date(2027, 2, 8))


def test_too_few_people_leave_slots_open_that_the_check_names(in_service: str) -> None:
    post = manned(in_service)
    crew = [row["ref"] for row in _staff(in_service, post)]
    for ref in crew[1:]:
        leave_post(in_service, ref, date(2027, 1, 31))
    line = next(line for line in plan_roster(in_service, MONTH) if line["post"] == post)
    assert line["open"] > 0
    assert "too few" in line["note"]
    assert any(row["what"] == "gap" and row["post"] == post for row in checked_roster(in_service, MONTH)[0])


def _staff(code: str, post: str) -> list[dict[str, object]]:
    return [row for row in training_matrix(code)[0] if row["post"] == post]


def test_who_has_not_passed_the_modules_is_refused_by_name_of_the_module(
    in_service: str, tmp_path: Path
) -> None:
    post = next(post.post_code for post in vacancies(in_service) if not post.certificate)
    module, mark = next((c, mark) for c, posts, mark in training_programme(in_service) if post in posts)
    assign_staff(in_service, "new-1", post, "", None, date(2027, 1, 1))
    head = ("Post", "Ref", "Date", "From", "To")
    path = table(
        tmp_path,
        head,
        (post, "new-1", "2027-02-01", "08:00", "16:00"),
        (post, f"staff-{post}-1", "2027-02-01", "22:00", "06:00"),
        (post, f"staff-{post}-1", "2027-02-03", "8 o'clock", "06:00"),
    )
    found = import_roster(in_service, path)
    new, known, doubts = found.recorded, found.as_before, found.doubts
    assert (new, known) == (1, 0)
    assert [(doubt.row, doubt.column) for doubt in doubts] == [(2, "ref"), (4, "from")]
    assert module in doubts[0].reason
    again = import_roster(in_service, path)
    assert (again.recorded, again.as_before) == (0, 1)
    (night,) = listed_roster(in_service, MONTH)
    assert (night["from"], night["to"]) == ("2027-02-01 22:00", "2027-02-02 06:00")
    leave_post(in_service, f"staff-{post}-1", date(2027, 1, 2))
    if len(_staff(in_service, post)) == 1:
        with pytest.raises(NotReady, match=module):
            plan_roster(in_service, MONTH)
    assert record_training(in_service, [("new-1", module, mark - 1)], date(2027, 1, 1)) == 1
    states = {row["ref"]: row for row in training_matrix(in_service)[0]}
    assert states["new-1"][module] == "failed"


def test_results_come_in_by_sheet_and_a_failed_test_may_be_repeated(in_service: str, tmp_path: Path) -> None:
    post = next(post.post_code for post in vacancies(in_service) if not post.certificate)
    modules = [code for code, posts, _mark in training_programme(in_service) if post in posts]
    assign_staff(in_service, "new-1", post, "", None, date(2027, 1, 1))
    rows = [("new-1", module, "2026-12-30", "100") for module in modules[1:]]
    path = table(
        tmp_path,
        ("Ref", "Module", "Date", "Score"),
        *rows,
        ("new-1", modules[0], "2026-12-29", "0"),
        ("new-1", modules[0], "2026-12-30", "100%"),
        ("new-1", "juggling", "2026-12-30", "100"),
        ("new-1", modules[0], "2026-12-31", "101"),
    )
    found = import_training(in_service, path)
    new, known, doubts = found.recorded, found.as_before, found.doubts
    assert (new, known) == (len(modules) + 1, 0)
    assert [doubt.column for doubt in doubts] == ["module", "score"]
    again = import_training(in_service, path)
    assert (again.recorded, again.as_before) == (0, len(modules) + 1)
    states = {row["ref"]: row for row in training_matrix(in_service)[0]}
    assert {states["new-1"][module] for module in modules} == {"passed"}
    assert training_matrix(in_service)[1:] == (training_matrix(in_service)[2],) * 2


@pytest.mark.parametrize("month", ["2027-13", "March", "2027-Q1"])
def test_what_is_no_month_is_refused_in_words(in_service: str, month: str) -> None:
    with pytest.raises(Terminal, match="is no month"):
        plan_roster(in_service, month)
