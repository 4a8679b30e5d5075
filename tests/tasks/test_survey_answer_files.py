"""Does each answer of a file count once, is every other row named, and do the counts agree? (D4)"""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from sqlmodel import col, select

from models.db import reading, writing
from models.engagement import Engagement
from models.rules.handover_sheet import SheetColumn
from models.rules.survey_fieldwork import LEAST_MISSES
from models.survey import Invitation, SurveyAnswer, SurveyResponse, SurveyResponseLink, SurveyWave
from models.survey_fieldwork import SurveyCall, SurveyCodeMiss
from tasks.engagements import set_simulated_date
from tasks.long_tables import first_headings, open_long_table
from tasks.quarantine import quarantine_of
from tasks.sheet_rows import MAX_ROWS, SheetRefused, read_table
from tasks.survey_answer_files import (
    KEPT_ROWS,
    import_interviews,
    import_limesurvey,
    limesurvey_participants,
)
from tasks.survey_calls import call_list, import_calls
from tasks.survey_fieldwork import fieldwork
from tasks.survey_receipts import CodesClosed
from tasks.surveys import AnswerSheet, record_answers
from tests import factories
from tests.survey_field import FULL, Q1, case, open_planned_wave, sheet, token, write_csv

DAY = date(2027, 3, 20)
ITEMS = [*FULL, "CO1", "CU1", "BU1", "WC1", "AC1"]
HEAD = ["id", "submitdate", "lastpage", "startlanguage", "seed", "token", *ITEMS]
CALL = ["case", "called at", "interviewer", "outcome", *ITEMS]


def response(
    code: str, number: int, scores: dict[str, object], at: str = "2027-03-18 19:02:11"
) -> list[object]:
    return [number, at, 4, "en", 7, token(code, number), *(scores.get(item, "") for item in ITEMS)]


def interview(code: str, number: int, outcome: str, scores: dict[str, int], who: str = "I-1") -> list[object]:
    at = f"2027-03-18 18:{number:02d}"
    return [case(code, number), at, who, outcome, *(scores.get(item, "") for item in ITEMS)]


def strangers(count: int) -> list[list[object]]:
    """Responses whose codes fit nothing."""
    return [
        [number, "2027-03-18 19:02:11", 4, "en", 7, f"WRONG{number}", *(4 for _ in ITEMS)]
        for number in range(count)
    ]


def test_responses_count_once_and_every_other_row_is_named(in_service: str, tmp_path: Path) -> None:
    code = in_service
    open_planned_wave(code, tmp_path)
    set_simulated_date(code, DAY)
    rows = [
        HEAD,
        response(code, 1, {**FULL, "OV1": "A4", "DE1": "AO05", "RE0": "Y"}),
        response(code, 2, FULL),
        response(code, 2, FULL),
        response(code, 3, {**FULL, "OV1": "A9"}),
        response(code, 4, FULL, ""),
        response(code, 5, FULL, "2027-04-09 10:00:00"),
        response(code, 6, FULL, "1980-01-01 00:00:00"),
        [7, "2027-03-18 19:02:11", 4, "en", 7, "NOSUCHCODE123", *(4 for _ in ITEMS)],
    ]
    path = write_csv(tmp_path / "results.csv", rows)
    dry = import_limesurvey(code, Q1, path, dry_run=True)
    assert (dry.taken, len(dry.doubts)) == (3, 5)
    assert fieldwork(code, Q1)["answers"] == 0, "a dry run writes nothing"
    found = import_limesurvey(code, Q1, path)
    assert (found.rows, found.taken, found.as_before) == (8, 3, 0)
    said = {doubt.row: (doubt.column, doubt.reason) for doubt in found.doubts}
    assert said[4][1].startswith("stands in row 3 too")
    assert "A9" in {doubt.value for doubt in found.doubts}, "as it was written"
    assert said[5] == ("OV1", "expected 1 to 5, or nothing where it was not answered")
    assert said[6] == ("submitdate", "was not submitted; expected a finished questionnaire")
    assert "the fieldwork" in said[7][1]
    assert said[9][0] == "token"
    again = import_limesurvey(code, Q1, path)
    assert (again.taken, again.as_before) == (0, 3)
    progress = fieldwork(code, Q1)
    assert (progress["answers"], progress["reconciled"]) == (3, True)
    assert token(code, 3) not in str(quarantine_of(code)), "a code is never kept in the clear"
    with reading() as session:
        answers = {(one.item_code, one.score) for one in session.exec(select(SurveyAnswer)).all()}
        assert {("OV1", 4), ("DE1", 5), ("RE0", 1)} <= answers
        assert {one.mode for one in session.exec(select(SurveyResponse)).all()} == {"online"}
        assert session.exec(select(SurveyResponseLink)).all() == [], "the wave is anonymous"


