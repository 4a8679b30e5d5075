"""Does the frame come in without doubtful rows, and does the wave ask whom and what was planned? (D1, D2)"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from models.db import reading
from models.outbox import OutboxMail
from models.rules.cycles import CycleKind
from models.rules.survey_sample import SampleChoices
from models.survey import (
    Invitation,
    SurveyAnswer,
    SurveyFigure,
    SurveyResponse,
    SurveyResponseLink,
    SurveyWave,
)
from models.survey_codes import survey_code
from models.survey_instruments import instrument_for
from tasks.cycles import begin_cycle
from tasks.quarantine import quarantine_of
from tasks.sheet_rows import SheetRefused
from tasks.survey_frame import frame_summary, import_frame
from tasks.survey_instruments import instrument_yaml
from tasks.survey_samples import SampleRefused, plan_wave_sample
from tasks.surveys import AnswerSheet, close_wave, open_wave, record_answers
from tests import factories
from tests.survey_field import FULL

ON = date(2027, 3, 17)
Q1 = "2027-Q1"
CHOICES = SampleChoices("1", ON)
HEADER = "unit,building,type,kind,person,language,modes"


def test_a_frame_comes_in_once(in_service: str, tmp_path: Path) -> None:
    path = write_frame(tmp_path / "frame.csv")
    first = import_frame(in_service, path)
    assert (first.rows, first.new, first.doubts) == (factories.RESIDENTS + 1, factories.RESIDENTS + 1, ())
    again = import_frame(in_service, path)
    assert (again.new, again.changed, again.as_before) == (0, 0, factories.RESIDENTS + 1)
    assert sum(row["contacts"] for row in frame_summary(in_service)) == factories.RESIDENTS + 1


def test_a_trial_import_writes_nothing(sqlite_in_service: str, tmp_path: Path) -> None:
    path = write_frame(tmp_path / "frame.csv", ["101,T1,castle,owner,,zh,paper"])
    assert len(import_frame(sqlite_in_service, path, dry_run=True).doubts) == 1
    assert frame_summary(sqlite_in_service) == []
    assert quarantine_of(sqlite_in_service) == []


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("101,T9,castle,owner,,zh,paper", "type", "expected one of residential"),
        ("101,T9,住宅,ghost,,zh,paper", "kind", "expected one of owner"),
        ("101,,residential,owner,,zh,paper", "building", "expected a text"),
        ("101,T9,residential,owner,,zh,pigeon", "modes", "expected some of online"),
        ("101,T9,residential,owner,,zh,online", "modes", "a mail address"),
        ("101,T9,residential,owner,unit-001,zh,telephone", "modes", "with a number"),
        ("101,T9,residential,owner,nobody,zh,paper", "person", "recorded person"),
        ("101,T9,office,employee,,zh,paper", "person", "a unit has several"),
        ("101,T9,residential,owner,,klingon,paper", "language", "expected one of zh"),
        ("900,T1,residential,owner,,zh,paper", "unit", "stands in row 14 already"),
    ],
)
def test_a_doubtful_row_is_kept_apart_and_all_others_come_in(
    sqlite_in_service: str, tmp_path: Path, row: str, column: str, reason: str
) -> None:
    found = import_frame(sqlite_in_service, write_frame(tmp_path / "frame.csv", [row]))
    assert (found.taken, len(found.doubts)) == (factories.RESIDENTS + 1, 1)
    assert found.doubts[0].column == column
    assert reason in found.doubts[0].reason
    assert "nobody" not in found.doubts[0].value, "a reference may tell who it is"
    import_frame(sqlite_in_service, tmp_path / "frame.csv")
    kept = quarantine_of(sqlite_in_service)
    assert [(cell.source, cell.row, cell.column) for cell in kept] == [("frame", 15, column)]


def test_a_file_that_is_no_frame_is_refused_with_what_was_expected(
    sqlite_in_service: str, tmp_path: Path
) -> None:
    path = tmp_path / "frame.csv"
    path.write_text("name,age\nx,1\n", encoding="utf-8")
    with pytest.raises(SheetRefused, match="房号/Unit"):
        import_frame(sqlite_in_service, path)


def test_who_left_the_frame_is_not_asked_any_more(sqlite_in_service: str, tmp_path: Path) -> None:
    import_frame(sqlite_in_service, write_frame(tmp_path / "frame.csv"))
    path = tmp_path / "frame.csv"
    path.write_text("\n".join(path.read_text(encoding="utf-8").splitlines()[:-1]), encoding="utf-8")
    assert import_frame(sqlite_in_service, path).dropped == 1
    assert plan_wave_sample(sqlite_in_service, Q1, CHOICES)["invited"] == factories.RESIDENTS


def test_nobody_leaves_the_frame_while_a_doubtful_row_may_be_theirs(
    sqlite_in_service: str, tmp_path: Path
) -> None:
    import_frame(sqlite_in_service, write_frame(tmp_path / "frame.csv"))
    path = tmp_path / "frame.csv"
    spoilt = path.read_text(encoding="utf-8").replace("900,T1,residential", "900,T1,castle")
    path.write_text(spoilt, encoding="utf-8")
    found = import_frame(sqlite_in_service, path)
    assert (found.dropped, found.kept, len(found.doubts)) == (0, 1, 1)
    assert plan_wave_sample(sqlite_in_service, Q1, CHOICES)["invited"] == factories.RESIDENTS + 1


def test_a_wave_asks_whom_and_what_was_planned(in_service: str, tmp_path: Path) -> None:
    import_frame(in_service, write_frame(tmp_path / "frame.csv"))
    planned = plan_wave_sample(in_service, Q1, CHOICES, purpose="risk")
    assert (planned["census"], planned["answers"]) == (True, "anonymous")
    _open(in_service)
    with reading() as session:
        wave = session.exec(select(SurveyWave)).one()
        invited = {row.person_ref: row for row in session.exec(select(Invitation)).all()}
        mails = session.exec(select(OutboxMail).where(OutboxMail.kind == "survey-invitation")).all()
    assert (wave.purpose, wave.invited_count, wave.confidential) == ("risk", len(invited), False)
    assert {item["code"] for item in wave.items} >= {"SA2", "FI3", "FI2", "NP1"}
    assert invited["unit:T1/900/owner"].mode == "paper"
    assert len(mails) == factories.RESIDENTS, "whoever gets paper gets no mail"


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ("2027-Q5", "expected a quarter such as 2027-Q1"),
        ("2027-03", "expected a quarter such as 2027-Q1"),
        ("2026-Q4", "outside the term, 2027-01-01 to 2027-12-31"),
        ("special:flood-E-1", "expected special:KIND-REFERENCE"),
    ],
)
def test_a_period_in_which_no_wave_opens_is_not_planned(
    sqlite_in_service: str, tmp_path: Path, period: str, said: str
) -> None:
    import_frame(sqlite_in_service, write_frame(tmp_path / "frame.csv"))
    with pytest.raises(SampleRefused, match=said):
        plan_wave_sample(sqlite_in_service, period, CHOICES)
    plan_wave_sample(sqlite_in_service, "special:incident-E-1", CHOICES)


def test_planning_the_same_again_keeps_the_sample_and_another_way_needs_a_word(
    sqlite_in_service: str, tmp_path: Path
) -> None:
    code = sqlite_in_service
    import_frame(code, write_frame(tmp_path / "frame.csv"))
    first = plan_wave_sample(code, Q1, CHOICES)
    assert plan_wave_sample(code, Q1, CHOICES) == first
    with pytest.raises(SampleRefused, match="--replan"):
        plan_wave_sample(code, Q1, CHOICES, confidential=True)
    assert plan_wave_sample(code, Q1, CHOICES, confidential=True, replan=True)["answers"] == "confidential"


def test_anonymity_is_fixed_once_the_wave_is_open(sqlite_in_service: str, tmp_path: Path) -> None:
    code = sqlite_in_service
    import_frame(code, write_frame(tmp_path / "frame.csv"))
    plan_wave_sample(code, Q1, CHOICES)
    _open(code)
    after = plan_wave_sample(code, Q1, CHOICES, confidential=True, replan=True)
    assert after["answers"] == "anonymous"


@pytest.mark.parametrize("confidential", [False, True])
def test_only_a_confidential_answer_is_joined_to_its_invitation(
    in_service: str, tmp_path: Path, confidential: bool
) -> None:
    import_frame(in_service, write_frame(tmp_path / "frame.csv"))
    plan_wave_sample(in_service, Q1, CHOICES, confidential=confidential)
    _open(in_service)
    assert record_answers(in_service, Q1, [_sheet(in_service, "unit-001")], ON).rejected == ()
    with reading() as session:
        links = session.exec(select(SurveyResponseLink)).all()
        body = session.exec(select(OutboxMail).where(OutboxMail.kind == "survey-invitation")).first()
    assert len(links) == (1 if confidential else 0)
    assert body is not None
    assert ("confidential" in str(body.body)) is confidential


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ({"OV1": 5, "NP1": 11}, "item NP1: score 11, expected 0 to 10"),
        ({"OV1": 0}, "item OV1: score 0, expected 1 to 5"),
        ({"OV1": 4, "RE0": 2}, "item RE0: score 2, expected 0 to 1"),
        ({"OV1": 4, "RE0": 0, "RE1": 5}, "RE1 is answered, though RE0 was answered no"),
        ({"OV1": 4, "WH1": 1}, "expected a text"),
    ],
)
def test_an_answer_off_its_own_scale_is_not_taken(
    sqlite_in_service: str, tmp_path: Path, scores: dict[str, int], said: str
) -> None:
    code = sqlite_in_service
    import_frame(code, write_frame(tmp_path / "frame.csv"))
    plan_wave_sample(code, Q1, CHOICES)
    _open(code)
    count = record_answers(code, Q1, [_sheet(code, "unit-001", scores)], ON)
    assert count.accepted == 0
    assert said in count.rejected[0][1]


def test_a_wave_with_recommendation_and_yes_or_no_questions_closes_with_figures_of_its_ratings(
    in_service: str, tmp_path: Path
) -> None:
    import_frame(in_service, write_frame(tmp_path / "frame.csv"))
    plan_wave_sample(in_service, Q1, CHOICES)
    _open(in_service)
    sheets = [_sheet(in_service, f"unit-{number:03d}") for number in range(1, factories.RESIDENTS + 1)]
    assert record_answers(in_service, Q1, sheets, ON).accepted == factories.RESIDENTS
    closing = begin_cycle.fn(in_service, CycleKind.SURVEY_CLOSE, Q1, date(2027, 4, 1), None, "r2")
    assert closing is not None
    assert close_wave.fn(closing).answered == factories.RESIDENTS
    with reading() as session:
        codes = set(session.exec(select(SurveyFigure.item_code)).all())
        assert session.exec(select(SurveyAnswer).where(SurveyAnswer.item_code == "NP1")).all()
        assert len(session.exec(select(SurveyResponse)).all()) == factories.RESIDENTS
    assert "RE1" in codes
    assert codes.isdisjoint({"NP1", "RE0", "WH1"})


def test_a_code_asked_once_is_never_asked_with_another_wording(
    sqlite_in_service: str, tmp_path: Path
) -> None:
    code = sqlite_in_service
    import_frame(code, write_frame(tmp_path / "frame.csv"))
    text = instrument_yaml(instrument_for("special", "residential")).decode()
    own, other = tmp_path / "own.yaml", tmp_path / "other.yaml"
    own.write_text(text.replace("code: RE2", "code: XX1"), encoding="utf-8")
    other.write_text(own.read_text(encoding="utf-8").replace("completed repair", "end"), encoding="utf-8")
    plan_wave_sample(code, Q1, CHOICES, instrument=str(own))
    with pytest.raises(SampleRefused, match="XX1 was asked here with another wording"):
        plan_wave_sample(code, "2027-Q2", CHOICES, instrument=str(other))


def test_without_a_frame_no_sample_is_planned(sqlite_in_service: str) -> None:
    with pytest.raises(SampleRefused, match="has no frame yet"):
        plan_wave_sample(sqlite_in_service, Q1, CHOICES)


def write_frame(path: Path, more: Sequence[str] = ()) -> Path:
    rows = [
        f"{person.unit},T{1 + number % 2},{person.property_type},{'user' if person.role == 'tenant' else 'owner'},"
        f"{person.ref},en,online/paper"
        for number, person in enumerate(factories.people()[2:])
    ]
    path.write_text("\n".join([HEADER, *rows, "900,T1,residential,owner,,zh,paper", *more]), encoding="utf-8")
    return path


def _open(code: str) -> None:
    cycle = begin_cycle.fn(code, CycleKind.SURVEY_OPEN, Q1, ON, None, "r1")
    assert cycle is not None
    open_wave.fn(cycle)


def _sheet(code: str, ref: str, scores: dict[str, Any] | None = None) -> AnswerSheet:
    return AnswerSheet(survey_code(code, Q1, ref), "online", scores or FULL)
