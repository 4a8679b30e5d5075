"""How does the surveyors' form look, as a workbook to fill in or as CSV, in both languages? (A2)"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import xlsxwriter
from xlsxwriter.format import Format

from models.rules.condition_checks import CheckLine, Checklists
from reports.cells import GUARDED, safe_csv_cell, workbook_text
from reports.condition_sections import ELEMENTS
from reports.words import SEVERITIES, Voice

CHECKS_SHEET = "Checks"
LOOKED: Mapping[str, tuple[str, str]] = {"looked": ("yes", "已查"), "not_applicable": ("n/a", "不适用")}
PAYERS: Mapping[str, tuple[str, str]] = {
    "owners_fund": ("owners' fund", "维修资金"),
    "custodian": ("custodian", "受托方"),
    "developer_warranty": ("developer (warranty)", "建设单位保修"),
    "client": ("client", "委托方"),
    "unknown": ("not settled", "待定"),
}
COLUMNS: Mapping[str, tuple[str, str]] = {
    "ref": ("Reference", "编号"),
    "class": ("Element class", "部位与系统"),
    "tag": ("Asset tag", "设备编号"),
    "name": ("Asset", "设备名称"),
    "place": ("Place", "位置"),
    "item": ("Look at", "检查内容"),
    "hint": ("Counts as a defect", "缺陷判定"),
    "shot": ("Photograph", "拍照要求"),
    "entry": ("At entry", "接管时结果"),
    "looked": ("Looked at", "已查"),
    "severity": ("Severity", "严重性"),
    "intensity": ("Intensity 1-3", "程度1-3"),
    "extent": ("Extent 1-5", "范围1-5"),
    "text": ("Defect", "缺陷描述"),
    "photos": ("Photo files", "照片文件名"),
    "repair_cost": ("Repair cost", "维修费用"),
    "priority": ("Priority 1-4", "优先级1-4"),
    "payer": ("Who pays", "费用承担"),
    "form": ("Form", "表单标识"),
}
"""Column to its heading in English and Chinese; a form is read back by either."""
_WIDTHS = {
    "ref": 22,
    "item": 34,
    "hint": 34,
    "shot": 24,
    "text": 40,
    "photos": 24,
    "name": 20,
    "entry": 26,
    "form": 8,
}
_TO_FILL = ("looked", "severity", "intensity", "extent", "text", "photos", "repair_cost", "priority", "payer")


@dataclass(frozen=True)
class FormSheet:
    """What a form is made of."""

    lines: Sequence[CheckLine]
    form_id: str
    exit_visit: bool
    entry: Mapping[str, str]
    """What entry showed, by reference, in words."""
    checklists: Checklists


def form_columns(exit_visit: bool) -> tuple[str, ...]:
    """The columns of a form; only the one for the exit shows what entry had."""
    return tuple(name for name in COLUMNS if exit_visit or name != "entry")


def form_csv(form: FormSheet, voice: Voice) -> bytes:
    """The form as CSV in UTF-8 with a byte-order mark, without cells that a spreadsheet would run."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    columns = form_columns(form.exit_visit)
    writer.writerow(voice.word(COLUMNS, name) for name in columns)
    for cells in _rows(form, voice):
        writer.writerow(safe_csv_cell(cells[name]) for name in columns)
    return out.getvalue().encode("utf-8-sig")


def form_workbook(form: FormSheet, voice: Voice) -> bytes:
    """The form as a workbook: how to fill it in, then one row for each thing to look at."""
    buffer = io.BytesIO()
    columns = form_columns(form.exit_visit)
    with xlsxwriter.Workbook(buffer, GUARDED) as book:
        head = book.add_format(
            {"bold": True, "font_color": "#FFFFFF", "bg_color": "#174A5F", "text_wrap": True}
        )
        given = book.add_format({"text_wrap": True, "valign": "top", "font_color": "#44525C"})
        fill = book.add_format({"text_wrap": True, "valign": "top", "bg_color": "#FFF8E1", "border": 4})
        guide = book.add_worksheet(voice("Instructions", "填写说明"))
        guide.set_column(0, 0, 110)
        for row, text in enumerate(_instructions(form, voice)):
            guide.write_string(row, 0, workbook_text(text), given)
        sheet = book.add_worksheet(CHECKS_SHEET)
        for place, name in enumerate(columns):
            sheet.set_column(place, place, _WIDTHS.get(name, 13), None, {"hidden": name == "form"})
            sheet.write_string(0, place, voice.word(COLUMNS, name), head)
        for row, cells in enumerate(_rows(form, voice), start=1):
            for place, name in enumerate(columns):
                _cell(sheet, row, place, cells[name], fill if name in _TO_FILL else given)
        _lists(sheet, columns, len(form.lines) + 500, voice)
        sheet.freeze_panes(1, 3)
        sheet.autofilter(0, 0, max(len(form.lines), 1), len(columns) - 1)
        sheet.activate()
    return buffer.getvalue()