def test_an_export_that_grows_takes_the_new_responses_alone(sqlite_in_service: str, tmp_path: Path) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    set_simulated_date(code, DAY)
    first = write_csv(tmp_path / "one.csv", [HEAD, response(code, 1, FULL)])
    assert import_limesurvey(code, Q1, first).taken == 1
    more = write_csv(tmp_path / "two.csv", [HEAD, response(code, 1, FULL), response(code, 2, FULL)])
    found = import_limesurvey(code, Q1, more)
    assert (found.taken, found.as_before, found.doubts) == (1, 1, ())
    assert fieldwork(code, Q1)["reconciled"] is True


def test_of_what_was_begun_twice_the_finished_response_counts(sqlite_in_service: str, tmp_path: Path) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    set_simulated_date(code, DAY)
    rows = [HEAD, response(code, 1, FULL, ""), response(code, 1, FULL)]
    found = import_limesurvey(code, Q1, write_csv(tmp_path / "results.csv", rows))
    assert (found.taken, [doubt.row for doubt in found.doubts]) == (1, [2])


def test_questions_with_other_codes_are_named_and_arrays_read(sqlite_in_service: str, tmp_path: Path) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    set_simulated_date(code, DAY)
    heads = [{"OV1": "G1Q1", "DE1": "SERV[DE1]"}.get(name, name) for name in HEAD]
    path = write_csv(tmp_path / "results.csv", [heads, response(code, 1, FULL)])
    with pytest.raises(SheetRefused, match="the columns OV1 are missing"):
        import_limesurvey(code, Q1, path)
    with pytest.raises(SheetRefused, match="expected HEADING=ITEM"):
        import_limesurvey(code, Q1, path, renamed=["G1Q1"])
    assert import_limesurvey(code, Q1, path, renamed=["G1Q1=OV1"]).taken == 1


def test_an_export_without_codes_is_refused_with_what_to_do(sqlite_in_service: str, tmp_path: Path) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    path = write_csv(tmp_path / "results.csv", [["id", "submitdate", *ITEMS], [1, "2027-03-18", *ITEMS]])
    with pytest.raises(SheetRefused, match="must keep its tokens"):
        import_limesurvey(code, Q1, path)


def test_participants_hold_codes_and_nothing_personal_unless_asked(
    sqlite_in_service: str, tmp_path: Path
) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path, confidential=True, languages={2: "zh"})
    record_answers(code, Q1, [sheet(code, 1, FULL)], DAY)
    rows = limesurvey_participants(code, Q1)
    assert {row["token"] for row in rows} == {token(code, n) for n in (2, 3, 4, 5, 6)}
    assert {row["language"] for row in rows if row["token"] == token(code, 2)} == {"zh-Hans"}
    assert {(row["firstname"], row["lastname"], row["email"]) for row in rows} == {("", "", "")}
    assert {(row["validfrom"], row["validuntil"]) for row in rows} == {
        ("2027-03-17 00:00", "2027-03-31 23:59")
    }
    everybody = limesurvey_participants(code, Q1, all_modes=True, with_addresses=True)
    assert len(everybody) == 11
    assert all("@" in row["email"] for row in everybody)


