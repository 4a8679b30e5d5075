"""Does a corrected roster take the place of the one before, leave alone what was worked, and can both be read? (B5)"""

import csv
from datetime import date
from pathlib import Path

import pytest

from models.errors import Terminal
from tasks.engagements import set_simulated_date
from tasks.mobilisation import vacancies
from tasks.quarantine import quarantine_of
from tasks.roster_file import import_roster, import_shifts
from tasks.roster_planning import listed_roster, plan_roster
from tasks.roster_versions import former_roster

MONTH = "2027-02"
HEAD = ("Post", "Ref", "Date", "From", "To")


@pytest.fixture
def code(in_service: str) -> str:
    set_simulated_date(in_service, date(2027, 1, 20))
    return in_service


def manned(code: str) -> tuple[str, str, str]:
    post = next(post.post_code for post in vacancies(code) if post.round_the_clock)
    return post, f"staff-{post}-1", f"staff-{post}-2"


def sheet(folder: Path, *rows: tuple[str, ...], name: str = "roster.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([HEAD, *rows])
    return path


def planned(code: str) -> list[tuple[str, str, str]]:
    return [(row["ref"], row["from"][8:], row["to"][8:]) for row in listed_roster(code, MONTH)]


def test_a_corrected_roster_adds_changes_and_removes_once_and_the_former_one_stays_readable(
    code: str, tmp_path: Path
) -> None:
    post, one, two = manned(code)
    import_roster(
        code,
        sheet(
            tmp_path,
            (post, one, "2027-02-01", "00:00", "08:00"),
            (post, one, "2027-02-02", "00:00", "08:00"),
            (post, one, "2027-02-03", "00:00", "08:00"),
            (post, one, "2027-02-04", "00:00", "08:00"),
        ),
    )
    before = planned(code)
    corrected = sheet(
        tmp_path,
        (post, one, "2027-02-01", "00:00", "08:00"),
        (post, two, "2027-02-02", "00:00", "08:00"),
        (post, one, "2027-02-03", "00:00", "06:00"),
        (post, two, "2027-02-05", "00:00", "08:00"),
        name="corrected.csv",
    )
    tried = import_roster(code, corrected, replace_month=MONTH, dry_run=True)
    assert [change["what"] for change in tried.changes] == ["changed", "changed", "removed", "added"]
    assert tried.changes[0]["before"].startswith(one)
    assert tried.changes[0]["after"].startswith(two)
    assert (planned(code), former_roster(code, MONTH)) == (before, [])
    assert import_roster(code, corrected, replace_month=MONTH) == tried
    assert planned(code) == [
        (one, "01 00:00", "01 08:00"),
        (two, "02 00:00", "02 08:00"),
        (one, "03 00:00", "03 06:00"),
        (two, "05 00:00", "05 08:00"),
    ]
    gone = former_roster(code, MONTH)
    assert [(row["ref"], row["from"][8:], row["to"][8:]) for row in gone] == [
        (one, "02 00:00", "02 08:00"),
        (one, "03 00:00", "03 08:00"),
        (one, "04 00:00", "04 08:00"),
    ]
    again = import_roster(code, corrected, replace_month=MONTH)
    assert (again.recorded, again.as_before, again.changes) == (0, 4, ())
    assert former_roster(code, MONTH) == gone


def test_what_was_worked_or_has_begun_stays_as_it_was_planned(code: str, tmp_path: Path) -> None:
    post, one, two = manned(code)
    import_roster(
        code, sheet(tmp_path, *((post, one, f"2027-02-0{day}", "00:00", "08:00") for day in (1, 2, 3)))
    )
    set_simulated_date(code, date(2027, 2, 2))
    import_shifts(code, sheet(tmp_path, (post, one, "2027-02-01", "00:00", "08:00"), name="worked.csv"))
    corrected = sheet(
        tmp_path, *((post, two, f"2027-02-0{day}", "00:00", "08:00") for day in (1, 2, 3)), name="new.csv"
    )
    found = import_roster(code, corrected, replace_month=MONTH)
    assert [(change["what"], change["why"]) for change in found.changes] == [
        ("kept", "is recorded as worked"),
        ("kept", "has begun"),
        ("changed", ""),
    ]
    assert [ref for ref, _start, _end in planned(code)] == [one, one, two]


def test_a_sheet_with_a_row_in_doubt_replaces_nothing_and_its_row_is_quarantined(
    code: str, tmp_path: Path
) -> None:
    post, one, two = manned(code)
    import_roster(code, sheet(tmp_path, (post, one, "2027-02-01", "00:00", "08:00")))
    wrong = sheet(
        tmp_path,
        (post, two, "2027-02-01", "00:00", "08:00"),
        (post, two, "2027-03-01", "00:00", "08:00"),
        name="wrong.csv",
    )
    found = import_roster(code, wrong, replace_month=MONTH)
    assert (found.recorded, found.not_taken, found.changes) == (0, 1, ())
    assert [ref for ref, _start, _end in planned(code)] == [one]
    (held,) = [cell for cell in quarantine_of(code) if cell.source == "roster"]
    assert (held.row, held.column) == (3, "date")
    assert MONTH in held.expected
    with pytest.raises(Terminal, match="is no month"):
        import_roster(code, wrong, replace_month="February")


def test_other_posts_and_other_months_keep_their_roster(code: str, tmp_path: Path) -> None:
    post, one, two = manned(code)
    plan_roster(code, MONTH)
    plan_roster(code, "2027-03")
    others = [row for row in listed_roster(code, MONTH) if row["post"] != post]
    march = listed_roster(code, "2027-03")
    found = import_roster(
        code, sheet(tmp_path, (post, two, "2027-02-28", "20:00", "23:00")), replace_month=MONTH
    )
    assert {change["post"] for change in found.changes} == {post}
    assert [row for row in listed_roster(code, MONTH) if row["post"] != post] == others
    assert len(listed_roster(code, MONTH)) == len(others) + 1
    assert listed_roster(code, "2027-03") == march
    assert {row["ref"] for row in former_roster(code, MONTH)} >= {one}


def test_another_end_of_a_known_shift_is_no_known_row_but_asks_for_a_replacement(
    code: str, tmp_path: Path
) -> None:
    post, one, _two = manned(code)
    import_roster(code, sheet(tmp_path, (post, one, "2027-02-01", "00:00", "08:00")))
    found = import_roster(code, sheet(tmp_path, (post, one, "2027-02-01", "00:00", "10:00")))
    assert (found.recorded, found.as_before) == (0, 0)
    assert [(doubt.column, doubt.value) for doubt in found.doubts] == [("to", "10:00")]
    assert "until 2027-02-01 08:00; --replace changes it" in found.doubts[0].reason


def test_a_roster_computed_anew_keeps_only_what_it_changed(code: str) -> None:
    plan_roster(code, MONTH)
    plan_roster(code, MONTH, replace=True)
    assert former_roster(code, MONTH) == []
    plan_roster(code, MONTH, shift_hours=12, replace=True)
    assert {row["by"] for row in former_roster(code, MONTH)} == {"computed"}
