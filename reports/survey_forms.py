"""How does an instrument leave as a file other tools read? XLSForm (ODK, Kobo) and SurveyJS JSON (D4)."""

import io
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter

from models.rules.survey_instrument import TYPES, AnswerKind, Asked, Instrument
from models.rules.survey_xlsform import CHOICES, SETTINGS, SPACE, SURVEY, xlsform_rows
from reports.cells import GUARDED, workbook_text

_COLUMNS = {"survey": SURVEY, "choices": CHOICES, "settings": SETTINGS}


def render_xlsform(instrument: Instrument, on: date) -> bytes:
    """The instrument as an XLSForm workbook; the same instrument and day give the same bytes."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, GUARDED) as book:
        book.set_properties({"created": datetime.combine(on, datetime.min.time())})
        head = book.add_format({"bold": True, "bg_color": "#EEF3F5"})
        for name, rows in xlsform_rows(instrument, on.strftime("%Y%m%d")).items():
            sheet = book.add_worksheet(name)
            columns: Sequence[str] = _COLUMNS[name]
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(columns):
                sheet.set_column(place, place, 46 if column.startswith("label") else 18)
                sheet.write_string(0, place, column, head)
                for number, row in enumerate(rows, start=1):
                    if row.get(column):
                        sheet.write_string(number, place, workbook_text(row[column]))
    return buffer.getvalue()


def render_surveyjs(instrument: Instrument) -> bytes:
    """The instrument as JSON of the SurveyJS form library; texts in both languages, conditions as visibleIf."""
    elements: list[list[dict[str, Any]]] = [
        [_element(entry, instrument.property_type) for entry in part.asked] for part in instrument.parts
    ]
    pages: list[dict[str, Any]] = [
        {"name": part.code, "title": _both(part.en, part.zh), "elements": inside}
        for part, inside in zip(instrument.parts, elements, strict=True)
    ]
    if instrument.property_type == "mixed":
        rows = xlsform_rows(instrument, "")["choices"]
        words = [(row["name"], *list(row.values())[2:]) for row in rows if row["list_name"] == SPACE]
        first = {
            "type": "radiogroup",
            "name": SPACE,
            "title": _both("Which kind of space do you use here?", "您在此使用的是哪类房屋？"),
            "isRequired": True,
            "choices": [{"value": value, "text": _both(en, zh)} for value, en, zh in words],
        }
        pages.insert(0, {"name": SPACE, "elements": [first]})
    form = {
        "title": _both(instrument.title_en, instrument.title_zh),
        "description": _both(instrument.intro_en, instrument.intro_zh),
        "locale": "en",
        "pages": pages,
    }
    return (json.dumps(form, ensure_ascii=False, indent=1) + "\n").encode()


def _element(entry: Asked, property_type: str) -> dict[str, Any]:
    question = entry.question
    made: dict[str, Any] = {"name": question.code, "title": _both(question.en, question.zh)}
    kind = question.scale.kind
    if kind is AnswerKind.TEXT:
        made |= {"type": "comment", "maxLength": 500}
    elif kind is AnswerKind.RECOMMENDATION:
        ends = question.scale.choices
        made |= {
            "type": "rating",
            "rateMin": ends[0].value,
            "rateMax": ends[-1].value,
            "minRateDescription": _both(ends[0].en, ends[0].zh),
            "maxRateDescription": _both(ends[-1].en, ends[-1].zh),
        }
    else:
        choices = [{"value": c.value, "text": _both(c.en, c.zh)} for c in question.scale.choices]
        made |= {"type": "radiogroup", "choices": choices}
    conditions = [f"{{{entry.when}}} = 1"] if entry.when else []
    if property_type == "mixed" and question.types != TYPES:
        conditions.append("(" + " or ".join(f"{{{SPACE}}} = '{ptype}'" for ptype in question.types) + ")")
    if conditions:
        made["visibleIf"] = " and ".join(conditions)
    return made


def _both(en: str, zh: str) -> Mapping[str, str]:
    return {"default": en, "zh-cn": zh}