def test_participants_of_an_anonymous_wave_do_not_tell_who_has_answered(
    sqlite_in_service: str, tmp_path: Path
) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    before = limesurvey_participants(code, Q1)
    record_answers(code, Q1, [sheet(code, 1, FULL)], DAY)
    assert limesurvey_participants(code, Q1) == before


def test_interviews_bring_calls_and_answers_each_once(in_service: str, tmp_path: Path) -> None:
    code = in_service
    open_planned_wave(code, tmp_path, confidential=True)
    set_simulated_date(code, DAY)
    record_answers(code, Q1, [sheet(code, 9, FULL)], DAY)
    rows = [
        CALL,
        interview(code, 7, "answered", FULL),
        interview(code, 8, "no_answer", {}),
        interview(code, 9, "answered", FULL),
        interview(code, 6, "answered", {}),
        interview(code, 5, "refused", {"OV1": 3}),
        interview(code, 4, "answered", FULL, ""),
        interview(code, 3, "answered", {**FULL, "OV1": 7}),
    ]
    path = write_csv(tmp_path / "interviews.csv", rows)
    found = import_interviews(code, Q1, path)
    assert (found.rows, found.taken, found.calls_only) == (7, 1, 1)
    said = {doubt.row: (doubt.column, doubt.reason) for doubt in found.doubts}
    assert said[4][1].startswith("was answered in another way")
    assert said[5][1].startswith("expected at least one answered item")
    assert said[6] == ("outcome", "expected answered or break_off, as items are answered")
    assert said[7][0] == "interviewer"
    assert said[8][0] == "OV1"
    again = import_interviews(code, Q1, path)
    assert (again.taken, again.as_before, again.calls_only) == (0, 1, 1)
    progress = fieldwork(code, Q1)
    assert progress["reconciled"] is True
    assert {row["mode"]: row["answers_by_it"] for row in progress["modes"]}["telephone"] == 1
    assert progress["calls"]["outcomes"] == {"answered": 1, "no_answer": 1}
    assert progress["calls"]["interviewers"] == [{"interviewer": "I-1", "calls": 2, "interviews": 1}]
    with reading() as session:
        assert {one.interviewer for one in session.exec(select(SurveyCall)).all()} == {"I-1"}


def test_answers_of_an_interview_whose_call_was_recorded_before_come_in(
    sqlite_in_service: str, tmp_path: Path
) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    set_simulated_date(code, DAY)
    calls = [["case", "called at", "outcome"], [case(code, 7), "2027-03-18 18:07", "answered"]]
    import_calls(code, Q1, write_csv(tmp_path / "calls.csv", calls))
    assert fieldwork(code, Q1)["calls"]["answers_missing"] == 1
    path = write_csv(tmp_path / "interviews.csv", [CALL, interview(code, 7, "answered", FULL)])
    assert import_interviews(code, Q1, path).taken == 1
    assert fieldwork(code, Q1)["calls"]["answers_missing"] == 0


