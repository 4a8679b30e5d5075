"""Which instrument is meant, how does it leave, and which one does an XLSForm bring? (D1, D2, D4)"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

import yaml

from models.catalogue_files import load_catalogue
from models.catalogue_reading import CatalogueInvalid, Entry
from models.errors import Terminal
from models.rules.survey_instrument import (
    AnswerKind,
    Instrument,
    changed_codes,
    fingerprint,
    instrument_advice,
    instrument_record,
)
from models.rules.survey_xlsform import FormDoubt, Numbered, read_xlsform
from models.survey_instruments import instrument_from_entry, instrument_named, shipped_instruments
from reports.survey_forms import render_surveyjs, render_xlsform
from reports.survey_limesurvey import render_limesurvey
from reports.survey_paper import PaperCopy, render_paper_forms
from reports.survey_script import telephone_script
from tasks.workbook import WorkbookRefused, read_workbook

MOST_COPIES = 2_000
_MAX_YAML = 1_000_000
Format = Literal["xlsform", "surveyjs", "limesurvey", "paper", "script"]


class InstrumentRefused(Terminal):
    """The file holds no instrument that can be used; the message names every place."""


def instrument_of(named: str) -> Instrument:
    """A shipped instrument by its code, or that of a YAML file.

    Raises:
        Terminal: there is none; `InstrumentRefused` for a file that cannot be used.
    """
    path = Path(named)
    if path.suffix.lower() in (".yaml", ".yml"):
        return instrument_in_file(path)
    return instrument_named(named)


def instrument_in_file(path: Path) -> Instrument:
    """The instrument of a YAML file; a code of the codebook must have its wording and scale.

    Raises:
        InstrumentRefused: the file cannot be read or used.
    """
    if not path.is_file():
        raise InstrumentRefused(f"{path.name}: there is no such file.")
    content = path.read_bytes()
    if len(content) > _MAX_YAML:
        raise InstrumentRefused(f"{path.name}: larger than 1 MB; expected an instrument.")
    try:
        found = instrument_from_entry(Entry(path.name, "top level", yaml.safe_load(content.decode("utf-8"))))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InstrumentRefused(f"{path.name}: is not YAML in UTF-8.") from error
    except CatalogueInvalid as error:
        raise InstrumentRefused(str(error).replace("Catalogue file", "Instrument file")) from error
    questions = [entry.question for entry in found.asked]
    codebook = shipped_instruments()[0]
    released = {q.code: fingerprint(codebook[q.code]) for q in questions if q.code in codebook}
    changed = changed_codes(released, questions)
    if changed:
        raise InstrumentRefused(
            f"{path.name}: {', '.join(changed)} was released with another wording or scale; a new wording is a new code."
        )
    return found


def instrument_yaml(instrument: Instrument) -> bytes:
    """An instrument as a YAML file that `instrument_in_file` reads."""
    text = yaml.safe_dump(instrument_record(instrument), allow_unicode=True, sort_keys=False, width=120)
    return text.encode()


def exported(
    instrument: Instrument,
    form: Format,
    language: Literal["zh", "en"],
    on: date,
    copies: int = 1,
    first: int = 1,
) -> bytes:
    """An instrument as a file.

    Args:
        instrument: which.
        form: of the file.
        language: of paper and script; the others hold both.
        on: the day of issue.
        copies: blank paper forms.
        first: their first running number.

    Raises:
        Terminal: more copies than one file can hold.
    """
    if form == "xlsform":
        return render_xlsform(instrument, on)
    if form == "surveyjs":
        return render_surveyjs(instrument)
    if form == "limesurvey":
        return render_limesurvey(instrument)
    if form == "script":
        return telephone_script(instrument, language).encode()
    if not 1 <= copies <= MOST_COPIES:
        raise Terminal(f"{copies} copies; expected 1 to {MOST_COPIES}.")
    serials = [PaperCopy(f"{instrument.code}-{number:05d}") for number in range(first, first + copies)]
    return render_paper_forms(instrument, serials, language, on)


def import_xlsform(path: Path) -> Instrument:
    """The instrument of an XLSForm workbook.

    Raises:
        InstrumentRefused: with sheet, row, column, value and what was expected of each fault.
    """
    if not path.is_file():
        raise InstrumentRefused(f"{path.name}: there is no such file.")
    try:
        sheets = read_workbook(path)
    except WorkbookRefused as error:
        raise InstrumentRefused(str(error)) from error
    missing = [name for name in ("survey", "choices", "settings") if name not in sheets]
    if missing:
        raise InstrumentRefused(
            f"{path.name}: the sheet {', '.join(missing)} is missing; expected survey, choices and settings."
        )
    rows = {name: _rows(sheets[name]) for name in ("survey", "choices", "settings")}
    found, doubts = read_xlsform(rows, shipped_instruments()[0], sorted(load_catalogue().posts))
    if found is None or doubts:
        raise InstrumentRefused("\n".join(_sentence(path.name, doubt) for doubt in doubts[:20]))
    return found


def _rows(sheet: Sequence[Sequence[str]]) -> list[Numbered]:
    if not sheet:
        return []
    header = [cell.strip() for cell in sheet[0]]
    return [
        (number, {name: cell.strip() for name, cell in zip(header, row, strict=False) if name})
        for number, row in enumerate(sheet[1:], start=2)
        if any(cell.strip() for cell in row)
    ]


def _sentence(file: str, doubt: FormDoubt) -> str:
    where = f"{file}, sheet {doubt.sheet}, row {doubt.row}"
    if not doubt.column:
        return f"{file}: {doubt.expected}."
    return f"{where}, column {doubt.column}: found {doubt.value!r}, expected {doubt.expected}."


def listed_instruments() -> list[dict[str, Any]]:
    """The shipped instruments, one line each."""
    return [_line(instrument) for instrument in shipped_instruments()[1]]


def _line(instrument: Instrument) -> dict[str, Any]:
    ratings = sum(e.question.scale.kind is AnswerKind.RATING for e in instrument.asked)
    return {
        "instrument": instrument.code,
        "purpose": instrument.purpose.value,
        "type": instrument.property_type,
        "questions": len(instrument.asked),
        "ratings": ratings,
        "title": instrument.title_en,
        "标题": instrument.title_zh,
    }


def instrument_rows(instrument: Instrument) -> list[dict[str, Any]]:
    """The questions of an instrument in their order."""
    return [
        {
            "part": part.code,
            "code": entry.question.code,
            "scale": entry.question.scale.code,
            "when": entry.when,
            "asked_of": " ".join(entry.question.types) if len(entry.question.types) < 3 else "all",
            "en": entry.question.en,
            "zh": entry.question.zh,
        }
        for part in instrument.parts
        for entry in part.asked
    ]


def checked_instrument(named: str) -> dict[str, Any]:
    """What an instrument holds and what may be better; a fault is raised.

    Raises:
        Terminal: it cannot be used.
    """
    found = instrument_of(named)
    codebook = shipped_instruments()[0]
    return {
        **_line(found),
        "new_codes": [e.question.code for e in found.asked if e.question.code not in codebook],
        "fingerprints": {e.question.code: fingerprint(e.question) for e in found.asked},
        "advice": list(instrument_advice(found)),
    }
