"""Is everybody called who should be and nobody else, and does each call count once? (D4)"""

from datetime import date
from pathlib import Path

import pytest

from tasks.engagements import set_simulated_date
from tasks.quarantine import quarantine_of
from tasks.survey_calls import call_list, import_calls
from tasks.survey_fieldwork import fieldwork
from tasks.surveys import record_answers
from tests.survey_field import FULL, ON, Q1, case, open_planned_wave, sheet, write_csv

DAY = date(2027, 3, 20)
HEAD = ["case", "called at", "outcome", "call again at"]


def test_calls_count_once_and_who_refused_or_answered_leaves_the_list(
    in_service: str, tmp_path: Path
) -> None:
    code = in_service
    open_planned_wave(code, tmp_path, confidential=True)
    set_simulated_date(code, DAY)
    assert {one.case for one in call_list(code, Q1)} == {case(code, n) for n in (7, 8, 9)}
    path = write_csv(
        tmp_path / "calls.csv",
        [
            HEAD,
            [case(code, 7), "2027-03-18 18:30", "refusal", ""],
            [case(code, 8), "2027-03-18 18:40", "call_back", "2027-03-19 20:00"],
        ],
    )
    first = import_calls(code, Q1, path)
    assert (first.new, first.doubts) == (2, ())
    again = import_calls(code, Q1, path)
    assert (again.new, again.as_before) == (0, 2)
    record_answers(code, Q1, [sheet(code, 9, FULL, "telephone")], DAY)
    (left,) = call_list(code, Q1)
    assert (left.case, left.attempts, left.window) == (case(code, 8), 1, "2027-03-19 20:00")
    found = fieldwork(code, Q1)
    counts = {row["code"]: row["count"] for row in found["dispositions"]}
    assert (counts["I"], counts["R"], counts["NC"]) == (1, 1, 10)
    assert found["reconciled"] is True


@pytest.mark.parametrize("all_modes", [False, True])
def test_the_list_of_an_anonymous_wave_does_not_tell_who_has_answered(
    sqlite_in_service: str, tmp_path: Path, all_modes: bool
) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    before = call_list(code, Q1, DAY, all_modes=all_modes)
    record_answers(code, Q1, [sheet(code, n, FULL) for n in (1, 8, 10)], ON)
    assert call_list(code, Q1, DAY, all_modes=all_modes) == before
    set_simulated_date(code, DAY)
    said = [case(code, 8), "2027-03-18 18:30", "says_answered", ""]
    assert import_calls(code, Q1, write_csv(tmp_path / "calls.csv", [HEAD, said])).new == 1
    assert case(code, 8) not in {one.case for one in call_list(code, Q1, DAY, all_modes=all_modes)}
    assert fieldwork(code, Q1)["reconciled"] is True


def test_the_list_of_a_confidential_wave_leaves_out_who_has_answered(
    sqlite_in_service: str, tmp_path: Path
) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path, confidential=True)
    record_answers(code, Q1, [sheet(code, n, FULL) for n in (1, 8, 10)], ON)
    listed = {one.case for one in call_list(code, Q1, DAY, all_modes=True)}
    assert listed == {case(code, n) for n in range(1, 13)} - {case(code, n) for n in (1, 8, 10)}


def test_nobody_is_called_more_often_than_the_limit(sqlite_in_service: str, tmp_path: Path) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    set_simulated_date(code, DAY)
    rows = [[case(code, 7), f"2027-03-1{day} 18:30", "busy", ""] for day in (7, 8)]
    import_calls(code, Q1, write_csv(tmp_path / "calls.csv", [HEAD, *rows]))
    assert case(code, 7) not in {one.case for one in call_list(code, Q1, attempts=2)}
    assert case(code, 7) in {one.case for one in call_list(code, Q1, attempts=3)}


def test_a_full_cell_leaves_the_list_and_counts_no_answer(sqlite_in_service: str, tmp_path: Path) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path, needed=0.4)
    wanted = {row["cell"]: row["wanted"] for row in fieldwork(code, Q1)["cells"]}["T1"]
    even = [2, 4, 6, 10, 12][:wanted]
    record_answers(code, Q1, [sheet(code, n, FULL) for n in even], ON)
    for _ in range(2):
        assert {one.case for one in call_list(code, Q1, DAY)} == {case(code, 7), case(code, 9)}
    found = fieldwork(code, Q1)
    counts = {row["code"]: row["count"] for row in found["dispositions"]}
    assert (found["quota_full"], counts["NE"], counts["I"]) == (1, 1, wanted)
    assert found["reconciled"] is True


def test_a_full_cell_takes_nobody_off_the_response_rate_who_was_asked_by_mail_or_called_in_vain(
    sqlite_in_service: str, tmp_path: Path
) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path, needed=0.4)
    set_simulated_date(code, DAY)
    wanted = {row["cell"]: row["wanted"] for row in fieldwork(code, Q1)["cells"]}["T1"]
    even = [2, 4, 6, 10, 12][:wanted]
    record_answers(code, Q1, [sheet(code, n, FULL) for n in even], ON)
    tried = [HEAD, [case(code, 8), "2027-03-18 18:30", "no_answer", ""]]
    import_calls(code, Q1, write_csv(tmp_path / "calls.csv", tried))
    before = {row["code"]: row["count"] for row in fieldwork(code, Q1)["dispositions"]}
    call_list(code, Q1, DAY, all_modes=True)
    found = fieldwork(code, Q1)
    assert found["quota_full"] == 0
    assert {row["code"]: row["count"] for row in found["dispositions"]} == before


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (["NOBODY00", "2027-03-18 18:30", "busy", ""], "case", "expected a case of the call list"),
        (["GOOD", "soon", "busy", ""], "at", "expected a date and a time"),
        (["GOOD", "2027-03-25 18:30", "busy", ""], "at", "expected a day from 2027-03-17 to 2027-03-20"),
        (["GOOD", "2027-03-18 18:30", "shouted", ""], "outcome", "expected one of answered"),
    ],
)
def test_a_doubtful_call_is_kept_apart(
    sqlite_in_service: str, tmp_path: Path, row: list[str], column: str, reason: str
) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    set_simulated_date(code, DAY)
    bad = [case(code, 7) if cell == "GOOD" else cell for cell in row]
    good = [case(code, 8), "2027-03-18 18:30", "busy", ""]
    found = import_calls(code, Q1, write_csv(tmp_path / "calls.csv", [HEAD, bad, good]))
    assert (found.new, found.doubts[0].column) == (1, column)
    assert reason in found.doubts[0].reason
    assert [(cell.source, cell.row) for cell in quarantine_of(code)] == [("calls", 2)]