@pytest.mark.parametrize("call_known", [False, True])
def test_an_interview_in_an_anonymous_wave_does_not_tell_whether_the_case_had_answered(
    in_service: str, tmp_path: Path, call_known: bool
) -> None:
    """Two sites where resident 1 answered by mail: one interviews resident 1, the other resident 5."""
    sites = {in_service: 1, factories.create_engagement("OTHER-2027"): 5}
    seen = []
    for code, number in sites.items():
        folder = tmp_path / code
        folder.mkdir()
        open_planned_wave(code, folder)
        set_simulated_date(code, DAY)
        record_answers(code, Q1, [sheet(code, 1, FULL)], DAY)
        steps: list[object] = []
        if call_known:
            calls = [
                ["case", "called at", "outcome"],
                [case(code, number), f"2027-03-18 18:0{number}", "answered"],
            ]
            steps.append(import_calls(code, Q1, write_csv(folder / "calls.csv", calls)).as_json())
            steps.append(visible(code))
        rows = [CALL, interview(code, number, "answered", {**FULL, "OV1": 1})]
        path = write_csv(folder / "interviews.csv", rows)
        for dry_run in (True, False, False):
            steps.append(import_interviews(code, Q1, path, dry_run=dry_run).as_json())
            steps.append(visible(code))
        refusal = [["case", "called at", "outcome"], [case(code, number), "2027-03-19 10:00", "refused"]]
        steps.append(import_calls(code, Q1, write_csv(folder / "later.csv", refusal)).as_json())
        steps.append(visible(code))
        listed = {one.case for one in call_list(code, Q1, all_modes=True)}
        steps.append(listed == {case(code, n) for n in range(1, 13)} - {case(code, number)})
        steps.append(quarantine_of(code))
        seen.append(steps)
    assert seen[0] == seen[1]
    assert seen[0][-2:] == [True, []]

    for code in sites:
        close(code)
    ours, theirs = fieldwork(in_service, Q1), fieldwork("OTHER-2027", Q1)
    assert (ours["superseded_interviews"], ours["answers"]) == (1, 1)
    assert (theirs["superseded_interviews"], theirs["answers"]) == (0, 2)
    assert ours["reconciled"] is theirs["reconciled"] is True
    with reading() as session:
        kept = session.exec(
            select(SurveyAnswer.score).where(SurveyAnswer.item_code == "OV1").order_by(SurveyAnswer.score)
        ).all()
    assert kept == [1, 4, 4], "the first answer counts"


def test_a_refusal_in_an_anonymous_wave_does_not_tell_whether_the_case_had_answered(
    sqlite_in_service: str, tmp_path: Path
) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    set_simulated_date(code, DAY)
    record_answers(code, Q1, [sheet(code, 7, FULL)], DAY)
    moved = []
    for number in (7, 8):
        before = visible(code)["dispositions"]
        calls = [["case", "called at", "outcome"], [case(code, number), "2027-03-18 18:00", "refused"]]
        import_calls(code, Q1, write_csv(tmp_path / f"{number}.csv", calls))
        moved.append([new - old for new, old in zip(visible(code)["dispositions"], before, strict=True)])
    assert moved[0] == moved[1]
    assert fieldwork(code, Q1)["reconciled"] is True
    close(code)
    assert {row["code"]: row["count"] for row in fieldwork(code, Q1)["dispositions"]}["R"] == 1


def test_interviews_of_who_had_answered_make_no_more_outcomes_than_invitations(
    sqlite_in_service: str, tmp_path: Path
) -> None:
    """Nine of twelve answered by mail; of six interviews that may be second ones five are."""
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    set_simulated_date(code, DAY)
    assert record_answers(code, Q1, [sheet(code, n, FULL) for n in range(1, 10)], DAY).accepted == 9
    rows = [CALL, *(interview(code, n, "answered", FULL) for n in range(5, 11))]
    assert import_interviews(code, Q1, write_csv(tmp_path / "interviews.csv", rows)).taken == 6
    found = fieldwork(code, Q1)
    assert {row["code"]: row["count"] for row in found["dispositions"] if row["count"]} == {"I": 12}
    assert found["reconciled"] is True
    close(code)
    found = fieldwork(code, Q1)
    assert {row["code"]: row["count"] for row in found["dispositions"] if row["count"]} == {"I": 10, "NC": 2}
    assert found["reconciled"] is True


def visible(code: str) -> dict[str, Any]:
    """What the office sees of a wave, without what names the files and the engagement."""
    found = fieldwork(code, Q1)
    del found["engagement"]
    found["dispositions"] = [row["count"] for row in found["dispositions"]]
    found["batches"] = [{**row, "batch": ""} for row in found["batches"]]
    return found


