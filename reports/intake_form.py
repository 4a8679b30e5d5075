"""How does an empty or filled intake form look, to be sent out and read back? XLSX and YAML (A1)."""

import io
import json
from typing import Any

import xlsxwriter

from models.intake import IntakeForm
from models.rules.service_levels import WEEKDAYS
from reports.cells import GUARDED
from reports.intake_words import FIELDS

RECORD_SHEET = "Record"
DEMANDS_SHEET = "Demands"
CALENDAR_SHEET = "Calendar"
DEMAND_COLUMNS = ("ref", "text", "priority", "measure")
_DEMAND_WORDS = (
    "Demands: reference, what the client wants, priority 1 (first) to 5, how it is measured / "
    "核心诉求：编号、内容、优先级（1最高至5）、衡量方式"
)
_CALENDAR_WORDS = (
    "Working calendar: hours of each day, empty for a day of rest / 工作日历：各日时间，休息日留空"
)
_PLAIN = tuple(name for name in IntakeForm.model_fields if name not in ("demands", "working_calendar"))
_DAY_LISTS = ("holidays", "makeup_workdays")


def form_yaml(form: IntakeForm | None) -> bytes:
    """The form as commented YAML, UTF-8; without a record, empty with its defaults."""
    values = form_values(form)
    lines = ["# Intake form / 托管意向表. No names of persons / 请勿填写个人姓名"]
    for name in _PLAIN:
        en, zh = FIELDS[name]
        lines += [f"# {en} / {zh}", f"{name}: {_quoted(values[name])}"]
    lines += [f"# {_CALENDAR_WORDS}", "working_calendar:"]
    calendar = values["working_calendar"]
    lines += [f"  {day}: {_quoted(calendar[day])}" for day in WEEKDAYS]
    lines += [f"  {name}: [{', '.join(_quoted(day) for day in calendar[name])}]" for name in _DAY_LISTS]
    lines += [f"# {_DEMAND_WORDS}"]
    if not values["demands"]:
        lines += ["#  - ref: D1", "#    text: ...", "#    priority: 1", "#    measure: ...", "demands: []"]
    else:
        lines.append("demands:")
        for demand in values["demands"]:
            for number, name in enumerate(DEMAND_COLUMNS):
                lines.append(f"  {' ' if number else '-'} {name}: {_quoted(demand[name])}")
    return ("\n".join(lines) + "\n").encode()


def form_xlsx(form: IntakeForm | None) -> bytes:
    """The form as a workbook of three sheets; every cell is text, none a formula."""
    values, out = form_values(form), io.BytesIO()
    calendar = values["working_calendar"]
    with xlsxwriter.Workbook(out, GUARDED) as book:
        head, text = (
            book.add_format({"bold": True, "bg_color": "#DDE7F0"}),
            book.add_format({"num_format": "@"}),
        )
        labelled = (
            (RECORD_SHEET, [(name, FIELDS[name], str(values[name])) for name in _PLAIN]),
            (
                CALENDAR_SHEET,
                [
                    (name, FIELDS[f"working_calendar.{name}"], ", ".join(calendar[name]))
                    if name in _DAY_LISTS
                    else (name, FIELDS[f"working_calendar.{name}"], calendar[name])
                    for name in (*WEEKDAYS, *_DAY_LISTS)
                ],
            ),
        )
        for sheet_name, rows in labelled:
            sheet = book.add_worksheet(sheet_name)
            sheet.set_column(0, 1, 36)
            sheet.set_column(2, 2, 60, text)
            for column, title in enumerate(("field", "meaning / 含义", "value / 填写")):
                sheet.write_string(0, column, title, head)
            for number, (name, (en, zh), value) in enumerate(rows, start=1):
                sheet.write_string(number, 0, name)
                sheet.write_string(number, 1, f"{en} / {zh}")
                sheet.write_string(number, 2, value, text)
        sheet = book.add_worksheet(DEMANDS_SHEET)
        sheet.set_column(0, 3, 30, text)
        for column, name in enumerate(DEMAND_COLUMNS):
            sheet.write_string(0, column, name, head)
        sheet.write_comment(0, 0, _DEMAND_WORDS)
        for number, demand in enumerate(values["demands"], start=1):
            for column, name in enumerate(DEMAND_COLUMNS):
                sheet.write_string(number, column, str(demand[name]), text)
    return out.getvalue()


def form_values(form: IntakeForm | None) -> dict[str, Any]:
    """The record as JSON values with "" for what is unknown; without a record, the defaults."""
    if form is None:
        fields = IntakeForm.model_fields.items()
        values: dict[str, Any] = {
            name: "" if field.is_required() else field.get_default(call_default_factory=True)
            for name, field in fields
        }
        values["working_calendar"] = values["working_calendar"].model_dump(mode="json")
    else:
        values = form.model_dump(mode="json")
    return {name: "" if value is None else value for name, value in values.items()}


def _quoted(value: object) -> str:
    # A JSON text is a YAML text: nothing in it can end the line or start an alias.
    return json.dumps(str(value), ensure_ascii=False)
