"""Does a paper form count once, and only as two clerks or a third person read it? (D4)"""

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlmodel import col, select

from models.db import reading
from models.errors import Terminal
from models.rules.cycles import CycleKind
from models.survey import SurveyAnswer, SurveyResponse, SurveyResponseLink
from models.survey_fieldwork import SurveyPaperEntry
from tasks.engagements import set_simulated_date
from tasks.files import read_file
from tasks.quarantine import quarantine_of
from tasks.satisfaction import issue_satisfaction_report
from tasks.survey_answer_files import import_interviews
from tasks.survey_fieldwork import fieldwork
from tasks.survey_paper_entry import enter_paper
from tasks.survey_paper_forms import paper_forms, typing_columns
from tasks.survey_paper_settling import discrepancies, settle_paper
from tasks.surveys import close_wave, record_answers
from tests import factories
from tests.reports.reading import pdf_text
from tests.survey_field import FULL, ON, Q1, case, open_planned_wave, sheet, token, write_csv


def test_forms_two_clerks_typed_alike_become_answers_once(in_service: str, tmp_path: Path) -> None:
    code = in_service
    open_planned_wave(code, tmp_path)
    one = typed(code, tmp_path / "a.csv", {10: FULL, 11: FULL})
    two = typed(code, tmp_path / "b.csv", {11: FULL, 10: FULL | {"OV1": 2}})
    first = enter_paper(code, Q1, one, "A", ON)
    assert (first.entered, first.taken, first.typed_once) == (2, 0, 2)
    second = enter_paper(code, Q1, two, "B", ON)
    assert (second.entered, second.taken, second.differing) == (2, 1, 1)
    assert second.cells_differing == 1
    found = fieldwork(code, Q1)
    assert found["reconciled"] is True
    assert found["paper"] == {"entries": 4, "forms": 2, "taken": 1, "typed_once": 0, "differing": 1}
    for path, clerk in ((one, "A"), (two, "B"), (one, "a ")):
        again = enter_paper(code, Q1, path, clerk, ON)
        assert (again.entered, again.as_before, again.taken, again.doubts) == (0, 2, 0, ())
    assert fieldwork(code, Q1) == found
    with reading() as session:
        (response,) = session.exec(select(SurveyResponse)).all()
        assert response.mode == "paper"
        assert session.exec(select(SurveyResponseLink)).all() == []
        kept = session.exec(select(SurveyPaperEntry).where(col(SurveyPaperEntry.taken))).all()
    assert [entry.scores for entry in kept] == [{}, {}], "what was typed is deleted once it is an answer"


def test_differing_cells_are_settled_by_a_third_person(in_service: str, tmp_path: Path) -> None:
    code = in_service
    open_planned_wave(code, tmp_path)
    enter_paper(code, Q1, typed(code, tmp_path / "a.csv", {10: FULL}), "A", ON)
    other = {k: v for k, v in FULL.items() if k != "EM1"} | {"OV1": 2}
    enter_paper(code, Q1, typed(code, tmp_path / "b.csv", {10: other}), "B", ON)
    rows = discrepancies(code, Q1)
    assert [(row["serial"], row["item"], row["first"], row["second"]) for row in rows] == [
        (token(code, 10), "EM1", 4, "-"),
        (token(code, 10), "OV1", 4, 2),
    ]
    half = settled(tmp_path / "half.csv", [[token(code, 10), "OV1", 3], [token(code, 10), "EM1", ""]])
    assert settle_paper(code, Q1, half, "C", ON).left_open == 2
    whole = settled(tmp_path / "whole.csv", [[token(code, 10), "OV1", 3], [token(code, 10), "EM1", "-"]])
    by_clerk = settle_paper(code, Q1, whole, "A", ON)
    assert by_clerk.taken == 0
    assert "expected a third person" in by_clerk.doubts[0].reason
    done = settle_paper(code, Q1, whole, "C", ON)
    assert (done.entered, done.taken, done.differing, done.doubts) == (2, 1, 0, ())
    again = settle_paper(code, Q1, whole, "C", ON)
    assert (again.entered, again.as_before, again.taken) == (0, 2, 0)
    assert discrepancies(code, Q1) == []
    assert fieldwork(code, Q1)["reconciled"] is True
    with reading() as session:
        scores = dict(session.exec(select(SurveyAnswer.item_code, SurveyAnswer.score)).all())
    assert scores["OV1"] == 3
    assert "EM1" not in scores