def close(code: str) -> None:
    """The wave closes."""
    with writing() as session:
        wave = session.exec(
            select(SurveyWave).join(Engagement).where(Engagement.code == code, SurveyWave.period == Q1)
        ).one()
        wave.closed_on = DAY
        session.add(wave)


def test_of_a_long_file_every_row_not_taken_is_counted_and_written_and_the_first_are_kept(
    sqlite_in_service: str, tmp_path: Path
) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    set_simulated_date(code, DAY)
    rows = [response(code, 1, FULL), *(response(code, 2, FULL, "") for _ in range(KEPT_ROWS + 200))]
    path = write_csv(tmp_path / "results.csv", [HEAD, *rows, response(code, 1, FULL)])
    apart = tmp_path / "rejected.csv"
    for taken, before in ((1, 0), (0, 1)):
        found = import_limesurvey(code, Q1, path, quarantine=apart)
        assert (found.rows, found.taken, found.as_before) == (KEPT_ROWS + 202, taken, before)
        assert (found.not_taken, len(found.doubts)) == (KEPT_ROWS + 201, KEPT_ROWS)
        assert found.reasons == {"duplicate": 1, "unsubmitted": KEPT_ROWS + 200}
        with apart.open(encoding="utf-8-sig", newline="") as stream:
            written = list(csv.DictReader(stream))
        assert [int(row["row"]) for row in written] == list(range(3, KEPT_ROWS + 204))
        kept = [cell for cell in quarantine_of(code) if cell.source == "limesurvey"]
        assert len(kept) == KEPT_ROWS
        assert "and 201 further rows of the file" in kept[-1].expected
        assert f"duplicate 1, unsubmitted {KEPT_ROWS + 200:,}" in kept[-1].expected
        progress = fieldwork(code, Q1)
        assert progress["batches"][0]["reasons"] == found.reasons
        assert progress["reconciled"] is True
    assert token(code, 1) not in apart.read_text(encoding="utf-8-sig")


def test_a_text_file_may_have_more_rows_than_a_sheet(sqlite_in_service: str, tmp_path: Path) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    set_simulated_date(code, DAY)
    head, line = (",".join(map(str, row)) for row in (HEAD, response(code, 1, FULL)))
    path = tmp_path / "results.csv"
    path.write_text("\n".join((head, *[f"1,,4,en,7,{token(code, 2)}"] * MAX_ROWS, line)), encoding="utf-8")
    told: list[tuple[str, int, int]] = []
    found = import_limesurvey(code, Q1, path, progress=lambda *step: told.append(step))
    assert (found.rows, found.taken, found.reasons) == (MAX_ROWS + 1, 1, {"unsubmitted": MAX_ROWS})
    assert {what for what, _, _ in told} == {"Rows judged", "Answers written"}
    assert all(0 <= done <= everything for _, done, everything in told)


def test_a_workbook_too_long_or_not_fit_to_be_read_is_told_to_come_as_text(tmp_path: Path) -> None:
    path = tmp_path / "results.xlsx"
    columns = (SheetColumn("token", "Access code", "答题码"),)
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        lines = book.add_worksheet()
        for row in range(MAX_ROWS + 2):
            lines.write_string(row, 0, "token" if row == 0 else "A")
    said = "more than 100,000 rows follow; split the file. Saved as CSV UTF-8 a table is read at any length"
    with pytest.raises(SheetRefused, match=said):
        open_long_table(path, columns, ("token",))
    path.write_bytes(b"no workbook")
    for read in (first_headings, lambda file: open_long_table(file, columns, ("token",))):
        with pytest.raises(SheetRefused, match=r"is not an \.xlsx workbook\. Saved as CSV UTF-8"):
            read(path)


