"""Are inspections scored by weight and by each criterion's own mark, and are zones looked at as their record asks? (B3, B4)"""

import shutil
from datetime import date, timedelta
from decimal import Decimal
from importlib import resources
from pathlib import Path

import pytest

from models.catalogue_files import CatalogueInvalid, load_catalogue
from models.quality_sheet_files import load_quality_sheets, read_quality_sheets
from models.rules.quality import Look, SamplingMode, ScoreSheet, next_look, sampling_mode, score_of, sheet_for

START = date(2027, 1, 1)


def sheet(code: str = "QC-LOBBY") -> ScoreSheet:
    return next(one for one in load_quality_sheets() if one.code == code)


def marks(floor: str, litter: str, glass: str, dust: str) -> dict[str, Decimal]:
    return {
        "FLOOR": Decimal(floor),
        "LITTER": Decimal(litter),
        "GLASS": Decimal(glass),
        "DUST": Decimal(dust),
    }


def test_the_score_is_the_mean_by_weight() -> None:
    found = score_of(sheet(), marks("90", "80", "70", "100"))
    assert found.value == Decimal("84.0"), "(4 x 90 + 3 x 80 + 2 x 70 + 1 x 100) / 10"
    assert found.passed


@pytest.mark.parametrize(("dust", "passed"), [("80", True), ("79.9", False)])
def test_the_pass_mark_itself_passes_and_the_verdict_is_made_before_rounding(dust: str, passed: bool) -> None:
    found = score_of(sheet(), marks("80", "80", "80", dust))
    assert found.value == Decimal("80.0")
    assert found.passed is passed


def test_one_criterion_below_its_own_mark_fails_a_high_score() -> None:
    found = score_of(sheet(), marks("59", "100", "100", "100"))
    assert found.value > 80
    assert not found.passed
    assert found.below == ("FLOOR",)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"FLOOR": Decimal(90)}, "LITTER, GLASS, DUST of QC-LOBBY has no mark"),
        (
            marks("90", "80", "70", "100") | {"SMELL": Decimal(1)},
            "'SMELL' is no criterion of QC-LOBBY; expected FLOOR",
        ),
        (marks("101", "80", "70", "100"), "FLOOR is marked 101; expected 0 to 100"),
        (marks("NaN", "80", "70", "100"), "FLOOR is marked NaN"),
    ],
)
def test_marks_that_do_not_fit_the_sheet_are_refused(given: dict[str, Decimal], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        score_of(sheet(), given)


def history(*passed: bool, step: int = 7) -> list[Look]:
    return [Look(START + timedelta(days=step * k), good, first=True) for k, good in enumerate(passed)]


@pytest.mark.parametrize(
    ("passed", "mode"),
    [
        ((True,), SamplingMode.NORMAL),
        ((False, True), SamplingMode.TIGHTENED),
        ((False, True, True), SamplingMode.NORMAL),
        ((True,) * 4, SamplingMode.NORMAL),
        ((True,) * 5, SamplingMode.REDUCED),
        ((True, True, True, True, True, False), SamplingMode.TIGHTENED),
        ((False, True, True, True, True, True), SamplingMode.REDUCED),
    ],
)
def test_a_zone_that_failed_is_looked_at_twice_as_often_until_it_passed_twice(
    passed: tuple[bool, ...], mode: SamplingMode
) -> None:
    assert sampling_mode(passed) is mode


def test_the_next_look_follows_from_the_record_of_the_zone() -> None:
    assert next_look([], 7, START, 2).due_on == START + timedelta(days=7)
    failed = next_look(history(True, False), 7, START, 2)
    assert (failed.mode, failed.due_on) == (SamplingMode.AGAIN, START + timedelta(days=8))
    mended = [*history(False), Look(START + timedelta(days=1), True, first=False)]
    assert next_look(mended, 7, START, 2).mode is SamplingMode.TIGHTENED, "passing again is no first pass"
    assert next_look(mended, 7, START, 2).due_on == START + timedelta(days=1 + 4), "half of seven, rounded up"
    assert next_look(history(*(True,) * 5), 7, START, 2).due_on == START + timedelta(days=28 + 14)


def test_every_cleaning_and_greening_activity_has_a_sheet() -> None:
    activities = [a for a in load_catalogue().activities if a.subject in ("cleaning", "greening")]
    assert len(activities) > 20
    for activity in activities:
        found = sheet_for(load_quality_sheets(), activity.subject, activity.code)
        assert found is not None
        assert found.subject.value == activity.subject
    named = {code for one in load_quality_sheets() for code in one.activities}
    assert named <= {activity.code for activity in activities}, "a sheet names an activity that is not there"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('pass_mark: "85"', 'pass_mark: "120"', "expected at most 100"),
        ("code: QC-STAIRS", "code: QC-LOBBY", "QC-LOBBY"),
        ("code: GLASS", "code: FLOOR", "FLOOR"),
        ("general: true\n    pass", "activities: [X]\n    pass", "expected just one with"),
    ],
)
def test_a_wrong_catalogue_of_sheets_names_its_mistake(tmp_path: Path, old: str, new: str, said: str) -> None:
    with resources.as_file(resources.files("models.catalogue")) as shipped:
        shutil.copytree(shipped, tmp_path / "catalogue")
    path = tmp_path / "catalogue" / "quality_sheets.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueInvalid, match=said):
        read_quality_sheets(tmp_path / "catalogue")