def test_what_was_typed_and_never_agreed_is_deleted_when_the_wave_closes(
    in_service: str, tmp_path: Path
) -> None:
    """An anonymous answer beside its invitation must not outlive the fieldwork."""
    code = in_service
    open_planned_wave(code, tmp_path)
    enter_paper(code, Q1, typed(code, tmp_path / "a.csv", {10: FULL}), "A", ON)
    before = fieldwork(code, Q1)["paper"]
    close_wave.fn(factories.claim(code, CycleKind.SURVEY_CLOSE, Q1, ON + timedelta(days=14)))
    with reading() as session:
        (entry,) = session.exec(select(SurveyPaperEntry)).all()
    assert (entry.scores, entry.comment, entry.taken) == ({}, "", False)
    assert fieldwork(code, Q1)["paper"] == before


def test_the_same_clerk_typing_again_is_no_second_entry(sqlite_in_service: str, tmp_path: Path) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    enter_paper(code, Q1, typed(code, tmp_path / "a.csv", {10: FULL}), "A", ON)
    again = enter_paper(code, Q1, typed(code, tmp_path / "a2.csv", {10: FULL | {"OV1": 1}}), "A", ON)
    assert (again.entered, again.taken) == (0, 0)
    assert "clerk a typed this form before, otherwise in OV1" in again.doubts[0].reason
    copy = enter_paper(code, Q1, tmp_path / "a.csv", "B", ON)
    assert copy.same_file_as == "a"


@pytest.mark.parametrize(
    ("serial", "scores", "column", "reason"),
    [
        ("unknown", FULL, "serial", "the code is unknown"),
        ("", FULL, "serial", "expected the serial number"),
        ("twice", FULL, "serial", "stands in row 2 too"),
        ("used", FULL, "serial", "was answered in another way"),
        ("good", FULL | {"OV1": 6}, "OV1", "expected 1 to 5"),
        ("good", FULL | {"NP1": 11}, "NP1", "expected 0 to 10"),
        ("good", FULL | {"RE0": 0}, "RE1", "as RE0 was answered no"),
        ("good", {}, "", "at least one answered item"),
    ],
)
def test_a_form_that_cannot_be_taken_is_kept_apart_and_all_others_are_typed(
    sqlite_in_service: str, tmp_path: Path, serial: str, scores: dict[str, int], column: str, reason: str
) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    record_answers(code, Q1, [sheet(code, 12, FULL)], ON)
    named = {
        **{"unknown": "ABCD-EFGH-JKMN-P", "": "", "twice": token(code, 10), "used": token(code, 12)},
        **{"good": token(code, 11)},
    }[serial]
    path = typed(code, tmp_path / "a.csv", {10: FULL}, [(named, scores)])
    found = enter_paper(code, Q1, path, "A", ON)
    doubt = found.doubts[-1]
    assert found.entered == (0 if serial == "twice" else 1)
    assert (doubt.row, doubt.column) == (3, column)
    assert reason in doubt.reason
    cells = [cell for cell in quarantine_of(code) if cell.row == 3]
    assert [(cell.source, cell.file, cell.column) for cell in cells] == [("paper", "a.csv", column)]
    assert named == "" or named not in str(cells), "a code never reaches the quarantine"
    assert fieldwork(code, Q1)["reconciled"] is True


def test_one_code_in_three_modes_counts_once_and_every_count_agrees(in_service: str, tmp_path: Path) -> None:
    """Online first, then on the telephone and on paper: each further one is told by its reason, as a dry run foretells."""
    code = in_service
    open_planned_wave(code, tmp_path, confidential=True)
    set_simulated_date(code, ON + timedelta(days=1))
    record_answers(code, Q1, [sheet(code, n, FULL) for n in (7, 10)], ON)
    items = [*FULL, "CO1", "CU1", "BU1", "WC1", "AC1"]
    calls: list[list[object]] = [["case", "called at", "interviewer", "outcome", *items]]
    for number, at, outcome, overall in (
        (7, "18:01", "answered", 4),
        (8, "18:02", "answered", 4),
        (8, "18:03", "answered", 4),
        (9, "18:04", "answered", 9),
        (9, "18:05", "gone", 4),
        (9, "2027-04-09 18:06", "answered", 4),
        (0, "18:07", "answered", 4),
    ):
        when = at if "-" in at else f"2027-03-17 {at}"
        scores = FULL | {"OV1": overall}
        calls.append([case(code, number), when, "I-1", outcome, *(scores.get(item, "") for item in items)])
    interviews = write_csv(tmp_path / "calls.csv", calls)
    found = [import_interviews(code, Q1, interviews, dry_run=dry) for dry in (True, False)]
    assert found[0] == replace(found[1], dry_run=True)
    assert (found[1].taken, found[1].reasons) == (
        1,
        {"duplicate": 1, "late": 1, "outcome": 1, "unknown_case": 1, "used": 1, "value": 1},
    )
    forms = typed(
        code,
        tmp_path / "a.csv",
        {8: FULL, 10: FULL, 11: FULL, 12: FULL | {"OV1": 6}},
        [(token(code, 9), FULL), (token(code, 9), FULL), ("ABCD-EFGH-JKMN-P", FULL), ("", FULL)],
    )
    entered = [enter_paper(code, Q1, forms, "A", ON, dry_run=dry) for dry in (True, False)]
    assert entered[0] == replace(entered[1], dry_run=True)
    assert (entered[1].entered, entered[1].typed_once, entered[1].differing) == (1, 1, 0)
    assert entered[1].reasons == {"duplicate": 2, "token": 1, "unknown_code": 1, "used": 2, "value": 1}
    progress = fieldwork(code, Q1)
    assert (progress["answers"], progress["reconciled"]) == (3, True)
    batches = {batch["source"]: batch["reasons"] for batch in progress["batches"]}
    assert (batches["telephone"], batches["paper"]) == (found[1].reasons, entered[1].reasons)