def test_a_response_in_another_encoding_is_put_aside_and_the_others_count(
    sqlite_in_service: str, tmp_path: Path
) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    set_simulated_date(code, DAY)
    lines = [
        (*HEAD, "comment"),
        (*response(code, 1, FULL), "电梯慢"),
        (*response(code, 2, FULL), "大堂干净"),
        (*response(code, 3, FULL), "门禁坏了"),
    ]
    texts = [",".join(map(str, line)) for line in lines]
    path = tmp_path / "results.csv"
    path.write_bytes("\n".join(texts[:3]).encode() + b"\n" + texts[3].encode("gb18030"))
    found = import_limesurvey(code, Q1, path)
    assert (found.taken, found.reasons) == (2, {"encoding": 1})
    assert (found.doubts[0].row, found.doubts[0].value) == (4, "")
    # In a file of the other encoding UTF-8 would read as wrong signs without a complaint.
    path.write_bytes("\n".join((texts[0], texts[2], texts[3])).encode("gb18030") + b"\n" + texts[1].encode())
    found = import_limesurvey(code, Q1, path)
    assert (found.taken, found.as_before, found.reasons) == (1, 1, {"encoding": 1})
    with reading() as session:
        comments = {one.comment for one in session.exec(select(SurveyResponse))}
    assert comments == {"电梯慢", "大堂干净", "门禁坏了"}


def test_a_table_with_lines_in_another_encoding_is_refused_by_row_or_told_row_by_row(tmp_path: Path) -> None:
    """GB18030 gives signs for nearly any bytes: the others would read as nonsense without a complaint."""
    columns = (SheetColumn("ref", "Ref", "编号"), SheetColumn("text", "Text", "内容"))
    lines = ["ref,text", "A,电梯慢啊", "B,大堂干净", "C,门禁坏了"]
    path = tmp_path / "table.csv"
    for most, few in (("utf-8", "gb18030"), ("gb18030", "utf-8")):
        path.write_bytes("\n".join(lines[:3]).encode(most) + b"\n" + lines[3].encode(few))
        with pytest.raises(SheetRefused, match=r"table\.csv, row 4: in another encoding than the other rows"):
            read_table(path, columns, ("ref",))
        rows = read_table(path, columns, ("ref",), mixed=True).rows
        assert [row.cells["text"] for row in rows[:2]] == ["电梯慢啊", "大堂干净"]
        assert [bool(row.problem) for row in rows] == [False, False, True]


@pytest.mark.parametrize("building", ["一", "男", "联通", "一号楼"])
def test_short_chinese_cells_of_an_old_spreadsheet_are_no_other_encoding(
    tmp_path: Path, building: str
) -> None:
    """In GB18030 some of them are bytes that read as UTF-8, too, as letters of other scripts."""
    columns = (SheetColumn("ref", "Ref", "编号"), SheetColumn("text", "Building", "楼栋"))
    path = tmp_path / "table.csv"
    path.write_text("\n".join(["编号,楼栋", *(f"A{n},{building}" for n in range(5))]), encoding="gb18030")
    assert {row.cells["text"] for row in read_table(path, columns, ("ref",)).rows} == {building}
    told = list(open_long_table(path, columns, ("ref",)).rows())
    assert [(row.cells["text"], row.problem) for row in told] == [(building, "")] * 5


def test_interviews_in_another_encoding_are_put_aside_and_the_others_count(
    sqlite_in_service: str, tmp_path: Path
) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    set_simulated_date(code, DAY)
    rows = [interview(code, n, "answered", FULL) for n in (7, 8, 9)]
    texts = [",".join(map(str, [*row, "电梯太慢了"])) for row in ([*CALL], *rows)]
    texts[0] = texts[0].replace("电梯太慢了", "comment")
    path = tmp_path / "calls.csv"
    path.write_bytes("\n".join(texts[:3]).encode() + b"\n" + texts[3].encode("gb18030"))
    found = import_interviews(code, Q1, path)
    assert (found.rows, found.taken, found.reasons) == (3, 2, {"encoding": 1})
    assert fieldwork(code, Q1)["reconciled"] is True
    with reading() as session:
        assert set(session.exec(select(SurveyResponse.comment))) == {"电梯太慢了"}


