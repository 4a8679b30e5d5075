"""Does a code keep its wording for ever, and does each template ask what its purpose needs? (D1, D2)"""

import hashlib
import shutil
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from models.catalogue_reading import CatalogueInvalid
from models.errors import Terminal
from models.rules.questionnaire import ALL_ITEMS
from models.rules.survey_instrument import (
    TYPES,
    AnswerKind,
    Purpose,
    asked_of_type,
    fingerprint,
    instrument_faults,
)
from models.survey_instruments import (
    instrument_for,
    instrument_named,
    read_instruments,
    released_codes,
    shipped_instruments,
)

FOLDER = resources.files("models.catalogue.surveys")
RELEASED_COUNT = 40
RELEASED_SHA256 = "e62d10423b2da5639edff68da750dc2cacba740a42810251824440e9e1f8ef0c"
"""Of the first 40 lines `code fingerprint`: never to be changed here; later releases add lines below them."""


def test_what_was_released_is_never_rewritten() -> None:
    lines = [f"{code} {mark}" for code, mark in released_codes(FOLDER).items()][:RELEASED_COUNT]
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == RELEASED_SHA256


def test_every_question_of_the_codebook_is_released() -> None:
    codebook, _ = shipped_instruments()
    assert {code: fingerprint(question) for code, question in codebook.items()} == released_codes(FOLDER)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Satisfied, zh: 满意}", "Content, zh: 满意}"),
        ("handling of repairs?", "handling of all repairs?"),
        ("您对绿化养护是否满意", "您对绿化是否满意"),
        ("{code: GR1, scale: sat5", "{code: GR9, scale: sat5"),
    ],
    ids=["word of a scale", "English wording", "Chinese wording", "code taken away"],
)
def test_a_released_code_with_another_wording_or_scale_stops_the_loading(
    tmp_path: Path, old: str, new: str
) -> None:
    folder = _copy(tmp_path)
    text = (folder / "codebook.yaml").read_text(encoding="utf-8")
    assert old in text
    (folder / "codebook.yaml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(CatalogueInvalid, match="was released with another wording or scale"):
        read_instruments(folder)


def test_a_new_code_may_be_added(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    with (folder / "codebook.yaml").open("a", encoding="utf-8") as file:
        file.write(
            '  - {code: RE9, scale: sat5, dimension: repairs, post: technician, en: "New?", zh: 新题？}\n'
        )
    assert read_instruments(folder)[0]["RE9"].en == "New?"


def test_the_routine_wave_asks_codes_as_the_codebook_words_them() -> None:
    codebook, _ = shipped_instruments()
    for item in ALL_ITEMS:
        found = codebook[item.code]
        assert (found.en, found.zh, found.post) == (item.text_en, item.text_zh, item.metric_post)
        assert found.scale.values == (1, 2, 3, 4, 5)


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("property_type", [*TYPES, "mixed"])
def test_there_is_an_instrument_for_every_purpose_and_type_of_property(
    purpose: Purpose, property_type: str
) -> None:
    found = instrument_for(purpose, property_type)
    assert (found.code, found.purpose) == (f"{purpose}-{property_type}", purpose)
    assert instrument_faults(found) == ()
    assert all(entry.question.en and entry.question.zh for entry in found.asked)
    assert instrument_named(found.code) == found


def test_homes_are_not_asked_about_deliveries_on_a_mixed_property() -> None:
    mixed = instrument_for("overall", "mixed")
    homes = {entry.question.code for entry in asked_of_type(mixed, "residential")}
    shops = {entry.question.code for entry in asked_of_type(mixed, "commercial")}
    assert "BU1" in shops
    assert "BU1" not in homes
    assert "CU1" in homes - shops


def test_a_risk_survey_leaves_room_for_what_nobody_thought_of() -> None:
    for ptype in TYPES:
        kinds = [entry.question.scale.kind for entry in instrument_for("risk", ptype).asked]
        assert AnswerKind.TEXT in kinds


def test_a_question_cannot_depend_on_one_that_comes_later() -> None:
    found = instrument_for("special", "residential")
    turned = replace(found, parts=tuple(reversed(found.parts)))
    assert any("RE1 depends on RE0" in fault for fault in instrument_faults(turned))


def test_an_unknown_instrument_is_refused_with_those_there_are() -> None:
    with pytest.raises(Terminal, match="expected one of overall-residential"):
        instrument_named("overal-residential")


def _copy(folder: Path) -> Path:
    for name in ("codebook.yaml", "templates.yaml", "released.txt"):
        shutil.copy(str(FOLDER / name), folder / name)
    return folder