def test_a_trial_entry_keeps_nothing(sqlite_in_service: str, tmp_path: Path) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    path = typed(code, tmp_path / "a.csv", {10: FULL}, [("nonsense", FULL)])
    found = enter_paper(code, Q1, path, "A", ON, dry_run=True)
    assert (found.entered, len(found.doubts)) == (1, 1)
    assert fieldwork(code, Q1)["paper"]["entries"] == 0
    assert quarantine_of(code) == []


@pytest.mark.parametrize(("confidential", "again"), [(True, 2), (False, 3)])
def test_forms_are_printed_for_whom_paper_is_meant_and_do_not_tell_who_has_answered_anonymously(
    sqlite_in_service: str, tmp_path: Path, confidential: bool, again: int
) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path, confidential=confidential)
    record_answers(code, Q1, [sheet(code, 12, FULL)], ON)
    content, forms, others = paper_forms(code, Q1, "en", ON)
    assert (forms, others) == (again, 0)
    first = " ".join(PdfReader(io.BytesIO(content)).pages[0].extract_text().split())
    assert ("Answers are confidential" in first, "Answers are anonymous" in first) == (
        confidential,
        not confidential,
    ), "who is asked on paper gets no letter that says so"
    with pytest.raises(Terminal, match="asked on paper in zh is left in the wave"):
        paper_forms(code, Q1, "zh", ON)


def typed(
    code: str,
    path: Path,
    forms: dict[int, dict[str, int]],
    more: list[tuple[str, dict[str, int]]] | None = None,
) -> Path:
    """A sheet as a clerk types it."""
    heads = [name for name in typing_columns(code, Q1) if name not in ("serial", "WH1", "comment")]
    rows = [(token(code, number), scores) for number, scores in forms.items()] + (more or [])
    lines = [[serial, *(scores.get(name, "") for name in heads), "typed"] for serial, scores in rows]
    return write_csv(path, [["serial", *heads, "comment"], *lines])


def settled(path: Path, rows: list[list[object]]) -> Path:
    """A list of discrepancies as it comes back."""
    return write_csv(path, [["serial", "item", "settled"], *rows])


def test_no_form_is_printed_of_a_wave_that_is_closed(sqlite_in_service: str, tmp_path: Path) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    close_wave.fn(factories.claim(code, CycleKind.SURVEY_CLOSE, Q1, ON + timedelta(days=15)))
    with pytest.raises(Terminal, match="no answer is taken any more"):
        paper_forms(code, Q1, "en", ON + timedelta(days=15))


def test_forms_that_nobody_settled_before_the_wave_closed_are_told(
    sqlite_in_service: str, tmp_path: Path
) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    record_answers(code, Q1, [sheet(code, n, FULL) for n in range(1, 7)], ON)
    enter_paper(code, Q1, typed(code, tmp_path / "a.csv", {10: FULL, 11: FULL}), "A", ON)
    enter_paper(code, Q1, typed(code, tmp_path / "b.csv", {10: FULL | {"OV1": 2}}), "B", ON)
    closing = factories.claim(code, CycleKind.SURVEY_CLOSE, Q1, ON + timedelta(days=15))
    close_wave.fn(closing)
    assert "2paperformsnottypedtwice" in pdf_text(read_file(issue_satisfaction_report.fn(closing).sha256))
