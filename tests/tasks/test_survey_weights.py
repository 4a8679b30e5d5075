"""Do the answers of a sample stand for the whole frame, and does a census stay what it is? (D2, D5)"""

import math
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import select

from models.db import reading
from models.review import ImprovementAction, IndicatorFigure
from models.rules.cycles import CycleKind
from models.rules.satisfaction import score_interval
from models.rules.survey_sample import SampleChoices
from models.survey import Invitation, SurveyFigure, SurveyResponse, SurveyWave
from models.survey_codes import survey_code
from tasks.cycles import CycleRef
from tasks.files import read_file
from tasks.indicators import compute_indicators
from tasks.satisfaction import issue_satisfaction_report
from tasks.survey_frame import import_frame
from tasks.survey_loop import wave_share
from tasks.survey_samples import plan_wave_sample
from tasks.survey_waves import wave_analysis, wave_classes
from tasks.surveys import AnswerSheet, close_wave, open_wave, record_answers
from tests import factories
from tests.reports.reading import pdf_text
from tests.survey_field import FULL

ON, CLOSED = date(2027, 3, 17), date(2027, 4, 1)
Q1 = "2027-Q1"
HEADER = "unit,building,type,kind,person,language,modes"
LARGE, SMALL = 500, 100
FLOOR = 80
SAMPLE = SampleChoices("1", ON, margin=0.08, response_rate=0.8, floor=FLOOR)
ANSWERED = {"A": (60, 54), "B": (70, 14)}
"""Building to answers and satisfied ones."""
SHARE = (LARGE * 54 / 60 + SMALL * 14 / 70) / (LARGE + SMALL)


@pytest.mark.parametrize("confidential", [False, True])
def test_a_building_asked_more_closely_counts_for_its_share_of_the_frame(
    in_service: str, tmp_path: Path, confidential: bool
) -> None:
    _held_in_two_buildings(in_service, tmp_path, confidential=confidential)
    with reading() as session:
        figure = session.exec(select(SurveyFigure).where(SurveyFigure.item_code == "OV1")).all()
        whole = next(one for one in figure if one.stratum == "all")
        wave = session.exec(select(SurveyWave)).one()
        asked_again = wave_share(session, wave, wave.items[0])
        action = session.exec(select(ImprovementAction)).all()
    assert (whole.n, whole.satisfied) == (130, 68), "counts stay counts"
    assert float(whole.share or 0) == pytest.approx(SHARE, abs=1e-6)
    low, high = _interval()
    assert (float(whole.low or 0), float(whole.high or 0)) == pytest.approx((low, high), abs=1e-6)
    assert asked_again.satisfied / asked_again.n == pytest.approx(SHARE), "the loop judges by the same share"
    assert action, "78% is below what was promised"


def test_the_indicator_is_the_share_the_report_shows(in_service: str, tmp_path: Path) -> None:
    _held_in_two_buildings(in_service, tmp_path)
    compute_indicators.fn(factories.claim(in_service, CycleKind.QUARTER_REVIEW, Q1, date(2027, 4, 5)))
    with reading() as session:
        told = session.exec(select(IndicatorFigure).where(IndicatorFigure.code == "satisfaction_share")).one()
    assert float(told.value or 0) == pytest.approx(SHARE, abs=1e-4)


def test_the_report_says_how_answers_were_weighted_and_sets_them_beside_the_frame(
    in_service: str, tmp_path: Path
) -> None:
    closing = _held_in_two_buildings(in_service, tmp_path)
    text = pdf_text(read_file(issue_satisfaction_report.fn(closing).sha256))
    assert "78.3%" in text
    assert "8.3" in text, "units of the large building for each of its answers"
    assert "1.4" in text
    assert "areweighted;ncountsanswers" in text
    assert "83.3%" in text, "the share of the large building in the frame"
    assert "notweighted" not in text


def test_an_anonymous_answer_bears_a_part_of_the_frame_that_many_share(
    in_service: str, tmp_path: Path
) -> None:
    rows = [
        *(f"{n},A,residential,owner,,zh,paper" for n in range(LARGE)),
        *(f"{n},B,residential,owner,,zh,paper" for n in range(6)),
        *(f"{n},C,residential,owner,,zh,paper" for n in range(30)),
        *(f"shop {n},B,commercial,owner,,zh,paper" for n in range(6)),
    ]
    refs = _open(in_service, tmp_path, rows, SampleChoices("1", ON, margin=0.08, response_rate=0.8))
    record_answers(in_service, Q1, [_sheet(in_service, ref, 4) for ref in refs], ON)
    with reading() as session:
        invited = session.exec(select(Invitation)).all()
        answers = session.exec(select(SurveyResponse)).all()
    by_cell: dict[str, set[str]] = {}
    for one in invited:
        by_cell.setdefault(one.cell, set()).add(one.stratum)
    assert all(len(strata) == 1 for strata in by_cell.values())
    counts = {cell: sum(one.cell == cell for one in invited) for cell in by_cell}
    few = {next(iter(by_cell[cell])) for cell, count in counts.items() if count < 20}
    assert few <= {"commercial"}, "all shops together tell no more than the type of space does"
    assert {one.cell for one in answers} == set(by_cell)


def test_where_everybody_was_asked_nothing_is_weighted(sqlite_in_service: str, tmp_path: Path) -> None:
    code = sqlite_in_service
    refs = _open(
        code, tmp_path, [f"{n},A,residential,owner,,zh,paper" for n in range(60)], SampleChoices("1", ON)
    )
    record_answers(code, Q1, [_sheet(code, ref, 5) for ref in refs[:40]], ON)
    with reading() as session:
        wave = session.exec(select(SurveyWave)).one()
        found = wave_analysis(session, wave, "zh")
        assert wave_classes(session, wave) == ()
    assert found is not None
    assert found.weights.method == "none"
    assert wave.cells == []