def _cell(sheet: xlsxwriter.worksheet.Worksheet, row: int, place: int, text: str, form: Format) -> None:
    clean = workbook_text(text)
    if clean:
        sheet.write_string(row, place, clean, form)
    else:
        sheet.write_blank(row, place, None, form)


def _lists(
    sheet: xlsxwriter.worksheet.Worksheet, columns: Sequence[str], last_row: int, voice: Voice
) -> None:
    """Offer the closed answers as lists; the import checks them again, for a list can be pasted over."""
    choices: dict[str, list[str]] = {
        "looked": [voice.word(LOOKED, code) for code in LOOKED],
        "severity": [voice.word(SEVERITIES, code) for code in SEVERITIES],
        "intensity": ["1", "2", "3"],
        "extent": ["1", "2", "3", "4", "5"],
        "priority": ["1", "2", "3", "4"],
        "payer": [voice.word(PAYERS, code) for code in PAYERS],
    }
    for name, source in choices.items():
        place = columns.index(name)
        sheet.data_validation(1, place, last_row, place, {"validate": "list", "source": source})
    cost = columns.index("repair_cost")
    sheet.data_validation(
        1, cost, last_row, cost, {"validate": "decimal", "criteria": ">=", "value": 0, "ignore_blank": True}
    )


def _rows(form: FormSheet, voice: Voice) -> list[dict[str, str]]:
    whole = voice("whole building", "整体")
    return [
        dict.fromkeys(COLUMNS, "")
        | {
            "ref": line.ref,
            "class": voice.word(ELEMENTS, line.element_class),
            "tag": line.tag,
            "name": whole if line.asset is None else line.asset.name,
            "place": "" if line.asset is None else line.asset.place,
            "item": voice(line.item.label.en, line.item.label.zh),
            "hint": voice(line.item.defect.en, line.item.defect.zh),
            "shot": voice(line.item.photo.en, line.item.photo.zh),
            "entry": form.entry.get(line.ref, ""),
            "form": form.form_id,
        }
        for line in form.lines
    ]


def _instructions(form: FormSheet, voice: Voice) -> tuple[str, ...]:
    return (
        voice("How to fill in this form", "填写说明"),
        voice(
            "Looked at: choose yes when you have looked, with or without a defect. A row left empty counts as not "
            "inspected, never as good. n/a: the thing does not exist here.",
            "“已查”：查看过即选“已查”，不论有无缺陷。留空视为未查，不视为完好；不存在的选“不适用”。",
        ),
        voice(
            "A defect needs severity, intensity (1 low, 2 middle, 3 advanced), extent and a sentence. Extent: 1 below "
            "2 %, 2 to 10 %, 3 to 30 %, 4 to 70 %, 5 from 70 % of the element (recalled, not compared with a standard).",
            "缺陷须填严重性、程度（1轻、2中、3重）、范围及描述。范围：1小于2%，2小于10%，3小于30%，4小于70%，"
            "5为70%及以上（凭记忆整理，未与标准核对）。",
        ),
        voice(
            "A second defect on the same line: copy the whole row below it, reference and hidden column included.",
            "同一行有第二项缺陷：将整行（含编号与隐藏列）复制到其下方。",
        ),
        voice(
            "Photo files: names only, JPEG or PNG, several separated by a semicolon; put them all in one folder.",
            "照片：只填文件名（JPEG或PNG），多个用分号隔开，统一放在一个文件夹内。",
        ),
        voice(
            "Priority and who pays may stay empty: the product proposes them and says why.",
            "优先级与费用承担可留空，由系统按规则提出并说明理由。",
        ),
        voice("Checklist: ", "检查表版本：") + form.checklists.edition,
    )