def test_responses_are_taken_from_a_workbook_too(sqlite_in_service: str, tmp_path: Path) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path, confidential=True)
    set_simulated_date(code, DAY)
    path = tmp_path / "results.xlsx"
    with xlsxwriter.Workbook(path) as book:
        worksheet = book.add_worksheet()
        for number, row in enumerate([HEAD, response(code, 1, FULL), response(code, 2, {"OV1": 9})]):
            worksheet.write_row(number, 0, row)
    found = import_limesurvey(code, Q1, path)
    assert (found.taken, [doubt.row for doubt in found.doubts]) == (1, [3])
    with reading() as session:
        (link,) = session.exec(select(SurveyResponseLink)).all()
        assert session.get_one(Invitation, link.invitation_id).person_ref == "unit-001"


def test_answers_stand_in_another_order_than_their_rows(sqlite_in_service: str, tmp_path: Path) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    set_simulated_date(code, DAY)
    rows = [(*response(code, number, FULL), f"remark {number:02d}") for number in range(1, 13)]
    import_limesurvey(code, Q1, write_csv(tmp_path / "results.csv", [(*HEAD, "comment"), *rows]))
    with reading() as session:
        comments = [
            one.comment for one in session.exec(select(SurveyResponse).order_by(col(SurveyResponse.id)))
        ]
    assert len(comments) == 12
    assert comments not in (sorted(comments), sorted(comments, reverse=True)), "once in 240 million times"


def test_too_many_wrong_codes_close_the_door_within_a_file_and_after_it(
    in_service: str, tmp_path: Path
) -> None:
    code = in_service
    open_planned_wave(code, tmp_path)
    set_simulated_date(code, DAY)
    path = write_csv(tmp_path / "results.csv", [HEAD, *strangers(LEAST_MISSES + 5), response(code, 1, FULL)])
    assert import_limesurvey(code, Q1, path, dry_run=True).taken == 0
    found = import_limesurvey(code, Q1, path)
    assert (found.taken, found.reasons) == (0, {"codes_closed": 6, "unknown_code": LEAST_MISSES})
    with pytest.raises(CodesClosed, match=f"{LEAST_MISSES} wrong codes"):
        import_limesurvey(code, Q1, path)
    assert fieldwork(code, Q1)["reconciled"] is True


def test_a_door_closed_by_others_while_a_file_was_read_stays_closed(
    sqlite_in_service: str, tmp_path: Path
) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    set_simulated_date(code, DAY)
    path = write_csv(tmp_path / "results.csv", [HEAD, *strangers(3), response(code, 1, FULL)])
    wrong = [AnswerSheet(f"WRONG{number}", "online", FULL) for number in range(LEAST_MISSES)]

    def meanwhile(what: str, _done: int, _all: int) -> None:
        if what == "Answers written":
            record_answers(code, Q1, wrong, DAY)

    with pytest.raises(CodesClosed):
        import_limesurvey(code, Q1, path, progress=meanwhile)
    assert fieldwork(code, Q1)["answers"] == 0
    with reading() as session:
        assert sum(session.exec(select(SurveyCodeMiss.count)).all()) == LEAST_MISSES + 3


def test_a_code_used_while_a_file_was_read_counts_once(sqlite_in_service: str, tmp_path: Path) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    set_simulated_date(code, DAY)
    path = write_csv(tmp_path / "results.csv", [HEAD, response(code, 1, FULL), response(code, 2, FULL)])

    def meanwhile(what: str, _done: int, _all: int) -> None:
        if what == "Answers written":
            record_answers(code, Q1, [sheet(code, 1, FULL)], DAY)

    found = import_limesurvey(code, Q1, path, progress=meanwhile)
    assert (found.taken, found.as_before) == (1, 1)
    progress = fieldwork(code, Q1)
    assert (progress["answers"], progress["reconciled"]) == (2, True)