def test_an_item_asked_of_one_type_of_space_has_one_interval(sqlite_in_service: str, tmp_path: Path) -> None:
    code = sqlite_in_service
    rows = [
        *(f"{n},A,residential,owner,,zh,paper" for n in range(40)),
        *(f"{n},B,commercial,owner,,zh,paper" for n in range(30)),
    ]
    refs = _open(code, tmp_path, rows, SampleChoices("1", ON))
    shops = [ref for ref in refs if "/B/" in ref or ref.startswith("unit:B")]
    sheets = [
        AnswerSheet(survey_code(code, Q1, ref), "paper", {**FULL, "BU1": 5 if at < 15 else 3})
        for at, ref in enumerate(shops[:20])
    ]
    assert record_answers(code, Q1, sheets, ON).accepted == 20
    close_wave.fn(factories.claim(code, CycleKind.SURVEY_CLOSE, Q1, CLOSED))
    with reading() as session:
        figures = session.exec(select(SurveyFigure).where(SurveyFigure.item_code == "BU1")).all()
    assert {one.stratum for one in figures} == {"all", "commercial"}
    assert len({(one.n, one.share, one.low, one.high) for one in figures}) == 1
    whole = figures[0]
    # 20 of 30 were asked and answered: the correction for a finite population is that of the shops alone.
    low, high = score_interval(0.75, 20 * 29 / 10)
    assert (float(whole.low or 0), float(whole.high or 0)) == pytest.approx((low, high), abs=1e-6)


@pytest.mark.parametrize(
    ("answers", "compared"), [(90, {"CL1", "GR1", "SE1", "IN1"}), (200, {"DE1", "FA1", "PA1", "FE1", "EM1"})]
)
def test_all_services_are_compared_as_drivers_once_enough_answers_hold_them(
    sqlite_in_service: str, tmp_path: Path, answers: int, compared: set[str]
) -> None:
    code = sqlite_in_service
    refs = _open(
        code, tmp_path, [f"{n},A,residential,owner,,zh,paper" for n in range(250)], SampleChoices("1", ON)
    )
    with reading() as session:
        items = session.exec(select(SurveyWave)).one().items
    rated = [
        item["code"]
        for item in items
        if item["kind"] == "rating" and not item["when"] and "residential" in item["strata"]
    ]
    sheets = [
        AnswerSheet(
            survey_code(code, Q1, ref),
            "paper",
            {item: 1 + (at * (place + 3) // 2 + at // 7) % 5 for place, item in enumerate(rated)},
        )
        for at, ref in enumerate(refs[:answers])
    ]
    assert record_answers(code, Q1, sheets, ON).accepted == answers
    with reading() as session:
        found = wave_analysis(session, session.exec(select(SurveyWave)).one(), "zh")
    assert found is not None
    assert found.drivers is not None
    assert not found.drivers.refused
    names = {driver.item for driver in found.drivers.drivers}
    assert compared <= names
    assert (names == set(rated) - {"OV1"}) is (answers == 200)


def _held_in_two_buildings(code: str, tmp_path: Path, *, confidential: bool = False) -> CycleRef:
    """A sample of 71 of 500 homes in one building and 80 of 100 in the other, where far fewer are satisfied."""
    rows = [
        *(f"{n},A,residential,owner,,zh,paper" for n in range(LARGE)),
        *(f"{n},B,residential,owner,,zh,paper" for n in range(SMALL)),
    ]
    refs = _open(code, tmp_path, rows, SAMPLE, confidential=confidential)
    sheets = []
    for building, (answers, satisfied) in ANSWERED.items():
        mine = [ref for ref in refs if f":{building}/" in ref][:answers]
        assert len(mine) == answers
        sheets += [_sheet(code, ref, 5 if at < satisfied else 2) for at, ref in enumerate(mine)]
    assert record_answers(code, Q1, sheets, ON).rejected == ()
    closing = factories.claim(code, CycleKind.SURVEY_CLOSE, Q1, CLOSED)
    close_wave.fn(closing)
    return closing


def _interval() -> tuple[float, float]:
    """Stratified: sum of (N_h / N)^2 (1 - n_h / N_h) p q / (n_h - 1), as answers that many would be worth."""
    variance = sum(
        (size / (LARGE + SMALL)) ** 2 * (1 - n / size) * (good / n) * (1 - good / n) / (n - 1)
        for size, (n, good) in zip((LARGE, SMALL), ANSWERED.values(), strict=True)
    )
    n = sum(answers for answers, _ in ANSWERED.values())
    deff = variance / (SHARE * (1 - SHARE) / (n - 1))
    assert not math.isclose(deff, 1, abs_tol=0.05), "the design matters here"
    return score_interval(SHARE, n / deff)


def _open(
    code: str, tmp_path: Path, rows: list[str], choices: SampleChoices, *, confidential: bool = False
) -> list[str]:
    """Open a wave of the frame; returns who was invited."""
    path = tmp_path / "frame.csv"
    path.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    assert import_frame(code, path).doubts == ()
    plan_wave_sample(code, Q1, choices, confidential=confidential)
    open_wave.fn(factories.claim(code, CycleKind.SURVEY_OPEN, Q1, ON))
    with reading() as session:
        return list(session.exec(select(Invitation.person_ref).order_by(Invitation.person_ref)).all())


def _sheet(code: str, ref: str, score: int) -> AnswerSheet:
    return AnswerSheet(survey_code(code, Q1, ref), "paper", {**FULL, "OV1": score})
